import type { Job } from '../../lib/emulator/cluster/state.ts'
import type { JobError } from '../../lib/error.ts'
import type { WaitResult } from '../../lib/model/wait-result.ts'
import { boundOf } from './bound.ts'
import { failedOf } from './downloads.ts'
import { firstPollOf, hadToQueue, hadToRetry } from './first-poll.ts'
import { goalOf, type Goal } from './goal.ts'
import { waitBegan } from './invariants.ts'
import { arrived } from './known.ts'
import type { Oracle, Truth } from './oracle.ts'
import { isWatcher, shares, type PlannedUser, type SimPlan } from './plan.ts'
import type { Exchange, Probe, Stay } from './probe.ts'
import { quietSpan } from './quiet.ts'
import { isOver, restsOf } from './runs.ts'
import { awakeAt } from './time.ts'

/** A life that is over, with its records. */
export interface Life {
  readonly oracle: Oracle
  readonly probe: Probe
}

type Result =
  { readonly _tag: 'Left'; readonly left: JobError } | { readonly _tag: 'Right'; readonly right: WaitResult }

/** One in this many plans with shared requests also runs with separate processes. */
const APART_EACH = 4

/** Whether a plan runs a second time, with a process for each of its users. */
export const isLivedApart = (plan: SimPlan): boolean =>
  shares(plan) && plan.seed % APART_EACH === 0 && plan.users.some((user) => !isWatcher(user) && user.type !== 'abort')

/**
 * I15: other users change no outcome.
 *
 * The two lives differ in when each poll comes and in which polls meet a fault. That explains a different outcome only
 * if the world changes for good before both lives must have polled; all other differences are defects of the library.
 */
export function sameOutcomes(
  plan: SimPlan,
  together: Life,
  apart: Life,
  say: (text: string, atMs: number) => void,
): void {
  // Another command, or the same one at another time, leads to another world.
  if (commandsOf(together) !== commandsOf(apart)) return
  plan.users.forEach((user, index) => {
    if (isWatcher(user) || user.type === 'abort') return
    const [one, other] = [together.probe.stays[index]!, apart.probe.stays[index]!]
    const [a, b] = [resultOf(one), resultOf(other)]
    if (a === undefined || b === undefined || hasGivenUp(a) || hasGivenUp(b)) return
    const [textA, textB] = [outcomeOf(a), outcomeOf(b)]
    const tell = (x: string, y: string): void =>
      say(`user ${index} (${user.type}): ${x} at ${one.overMs} with others, ${y} at ${other.overMs} alone`, one.overMs)
    if (textA !== textB) {
      if (!isExplained(plan, user, [together, one], [apart, other])) tell(textA, textB)
    } else if (errorOf(a) !== errorOf(b) && [together, apart].every((life) => hasSeenAll(plan, life, index)))
      tell(`"${errorOf(a)}"`, `"${errorOf(b)}"`)
  })
}

const errorOf = (result: Result): string => (result._tag === 'Left' ? '' : (result.right.error ?? ''))

const commandsOf = ({ probe }: Life): string =>
  probe.exchanges
    .filter(({ what }) => what === 'start' || what === 'stop')
    .map(({ user, what, servedMs }) => `${user} ${what} ${String(servedMs)}`)
    .sort()
    .join()

const resultOf = ({ how, seen }: Stay): Result | undefined =>
  how === 'complete' ? (seen[0]?.value as Result | undefined) : undefined

/** Whether the wait ended with a permanent error, which the other life may not have met. */
const hasGivenUp = (result: Result): boolean => result._tag === 'Left' && result.left._tag !== 'WaitTimeout'

const outcomeOf = (result: Result): string =>
  result._tag === 'Left'
    ? 'WaitTimeout'
    : `${result.right.outcome === 'started' && result.right.aborted ? 'aborted' : result.right.outcome}${result.right.success ? '' : ', no success'}${result.right.aborted ? ', aborted' : ''}`

type Lived = readonly [Life, Stay]

