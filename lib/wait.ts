import { sharedLimits } from '#platform/request/limits'
import { defer, map, merge, of, takeWhile, timeout, toArray, type Observable } from 'rxjs'
import { DEFAULT_CADENCE, constant, type Cadence } from './cadence.ts'
import { checkCadence } from './common/check-cadence.ts'
import { isLeft, left, right } from './common/either.ts'
import type { ClusterLike, Environment } from './environment.ts'
import { invalidArgument, type InvalidArgument, type Result } from './error.ts'
import { sleepClock } from './operators/sleep-clock.ts'
import { observe } from './observer.ts'
import { withSelection } from './queries.ts'
import type { JobSelector, Selection } from './model/selection.ts'
import { show } from './common/text.ts'
import { answerBy, conditionFault } from './view/answer.ts'
import type { Condition } from './view/conditions.ts'
import type { Goal } from './view/goal.ts'
import { combineResults } from './view/combine-results.ts'
import { endOutcomeOf, outcomeOf } from './view/outcome.ts'
import { WaitInterest, type Ending } from './view/wait-interest.ts'
import type { WaitResult } from './model/wait-result.ts'

/** Settings of a wait. */
export interface WaitOptions {
  /** The time limit of the whole wait, in milliseconds. Defaults to 300,000; `Infinity` means no limit. */
  readonly timeoutMs?: number | undefined
  /** How long to wait between polls. Defaults to the cadence of the cluster. */
  readonly cadence?: Cadence | Observable<Cadence> | undefined
}

/**
 * Waits until a job has ended or, if it is of a kind that idles, until it is idle.
 *
 * It reports how the job ended. It reports a success only after the targets have confirmed it or, if they cannot be
 * queried, after 10 s. It goes on after transient errors (a cluster that restarts, a target that is unreachable for a
 * while, an error page of an HTTP proxy) and gives up at once on permanent ones.
 *
 * @param cluster the cluster
 * @param selector an id; several separated by commas; or a kind: the run under way or, if there is none, the next one
 * (runs that have ended are ignored: protocol T7)
 * @param options `timeoutMs`: the limit of the whole wait in milliseconds (default 300,000; `Infinity` means no limit);
 * `cadence`: how long to wait between polls
 * @returns cold; one Right({@link WaitResult}: finished, failed, aborted, idle or lost), or one Left: WaitTimeout (with
 * what was seen last), NotFound (the cluster does not know the id for 10 s), InvalidArgument, or another permanent
 * error (see `isPermanent`)
 * @see docs/protocol.md#5-how-the-official-clients-wait; Python `Job.wait`, Go `api.WaitForXaction`
 * @example
 * import { createCluster, wait } from 'aistore-rx'
 * wait(createCluster('http://localhost:8080'), { id: 'zOCwz4iJS' }, { timeoutMs: 60_000 }).subscribe(console.log)
 */
export function wait(
  cluster: ClusterLike,
  selector: JobSelector,
  options?: WaitOptions,
): Observable<Result<WaitResult>> {
  return waitForResult(cluster, selector, SETTLED, options)
}

/**
 * Waits until a job is idle or has ended.
 *
 * A job is idle when two replies at least two seconds apart report it idle on every target. An abort ends the wait at
 * once (protocol T22).
 *
 * @param cluster the cluster
 * @param selector an id, several separated by commas, or a kind
 * @param options the same as those of {@link wait}
 * @returns cold; one Right({@link WaitResult}: idle, finished, failed, aborted or lost), or one Left: an error of
 * {@link wait}
 * @see docs/protocol.md#5-how-the-official-clients-wait; Python `Job.wait_for_idle`, Go `api.WaitForXactionIdle`
 * @example
 * import { createCluster, waitForIdle } from 'aistore-rx'
 * waitForIdle(createCluster('http://localhost:8080'), { id: 'Kx8yaIuTb', kind: 'put-copies' }).subscribe(console.log)
 */
export function waitForIdle(
  cluster: ClusterLike,
  selector: JobSelector,
  options?: WaitOptions,
): Observable<Result<WaitResult>> {
  return waitForResult(cluster, selector, IDLE, options)
}

