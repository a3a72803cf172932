import type { JobSnap } from '../../lib/codec/job-snap.ts'
import type { JobStatus } from '../../lib/codec/job-status.ts'
import type { Snapshots } from '../../lib/codec/snapshots.ts'
import { isPermanent, type JobError } from '../../lib/error.ts'
import { findKind } from '../../lib/kind.ts'
import type { Aim, Reading } from '../../lib/verdict/memory.ts'

// The rules of a wait as plain sentences over the whole list of readings; slow, without memory, and written without a
// look at the reducer. Only the words of errors are left out: which text is told of several is a matter of taste.

export interface Expected {
  readonly outcome?: string
  readonly success?: boolean
  readonly aborted?: boolean
  readonly jobId?: string
  readonly kind?: string
  readonly endTime?: bigint
  readonly lostTargets?: readonly string[]
  /** Whether there is something to complain about. */
  readonly hasError?: boolean
  readonly left?: JobError['_tag']
}

const over = (snap: JobSnap): boolean => snap.endTime !== undefined || stopped(snap)
const stopped = (snap: JobSnap): boolean => snap.aborted || snap.abortErr !== ''
const resting = (snap: JobSnap): boolean => snap.isIdle && snap.startTime !== undefined && !over(snap)

/** The last place where it is so, or -1. */
const lastIndex = <A>(all: readonly A[], is: (one: A, n: number) => boolean): number =>
  all.reduce((found, one, n) => (is(one, n) ? n : found), -1)

interface Look {
  readonly at: number
  /** Empty where no target knows the job. */
  readonly shown: Snapshots
  readonly denial: boolean
}

const isLook = (r: Reading): boolean =>
  r.question === 'snapshots' && (r.result._tag === 'Right' || r.result.left._tag === 'NotFound')

const looksOf = (readings: readonly Reading[]): readonly Look[] =>
  readings.filter(isLook).map((r) => ({
    at: r.atMs,
    shown: r.question === 'snapshots' && r.result._tag === 'Right' ? r.result.right : {},
    denial: r.result._tag === 'Left',
  }))

const cells = (shown: Snapshots): readonly (readonly [string, JobSnap])[] =>
  Object.entries(shown).flatMap(([target, snaps]) => snaps.map((snap) => [target, snap] as const))

/** The runs that count after these looks. */
function runsOf(aim: Aim, looks: readonly Look[], idleKind: boolean): readonly string[] {
  if (aim.id !== undefined) return [aim.id]
  const good = looks.filter(({ denial }) => !denial)
  const heardBefore = (n: number, target: string): boolean => good.slice(0, n).some(({ shown }) => target in shown)
  // Old: ended when it showed first, on targets that were new to us; until it is seen at work after all.
  const isOursAt = (run: string, n: number): boolean => {
    const first = good.findIndex(({ shown }) => cells(shown).some(([, snap]) => snap.id === run))
    if (first === -1 || first > n) return false
    const parts = cells(good[first]!.shown).filter(([, snap]) => snap.id === run)
    const old = parts.every(([target, snap]) => over(snap) && !heardBefore(first, target))
    const atWork = good
      .slice(0, n + 1)
      .some(({ shown }) => cells(shown).some(([, snap]) => snap.id === run && !over(snap)))
    return !old || atWork
  }
  const named = good.map(({ shown }, n) =>
    [...new Set(cells(shown).map(([, snap]) => snap.id))].filter((run) => isOursAt(run, n)),
  )
  if (idleKind) return [...new Set(named.flat())]
  return named.find((runs) => runs.length > 0) ?? []
}