/** Whether something changed for good between a moment that could be observed and the latest poll that observes it. */
function isExplained(plan: SimPlan, user: PlannedUser, ...lives: readonly Lived[]): boolean {
  const goal = goalOf(user, plan.jobs[user.job]?.kind)
  const truths = lives.map(([{ oracle }, stay]) => oracle.truthOf(stay))
  // The first poll decides which runs of a kind count.
  if (truths.some(({ jobs }) => jobs.length !== 1)) return true
  const [job] = truths[0]!.jobs
  if (job === undefined || truths[1]!.jobs[0]?.id !== job.id) return true
  if (user.byKind === true && isOverForOne(job, lives)) return true
  if (isUnknownToOne(job, lives) || isErrorLostToOne(plan, job, lives) || isOneInstant(user, lives)) return true
  // The same applies to what only a target with a late part knows.
  if (plan.faultClasses.includes('late-part') && job.runs.some(({ unreportedErr }) => unreportedErr !== '')) return true
  const began = lives.map(([, stay]) => waitBegan(user, stay))
  if (began[0] !== began[1] || began[0] === Infinity) return true
  const overMs = Math.max(...lives.map(([, stay]) => stay.overMs))
  // A job that waits for its targets to end alternates between idle and running: a poll may meet either.
  const rests = goal === 'idle' ? job.runs.flatMap((run) => restsOf(run, began[0]!, overMs)) : []
  const changes = [...changesOf(plan, user, goal, job, began[0]!), ...rests.map(([, ms]) => ms)]
    .filter((ms) => ms <= overMs)
    .sort((a, b) => a - b)
  // After the budget there is one last round of requests. What becomes visible later reaches only users that share the
  // requests of others.
  const timedOut = lives.some(([, stay]) => resultOf(stay)?._tag === 'Left')
  const roundMs = timedOut ? awakeAt(plan, began[0]! + (user.timeoutMs ?? Infinity)) : Infinity
  for (const seenMs of [...milestonesOf(job, truths), ...rests.map(([ms]) => ms)]) {
    const fromMs = Math.max(seenMs, began[0]!)
    if (fromMs > overMs) continue
    if (fromMs > roundMs) return true
    const first = changes.find((ms) => ms >= fromMs)
    if (first === undefined) continue
    for (const [at, [, stay]] of lives.entries()) {
      const dueMs = dueOf(plan, user, stay, truths[at]!, fromMs)
      if (first < dueMs) return true
    }
  }
  return false
}

/**
 * Whether the job ended between the first polls of the two lives, because one poll had to wait for its turn or followed
 * a fault: a user that first sees the job when it is over does not wait for it, even if it was running when the user
 * started.
 */
function isOverForOne(job: Job, lives: readonly Lived[]): boolean {
  // A user that is alone does not wait for requests of others.
  const polls = lives.map(([{ probe }, stay], at) => ({
    stay,
    poll: firstPollOf(stay, job.kind),
    all: at === 0 ? probe.exchanges : stay.exchanges,
  }))
  const isLate = ({ stay, poll, all }: (typeof polls)[0]): boolean =>
    poll?.servedMs !== undefined &&
    job.runs.every((run) => isOver(run, poll.servedMs!)) &&
    (hadToQueue(stay, poll, all) || hadToRetry(stay, poll, job.kind))
  const isInTime = ({ poll }: (typeof polls)[0]): boolean =>
    poll?.servedMs !== undefined && job.runs.some((run) => !isOver(run, poll.servedMs!))
  return polls.some(isLate) && polls.some(isInTime)
}

/**
 * Whether the wait that was alone could no longer learn of an error that only the Information Center knew, while others
 * had learnt of it in time: the Information Center had forgotten the error, or was silent again and again.
 */
