import { hasEnded, isAborted, isIdle } from '../../lib/emulator/cluster/run.ts'
import { heardBy, icMembers, isNoticed } from '../../lib/emulator/cluster/notice.ts'
import type { Job, Run } from '../../lib/emulator/cluster/state.ts'
import { goalOf, idlesOf } from './goal.ts'
import { isWatcher, type PlannedUser, type SimPlan } from './plan.ts'
import type { Exchange, Stay } from './probe.ts'
import { isNews, isOver, isThere, spanOf } from './runs.ts'
import type { SimTime } from './time.ts'
import type { World } from './world.ts'

// The truth, read from the records of the emulator and from nothing that the library has said or decided.

/** What was true of the jobs that a user is after, when the user's stay ended. */
export interface Truth {
  /** Those that count; for a kind, those that had not ended when the stay began. */
  readonly jobs: readonly Job[]
  readonly ended: boolean
  readonly err: boolean
  /** Jobs with one that the user was shown, or could have been. */
  readonly knownErr: ReadonlySet<Job>
  readonly lost: boolean
  /** The proxies have ended it by themselves. */
  readonly decided: boolean
  /** Jobs with a lost part that the user had been shown, or of which the proxies knew. */
  readonly knownLost: ReadonlySet<Job>
  /** A part cannot be found on its target. */
  readonly gone: boolean
  /** Since when what is waited for could be seen without a break, and until when. */
  readonly fromMs: number
  readonly toMs: number
}

/** What was true at some instant at which the cluster answered a question of the user. */
export interface Sampled {
  restedWell: boolean
  /** Since which look at the targets without a break. */
  restsSinceMs: number
  startedWell: boolean
  nothingRan: boolean
}

export interface Oracle {
  readonly look: (exchange: Exchange, stay: Stay) => void
  readonly over: (stay: Stay) => void
  readonly truthOf: (stay: Stay) => Truth
  readonly sampledOf: (stay: Stay) => Sampled
}

/** Replies that meet these are as true as any. */
const HARMLESS: ReadonlySet<string> = new Set(['', 'late', 'duplicate', 'redirect', 'unfiltered'])

/** The emulator writes a start that is up to so far ahead. */
const SLACK_MS = 3

