import type { Job, Run } from '../../lib/emulator/cluster/state.ts'
import type { JobError } from '../../lib/error.ts'
import type { WaitResult } from '../../lib/model/wait-result.ts'
import { boundOf } from './bound.ts'
import { downloadOf, failedOf, hasFailedLink, hasFiles } from './downloads.ts'
import { firstPollOf, hadToQueue, hadToRetry } from './first-poll.ts'
import { goalOf, type Goal } from './goal.ts'
import { waitBeganMs } from './invariants.ts'
import { hasArrived } from './known.ts'
import type { Oracle, Truth } from './oracle.ts'
import { isWatcher, shares, type PlannedUser, type SimPlan } from './plan.ts'
import type { Exchange, Recording, Session } from './recording.ts'
import { quietSpan } from './quiet.ts'
import { isOnTarget, isOver, idleSpansOf } from './runs.ts'
import { awakeAt } from './time.ts'

/** A simulation that has ended. */
export interface Simulation {
  readonly oracle: Oracle
  readonly recording: Recording
}

type Result =
  { readonly _tag: 'Left'; readonly left: JobError } | { readonly _tag: 'Right'; readonly right: WaitResult }

/** One in this many plans with shared requests also runs with separate processes. */
const APART_EACH = 4

/** Whether a plan is simulated a second time, with a process for each of its users. */
export const alsoRunsApart = (plan: SimPlan): boolean =>
  shares(plan) && plan.seed % APART_EACH === 0 && plan.users.some((user) => !isWatcher(user) && user.type !== 'abort')

/**
 * I15: other users change no outcome.
 *
 * The plan is simulated with all users in one process, and with each user in a process of its own. The two simulations send
 * their polls at different times, so different polls meet a fault. A different outcome is acceptable only if the cluster
 * changed before both simulations had to poll. Every other difference is a defect of the library.
 */
export function checkSameOutcomes(
  plan: SimPlan,
  together: Simulation,
  apart: Simulation,
  report: (text: string, atMs: number) => void,
): void {
  // A different command, or the same command at another time, leads to another world.
  if (commandsOf(together) !== commandsOf(apart)) return
  plan.users.forEach((user, index) => {
    if (isWatcher(user) || user.type === 'abort') return
    const [one, other] = [together.recording.sessions[index]!, apart.recording.sessions[index]!]
    const [a, b] = [resultOf(one), resultOf(other)]
    if (a === undefined || b === undefined || hasGivenUp(a) || hasGivenUp(b)) return
    const [textA, textB] = [outcomeText(a), outcomeText(b)]
    const reportDifference = (x: string, y: string): void =>
      report(
        `user ${index} (${user.type}): ${x} at ${one.overMs} with others, ${y} at ${other.overMs} alone`,
        one.overMs,
      )
    if (textA !== textB) {
      if (!isExplained(plan, user, [together, one], [apart, other])) reportDifference(textA, textB)
    } else if (
      errorOf(a) !== errorOf(b) &&
      [together, apart].every((simulation) => hasSeenAll(plan, simulation, index))
    )
      reportDifference(`"${errorOf(a)}"`, `"${errorOf(b)}"`)
  })
}

const errorOf = (result: Result): string => (result._tag === 'Left' ? '' : (result.right.error ?? ''))

/** Which users sent which commands, and when. */
const commandsOf = ({ recording }: Simulation): string =>
  recording.exchanges
    .filter(({ what }) => what === 'start' || what === 'stop')
    .map(({ user, what, servedMs }) => `${user} ${what} ${String(servedMs)}`)
    .sort()
    .join()

const resultOf = ({ state, received }: Session): Result | undefined =>
  state === 'complete' ? (received[0]?.value as Result | undefined) : undefined

/** Whether the wait ended with a permanent error, which may not have occurred in the other simulation. */
const hasGivenUp = (result: Result): boolean => result._tag === 'Left' && result.left._tag !== 'WaitTimeout'