/**
 * Waits until a job has ended on the targets that report it.
 *
 * Use it for jobs that run on one target, such as a resilver: it does not expect any other target to take part.
 *
 * @param cluster the cluster
 * @param selector an id, several separated by commas, or a kind
 * @param options the same as those of {@link wait}
 * @returns cold; one Right({@link WaitResult}: finished, failed, aborted or lost), or one Left: an error of {@link wait}
 * @see docs/protocol.md#52-python-sdk-200; Python `Job.wait_single_node`, which stops at the first target; this function waits for all that report the job
 * @example
 * import { createCluster, waitSingleNode } from 'aistore-rx'
 * waitSingleNode(createCluster('http://localhost:8080'), { kind: 'resilver' }).subscribe(console.log)
 */
export function waitSingleNode(
  cluster: ClusterLike,
  selector: JobSelector,
  options?: WaitOptions,
): Observable<Result<WaitResult>> {
  return waitForResult(cluster, selector, ENDED_ON_TARGETS, options)
}

/**
 * Waits until a job has started on every target that reports it.
 *
 * Use it after `start`, whose reply arrives before the job does any work. A job that has ended meanwhile counts as
 * started.
 *
 * @param cluster the cluster
 * @param selector an id, several separated by commas, or a kind (runs that have ended before are ignored)
 * @param options the same as those of {@link wait}
 * @returns cold; one Right({@link WaitResult}: started, with `success: false` if the job has failed already; aborted; or
 * lost), or one Left: an error of {@link wait}
 * @see docs/protocol.md#51-go-client; Go `api.WaitForXactionStart`
 * @example
 * import { andThen, createCluster, start, waitStarted } from 'aistore-rx'
 * const cluster = createCluster('http://localhost:8080')
 * start(cluster, { kind: 'rebalance' }).pipe(andThen((job) => waitStarted(cluster, job))).subscribe(console.log)
 */
export function waitStarted(
  cluster: ClusterLike,
  selector: JobSelector,
  options?: WaitOptions,
): Observable<Result<WaitResult>> {
  return waitForResult(cluster, selector, STARTED, options)
}

/**
 * Waits until a job, or every job of a kind, is not running.
 *
 * By kind, it answers at once if no job of the kind is running; otherwise it also waits for jobs that start meanwhile.
 * An idle job counts as running.
 *
 * @param cluster the cluster
 * @param selector an id, several separated by commas, or a kind
 * @param options the same as those of {@link wait}
 * @returns cold; one Right({@link WaitResult}: not-running, with `success: false` and `aborted` or `error` if a job failed
 * or was aborted; or lost), or one Left: an error of {@link wait}
 * @see docs/protocol.md#51-go-client; Go `api.WaitForXactionNode`
 * @example
 * import { createCluster, waitNotRunning } from 'aistore-rx'
 * waitNotRunning(createCluster('http://localhost:8080'), { kind: 'rebalance' }).subscribe(console.log)
 */
export function waitNotRunning(
  cluster: ClusterLike,
  selector: JobSelector,
  options?: WaitOptions,
): Observable<Result<WaitResult>> {
  return waitForResult(cluster, selector, NOT_RUNNING, options)
}

/**
 * Waits until a condition holds for a job.
 *
 * This is the general wait; the other five waits use it with one of the {@link conditions}. The condition is a pure
 * function of a {@link JobView}, which the wait calls after each reply that changes the view. It returns the answer of
 * the wait, or `undefined` or `false` to go on waiting. It returns at once: with an async function, the wait emits
 * InvalidArgument.
 *
 * @param cluster the cluster
 * @param selector an id; several separated by commas (each has its own wait, and its answer arrives when that wait
 * ends); or a kind: the run under way or, if there is none, the next one (runs that have ended are ignored: protocol
 * T7)
 * @param condition a pure function; if it throws, the stream errors
 * @param options the same as those of {@link wait}
 * @returns cold; for each id one Right with the answer, or one Left: an error of {@link wait}, or JobFailed if the job has
 * ended, even with success, and the condition does not hold
 * @see docs/protocol.md#5-how-the-official-clients-wait; Go `api.WaitForXactionNode` with its condition callback
 * @example
 * import { createCluster, waitUntil } from 'aistore-rx'
 * const cluster = createCluster('http://localhost:8080')
 * waitUntil(cluster, { id: 'zOCwz4iJS' }, ({ objects }) => objects >= 1_000n).subscribe(console.log)
 */
