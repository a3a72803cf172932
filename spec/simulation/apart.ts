import type { Job, Run } from '../../lib/emulator/cluster/state.ts'
import type { JobError } from '../../lib/error.ts'
import type { WaitResult } from '../../lib/model/wait-result.ts'
import { boundOf } from './bound.ts'
import { changesOf, KEPT_MS, milestonesOf, NOTIFIED_MS } from './changes.ts'
import { downloadOf, hasFailedLink, hasFiles } from './downloads.ts'
import { firstPollOf, hadToQueue, hadToRetry } from './first-poll.ts'
import { goalOf } from './goal.ts'
import { waitBeganMs } from './invariants.ts'
import { hasArrived } from './known.ts'
import type { Oracle, Truth } from './oracle.ts'
import { isWatcher, shares, type PlannedUser, type SimPlan } from './plan.ts'
import type { Exchange, Recording, Session } from './recording.ts'
import { quietSpan } from './quiet.ts'
import { isOnTarget, isOver, idleSpansOf } from './runs.ts'
import { awakeAt } from './time.ts'

// Invariant I15 (README.md has the words of the simulation). Each condition of `isExplained` is a reason for which the two
// simulations of a plan may differ.

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
    const session = together.recording.sessions[index]!
    const sessionAlone = apart.recording.sessions[index]!
    const result = resultOf(session)
    const resultAlone = resultOf(sessionAlone)
    if (result === undefined || resultAlone === undefined || hasGivenUp(result) || hasGivenUp(resultAlone)) return
    const reportDifference = (textOf: (one: Result) => string): void =>
      report(
        `user ${index} (${user.type}): ${textOf(result)} at ${session.overMs} with others, ${textOf(resultAlone)} at ${sessionAlone.overMs} alone`,
        session.overMs,
      )
    if (outcomeText(result) !== outcomeText(resultAlone)) {
      const both = { together: livedIn(together, session), alone: livedIn(apart, sessionAlone) }
      if (!isExplained(plan, user, both)) reportDifference(outcomeText)
    } else if (
      errorOf(result) !== errorOf(resultAlone) &&
      [together, apart].every((simulation) => hasSeenAll(plan, simulation, index))
    )
      reportDifference((one) => `"${errorOf(one)}"`)
  })
}

/** The error text of a result; empty if it has none. */
const errorOf = (result: Result): string => (result._tag === 'Left' ? '' : (result.right.error ?? ''))

/** Which users sent which commands, and when. */
const commandsOf = ({ recording }: Simulation): string =>
  recording.exchanges
    .filter(({ what }) => what === 'start' || what === 'stop')
    .map(({ user, what, servedMs }) => `${user} ${what} ${String(servedMs)}`)
    .sort()
    .join()

/** What the wait emitted; undefined if it never ended or its user left. */
const resultOf = ({ state, received }: Session): Result | undefined =>
  state === 'complete' ? (received[0]?.value as Result | undefined) : undefined

/** Whether the wait ended with a permanent error, which may not have occurred in the other simulation. */
const hasGivenUp = (result: Result): boolean => result._tag === 'Left' && result.left._tag !== 'WaitTimeout'

/** An outcome as a text, with its success and abort. */
function outcomeText(result: Result): string {
  if (result._tag === 'Left') return 'WaitTimeout'
  const { outcome, success, aborted } = result.right
  // An aborted job has also started, so a wait for its start may report either.
  const name = outcome === 'started' && aborted ? 'aborted' : outcome
  return [name, ...(success ? [] : ['no success']), ...(aborted ? ['aborted'] : [])].join(', ')
}

/** One of the two simulations, the session of the user in it, and what is true for the user. */
interface Lived {
  readonly simulation: Simulation
  readonly session: Session
  readonly truth: Truth
}

/** The simulation with all users in one process, and the one with a process for each user. */
interface Both {
  readonly together: Lived
  readonly alone: Lived
}

const livedIn = (simulation: Simulation, session: Session): Lived => ({
  simulation,
  session,
  truth: simulation.oracle.truthOf(session),
})