/** An outcome as a text, with its success and abort. */
const outcomeText = (result: Result): string =>
  result._tag === 'Left'
    ? 'WaitTimeout'
    : `${result.right.outcome === 'started' && result.right.aborted ? 'aborted' : result.right.outcome}${result.right.success ? '' : ', no success'}${result.right.aborted ? ', aborted' : ''}`

type SimulationOfUser = readonly [Simulation, Session]

/** Whether the cluster changed between a moment that polls can observe and the latest poll that must observe it. */
function isExplained(plan: SimPlan, user: PlannedUser, ...both: readonly SimulationOfUser[]): boolean {
  const goal = goalOf(user, plan.jobs[user.job]?.kind)
  const truths = both.map(([{ oracle }, session]) => oracle.truthOf(session))
  // The first poll decides which runs of a kind count.
  if (truths.some(({ jobs }) => jobs.length !== 1)) return true
  const [job] = truths[0]!.jobs
  if (job === undefined || truths[1]!.jobs[0]?.id !== job.id) return true
  if (user.byKind === true && isOverForOne(job, both)) return true
  if (isUnknownToOne(job, both) || isErrorLostToOne(plan, job, both) || isOneInstant(user, both)) return true
  // An error that only a target with a late part knows may reach one of the two simulations too late.
  if (plan.faultClasses.includes('late-part') && job.runs.some(({ unreportedErr }) => unreportedErr !== '')) return true
  // Only polls that show a late part tell a wait by kind which run it waits for.
  if (user.byKind === true && plan.jobs.some(({ lateMs }) => lateMs !== undefined)) return true
  const began = both.map(([, session]) => waitBeganMs(user, session))
  if (began[0] !== began[1] || began[0] === Infinity) return true
  const overMs = Math.max(...both.map(([, session]) => session.overMs))
  // A job that waits for its targets to end alternates between idle and running: a poll may meet either.
  const idleSpans = goal === 'idle' ? job.runs.flatMap((run) => idleSpansOf(run, began[0]!, overMs)) : []
  const changes = [...changesOf(plan, user, goal, job, began[0]!), ...idleSpans.map(([, ms]) => ms)]
    .filter((ms) => ms <= overMs)
    .sort((a, b) => a - b)
  // After the end of the budget there is one last round of requests. A later change is seen only by users that share the
  // requests of others.
  const timedOut = both.some(([, session]) => resultOf(session)?._tag === 'Left')
  const lastRoundMs = timedOut ? awakeAt(plan, began[0]! + (user.timeoutMs ?? Infinity)) : Infinity
  for (const seenMs of [...milestonesOf(job, truths), ...idleSpans.map(([ms]) => ms)]) {
    const fromMs = Math.max(seenMs, began[0]!)
    if (fromMs > overMs) continue
    if (fromMs > lastRoundMs) return true
    const first = changes.find((ms) => ms >= fromMs)
    if (first === undefined) continue
    for (const [at, [, session]] of both.entries()) {
      const dueMs = dueOf(plan, user, session, truths[at]!, fromMs)
      if (first < dueMs) return true
    }
  }
  return false
}

/**
 * Whether the job ended between the first polls of the two simulations, because one poll had to queue or followed a fault.
 * A wait by kind does not wait for a job that has ended at its first poll, even if it was running when the wait began.
 */
function isOverForOne(job: Job, both: readonly SimulationOfUser[]): boolean {
  // A user that is alone does not wait for requests of others.
  const polls = both.map(([{ recording }, session], at) => ({
    session,
    poll: firstPollOf(session, job.kind),
    all: at === 0 ? recording.exchanges : session.exchanges,
  }))
  const isLate = ({ session, poll, all }: (typeof polls)[0]): boolean =>
    poll?.servedMs !== undefined &&
    job.runs.every((run) => isOver(run, poll.servedMs!)) &&
    (hadToQueue(session, poll, all) || hadToRetry(session, poll, job.kind))
  const isInTime = ({ poll }: (typeof polls)[0]): boolean =>
    poll?.servedMs !== undefined && job.runs.some((run) => !isOver(run, poll.servedMs!))
  return polls.some(isLate) && polls.some(isInTime)
}