export function oracleOf(plan: SimPlan, time: SimTime, world: World): Oracle {
  const { cluster, shownMs } = world
  const truths = new Map<Stay, Truth>()
  const samples = new Map<Stay, Sampled>()
  const flapMs = cluster.timing.quiesceMs
  const all: Job[] = []
  const known = new Set<Job>()

  /** The emulator forgets jobs in time; the truth does not. */
  const jobs = (): readonly Job[] => {
    for (const job of cluster.jobs.values())
      if (!known.has(job)) {
        known.add(job)
        all.push(job)
      }
    return all
  }
  const rests = (run: Run, at: number): boolean => isOver(run, at) || (at >= run.startMs && isIdle(run, at, flapMs))

  const startedId = (stay: Stay): string | undefined => {
    for (const { value } of stay.seen) {
      const { right } = value as { right?: { jobId?: string } }
      if (right?.jobId !== undefined) return right.jobId
    }
    return undefined
  }

  const jobsOf = (user: PlannedUser, stay: Stay): readonly Job[] => {
    if (user.type === 'start') return jobs().filter(({ id }) => id === startedId(stay))
    if (user.byKind !== true) return jobs().filter(({ id }) => id === world.idOf(user.job))
    const kind = plan.jobs[user.job]?.kind
    return jobs().filter(
      (job) => job.kind === kind && job.runs.some((run) => run.lost || isNews(run, stay.beganMs, shownMs)),
    )
  }

  const shown = new Map<Stay, Map<Run, Exchange[]>>()
  /** In a reply that arrived. */
  const isShown = (stay: Stay, run: Run): boolean =>
    shown
      .get(stay)
      ?.get(run)
      ?.some(({ end, fault }) => end === 200 && HARMLESS.has(fault ?? '')) === true

  /** The runs that a wait by kind is for: those under way when it first looked, else the next; undefined: not known. */
  const countedOf = (all: readonly Job[], goal: string, stay: Stay): readonly Job[] | undefined => {
    if (goal === 'not-running') return all
    // Of a run that died whole before anybody saw it, nobody who has no id can hear.
    const isKnown = (run: Run): boolean => !run.lost || isShown(stay, run)
    const of = all.filter((job) => job.runs.some(isKnown))
    const first = stay.exchanges.find(
      ({ what, end, fault }) => what === 'snapshots' && end === 200 && HARMLESS.has(fault ?? ''),
    )
    const atMs = first?.servedMs
    if (atMs === undefined) return undefined
    const under = of.filter(
      (job) =>
        job.startMs <= atMs &&
        job.runs.some((run) => isKnown(run) && !isOver(run, atMs) && (shownMs.get(run) ?? 0) <= atMs),
    )
    const next = of.filter((job) => job.startMs > atMs)
    if (under.length === 0 && next.length === 0) return undefined
    if (goal === 'idle') return of
    return under.length > 0 ? under : next.slice(0, 1)
  }

  const mayLose = plan.events.some(({ type }) => type === 'crash' || type === 'restart')

  const isLost = (stay: Stay, run: Run): boolean => run.lost && isShown(stay, run)

  /** Nobody can tell of a part that was gone before anybody asked, but the proxies: had they been asked, they had told. */
  const isTold = (stay: Stay, job: Job): boolean => {
    const lookedMs = stay.exchanges.filter(({ what, end }) => what === 'snapshots' && end === 200).at(-1)?.servedMs
    // Of what idles, nobody asks the proxies.
    if (
      !isNoticed(job) ||
      idlesOf(job.kind) ||
      lookedMs === undefined ||
      stay.exchanges.some(({ what, disturbed }) => what === 'status' && disturbed)
    )
      return false
    const members = icMembers(cluster).filter(({ state, readyMs }) => state === 'up' && readyMs <= lookedMs)
    return members.length > 0 && members.every(({ id }) => heardBy(cluster, job, id, lookedMs)?.aborted === true)
  }

  const truth = (stay: Stay): Truth => {
    const user = plan.users[stay.index]!
    const now = time.frame
    const of = jobsOf(user, stay)
    const runs = of.flatMap((job) => job.runs)
    const goal = goalOf(user, plan.jobs[user.job]?.kind)
    const counted = user.byKind === true ? countedOf(of, goal, stay) : of
    const [fromMs, toMs] =
      counted === undefined
        ? [Infinity, Infinity]
        : counted.length === 0
          ? [0, Infinity]
          : spanOf(goal, counted, now, shownMs)
    return {
      jobs: of,
      ended: runs.every((run) => hasEnded(run, now)),
      err: runs.some(({ err }) => err !== ''),
      knownErr: new Set(
        of.filter((job) => job.runs.some((run) => run.err !== '' && (isThere(run) || isShown(stay, run)))),
      ),
      lost: runs.some(({ lost }) => lost),
      decided: of.some(({ notice }) => notice?.missed !== undefined || notice?.forced !== undefined),
      knownLost: new Set(
        of.filter((job) => job.runs.some((run) => run.lost && (isShown(stay, run) || isTold(stay, job)))),
      ),
      // A part that its target was too busy for was never there.
      gone: runs.some((run) => !isThere(run)) || of.some((job) => job.runs.length === 0),
      fromMs,
      toMs,
    }
  }

  const sampleOf = (stay: Stay): Sampled => {
    let one = samples.get(stay)
    if (one === undefined)
      samples.set(
        stay,
        (one = {
          restedWell: false,
          restsSinceMs: Infinity,
          startedWell: false,
          nothingRan: false,
        }),
      )
    return one
  }

  return {
    look: (exchange, stay) => {
      const { what } = exchange
      const user = plan.users[stay.index]!
      if (what === 'start' || what === 'stop' || isWatcher(user)) return
      const now = time.frame
      const sample = sampleOf(stay)
      const goal = goalOf(user, plan.jobs[user.job]?.kind)
      if (mayLose && what === 'snapshots') {
        const seen = shown.get(stay) ?? new Map<Run, Exchange[]>()
        shown.set(stay, seen)
        for (const job of jobsOf(user, stay))
          for (const run of job.runs)
            if (!run.lost && isThere(run) && run.target.state === 'up')
              seen.set(run, [...(seen.get(run) ?? []), exchange])
      }
      if (goal === 'end') return
      const runs = jobsOf(user, stay).flatMap((job) => job.runs)
      const isWell = runs.every(
        (run) => (run.err === '' || !isThere(run)) && !isLost(stay, run) && !isAborted(run, now),
      )
      if (goal === 'idle' && what === 'snapshots')
        sample.restsSinceMs = runs.every((run) => !isThere(run) || rests(run, now))
          ? Math.min(sample.restsSinceMs, now)
          : Infinity
      if (goal === 'idle')
        sample.restedWell ||= isWell && runs.every((run) => (run.lost && !isLost(stay, run)) || rests(run, now))
      else if (goal === 'started')
        sample.startedWell ||= runs.every(
          (run) =>
            (run.err === '' || !isThere(run)) &&
            !isAborted(run, now) &&
            (run.startMs <= now + SLACK_MS || !isThere(run)),
        )
      else sample.nothingRan ||= runs.every((run) => run.lost || isOver(run, now) || !isThere(run))
    },
    over: (stay) => truths.set(stay, truth(stay)),
    truthOf: (stay) => truths.get(stay) ?? truth(stay),
    sampledOf: sampleOf,
  }
}