/** Whether the two outcomes may differ although the library works: see {@link checkSameOutcomes}. */
function isExplained(plan: SimPlan, user: PlannedUser, both: Both): boolean {
  const truths = [both.together.truth, both.alone.truth] as const
  // The first poll decides which runs of a kind count.
  if (truths.some(({ jobs }) => jobs.length !== 1)) return true
  const [job] = truths[0].jobs
  if (job === undefined || truths[1].jobs[0]?.id !== job.id) return true
  if (user.byKind === true && isOverForOne(job, both)) return true
  if (isErrorOfIcUnknownToOne(job, both) || isErrorLostToOne(plan, job, both) || isErrorKnownToOne(job, both))
    return true
  if (isOneInstant(user, both) || hasFailedAndWasAborted(job, both)) return true
  // An error that only a target with a late part knows may reach one of the two simulations too late.
  if (plan.faultClasses.includes('late-part') && job.runs.some(({ unreportedErr }) => unreportedErr !== '')) return true
  // Only polls that show a late part tell a wait by kind which run it waits for.
  if (user.byKind === true && plan.jobs.some(({ lateMs }) => lateMs !== undefined)) return true
  const beganMs = waitBeganMs(user, both.together.session)
  if (beganMs !== waitBeganMs(user, both.alone.session) || beganMs === Infinity) return true
  return hasChangedBeforePolls(plan, user, job, both, beganMs)
}

/**
 * Whether something was visible for too short a time: after it became visible, the cluster changed before both simulations
 * had to poll.
 */
function hasChangedBeforePolls(plan: SimPlan, user: PlannedUser, job: Job, both: Both, beganMs: number): boolean {
  const goal = goalOf(user, plan.jobs[user.job]?.kind)
  const lived = [both.together, both.alone]
  const overMs = Math.max(...lived.map(({ session }) => session.overMs))
  // A job that waits for its targets to end alternates between idle and running: a poll may meet either.
  const idleSpans = goal === 'idle' ? job.runs.flatMap((run) => idleSpansOf(run, beganMs, overMs)) : []
  const changesMs = [...changesOf(plan, user, goal, job, beganMs), ...idleSpans.map(([, toMs]) => toMs)]
    .filter((ms) => ms <= overMs)
    .sort((a, b) => a - b)
  // After the end of the budget there is one last round of requests. A later change is seen only by users that share the
  // requests of others.
  const hasTimedOut = lived.some(({ session }) => resultOf(session)?._tag === 'Left')
  const lastRoundMs = hasTimedOut ? awakeAt(plan, beganMs + (user.timeoutMs ?? Infinity)) : Infinity
  const truths = lived.map(({ truth }) => truth)
  return [...milestonesOf(job, truths), ...idleSpans.map(([fromMs]) => fromMs)].some((visibleMs) => {
    const fromMs = Math.max(visibleMs, beganMs)
    if (fromMs > overMs) return false
    if (fromMs > lastRoundMs) return true
    const changeMs = changesMs.find((ms) => ms >= fromMs)
    return changeMs !== undefined && lived.some((one) => changeMs < dueOf(plan, user, one, fromMs))
  })
}

/**
 * Whether the job ended between the first polls of the two simulations, because one poll had to queue or followed a fault.
 * A wait by kind does not wait for a job that has ended at its first poll, even if it was running when the wait began.
 */
function isOverForOne(job: Job, { together, alone }: Both): boolean {
  // A user that is alone does not wait for requests of others.
  const processes = [
    { session: together.session, exchanges: together.simulation.recording.exchanges },
    { session: alone.session, exchanges: alone.session.exchanges },
  ]
  const firstPoll = (session: Session): Exchange | undefined => {
    const poll = firstPollOf(session, job.kind)
    return poll?.servedMs === undefined ? undefined : poll
  }
  const isOverAtPoll = ({ servedMs }: Exchange): boolean => job.runs.every((run) => isOver(run, servedMs!))
  const isInTime = processes.some(({ session }) => {
    const poll = firstPoll(session)
    return poll !== undefined && !isOverAtPoll(poll)
  })
  const isLate = processes.some(({ session, exchanges }) => {
    const poll = firstPoll(session)
    const isTooLate = poll !== undefined && isOverAtPoll(poll)
    return isTooLate && (hadToQueue(session, poll, exchanges) || hadToRetry(session, poll, job.kind))
  })
  return isInTime && isLate
}

/**
 * Whether an error that only the Information Center knew was reported in the simulation with other users, but could not be
 * reported to the user alone: the Information Center had forgotten the error, or never replied.
 */
function isErrorOfIcUnknownToOne({ id, notice, runs }: Job, { together, alone }: Both): boolean {
  if (notice === undefined || notice.ownErr === '') return false
  const isAbout = ({ what, body }: Exchange): boolean => what === 'status' && body.includes(`"${id}"`)
  const keptMs = Math.max(...runs.map((run) => Math.min(run.endMs, run.abortEndMs))) + KEPT_MS
  // A redirect is not an answer.
  const own = alone.session.exchanges.filter((one) => isAbout(one) && one.end !== 307)
  const isForgotten = own.some(({ end, disturbed, servedMs = 0 }) => end === 404 && !disturbed && servedMs >= keptMs)
  const isSilent = own.length > 1 && own.every(({ disturbed }) => disturbed)
  const isReported = together.simulation.recording.exchanges.some(
    (one) => isAbout(one) && hasArrived(one) && one.endMs <= together.session.overMs,
  )
  return isReported && (isForgotten || isSilent) && !own.some(hasArrived)
}

