import { hasEnded, isIdle } from '../../lib/emulator/cluster/run.ts'
import type { Job, Run } from '../../lib/emulator/cluster/state.ts'
import { downloadOf, hasFailedLink, isDownloadType } from './downloads.ts'
import { pollsOf } from './first-poll.ts'
import { goalOf } from './goal.ts'
import { arrived, asksFor, knownOf } from './known.ts'
import { ledgerOf, type Ran } from './ledger.ts'
import { isWatcher, shares, type PlannedUser, type SimPlan } from './plan.ts'
import type { Exchange, Stay } from './probe.ts'
import { isNews, isOver, isThere, spanOf } from './runs.ts'
import type { SimTime } from './time.ts'
import type { World } from './world.ts'

// The truth, taken from the records of the emulator and never from what the library reported or decided.

/** The truth about the jobs that a user selects, at the end of the user's stay. */
export interface Truth {
  /** The jobs that count; for a kind, those that had not ended when the stay began. */
  readonly jobs: readonly Job[]
  readonly ended: boolean
  readonly err: boolean
  /** Jobs with an error that the user received, or could have. */
  readonly knownErr: ReadonlySet<Job>
  /** Jobs with an abort that the user received, or could have. */
  readonly knownCut: ReadonlySet<Job>
  readonly lost: boolean
  /** Whether the proxies have ended a job by their own decision. */
  readonly decided: boolean
  /** Jobs with a lost part that the user had seen, or that the proxies knew of. */
  readonly knownLost: ReadonlySet<Job>
  /** Parts that appear late: no reply before could show them. */
  readonly unshown: ReadonlySet<Run>
  /** Whether a part is missing from its target. */
  readonly gone: boolean
  /** Whether the user had seen such a part, so that nobody can know whether it had ended. */
  readonly shownGone: boolean
  /** When the goal was observable without interruption: from when, and until when. */
  readonly fromMs: number
  readonly toMs: number
}

/** Whether a job was ever idle without an error, and whether it was idle at each poll of the targets. */
export interface Rested {
  well: boolean
  readonly polls: { readonly exchange: Exchange; readonly rests: boolean }[]
}

/** What was true at some moment at which the cluster served a request of the user. */
export interface Sampled {
  readonly rested: Map<Job, Rested>
  /** For each of these moments, the jobs that had started without an error. */
  readonly startedWell: ReadonlySet<Job>[]
  nothingRan: boolean
}

export interface Oracle {
  /** All jobs that ever existed. */
  readonly jobs: () => readonly Job[]
  /** When each job was running. */
  readonly spans: readonly Ran[]
  /** Samples which jobs are running, at each moment at which something is served or received. */
  readonly instant: () => void
  /** Records what was true when the cluster served this request of a user. */
  readonly record: (exchange: Exchange, stay: Stay) => void
  readonly over: (stay: Stay) => void
  readonly truthOf: (stay: Stay) => Truth
  /** The truth about one job with respect to its end, with what was known about it at `atMs`. */
  readonly truthOfJob: (stay: Stay, job: Job, atMs?: number) => Truth
  readonly sampledOf: (stay: Stay) => Sampled
  /** The id that a job of the plan has, or will have. */
  readonly idOf: (job: number) => string
}

/**
 * Kinds whose parts the targets drop a minute after the end. From then on, only users that received a reply with the abort
 * know of it.
 */
const SHORT_LIVED: ReadonlySet<string> = new Set(['list', 'get-batch'])

/** How far in the future a start time of the emulator may be, in milliseconds. */
const SLACK_MS = 3

