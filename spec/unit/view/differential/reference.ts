import type { JobSnap } from '../../../../lib/codec/job-snap.ts'
import type { JobStatus } from '../../../../lib/codec/job-status.ts'
import type { Snapshots } from '../../../../lib/codec/snapshots.ts'
import { isPermanent, type JobError } from '../../../../lib/error.ts'
import { findKind } from '../../../../lib/model/kind.ts'
import type { StoryGoal, StoryReply } from './stories.ts'
import { defined } from '../../../../lib/common/defined.ts'

// The rules of a wait, written as plain conditions over the whole list of replies: slow, stateless and independent of
// the view. Only the texts of errors are left out: if there are several, any of them is right.

export interface Expected {
  readonly outcome?: string
  readonly success?: boolean
  readonly aborted?: boolean
  readonly jobId?: string
  readonly kind?: string
  readonly endTime?: bigint
  readonly lostTargets?: readonly string[]
  /** Whether the result has an error text. */
  readonly hasError?: boolean
  readonly left?: JobError['_tag']
}

const hasEnded = (snap: JobSnap): boolean => snap.endTime !== undefined || isAborted(snap)
const isAborted = (snap: JobSnap): boolean => snap.aborted || snap.abortErr !== ''
const isResting = (snap: JobSnap): boolean => snap.isIdle && snap.startTime !== undefined && !hasEnded(snap)
const showsEnd = ({ endTime, aborted }: JobStatus): boolean => endTime !== undefined || aborted

/** The last index that matches, or -1. */
const lastIndex = <A>(all: readonly A[], is: (one: A, n: number) => boolean): number =>
  all.reduce((found, one, n) => (is(one, n) ? n : found), -1)

/** A reply of the targets that shows which of them know a job. */
interface Poll {
  readonly at: number
  /** Empty if no target knows the job. */
  readonly shown: Snapshots
}

/** A 404 is an answer to a request for one job; to a request for a kind, targets reply with empty lists. */
const isPoll = (goal: StoryGoal, reply: StoryReply): boolean =>
  reply.query === 'snapshots' &&
  (reply.result._tag === 'Right' || (goal.id !== undefined && reply.result.left._tag === 'NotFound'))

/** The replies about snapshots, with their times; a failed one shows no target. */
const pollsOf = (goal: StoryGoal, replies: readonly StoryReply[]): readonly Poll[] =>
  replies
    .filter((reply) => isPoll(goal, reply))
    .map((reply) => ({
      at: reply.atMs,
      shown: reply.query === 'snapshots' && reply.result._tag === 'Right' ? reply.result.right : {},
    }))

/** Each snapshot with its target. */
const pairsOf = (shown: Snapshots): readonly (readonly [string, JobSnap])[] =>
  Object.entries(shown).flatMap(([target, snaps]) => snaps.map((snap) => [target, snap] as const))

/** The runs that count after these replies. */
function runsOf(goal: StoryGoal, polls: readonly Poll[], forIdle: boolean): readonly string[] {
  if (goal.id !== undefined) return [goal.id]
  const hasRepliedBefore = (n: number, target: string): boolean =>
    polls.slice(0, n).some(({ shown }) => target in shown)
  // A run is old if it had ended when it was first shown, by targets that had not replied before, and until a target
  // shows it running.
  const isOursAt = (run: string, n: number): boolean => {
    const first = polls.findIndex(({ shown }) => pairsOf(shown).some(([, snap]) => snap.id === run))
    if (first === -1 || first > n) return false
    const parts = pairsOf(polls[first]!.shown).filter(([, snap]) => snap.id === run)
    const old = parts.every(([target, snap]) => hasEnded(snap) && !hasRepliedBefore(first, target))
    const atWork = polls
      .slice(0, n + 1)
      .some(({ shown }) => pairsOf(shown).some(([, snap]) => snap.id === run && !hasEnded(snap)))
    return !old || atWork
  }
  const named = polls.map(({ shown }, n) =>
    [...new Set(pairsOf(shown).map(([, snap]) => snap.id))].filter((run) => isOursAt(run, n)),
  )
  if (forIdle) return [...new Set(named.flat())]
  return named.find((runs) => runs.length > 0) ?? []
}

interface SeenPart {
  readonly run: string
  readonly target: string
  readonly snap: JobSnap
  /** When targets replied without showing this part, since it was last shown. */
  readonly missed: readonly number[]
}