function isUnknownToOne({ id, notice, runs }: Job, [company, alone]: readonly Lived[]): boolean {
  if (notice === undefined || notice.ownErr === '' || company === undefined || alone === undefined) return false
  const isAbout = ({ what, body }: Exchange): boolean => what === 'status' && body.includes(`"${id}"`)
  const keptMs = Math.max(...runs.map((run) => Math.min(run.endMs, run.abortEndMs))) + KEPT_MS
  const [[{ probe }, { overMs }], [, { exchanges }]] = [company, alone]
  // The reply that redirects a request is not a reply to it.
  const asked = exchanges.filter((one) => isAbout(one) && one.end !== 307)
  const isForgotten = asked.some(({ end, disturbed, servedMs = 0 }) => end === 404 && !disturbed && servedMs >= keptMs)
  const isSilent = asked.length > 1 && asked.every(({ disturbed }) => disturbed)
  const isReported = probe.exchanges.some((one) => isAbout(one) && arrived(one) && one.endMs <= overMs)
  return isReported && (isForgotten || isSilent) && !asked.some(arrived)
}

/**
 * Whether a target died with the error of its part before the wait began, after others had polled it: a wait that was
 * alone could not learn of that error.
 */
function isErrorLostToOne({ events }: SimPlan, { runs }: Job, [company, alone]: readonly Lived[]): boolean {
  if (company === undefined || alone === undefined) return false
  if (!runs.some(({ lost, err, unreportedErr }) => lost && (err !== '' || unreportedErr !== ''))) return false
  const [[{ probe }], [, { beganMs }]] = [company, alone]
  const deaths = events.flatMap(({ type, atMs }) => (type === 'crash' && atMs < beganMs ? [atMs] : []))
  return probe.exchanges.some(
    (one) => one.what === 'snapshots' && arrived(one) && deaths.some((ms) => (one.servedMs ?? ms) < ms),
  )
}

/**
 * Whether the targets and the Information Center replied in the very instant in which both lives ended. A job that was
 * aborted has started all the same, so the reply that is read first decides whether the wait knows of the abort.
 */
const isOneInstant = ({ type }: PlannedUser, lives: readonly Lived[]): boolean =>
  type === 'waitStarted' &&
  new Set(lives.map(([, { overMs }]) => overMs)).size === 1 &&
  lives.every(([{ probe }, { overMs }]) =>
    ['status', 'snapshots'].every((source) =>
      probe.exchanges.some((one) => one.what === source && one.endMs === overMs && arrived(one)),
    ),
  )

/** When a stay must have polled what has been visible since `fromMs`. */
function dueOf(plan: SimPlan, user: PlannedUser, stay: Stay, truth: Truth, fromMs: number): number {
  const bound = boundOf(plan, user, stay, truth)
  const quiet = bound === undefined ? undefined : quietSpan(plan, stay, fromMs, Infinity, bound)
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
/** How long a proxy keeps a status, at least and at most; some records of targets are kept for less. */
const FORGOTTEN_MS: readonly number[] = [60_000, 120_000, KEPT_MS, 240_000, 310_000]
/** How long after its death a target leaves the map, and how long after its start a proxy is ready. */
const DROPPED_MS: readonly number[] = [0, 27_000, 29_500, 31_000]

/**
 * The moments at which something changes for good, so that an earlier poll and a later one may see different things.
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
    // The proxies are notified at their own time, and some errors are reported only by them.
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

/** Whether a stay was shown everything about an end, so that its error text is determined. */
function hasSeenAll({ users, jobs }: SimPlan, { oracle, probe }: Life, index: number): boolean {
  const stay = probe.stays[index]!
  const [job, ...others] = oracle.truthOf(stay).jobs
  if (job === undefined || others.length > 0 || users[index]!.byKind === true || jobs.length > 1) return false
  const { runs, notice } = job
  if (runs.some(({ lost }) => lost) || notice === undefined || !notice.notified || notice.deaf) return false
  if (notice.missed !== undefined || notice.forced !== undefined) return false
  // The proxies compose their text from the parts that have ended so far.
  const allMs = Math.max(...runs.map((run) => Math.min(run.endMs, run.abortEndMs))) + 30
  const saw = (what: Exchange['what']): boolean =>
    stay.exchanges.some(
      (one) =>
        one.what === what &&
        one.end === 200 &&
        !one.disturbed &&
        (one.servedMs ?? 0) >= allMs &&
        one.endMs <= stay.overMs,
    )
  return saw('status') && saw('snapshots')
}