/**
 * Whether an error that only the Information Center knew was reported in the simulation with other users, but could not be
 * reported to the user alone: the Information Center had forgotten the error, or never replied.
 */
function isUnknownToOne({ id, notice, runs }: Job, [together, alone]: readonly SimulationOfUser[]): boolean {
  if (notice === undefined || notice.ownErr === '' || together === undefined || alone === undefined) return false
  const isAbout = ({ what, body }: Exchange): boolean => what === 'status' && body.includes(`"${id}"`)
  const keptMs = Math.max(...runs.map((run) => Math.min(run.endMs, run.abortEndMs))) + KEPT_MS
  const [[{ recording }, { overMs }], [, { exchanges }]] = [together, alone]
  // A redirect is not an answer.
  const asked = exchanges.filter((one) => isAbout(one) && one.end !== 307)
  const isForgotten = asked.some(({ end, disturbed, servedMs = 0 }) => end === 404 && !disturbed && servedMs >= keptMs)
  const isSilent = asked.length > 1 && asked.every(({ disturbed }) => disturbed)
  const isReported = recording.exchanges.some((one) => isAbout(one) && hasArrived(one) && one.endMs <= overMs)
  return isReported && (isForgotten || isSilent) && !asked.some(hasArrived)
}

/** Events after which a target, or the whole cluster, no longer knows what it has shown. */
const FORGETTING: ReadonlySet<string> = new Set(['crash', 'restart', 'remove'])

/**
 * Whether a target that knew an error, or files of a download, died before the wait began, and other users had polled it
 * before. A wait without other users could not know that error, nor that files are missing: only the other wait is lost.
 */
function isErrorLostToOne({ events }: SimPlan, { runs }: Job, [together, alone]: readonly SimulationOfUser[]): boolean {
  if (together === undefined || alone === undefined) return false
  const [[{ recording }, one], [, { beganMs }]] = [together, alone]
  const result = resultOf(one)
  const isLost = result?._tag === 'Right' && result.right.outcome === 'lost'
  const hasForgotten = (run: Run): boolean => downloadOf(run.job) !== undefined && hasFiles(run) && !isOnTarget(run)
  const isErrorLost = (run: Run): boolean =>
    (run.lost && (run.err !== '' || run.unreportedErr !== '')) ||
    (hasForgotten(run) && (isLost || hasFailedLink(run, beganMs)))
  if (!runs.some(isErrorLost)) return false
  const deaths = events.flatMap(({ type, atMs }) => (FORGETTING.has(type) && atMs < beganMs ? [atMs] : []))
  return recording.exchanges.some(
    (poll) => poll.what === 'snapshots' && hasArrived(poll) && deaths.some((ms) => (poll.servedMs ?? ms) < ms),
  )
}

/** The shortest pause between a reply and the next request of the same source. */
const SHORTEST_PAUSE_MS = 100

/**
 * Whether the targets and the Information Center replied within the shortest pause, and `waitStarted` ended with these
 * replies. An aborted job has also started, so the result depends on which of the two replies is read first.
 */
function isOneInstant({ type }: PlannedUser, both: readonly SimulationOfUser[]): boolean {
  const ends = both.map(([, { overMs }]) => overMs)
  return (
    type === 'waitStarted' &&
    Math.max(...ends) - Math.min(...ends) <= SHORTEST_PAUSE_MS &&
    both.every(([{ recording }, { overMs }]) =>
      ['status', 'snapshots'].every((source) =>
        recording.exchanges.some(
          (one) => one.what === source && Math.abs(one.endMs - overMs) <= SHORTEST_PAUSE_MS && hasArrived(one),
        ),
      ),
    )
  )
}

/** The latest time at which a session must have polled what is visible from `fromMs` on. */
function dueOf(plan: SimPlan, user: PlannedUser, session: Session, truth: Truth, fromMs: number): number {
  const bound = boundOf(plan, user, session, truth)
  const quiet = bound === undefined ? undefined : quietSpan(plan, session, fromMs, Infinity, bound)
  return bound === undefined || quiet === undefined ? Infinity : quiet.fromMs + bound
}