/** What is to be said after these readings, if it was not said before; undefined: go on. */
export function verdictOf(aim: Aim, readings: readonly Reading[]): Expected | undefined {
  const last = readings.at(-1)
  if (last === undefined) return undefined

  // 1. What time cannot heal, and the third reply in a row that is JSON and unreadable.
  if (last.question !== 'map' && last.result._tag === 'Left') {
    const error = last.result.left
    if (isPermanent(error)) return { left: error._tag }
    const same = readings.filter((r) => r.question === last.question)
    const sinceGood = same.slice(lastIndex(same, (r) => r.result._tag === 'Right') + 1)
    const unreadable = sinceGood.filter(
      (r) => r.result._tag === 'Left' && r.result.left._tag === 'DecodeError' && r.result.left.notJson !== true,
    )
    if (unreadable.length >= 3) return { left: unreadable.at(-1) === last ? error._tag : 'DecodeError' }
    if (last.question === 'status' && error._tag !== 'NotFound') return undefined
  }

  // 2. The kind: given, or that of whatever named the job first.
  const looks = looksOf(readings)
  const kind =
    aim.kind ??
    readings.flatMap((r) => {
      if (r.question === 'status' && r.result._tag === 'Right') return [r.result.right.kind]
      if (r.question === 'snapshots' && r.result._tag === 'Right')
        return cells(r.result.right)
          .filter(([, snap]) => snap.id === aim.id)
          .map(([, snap]) => snap.kind)
      return []
    })[0]
  const info = kind === undefined ? undefined : findKind(kind, aim.kinds)
  const forIdle = aim.until === 'idle' || (aim.until === 'kind' && info?.idles === true)

  // 3. The parts: what each target showed of each run last, and in how many looks since it did not.
  const runs = runsOf(aim, looks, forIdle)
  const parts = partsOf(aim, readings, forIdle)

  // 4. The IC: the last status of each run, and whether it has forgotten it since.
  const words = readings.flatMap((r) =>
    r.question === 'status' && (r.result._tag === 'Right' || r.result.left._tag === 'NotFound') ? [r] : [],
  )
  const wordOf = (
    run: string,
    upTo = readings.length,
  ): { at: number; status: JobStatus | undefined; unknown: boolean } | undefined => {
    const heard = words.filter((r) => r.run === run && readings.indexOf(r) < upTo)
    const final = heard.at(-1)
    if (final === undefined) return undefined
    const good = heard.filter((r) => r.result._tag === 'Right').at(-1)
    return {
      at: final.atMs,
      status: good?.result._tag === 'Right' ? good.result.right : undefined,
      unknown: final.result._tag === 'Left',
    }
  }
  const statuses = [...new Set(words.map(({ run }) => run))].flatMap((run) => wordOf(run)?.status ?? [])

  const base = {
    ...(runs.length === 0 ? {} : { jobId: [...runs].sort().join(',') }),
    ...(kind === undefined ? {} : { kind }),
  }
  const aborted = statuses.some((s) => s.aborted) || parts.some(({ snap }) => stopped(snap))
  const failed = [...statuses, ...parts.map(({ snap }) => snap)].some(({ err }) => err !== '')
  const lastOf = (times: readonly (bigint | undefined)[]): bigint | undefined =>
    times.length === 0 || times.includes(undefined)
      ? undefined
      : (times as readonly bigint[]).reduce((a, b) => (a > b ? a : b))
  const endTime = lastOf(parts.map(({ snap }) => snap.endTime)) ?? lastOf(statuses.map((s) => s.endTime))
  const ended: Expected = {
    ...base,
    outcome: aborted ? 'aborted' : failed ? 'failed' : 'finished',
    success: !aborted && !failed,
    aborted,
    hasError: aborted || failed,
    ...(endTime === undefined ? {} : { endTime }),
  }

  // 5. An abort that the IC knows of is one, whatever the targets show.
  if (statuses.some((s) => s.aborted)) return ended

  // 6. That all has ended, said by the IC, holds unless a target is seen at work later. If one was at work when it was seen
  //    last, a look must have been tried since.
  const allEndedAt = (n: number): boolean =>
    runs.length > 0 && runs.every((run) => wordOf(run, n + 1)?.status?.endTime !== undefined)
  if (allEndedAt(readings.length - 1)) {
    const since = lastIndex(readings, (_, n) => !allEndedAt(n)) + 1
    const tried = readings.slice(since).filter((r) => r.question === 'snapshots')
    const atWork = parts.filter(({ snap }) => !over(snap))
    const looked = tried.some(isLook)
    if (statuses.some(({ err }) => err !== '') || atWork.length === 0) return ended
    if (looked ? atWork.every(({ missed }) => missed.length > 0) : tried.length > 0) return ended
  }

  // 7. Who waits for idleness is told of an abort at once.
  if (forIdle && parts.some(({ snap }) => stopped(snap))) return ended

  // 8. Every part that was seen is over: done if these are all, or if what is late had its time to show.
  const lookedAt = looks.at(-1)?.at ?? 0
  const oneRun = aim.id ?? (runs.length === 1 && !forIdle ? runs[0] : undefined)
  const maps = readings.filter((r) => r.question === 'map')
  const lastMap = maps.at(-1)
  const goodMap = maps.flatMap((r) => (r.result._tag === 'Right' ? [r.result.right] : [])).at(-1)
  const members =
    goodMap === undefined
      ? undefined
      : Object.entries(goodMap.targets).flatMap(([id, node]) => (node.maintenance ? [] : [id]))
  const lastStatus = readings.filter((r) => r.question === 'status').at(-1)?.result
  const statusFails = lastStatus?._tag === 'Left' && lastStatus.left._tag !== 'NotFound'
  const oneOf = aim.until === 'not-running' && aim.id === undefined ? undefined : oneRun
  const icKnows = aim.target === undefined && (info === undefined || (info.ic === true && info.idles !== true))
  const isWhole = (run: string): boolean => {
    const own = parts.filter((part) => part.run === run)
    if (aim.target !== undefined || info?.scope === 'target' || info?.idles === true) return true
    if (own.some(({ snap }) => stopped(snap) || snap.err !== '')) return true
    if (wordOf(run)?.status?.endTime !== undefined) return true
    // The map has no trace of a target that died with its part unseen; the IC has. Where it keeps the kind, the status of
    // the one run must have been asked for: at any time, but after a look that failed, since all was over (or it does not know it).
    const word = wordOf(run)
    const lookFailed = readings.some((r) => r.question === 'snapshots' && !isLook(r))
    const heard =
      word !== undefined && (!lookFailed || word.unknown || word.at >= overSinceWhen(aim, readings, forIdle))
    if ((info === undefined || info.ic === true) && oneOf === run && !statusFails && !heard) return false
    return members !== undefined && members.every((target) => own.some((part) => part.target === target))
  }
  if (parts.length > 0 && parts.every(({ snap }) => over(snap))) {
    const overSince = overSinceWhen(aim, readings, forIdle)
    const settled = runs.every((run) => {
      if (isWhole(run)) return true
      if (lookedAt - overSince < 10_000) return false
      if (!icKnows) return true
      const word = wordOf(run)
      if (word === undefined) return false
      return word.at - overSince >= (word.unknown ? 10_000 : 35_000)
    })
    return settled ? ended : undefined
  }

  // 9. A part at work that was not shown for a minute, in three looks, is lost; an abort or an error that was seen remains one.
  const away = (some: typeof parts): readonly string[] => [...new Set(some.map(({ target }) => target))].sort()
  const lostWith = (targets: readonly string[]): Expected => {
    const gone = targets.length === 0 ? {} : { lostTargets: targets }
    if (ended.outcome !== 'finished') return { ...ended, ...gone }
    return { ...base, outcome: 'lost', success: false, aborted: false, hasError: true, ...gone }
  }
  const long = parts.filter(({ snap, missed }) => !over(snap) && missed.length >= 3 && lookedAt - missed[0]! >= 60_000)
  if (long.length > 0) return lostWith(away(long))

  // 10. Nobody knows it: two looks in a row, two seconds apart, and the IC if it would know.
  const nobody = looks.map(({ shown, denial }, n) => {
    const counted = aim.id !== undefined ? [aim.id] : runsOf(aim, looks.slice(0, n + 1), forIdle)
    return denial || (counted.length > 0 && !cells(shown).some(([, snap]) => counted.includes(snap.id)))
  })
  const from = nobody.lastIndexOf(false) + 1
  if (nobody.length - from >= 2) {
    const deniedSince = looks[from]!.at
    const unknown = (notBefore: number): boolean => {
      if (lookedAt - deniedSince < 2000 || lookedAt < notBefore) return false
      if (!icKnows || oneRun === undefined) return true
      const word = wordOf(oneRun)
      return word?.unknown === true && word.at >= Math.max(deniedSince, notBefore)
    }
    const seen = parts.length > 0 || words.some((r) => r.result._tag === 'Right')
    if (!seen && unknown(10_000)) return { left: 'NotFound' }
    if (seen && unknown(0)) {
      // A target that has left the map may come back with its part; the map must have been asked since.
      const open = parts.filter(({ snap }) => !over(snap))
      const askedMap = lastMap !== undefined && lastMap.atMs >= deniedSince
      const mayComeBack =
        parts.length > 0 &&
        (!askedMap ||
          (lastMap.result._tag === 'Right' && open.some(({ target }) => members?.includes(target) !== true)))
      if (!mayComeBack) return lostWith(away(open))
    }
  }

  // 11. Idle: two looks two seconds apart, and none in between that was not; over every part ever seen.
  if (!forIdle || !isLook(last)) return undefined
  const lookAt = readings.flatMap((r, n) => (isLook(r) ? [n] : []))
  const idleAt = (n: number): boolean => {
    const then = partsOf(aim, readings.slice(0, lookAt[n]! + 1), forIdle)
    return (
      then.some(({ snap }) => resting(snap)) &&
      then.every(({ snap, missed }) => over(snap) || (missed.length === 0 && resting(snap)))
    )
  }
  const restless = lastIndex(looks, (_, n) => !idleAt(n))
  const streak = looks.slice(restless + 1)
  if (streak.length === 0 || lookedAt - streak[0]!.at < 2000) return undefined
  const bad = parts.some(({ snap }) => snap.err !== '')
  return { ...base, outcome: bad ? 'failed' : 'idle', success: !bad, aborted: false, hasError: bad }
}