/** Events after which a target, or the whole cluster, no longer knows what it has shown. */
const FORGETTING: ReadonlySet<string> = new Set(['crash', 'restart', 'remove'])

/**
 * Whether only the wait with other users could know an error, or that files of a download are missing, which makes it
 * `lost`: the target that knew died before the wait began, and other users had polled it before.
 */
function isErrorLostToOne({ events }: SimPlan, { runs }: Job, { together, alone }: Both): boolean {
  const { beganMs } = alone.session
  const result = resultOf(together.session)
  const isLost = result?._tag === 'Right' && result.right.outcome === 'lost'
  const hasForgotten = (run: Run): boolean => downloadOf(run.job) !== undefined && hasFiles(run) && !isOnTarget(run)
  const isErrorLost = (run: Run): boolean =>
    (run.lost && (run.err !== '' || run.unreportedErr !== '')) ||
    (hasForgotten(run) && (isLost || hasFailedLink(run, beganMs)))
  if (!runs.some(isErrorLost)) return false
  const deaths = events.flatMap(({ type, atMs }) => (FORGETTING.has(type) && atMs < beganMs ? [atMs] : []))
  return together.simulation.recording.exchanges.some(
    (poll) => poll.what === 'snapshots' && hasArrived(poll) && deaths.some((ms) => (poll.servedMs ?? ms) < ms),
  )
}

/**
 * Whether one of the two waits could know an error of the job and the other could not: faults disturbed the polls that would
 * have shown it until the budget ended.
 */
const isErrorKnownToOne = (job: Job, { together, alone }: Both): boolean =>
  knowsError(together, job) !== knowsError(alone, job)

/** Whether a wait could know an error of the job. Each simulation has its own jobs, with the same ids. */
const knowsError = ({ truth }: Lived, { id }: Job): boolean => [...truth.knownErr].some((job) => job.id === id)

/**
 * Whether the job failed on one target and was also aborted, and neither wait is a success. A wait that knows the error does
 * not need the Information Center, which knows of the abort; requests of others may show the abort first. That there was an
 * abort is for I1 to check.
 */
function hasFailedAndWasAborted(job: Job, { together, alone }: Both): boolean {
  const lived = [together, alone]
  const endsAs = ({ session }: Lived, outcome: 'failed' | 'aborted'): boolean => {
    const result = resultOf(session)
    return result?._tag === 'Right' && result.right.outcome === outcome && !result.right.success
  }
  return (
    lived.every((one) => knowsError(one, job)) &&
    lived.some((one) => endsAs(one, 'failed')) &&
    lived.some((one) => endsAs(one, 'aborted'))
  )
}

/** The shortest pause between a reply and the next request of the same source. */
const SHORTEST_PAUSE_MS = 100

/**
 * Whether the targets and the Information Center replied within the shortest pause, and `waitStarted` ended with these
 * replies. An aborted job has also started, so the result depends on which of the two replies is read first.
 */
function isOneInstant({ type }: PlannedUser, { together, alone }: Both): boolean {
  return (
    type === 'waitStarted' &&
    Math.abs(together.session.overMs - alone.session.overMs) <= SHORTEST_PAUSE_MS &&
    [together, alone].every(({ simulation, session: { overMs } }) =>
      ['status', 'snapshots'].every((source) =>
        simulation.recording.exchanges.some(
          (one) => one.what === source && Math.abs(one.endMs - overMs) <= SHORTEST_PAUSE_MS && hasArrived(one),
        ),
      ),
    )
  )
}

/** The latest time at which a session must have polled what is visible from `fromMs` on; Infinity if nothing is promised. */
function dueOf(plan: SimPlan, user: PlannedUser, { session, truth }: Lived, fromMs: number): number {
  const bound = boundOf(plan, user, session, truth)
  if (bound === undefined) return Infinity
  const quiet = quietSpan(plan, session, fromMs, Infinity, bound)
  return quiet === undefined ? Infinity : quiet.fromMs + bound
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
  const notifiedMs = Math.max(...runs.map((run) => Math.min(run.endMs, run.abortEndMs))) + NOTIFIED_MS
  const saw = (what: Exchange['what']): boolean =>
    session.exchanges.some(
      (one) =>
        one.what === what &&
        one.end === 200 &&
        !one.disturbed &&
        (one.servedMs ?? 0) >= notifiedMs &&
        one.endMs <= session.overMs,
    )
  return saw('status') && saw('snapshots')
}