/** The moments at which something about the job becomes visible. */
const milestonesOf = ({ runs, startMs }: Job, truths: readonly Truth[]): readonly number[] => [
  0,
  startMs,
  ...truths.map(({ fromMs }) => fromMs).filter((ms) => ms < Infinity),
  ...runs.map((run) => Math.min(run.endMs, run.abortMs)).filter((ms) => ms < Infinity),
]

/** How long a proxy keeps a status, at least. */
const KEPT_MS = 170_000
/** The times after an end at which a target or a proxy may drop its record of the job. */
const FORGOTTEN_MS: readonly number[] = [60_000, 120_000, KEPT_MS, 240_000, 310_000]
/** The times after the death of a target at which it may leave the map, and after the start of a proxy at which it is ready. */
const DROPPED_MS: readonly number[] = [0, 27_000, 29_500, 31_000]

/**
 * The moments at which the cluster changes, so that an earlier poll and a later one may get different replies.
 */
function changesOf(
  plan: SimPlan,
  { timeoutMs, leaveMs }: PlannedUser,
  goal: Goal,
  job: Job,
  beganMs: number,
): readonly number[] {
  const changes: number[] = []
  if (timeoutMs !== undefined) changes.push(beganMs + timeoutMs)
  if (leaveMs !== undefined) changes.push(beganMs + leaveMs)
  for (const { type, atMs } of plan.events) {
    if (type === 'freeze' || type === 'thaw') continue
    if (type === 'stop' || type === 'wake') {
      if (goal !== 'end') changes.push(atMs)
    } else for (const ms of DROPPED_MS) changes.push(atMs + ms)
  }
  const { runs, notice } = job
  for (const run of runs) {
    const { startMs, endMs, abortMs, abortEndMs, quiesceMs } = run
    const overMs = Math.min(endMs, abortEndMs)
    for (const ms of FORGOTTEN_MS) changes.push(overMs + ms)
    if (goal !== 'end')
      changes.push(startMs, overMs, abortMs, quiesceMs, ...failedOf(run, Infinity).map((task) => task.endMs))
    // Each proxy is notified at its own time, and only proxies report some errors.
    if (notice !== undefined && notice.ownErr !== '')
      changes.push(
        overMs,
        overMs + 30,
        ...[...notice.lags.values()].map((lagMs) => overMs + lagMs),
        job.startMs + Math.ceil((overMs - job.startMs) / 30_000) * 30_000,
      )
  }
  if (goal !== 'end') for (const planned of plan.jobs) changes.push(planned.atMs + (planned.errMs ?? 0))
  if (notice?.missed !== undefined) changes.push(notice.missed.atMs, notice.missed.atMs + 30)
  if (notice?.forced !== undefined) changes.push(notice.forced.atMs, notice.forced.atMs + 30)
  return changes
}

/** Whether the user received a status and snapshots with the whole end of the job, which determines the error text. */
function hasSeenAll({ users, jobs }: SimPlan, { oracle, recording }: Simulation, index: number): boolean {
  const session = recording.sessions[index]!
  const [job, ...others] = oracle.truthOf(session).jobs
  if (job === undefined || others.length > 0 || users[index]!.byKind === true || jobs.length > 1) return false
  const { runs, notice } = job
  if (runs.some(({ lost }) => lost) || notice === undefined || !notice.notified || notice.deaf) return false
  if (notice.missed !== undefined || notice.forced !== undefined) return false
  // The proxies compose their text from the parts that have ended so far.
  const allMs = Math.max(...runs.map((run) => Math.min(run.endMs, run.abortEndMs))) + 30
  const saw = (what: Exchange['what']): boolean =>
    session.exchanges.some(
      (one) =>
        one.what === what &&
        one.end === 200 &&
        !one.disturbed &&
        (one.servedMs ?? 0) >= allMs &&
        one.endMs <= session.overMs,
    )
  return saw('status') && saw('snapshots')
}