export function oracleOf(plan: SimPlan, time: SimTime, world: World): Oracle {
  const { cluster, shownMs } = world
  // All streams agree: a watcher that shares its requests reports an end as soon as another stream has confirmed it, and
  // sends no poll of its own.
  const known = knownOf(cluster, shownMs, (stay) => shares(plan) && isWatcher(plan.users[stay.index]!))
  const ledger = ledgerOf(world)
  const truths = new Map<Stay, Truth>()
  const samples = new Map<Stay, Sampled>()
  const flapMs = cluster.timing.quiesceMs
  const oneWayMs = plan.latencyMs / 2
  const all: Job[] = []
  const met = new Set<Job>()

  /** The emulator forgets jobs after a while; the oracle does not. */
  const jobs = (): readonly Job[] => {
    // The targets remember a download for longer than the proxies.
    for (const job of [
      ...cluster.jobs.values(),
      ...world.jobs.filter((one) => one !== undefined && downloadOf(one) !== undefined),
    ])
      if (job !== undefined && !met.has(job)) {
        met.add(job)
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
    if (user.all === true) return jobs()
    if (user.byKind !== true) return jobs().filter(({ id }) => id === world.idOf(user.job))
    const kind = plan.jobs[user.job]?.kind
    return jobs().filter(
      (job) => job.kind === kind && job.runs.some((run) => run.lost || isNews(run, stay.beganMs, shownMs)),
    )
  }

  /**
   * The runs that a wait by kind selects: those in progress at the first poll, otherwise the next ones, namely all that
   * the first reply with a run may show. Undefined if it is unknown.
   */
  const countedOf = (all: readonly Job[], goal: string, stay: Stay): readonly Job[] | undefined => {
    if (goal === 'not-running') return all
    // A user without an id cannot learn of a run that was gone before any reply showed it.
    const isKnown = (run: Run): boolean => (!run.lost && (isThere(run) || !isTracked)) || known.isShown(stay, run)
    const of = all.filter((job) => job.runs.some(isKnown))
    const [atMs, ...laterMs] = pollsOf(stay, plan.jobs[plan.users[stay.index]!.job]?.kind ?? '').map(
      ({ servedMs = Infinity }) => servedMs,
    )
    if (atMs === undefined) return undefined
    const isShownBy = (job: Job, ms: number, counts: (run: Run) => boolean): boolean =>
      job.startMs <= ms && job.runs.some((run) => isKnown(run) && counts(run) && (shownMs.get(run) ?? 0) <= ms)
    const under = of.filter((job) => isShownBy(job, atMs, (run) => !isOver(run, atMs)))
    const next = of.filter((job) => job.startMs > atMs)
    if (under.length === 0 && next.length === 0) return undefined
    if (goal === 'idle') return of
    if (under.length > 0) return under
    for (const ms of laterMs) {
      const shown = next.filter((job) => isShownBy(job, ms, () => true))
      if (shown.length > 0) return shown
    }
    return next.slice(0, 1)
  }

  /** Whether some facts about these jobs are known only to users that saw them. */
  const isTracked =
    plan.events.some(({ type }) => type === 'crash' || type === 'restart') ||
    plan.jobs.some(({ kind, errKnownTo }) => errKnownTo !== undefined || SHORT_LIVED.has(kind) || isDownloadType(kind))

  const truthAbout = (
    stay: Stay,
    of: readonly Job[],
    [fromMs, toMs]: readonly [number, number],
    atMs: number,
  ): Truth => {
    const now = time.frame
    const runs = of.flatMap((job) => job.runs)
    return {
      jobs: of,
      ended: runs.every((run) => hasEnded(run, now)),
      err: of.some((job) => hasErr(job, now)),
      knownErr: new Set(of.filter((job) => known.isErrKnown(stay, job, atMs))),
      knownCut: new Set(of.filter((job) => job.runs.some((run) => known.isAbortKnown(stay, job, run, atMs)))),
      lost: runs.some(({ lost }) => lost),
      decided: of.some(({ notice }) => notice?.missed !== undefined || notice?.forced !== undefined),
      knownLost: new Set(of.filter((job) => known.isLossKnown(stay, job))),
      unshown: new Set(runs.filter((run) => (shownMs.get(run) ?? 0) > atMs - oneWayMs)),
      // A part that its target was too busy to start never existed.
      gone: runs.some((run) => !isThere(run)) || of.some((job) => job.runs.length === 0),
      shownGone: runs.some((run) => !isThere(run) && known.isShown(stay, run)),
      fromMs,
      toMs,
    }
  }

  const truth = (stay: Stay): Truth => {
    const user = plan.users[stay.index]!
    const of = jobsOf(user, stay)
    const goal = goalOf(user, plan.jobs[user.job]?.kind)
    const counted = user.byKind === true ? countedOf(of, goal, stay) : of
    return truthAbout(
      stay,
      of,
      counted === undefined
        ? [Infinity, Infinity]
        : counted.length === 0
          ? [0, Infinity]
          : spanOf(goal, counted, time.frame, shownMs),
      stay.overMs,
    )
  }

  const sampleOf = (stay: Stay): Sampled => {
    let one = samples.get(stay)
    if (one === undefined)
      samples.set(
        stay,
        (one = {
          rested: new Map(),
          startedWell: [],
          nothingRan: false,
        }),
      )
    return one
  }

  /** Samples each job by itself: the state of one run says nothing about another run of its kind. */
  const rest = ({ rested }: Sampled, stay: Stay, job: Job, exchange: Exchange): void => {
    const now = time.frame
    let one = rested.get(job)
    if (one === undefined) rested.set(job, (one = { well: false, polls: [] }))
    const isWell = job.runs.every(
      (run) =>
        (!runHasErr(run, now) || !isThere(run)) && !isLost(stay, run) && !known.isAbortKnown(stay, job, run, now),
    )
    one.well ||= isWell && job.runs.every((run) => (run.lost && !isLost(stay, run)) || rests(run, now))
    // What another job's snapshots show says nothing of this one, even if one user asks for both.
    if (exchange.what === 'snapshots' && asksFor(exchange, job))
      one.polls.push({ exchange, rests: job.runs.every((run) => !isThere(run) || rests(run, now)) })
  }
  const isLost = (stay: Stay, run: Run): boolean => run.lost && known.isShown(stay, run)
  const isRead = plan.users.some(({ type }) => type === 'watchJobs' || type === 'jobEvents')

  return {
    jobs,
    spans: ledger.spans,
    instant: () => {
      if (isRead) ledger.record(jobs(), time.frame)
    },
    record: (exchange, stay) => {
      // A request that continues for other users no longer tells this one anything.
      if (time.frame > stay.overMs) return
      const { what } = exchange
      // What runs nowhere may be forgotten before anybody asks for the truth.
      if (what === 'start') jobs()
      const user = plan.users[stay.index]!
      if (what === 'start' || what === 'stop' || what === 'map') return
      const now = time.frame
      if (isTracked) known.record(exchange, stay, jobsOf(user, stay), now)
      if (isWatcher(user)) return
      const goal = goalOf(user, plan.jobs[user.job]?.kind)
      if (goal === 'end') return
      const sample = sampleOf(stay)
      const of = jobsOf(user, stay)
      if (goal === 'idle') {
        for (const job of of) rest(sample, stay, job, exchange)
        return
      }
      const runs = of.flatMap((job) => job.runs)
      const isWell = (job: Job): boolean =>
        job.runs.every(
          (run) =>
            (!runHasErr(run, now) || !isThere(run)) &&
            !known.isAbortKnown(stay, job, run, now) &&
            (run.startMs <= now + SLACK_MS || !isThere(run)),
        )
      if (goal === 'started') sample.startedWell.push(new Set(of.filter(isWell)))
      else sample.nothingRan ||= runs.every((run) => run.lost || isOver(run, now) || !isThere(run))
    },
    over: (stay) => truths.set(stay, truth(stay)),
    truthOf: (stay) => truths.get(stay) ?? truth(stay),
    truthOfJob: (stay, job, atMs = stay.overMs) =>
      truthAbout(stay, [job], spanOf('end', [job], time.frame, shownMs), atMs),
    sampledOf: sampleOf,
    idOf: world.idOf,
  }
}

const runHasErr = (run: Run, now: number): boolean =>
  run.err !== '' || run.unreportedErr !== '' || hasFailedLink(run, now)

/** Whether the job has an error, whichever source knows it. */
const hasErr = ({ runs, notice }: Job, now: number): boolean =>
  runs.some((run) => runHasErr(run, now)) || (notice?.ownErr ?? '') !== ''

/**
 * The time of the first reply of the targets since which the stay has seen the job idle without interruption. A reply
 * that never came, came as an error or came too late interrupts nothing.
 */
export function restedSinceMs({ polls }: Rested, { overMs }: Stay): number {
  let sinceMs = Infinity
  for (const { exchange, rests } of polls)
    if (arrived(exchange) && exchange.endMs <= overMs)
      sinceMs = rests ? Math.min(sinceMs, exchange.servedMs!) : Infinity
  return sinceMs
}