/** The last snapshot of a run on each target; the wait does not count every target. */
function partsOf(run: string, polls: readonly Poll[]): readonly SeenPart[] {
  const names = [...new Set(polls.flatMap(({ shown }) => Object.keys(shown)))]
  return names.flatMap((target) => {
    const at = lastIndex(polls, ({ shown }) => (shown[target] ?? []).some(({ id }) => id === run))
    if (at === -1) return []
    const same = polls[at]!.shown[target]!.filter(({ id }) => id === run)
    return [{ run, target, snap: worst(same), missed: polls.slice(at + 1).map((poll) => poll.at) }]
  })
}

/** The snapshot that counts if one target shows several of one run: the worst of those that started last. */
function worst(same: readonly JobSnap[]): JobSnap {
  const latest = same.map(({ startTime = 0n }) => startTime).reduce((a, b) => (a > b ? a : b))
  const twins = same.filter(({ startTime = 0n }) => startTime === latest)
  const fromWorst = [
    (snap: JobSnap) => !hasEnded(snap) && !isResting(snap),
    isResting,
    isAborted,
    (snap: JobSnap) => snap.err !== '',
    () => true,
  ]
  return fromWorst.map((is) => twins.find(is)).find((snap) => snap !== undefined)!
}

/** The expected outcome after these replies if there was none before; undefined: the wait goes on. */
export function verdictOf(goal: StoryGoal, replies: readonly StoryReply[]): Expected | undefined {
  const now = replies.at(-1)?.atMs
  if (now === undefined) return undefined
  return endOf(goal, replies, now) ?? faultOf(goal, replies)
}

/** A permanent error, or the third reply to one query since its last good one that is JSON but cannot be decoded. */
function faultOf(goal: StoryGoal, replies: readonly StoryReply[]): Expected | undefined {
  const last = replies.at(-1)!
  if (last.query === 'map' || last.result._tag === 'Right') return undefined
  const error = last.result.left
  const same = replies.filter((reply) => reply.query === last.query)
  const unreadable = same
    .slice(lastIndex(same, (reply) => reply.result._tag === 'Right' || isPoll(goal, reply)) + 1)
    .filter(
      (reply) =>
        reply.result._tag === 'Left' && reply.result.left._tag === 'DecodeError' && reply.result.left.notJson !== true,
    )
  return isPermanent(error) || unreadable.length >= 3 ? { left: error._tag } : undefined
}

/** The given kind, or the first that a reply reports. */
function kindOf(goal: StoryGoal, replies: readonly StoryReply[]): string | undefined {
  return (
    goal.kind ??
    replies.flatMap((reply) => {
      if (reply.query === 'status' && reply.result._tag === 'Right') return [reply.result.right.kind]
      if (reply.query === 'snapshots' && reply.result._tag === 'Right')
        return pairsOf(reply.result.right).flatMap(([, snap]) => (snap.id === goal.id ? [snap.kind] : []))
      return []
    })[0]
  )
}

/** Whether the goal is idleness, or a kind whose jobs idle. */
const waitsForIdle = ({ until }: StoryGoal, kind: string | undefined): boolean =>
  until === 'idle' || (until === 'kind' && kind !== undefined && findKind(kind, [])?.idles === true)

/** The runs that a wait has found so far. */
export const foundBy = (goal: StoryGoal, replies: readonly StoryReply[]): readonly string[] =>
  runsOf(goal, pollsOf(goal, replies), waitsForIdle(goal, kindOf(goal, replies)))

