import { hasEnded, isIdle } from '../../lib/emulator/cluster/run.ts'
import type { Job, Run } from '../../lib/emulator/cluster/state.ts'
import { downloadOf, hasFailedLink, isDownloadType } from './downloads.ts'
import { pollsOf } from './first-poll.ts'
import { goalOf, type Goal } from './goal.ts'
import { hasArrived, isAbout, knownOf } from './known.ts'
import { runningLogOf, type RunningSpan } from './running-log.ts'
import { isWatcher, shares, type PlannedUser, type SimPlan } from './plan.ts'
import type { Exchange, Session } from './recording.ts'
import { canSeeEnd, isOver, isOnTarget, observableSpan } from './runs.ts'
import type { SimTime } from './time.ts'
import type { World } from './world.ts'

// The oracle knows what is true. It reads the state of the emulator, never what the library reported or decided.

/** What is true about the jobs that a user selects, at the end of the user's session. */
export interface Truth {
  /** The jobs that count; for a kind, the jobs that had not ended when the session began. */
  readonly jobs: readonly Job[]
  /** Whether every part has ended. */
  readonly ended: boolean
  /** Whether one of these jobs has an error, known to the user or not. */
  readonly err: boolean
  /** Jobs with an error that some reply showed to the user, or that a request would have shown. */
  readonly knownErr: ReadonlySet<Job>
  /** Jobs with an abort that some reply showed to the user, or that a request would have shown. */
  readonly knownAborted: ReadonlySet<Job>
  /** Whether a target died with its record of a part. */
  readonly lost: boolean
  /** Whether the proxies have ended a job by their own decision. */
  readonly isEndedByProxies: boolean
  /** Jobs with a lost part that the user had seen, or that the proxies knew of. */
  readonly knownLost: ReadonlySet<Job>
  /** Parts that had not yet appeared when the last reply was sent. */
  readonly lateParts: ReadonlySet<Run>
  /** Whether a target no longer has its part. */
  readonly isPartMissing: boolean
  /** Whether a reply had shown a missing part to the user. Nobody can know whether that part had ended. */
  readonly isSeenPartMissing: boolean
  /** When the goal was observable without interruption: from when, and until when. */
  readonly fromMs: number
  readonly toMs: number
}

/** Whether a job was ever idle without an error, and for each poll of the targets, whether it was idle then. */
export interface IdleRecord {
  wasIdleWithoutError: boolean
  readonly polls: { readonly exchange: Exchange; readonly isIdle: boolean }[]
}

/** What was true at the moments at which the cluster served a request of the user. */
export interface Samples {
  readonly idleRecords: Map<Job, IdleRecord>
  /** For each of these moments, the jobs that had started on all targets without an error. */
  readonly startedWithoutError: ReadonlySet<Job>[]
  sawNothingRunning: boolean
}