export function waitUntil<A>(
  cluster: ClusterLike,
  selector: JobSelector,
  condition: Condition<A>,
  options?: WaitOptions,
): Observable<Result<A>> {
  return waitsForEach(cluster, selector, endingOf(condition), options, (each) => merge(...each))
}

/** What ends a wait: its goal, or the answer to a condition. */
interface WaitEnding<A> extends Ending<A> {
  /** The goal of the wait. */
  readonly until: Goal['until']
  /** Why the argument is not a condition; undefined if it is a condition. */
  readonly bad?: InvalidArgument
}

const SETTLED: WaitEnding<never> = { until: 'kind', outcomeOf: endOutcomeOf }
const IDLE: WaitEnding<never> = { until: 'idle', outcomeOf: endOutcomeOf }
const ENDED_ON_TARGETS: WaitEnding<never> = { until: 'single', outcomeOf: endOutcomeOf }
const STARTED: WaitEnding<never> = { until: 'started', outcomeOf }
/** @internal */
export const ENDED: WaitEnding<never> = { until: 'end', outcomeOf: endOutcomeOf }
/** @internal */
export const NOT_RUNNING: WaitEnding<never> = { until: 'not-running', outcomeOf }

/** A condition of this library corresponds to a goal, so the wait need not compute the view of the job. */
function endingOf<A>(condition: Condition<A>): WaitEnding<A> {
  const bad = conditionFault(condition)
  if (bad !== undefined) return { until: 'view', outcomeOf, bad }
  const { until } = condition
  return until === undefined ? { until: 'view', outcomeOf, answerOf: answerBy(condition) } : { until, outcomeOf }
}

/** Waits for each id, and joins the results into one. */
function waitForResult(
  cluster: ClusterLike,
  selector: JobSelector,
  ending: WaitEnding<WaitResult>,
  options: WaitOptions | undefined,
): Observable<Result<WaitResult>> {
  return waitsForEach<WaitResult>(cluster, selector, ending, options, (each) => {
    const [only, ...others] = each
    return only !== undefined && others.length === 0 ? only : allOf(each)
  })
}

const DEFAULT_TIMEOUT_MS = 300_000

/** Checks the options, creates a wait for each id or one for the kind, and joins them. */
function waitsForEach<A>(
  cluster: ClusterLike,
  selector: JobSelector,
  ending: WaitEnding<A>,
  options: WaitOptions | undefined,
  join: (each: readonly Observable<Result<A>>[]) => Observable<Result<A>>,
): Observable<Result<A>> {
  return withSelection(cluster, selector, 'job', ({ ids, ...selection }, env) => {
    const { timeoutMs = DEFAULT_TIMEOUT_MS, cadence = env.cadence ?? DEFAULT_CADENCE } = options ?? {}
    const bad = checkTimeout(timeoutMs) ?? checkCadence(cadence) ?? ending.bad
    if (bad !== undefined) return of(left(bad))
    const one = (id?: string): Observable<Result<A>> =>
      waitOne(cluster, env, aimOf(selection, ending, id), ending, timeoutMs, cadence)
    return join(ids.length === 0 ? [one()] : ids.map(one))
  })
}

/** What a wait for one job, or for one run of a kind, waits for. */
interface Aim {
  readonly until: Goal['until']
  readonly id: string | undefined
  readonly selection: Selection
  readonly files: number | undefined
  readonly paged: true | undefined
}

function aimOf(selection: Omit<Selection, 'ids'>, { until }: WaitEnding<unknown>, id: string | undefined): Aim {
  const { kind, target, files, paged } = selection
  // With an id, a bucket could only hide the job: an `lru` reports no bucket.
  const bucket = id === undefined ? selection.bucket : undefined
  // A wait for an end must also see jobs that have ended.
  return { until, id, selection: { ids: NO_IDS, kind, bucket, target, onlyRunning: false }, files, paged }
}