/** The outcome, unless a request failed permanently. */
function endOf(goal: StoryGoal, replies: readonly StoryReply[], now: number): Expected | undefined {
  const kind = kindOf(goal, replies)
  const info = kind === undefined ? undefined : findKind(kind, [])
  const isForIdle = waitsForIdle(goal, kind)
  const icTracksKind = info === undefined || info.ic === true
  const usesIc = goal.target === undefined && icTracksKind && info?.idles !== true

  // What the targets showed.
  const polls = pollsOf(goal, replies)
  const polledAt = polls.at(-1)?.at ?? -Infinity
  const runs = runsOf(goal, polls, isForIdle)
  if (runs.length === 0) return undefined
  const counts = ({ target }: SeenPart): boolean => goal.target === undefined || goal.target === target
  const everyPartOf = (run: string): readonly SeenPart[] => partsOf(run, polls)
  const parts = runs.flatMap((run) => everyPartOf(run).filter(counts))
  const triesSince = (ms: number): readonly StoryReply[] =>
    replies.filter((reply) => reply.query === 'snapshots' && reply.atMs >= ms)

  // What the Information Center reported: later reports do not take back an end.
  const asked = (run: string): readonly Extract<StoryReply, { query: 'status' }>[] =>
    replies.flatMap((reply) => (reply.query === 'status' && reply.run === run ? [reply] : []))
  // A status is about the whole job, not about one target.
  const statusesOf = (run: string): readonly { at: number; status: JobStatus }[] =>
    (goal.target === undefined ? asked(run) : []).flatMap((r) =>
      r.result._tag === 'Right' ? [{ at: r.atMs, status: r.result.right }] : [],
    )
  const statusOf = (run: string): JobStatus | undefined =>
    (
      statusesOf(run)
        .filter(({ status }) => showsEnd(status))
        .at(-1) ?? statusesOf(run).at(-1)
    )?.status
  const endReportedMs = (run: string): number => statusesOf(run).find(({ status }) => showsEnd(status))?.at ?? Infinity
  type Report = { readonly at: number; readonly state: 'known' | 'unknown' | 'failed' }
  const reportsAbout = (run: string): readonly Report[] =>
    asked(run).map(({ atMs, result }) => ({
      at: atMs,
      state: result._tag === 'Right' ? 'known' : result.left._tag === 'NotFound' ? 'unknown' : 'failed',
    }))
  const lastReport = (run: string): Report | undefined => reportsAbout(run).at(-1)
  /** A later failure does not undo a reply. */
  const lastReply = (run: string): Report | undefined =>
    reportsAbout(run)
      .filter(({ state }) => state !== 'failed')
      .at(-1)
  const statuses = runs.flatMap((run) => statusOf(run) ?? [])

  const base = { jobId: [...runs].sort().join(','), ...defined({ kind }) }
  const aborted = statuses.some((status) => status.aborted) || parts.some(({ snap }) => isAborted(snap))
  const failed = [...statuses, ...parts.map(({ snap }) => snap)].some(({ err }) => err !== '')
  const lastOf = (times: readonly (bigint | undefined)[]): bigint | undefined =>
    times.length === 0 || times.includes(undefined)
      ? undefined
      : (times as readonly bigint[]).reduce((a, b) => (a > b ? a : b))
  const endTime = lastOf(parts.map(({ snap }) => snap.endTime)) ?? lastOf(statuses.map((status) => status.endTime))
  const ended: Expected = {
    ...base,
    outcome: aborted ? 'aborted' : failed ? 'failed' : 'finished',
    success: !aborted && !failed,
    aborted,
    hasError: aborted || failed,
    ...defined({ endTime }),
  }

  // Whether the last request was sent five seconds after `fromMs` or later. If it failed, the wait possibly
  // sends no other one within ten seconds after `fromMs`.
  const isLastTryLate = (lastMs: number | undefined, fromMs: number): boolean =>
    lastMs !== undefined && lastMs >= fromMs + 5_000

  // 1. The Information Center reported the end, and the targets can no longer contradict it: they replied to a later
  // request, or that request failed permanently. If requests keep failing, a success stands after ten seconds,
  // otherwise after 35; a failure stands after one second or one attempt.
  const confirmed = (run: string): boolean => {
    const reportedMs = endReportedMs(run)
    if (reportedMs === Infinity) return false
    if (polls.some(({ at }) => at >= reportedMs)) return true
    const tries = triesSince(reportedMs)
    const last = tries.at(-1)
    if (last?.result._tag === 'Left' && isPermanent(last.result.left)) return true
    const status = statusOf(run)!
    if (status.aborted || status.err !== '') return tries.length > 0 || now - reportedMs >= 1000
    return now - reportedMs >= (isLastTryLate(last?.atMs, reportedMs) ? 10_000 : 35_000)
  }
  const firstAborted = runs.find((run) => statusOf(run)?.aborted === true)
  if (firstAborted !== undefined && confirmed(firstAborted)) return ended
  // A target that showed the job running since then, or at the same moment, contradicts an end that is not an abort.
  const shownSince = runs.every((run) => polledAt >= endReportedMs(run))
  const denies = ({ snap, missed }: SeenPart): boolean => !hasEnded(snap) && missed.length === 0 && shownSince
  if (firstAborted === undefined && runs.every(confirmed) && !parts.some(denies)) return ended

  // 2. A part was aborted, and the rest has ended or is missing, or the wait is for idleness, which can no longer come.
  if (parts.some(({ snap }) => isAborted(snap)))
    if (isForIdle || parts.every(({ snap, missed }) => hasEnded(snap) || missed.length > 0)) return ended

  // 3. Every part that was seen is over: the job has ended if these are all parts, or if late parts had enough time to
  // appear.
  const lastMap = replies.filter((reply) => reply.query === 'map').at(-1)
  const goodMap = replies
    .flatMap((reply) => (reply.query === 'map' && reply.result._tag === 'Right' ? [reply.result.right] : []))
    .at(-1)
  const mapTargets =
    goodMap === undefined
      ? undefined
      : Object.entries(goodMap.targets).flatMap(([id, node]) => (node.maintenance ? [] : [id]))
  const overSince = (run: string): number => {
    const isOver = polls.map((_, n) => {
      const then = partsOf(run, polls.slice(0, n + 1))
      return then.length > 0 && then.every(({ snap }) => hasEnded(snap))
    })
    return polls[isOver.lastIndexOf(false) + 1]?.at ?? 0
  }
  /** Two replies 404 about its status in a row, since a target showed it; failures in between do not count. */
  const isForgotten = (run: string): boolean => {
    const isOf = ([, snap]: readonly [string, JobSnap]): boolean => snap.id === run
    const first = replies.findIndex(
      ({ query, result }) => query === 'snapshots' && result._tag === 'Right' && pairsOf(result.right).some(isOf),
    )
    const all = replies.slice(first + 1).flatMap((r) => (r.query === 'status' && r.run === run ? [r] : []))
    const since = all.slice(lastIndex(all, ({ result }) => result._tag === 'Right') + 1)
    return since.filter(({ result }) => result._tag === 'Left' && result.left._tag === 'NotFound').length >= 2
  }
  const isWhole = (run: string): boolean => {
    const own = everyPartOf(run)
    if (goal.target !== undefined || info?.scope === 'target' || info?.idles === true) return true
    if (own.some(({ snap }) => isAborted(snap) || snap.err !== '')) return true
    if (mapTargets?.every((target) => own.some((part) => part.target === target)) !== true) return false
    // The map does not show a target that died before anybody saw its part; the Information Center does know it. If it
    // tracks the kind, it must have replied since all parts were over, have reported the end, or have forgotten this
    // run. A failing Information Center delays the outcome by ten seconds, a silent one by 35.
    const report = lastReport(run)
    if (!icTracksKind || endReportedMs(run) < Infinity || isForgotten(run)) return true
    if (now - overSince(run) >= (isLastTryLate(report?.at, overSince(run)) ? 10_000 : 35_000)) return true
    return (lastReply(run)?.at ?? -Infinity) >= overSince(run)
  }
  if (parts.length > 0 && parts.every(({ snap }) => hasEnded(snap))) {
    const settled = (run: string): boolean => {
      if (isWhole(run) || confirmed(run)) return true
      if (polledAt - overSince(run) < 10_000) return false
      if (!usesIc) return true
      const report = lastReply(run)
      // If the Information Center has never replied, a late reply of the targets counts.
      if (report === undefined) return polledAt - overSince(run) >= 35_000
      return report.at - overSince(run) >= (report.state === 'unknown' ? 10_000 : 35_000)
    }
    return runs.every(settled) ? ended : undefined
  }

  // 4. An open part is lost if three replies over a minute lacked it; an abort or an error seen earlier stands.
  const away = (some: readonly SeenPart[]): readonly string[] => [...new Set(some.map(({ target }) => target))].sort()
  const lostWith = (targets: readonly string[]): Expected => {
    const gone = targets.length === 0 ? {} : { lostTargets: targets }
    if (ended.outcome !== 'finished') return { ...ended, ...gone }
    return { ...base, outcome: 'lost', success: false, aborted: false, hasError: true, ...gone }
  }
  const open = parts.filter(({ snap, missed }) => !hasEnded(snap) && missed.length > 0)
  const long = open.filter(({ missed }) => missed.length >= 3 && polledAt - missed[0]! >= 60_000)
  if (long.length > 0) return lostWith(away(long))

  // 5. The job is unknown: two replies two seconds apart and all between them lack it, and so does the Information
  // Center if it tracks the kind.
  const seen = parts.length > 0 || statuses.length > 0
  const deniedSince = (run: string): number | undefined => {
    const has = polls.map(({ shown }) => pairsOf(shown).some(([, snap]) => snap.id === run))
    if (has.at(-1) === false) return polls[has.lastIndexOf(true) + 1]!.at
    // Other targets have shown it, but not the one that counts.
    return has.at(-1) === true && !everyPartOf(run).some(counts) ? polls[0]!.at : undefined
  }
  const unknown = (run: string, notBefore: number): boolean => {
    const since = deniedSince(run)
    if (since === undefined || polledAt - since < 2000 || polledAt < notBefore) return false
    const report = lastReport(run)
    return !usesIc || (report?.state === 'unknown' && report.at >= Math.max(since, notBefore))
  }
  // A target that left the map may come back with its part, unless a later reply with the map shows otherwise.
  const mayComeBack = (run: string): boolean => {
    const since = deniedSince(run)
    const own = everyPartOf(run)
    if (since === undefined || own.length === 0) return false
    if (lastMap === undefined || lastMap.atMs < since) return true
    if (lastMap.result._tag === 'Left') return false
    return own.some(({ snap, target }) => !hasEnded(snap) && mapTargets?.includes(target) === false)
  }
  // A job that only the Information Center has shown may be young: the targets must still lack it ten seconds later.
  const goneFrom = (run: string): number =>
    everyPartOf(run).length > 0
      ? 0
      : 10_000 +
        ((
          statusesOf(run)
            .filter(({ status }) => showsEnd(status))
            .at(-1) ?? statusesOf(run).at(-1)
        )?.at ?? Infinity)
  // The Information Center shows the job as open while the targets lack it, for so long that the Information Center
  // must have queried them. The targets are known, and they would show this kind.
  const onlyIc = (run: string): boolean => {
    const since = deniedSince(run)
    const first = statusesOf(run)[0]
    const report = lastReport(run)
    if (since === undefined || first === undefined || report === undefined || !usesIc) return false
    if (info?.ic !== true || mapTargets === undefined) return false
    const from = Math.max(since, first.at) + 60_000
    const isOpen = report.state === 'known' && !showsEnd(statusOf(run)!)
    return everyPartOf(run).length === 0 && isOpen && report.at >= from && polledAt >= from
  }
  if (seen && runs.every((run) => (unknown(run, goneFrom(run)) && !mayComeBack(run)) || onlyIc(run)))
    return lostWith(away(open))
  if (!seen && runs.every((run) => unknown(run, 10_000))) return { left: 'NotFound' }

  // 6. Idle: two replies two seconds apart and all between them show every known part as idle or over; the last shows
  // one idle.
  if (!isForIdle || !parts.some(({ snap }) => isResting(snap))) return undefined
  const restsAt = (n: number): boolean => {
    const then = runs.flatMap((run) => partsOf(run, polls.slice(0, n + 1)).filter(counts))
    return (
      then.length === parts.length &&
      then.every(({ snap, missed }) => hasEnded(snap) || (missed.length === 0 && isResting(snap)))
    )
  }
  const streak = polls.slice(lastIndex(polls, (_, n) => !restsAt(n)) + 1)
  if (streak.length === 0 || polledAt - streak[0]!.at < 2000) return undefined
  const outcome = aborted ? 'aborted' : failed ? 'failed' : 'idle'
  // Only the Information Center may know of an abort, so a success needs its reply. It counts as silent after the same
  // times as targets that have not confirmed an end.
  const idleSince = streak[0]!.at
  const hasReported = (run: string): boolean =>
    reportsAbout(run).some(({ state }) => state !== 'failed') ||
    now - idleSince >= (isLastTryLate(asked(run).at(-1)?.atMs, idleSince) ? 10_000 : 35_000)
  const mayKnowMore = goal.target === undefined && icTracksKind
  if (outcome === 'idle' && mayKnowMore && !runs.every(hasReported)) return undefined
  return { ...base, outcome, success: outcome === 'idle', aborted, hasError: outcome !== 'idle' }
}