export interface Oracle {
  /** All jobs that ever existed. */
  readonly jobs: () => readonly Job[]
  /** When each job was running. */
  readonly runningSpans: readonly RunningSpan[]
  /** Samples which jobs are running. Called whenever the cluster serves a request and whenever a user receives a value. */
  readonly sampleRunning: () => void
  /** Records what was true when the cluster served this request of a user. */
  readonly record: (exchange: Exchange, session: Session) => void
  readonly closeSession: (session: Session) => void
  readonly truthOf: (session: Session) => Truth
  /** The truth about one job with respect to its end, with what was known about it at `atMs`. */
  readonly truthOfJob: (session: Session, job: Job, atMs?: number) => Truth
  readonly samplesOf: (session: Session) => Samples
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

/** Watches the emulator during a simulation; then it tells what is true and what each user could know. */
export function oracleOf(plan: SimPlan, time: SimTime, world: World): Oracle {
  const { cluster, shownMs } = world
  // A stream that shares its requests reports an end that another stream has confirmed, without a poll of its own.
  const known = knownOf(cluster, shownMs, (session) => shares(plan) && isWatcher(plan.users[session.index]!))
  const runningLog = runningLogOf(world)
  const truthBySession = new Map<Session, Truth>()
  const samples = new Map<Session, Samples>()
  const quiesceMs = cluster.timing.quiesceMs
  const oneWayMs = plan.latencyMs / 2
  const everyJob: Job[] = []
  const collected = new Set<Job>()

  /** Collects the jobs that exist now: the emulator forgets jobs after a while, the oracle does not. */
  const collectJobs = (): void => {
    // `cluster.jobs` is what the proxies know, and the targets remember a download for longer.
    const downloads = world.jobs.filter((job) => job !== undefined && downloadOf(job) !== undefined)
    for (const job of [...cluster.jobs.values(), ...downloads])
      if (job !== undefined && !collected.has(job)) {
        collected.add(job)
        everyJob.push(job)
      }
  }
  /** All jobs that ever existed. */
  const jobs = (): readonly Job[] => {
    collectJobs()
    return everyJob
  }
  const isIdleOrOver = (run: Run, at: number): boolean =>
    isOver(run, at) || (at >= run.startMs && isIdle(run, at, quiesceMs))

  const startedId = (session: Session): string | undefined => {
    for (const { value } of session.received) {
      const { right } = value as { right?: { jobId?: string } }
      if (right?.jobId !== undefined) return right.jobId
    }
    return undefined
  }

  const selectedJobs = (user: PlannedUser, session: Session): readonly Job[] => {
    if (user.type === 'start') return jobs().filter(({ id }) => id === startedId(session))
    if (user.all === true) return jobs()
    if (user.byKind !== true) return jobs().filter(({ id }) => id === world.idOf(user.job))
    const kind = plan.jobs[user.job]?.kind
    return jobs().filter(
      (job) => job.kind === kind && job.runs.some((run) => run.lost || canSeeEnd(run, session.beganMs, shownMs)),
    )
  }

  /**
   * The jobs that a wait by kind waits for: the jobs that run at the first poll. If no job runs then, the wait waits for all
   * jobs of the first later reply that has any. Undefined if the replies do not determine the jobs.
   */
  const jobsThatCount = (all: readonly Job[], goal: string, session: Session): readonly Job[] | undefined => {
    if (goal === 'not-running') return all
    // A user without an id cannot learn of a run that was gone before any reply showed it.
    const isKnown = (run: Run): boolean =>
      (!run.lost && (isOnTarget(run) || !mayBeForgotten)) || known.isShown(session, run)
    const knownJobs = all.filter((job) => job.runs.some(isKnown))
    const [firstPollMs, ...laterPollsMs] = pollsOf(session, plan.jobs[plan.users[session.index]!.job]?.kind ?? '').map(
      ({ servedMs = Infinity }) => servedMs,
    )
    if (firstPollMs === undefined) return undefined
    /** The known parts that a poll at `ms` shows. */
    const partsAt = ({ startMs, runs }: Job, ms: number): readonly Run[] =>
      startMs > ms ? [] : runs.filter((run) => isKnown(run) && (shownMs.get(run) ?? 0) <= ms)
    const running = knownJobs.filter((job) => partsAt(job, firstPollMs).some((run) => !isOver(run, firstPollMs)))
    const later = knownJobs.filter((job) => job.startMs > firstPollMs)
    if (running.length === 0 && later.length === 0) return undefined
    // With more jobs, the time in which all of them are idle is only shorter.
    if (goal === 'idle') return knownJobs
    if (running.length > 0) return running
    for (const ms of laterPollsMs) {
      const shown = later.filter((job) => partsAt(job, ms).length > 0)
      if (shown.length > 0) return shown
    }
    // No poll has shown one of them so far: the first one will count.
    return later.slice(0, 1)
  }

  /**
   * Whether a source may forget what it has shown of the jobs of the plan. Then only the users that received it know it, so
   * the oracle records what each reply showed.
   */
  const mayBeForgotten =
    plan.events.some(({ type }) => type === 'crash' || type === 'restart') ||
    plan.jobs.some(({ kind, errKnownTo }) => errKnownTo !== undefined || SHORT_LIVED.has(kind) || isDownloadType(kind))

  const truthAbout = (
    session: Session,
    selected: readonly Job[],
    [fromMs, toMs]: readonly [number, number],
    atMs: number,
  ): Truth => {
    const now = time.frame
    const runs = selected.flatMap((job) => job.runs)
    return {
      jobs: selected,
      ended: runs.every((run) => hasEnded(run, now)),
      err: selected.some((job) => hasErr(job, now)),
      knownErr: new Set(selected.filter((job) => known.isErrKnown(session, job, atMs))),
      knownAborted: new Set(
        selected.filter((job) => job.runs.some((run) => known.isAbortKnown(session, job, run, atMs))),
      ),
      lost: runs.some(({ lost }) => lost),
      isEndedByProxies: selected.some(({ notice }) => notice?.missed !== undefined || notice?.forced !== undefined),
      knownLost: new Set(selected.filter((job) => known.isLossKnown(session, job))),
      lateParts: new Set(runs.filter((run) => (shownMs.get(run) ?? 0) > atMs - oneWayMs)),
      // A part that its target was too busy to start never existed.
      isPartMissing: runs.some((run) => !isOnTarget(run)) || selected.some((job) => job.runs.length === 0),
      isSeenPartMissing: runs.some((run) => !isOnTarget(run) && known.isShown(session, run)),
      fromMs,
      toMs,
    }
  }

  const truthNow = (session: Session): Truth => {
    const user = plan.users[session.index]!
    const selected = selectedJobs(user, session)
    const goal = goalOf(user, plan.jobs[user.job]?.kind)
    const counted = user.byKind === true ? jobsThatCount(selected, goal, session) : selected
    return truthAbout(session, selected, spanOf(goal, counted), session.overMs)
  }

  /** From when and until when every poll shows that the goal is reached; never, if it is unknown which jobs count. */
  const spanOf = (goal: Goal, counted: readonly Job[] | undefined): readonly [fromMs: number, toMs: number] => {
    if (counted === undefined) return [Infinity, Infinity]
    return counted.length === 0 ? [0, Infinity] : observableSpan(goal, counted, time.frame, shownMs)
  }

  const sampleOf = (session: Session): Samples => {
    let one = samples.get(session)
    if (one === undefined)
      samples.set(
        session,
        (one = {
          idleRecords: new Map(),
          startedWithoutError: [],
          sawNothingRunning: false,
        }),
      )
    return one
  }

  /** Whether the user knows that the part is lost. */
  const isSeenLost = (session: Session, run: Run): boolean => run.lost && known.isShown(session, run)

  /** Whether a poll now shows no error of the part, and the user cannot know of an abort. */
  const looksWell = (session: Session, job: Job, run: Run, now: number): boolean =>
    !(isOnTarget(run) && runHasErr(run, now)) && !known.isAbortKnown(session, job, run, now)

  /** Samples one job: the state of one run proves nothing about another run of the same kind. */
  const sampleIdle = ({ idleRecords }: Samples, session: Session, job: Job, exchange: Exchange): void => {
    const now = time.frame
    let record = idleRecords.get(job)
    if (record === undefined) idleRecords.set(job, (record = { wasIdleWithoutError: false, polls: [] }))
    record.wasIdleWithoutError ||= job.runs.every(
      (run) => looksWell(session, job, run, now) && (run.lost ? !isSeenLost(session, run) : isIdleOrOver(run, now)),
    )
    // Snapshots of another job prove nothing about this one.
    if (exchange.what === 'snapshots' && isAbout(exchange, job))
      record.polls.push({ exchange, isIdle: job.runs.every((run) => !isOnTarget(run) || isIdleOrOver(run, now)) })
  }

  /** Samples whether these jobs have reached the goal. An end is not sampled: it lasts, so it is known afterwards. */
  const sampleGoal = (goal: Goal, session: Session, selected: readonly Job[], exchange: Exchange): void => {
    if (goal === 'end') return
    const now = time.frame
    const sampled = sampleOf(session)
    if (goal === 'idle') for (const job of selected) sampleIdle(sampled, session, job, exchange)
    else if (goal === 'started') {
      const hasStarted = (run: Run): boolean => run.startMs <= now + SLACK_MS || !isOnTarget(run)
      sampled.startedWithoutError.push(
        new Set(
          selected.filter((job) => job.runs.every((run) => looksWell(session, job, run, now) && hasStarted(run))),
        ),
      )
    } else
      sampled.sawNothingRunning ||= selected
        .flatMap((job) => job.runs)
        .every((run) => run.lost || isOver(run, now) || !isOnTarget(run))
  }

  const hasJobStreams = plan.users.some(({ type }) => type === 'watchJobs' || type === 'jobEvents')

  return {
    jobs,
    runningSpans: runningLog.spans,
    sampleRunning: () => {
      if (hasJobStreams) runningLog.record(jobs(), time.frame)
    },
    record: (exchange, session) => {
      // A request that continues for other users is of no use to this one.
      if (time.frame > session.overMs) return
      const { what } = exchange
      // The emulator may forget a job that runs on no target before the oracle needs it.
      if (what === 'start') collectJobs()
      if (what === 'start' || what === 'stop' || what === 'map') return
      const user = plan.users[session.index]!
      const selected = selectedJobs(user, session)
      if (mayBeForgotten) known.record(exchange, session, selected, time.frame)
      if (!isWatcher(user)) sampleGoal(goalOf(user, plan.jobs[user.job]?.kind), session, selected, exchange)
    },
    closeSession: (session) => truthBySession.set(session, truthNow(session)),
    truthOf: (session) => truthBySession.get(session) ?? truthNow(session),
    truthOfJob: (session, job, atMs = session.overMs) =>
      truthAbout(session, [job], observableSpan('end', [job], time.frame, shownMs), atMs),
    samplesOf: sampleOf,
    idOf: world.idOf,
  }
}

/** Whether a part has an error. */
const runHasErr = (run: Run, now: number): boolean =>
  run.err !== '' || run.unreportedErr !== '' || hasFailedLink(run, now)

/** Whether the job has an error, whichever source knows it. */
const hasErr = ({ runs, notice }: Job, now: number): boolean =>
  runs.some((run) => runHasErr(run, now)) || (notice?.ownErr ?? '') !== ''

/**
 * Since when every snapshot that the user received showed the job as idle: the time at which the first of them was served.
 * A reply that failed or came too late is ignored. Infinity if the last reply showed a job that was not idle.
 */
export function idleSinceMs({ polls }: IdleRecord, { overMs }: Session): number {
  let sinceMs = Infinity
  for (const { exchange, isIdle } of polls)
    if (hasArrived(exchange) && exchange.endMs <= overMs)
      sinceMs = isIdle ? Math.min(sinceMs, exchange.servedMs!) : Infinity
  return sinceMs
}