/** Since which reading on every part has been over. */
function overSinceWhen(aim: Aim, readings: readonly Reading[], forIdle: boolean): number {
  const isOver = (n: number): boolean => {
    const parts = partsOf(aim, readings.slice(0, n + 1), forIdle)
    return parts.length > 0 && parts.every(({ snap }) => over(snap))
  }
  return readings[lastIndex(readings, (_, n) => !isOver(n)) + 1]!.atMs
}

interface SeenPart {
  readonly run: string
  readonly target: string
  readonly snap: JobSnap
  /** When it was looked for since, and not shown. */
  readonly missed: readonly number[]
}

/** What each target showed of each run last. */
function partsOf(aim: Aim, readings: readonly Reading[], forIdle: boolean): readonly SeenPart[] {
  const looks = looksOf(readings)
  const counts = looks.map((_, n) => runsOf(aim, looks.slice(0, n + 1), forIdle))
  const names = [...new Set(looks.flatMap(({ shown }) => Object.keys(shown)))]
  return (counts.at(-1) ?? []).flatMap((run) =>
    names.flatMap((target) => {
      const at = lastIndex(
        looks,
        ({ shown }, n) => counts[n]!.includes(run) && (shown[target] ?? []).some(({ id }) => id === run),
      )
      if (at === -1) return []
      const same = looks[at]!.shown[target]!.filter(({ id }) => id === run)
      return [{ run, target, snap: unhappiest(same), missed: looks.slice(at + 1).map((look) => look.at) }]
    }),
  )
}

/** Of several records of one run on one target: of those that began last, the one that leaves least to hope for. */
function unhappiest(same: readonly JobSnap[]): JobSnap {
  const latest = same.map(({ startTime = 0n }) => startTime).reduce((a, b) => (a > b ? a : b))
  const twins = same.filter(({ startTime = 0n }) => startTime === latest)
  const worst = [(s: JobSnap) => !over(s) && !resting(s), resting, stopped, (s: JobSnap) => s.err !== '', () => true]
  return worst.map((is) => twins.find(is)).find((snap) => snap !== undefined)!
}