const NO_IDS: readonly string[] = []

/** One wait: observes the view, emits the answer, and ends after the time limit. */
function waitOne<A>(
  cluster: ClusterLike,
  env: Environment,
  { until, id, selection, files, paged }: Aim,
  ending: Ending<A>,
  timeoutMs: number,
  cadence: Cadence | Observable<Cadence>,
): Observable<Result<A>> {
  return defer(() => {
    const sinceMs = env.now()
    const endsMs = sinceMs + timeoutMs
    const goal = { until, id, selection, files, paged, kinds: env.kinds, sinceMs, endsMs, isLastRound: false }
    const watched = new WaitInterest(goal, ending)
    const answered = observe(cluster, env, watched, cadence).pipe(takeWhile<Result<A>>(isOpen, true))
    if (timeoutMs === Infinity) return answered
    const sleptMs = sleptMsOf(env)
    return answered.pipe(
      timeout({
        first: timeoutMs,
        scheduler: sharedLimits(env),
        with: () =>
          isLate(env, sleptMs, watched.goal)
            ? lastRound(cluster, env, watched, timeoutMs)
            : timedOut(env, watched, timeoutMs),
      }),
    )
  })
}

const timedOut = <A>(env: Environment, watched: WaitInterest<A>, timeoutMs: number): Observable<Result<A>> =>
  of(watched.expired(timeoutMs, env.now()))

const isOpen = (answer: unknown): boolean => answer === undefined

/** A timer that fires this much too late has fired late. */
const LATE_MS = 1_000

/**
 * Whether the timer fired late: the event loop was blocked, or the machine slept. During a sleep, the monotonic clock
 * may stop.
 */
const isLate = (env: Environment, sleptBeforeMs: number, { endsMs = Infinity }: Goal): boolean =>
  env.now() - endsMs > LATE_MS || sleptMsOf(env) - sleptBeforeMs > LATE_MS

/** How long the machine has slept so far, without the time that the monotonic clock has counted. */
const sleptMsOf = (env: Environment): number => (env.shared.sleptMs ??= sleepClock(env))()

/** The duration of the last round: docs/bounds.md promises it. */
const LAST_ROUND_MS = 2_000
const LAST_CADENCE = constant(500)

/** Polls once more after a timer that fired late: the job may have ended in the meantime. */
function lastRound<A>(
  cluster: ClusterLike,
  env: Environment,
  watched: WaitInterest<A>,
  timeoutMs: number,
): Observable<Result<A>> {
  const last = watched.lastRound(env.now())
  return observe(cluster, env, last, LAST_CADENCE).pipe(
    takeWhile<Result<A>>(isOpen, true),
    timeout({ first: LAST_ROUND_MS, scheduler: sharedLimits(env), with: () => timedOut(env, watched, timeoutMs) }),
  )
}

/** @internal Joins several waits into one result. The first Left ends all of them. */
export const allOf = (waits: readonly Observable<Result<WaitResult>>[]): Observable<Result<WaitResult>> =>
  merge(...waits.map((one, index) => one.pipe(map((result) => ({ index, result }))))).pipe(
    takeWhile(({ result }) => !isLeft(result), true),
    toArray(),
    map((all) => combineResults(all.sort((a, b) => a.index - b.index).map(({ result }) => result))),
  )

/** @internal Why a value is no `timeoutMs`; undefined if it is one. */
export const checkTimeout = (timeoutMs: unknown): InvalidArgument | undefined =>
  typeof timeoutMs === 'number' && timeoutMs >= 0
    ? undefined
    : invalidArgument('timeoutMs', `got ${show(timeoutMs)}; takes milliseconds from 0, or Infinity`)

/** @internal Waits for an end, and ignores the outcome of the job. */
export function endOf(
  cluster: ClusterLike,
  selector: JobSelector,
  ending: WaitEnding<WaitResult>,
  timeoutMs: number,
): Observable<Result<void>> {
  return waitForResult(cluster, selector, ending, { timeoutMs }).pipe(
    map((result) => (isLeft(result) ? result : right(undefined))),
  )
}
