import { isObservable, map, merge, of, takeWhile, toArray, type Observable } from 'rxjs'
import type { Cadence } from './cadence.ts'
import { isLeft, left, right } from './either.ts'
import type { Environment } from './environment.ts'
import { invalidArgument, type InvalidArgument, type Result } from './error.ts'
import { selected } from './queries.ts'
import type { JobSelector } from './selection.ts'
import { show } from './text.ts'
import type { Aim } from './verdict/memory.ts'
import { together } from './verdict/together.ts'
import { waitOne } from './wait/wait-one.ts'
import type { WaitResult } from './wait-result.ts'

/** Settings of a wait. */
export interface WaitOptions {
  /** The whole wait, requests included, in milliseconds; default 300,000; `Infinity` for none. */
  readonly timeoutMs?: number
  /** How often to ask; default: the cluster's. */
  readonly cadence?: Cadence | Observable<Cadence>
}

/**
 * Waits until a job is over, or idles if it is of a kind that idles.
 *
 * The usual wait: tells how the job ended, and never success for one that did not succeed. Status and snapshots are
 * asked as needed; what time can heal (a cluster that restarts, a lost target, a proxy's error page) is waited out.
 *
 * @param c the cluster
 * @param s an id, several with commas, or a kind (then its next run is waited for, and runs that have ended are ignored: T7)
 * @param o `timeoutMs`: the whole wait in milliseconds (default 300,000; Infinity: none); `cadence`: how often to ask
 * @returns cold; one Right({@link WaitResult}: finished, failed, aborted, idle or lost), or one Left: WaitTimeout with what
 * was seen last, NotFound (unknown for 10 s), or what time cannot heal (see `isPermanent`)
 * @see protocol 5; Python `Job.wait`, Go `api.WaitForXaction`
 * @example
 * import { createCluster, wait } from 'aistore-rx'
 * wait(createCluster('http://localhost:8080'), { id: 'zOCwz4iJS' }, { timeoutMs: 60_000 }).subscribe(console.log)
 */
export const wait = (c: Environment, s: JobSelector, o?: WaitOptions): Observable<Result<WaitResult>> =>
  waitUntil(c, s, o, 'kind')

/**
 * Waits until a job is alive without work, or over.
 *
 * Two looks at least two seconds apart must find every target idle; an abort ends the wait at once (T22).
 *
 * @param c the cluster
 * @param s an id, several with commas, or a kind
 * @param o as of {@link wait}
 * @returns cold; one Right (idle, or finished, failed, aborted, lost), or one Left as of {@link wait}
 * @see protocol 5; Python `Job.wait_for_idle`, Go `api.WaitForXactionIdle`
 * @example
 * import { createCluster, waitForIdle } from 'aistore-rx'
 * waitForIdle(createCluster('http://localhost:8080'), { id: 'Kx8yaIuTb', kind: 'put-copies' }).subscribe(console.log)
 */
export const waitForIdle = (c: Environment, s: JobSelector, o?: WaitOptions): Observable<Result<WaitResult>> =>
  waitUntil(c, s, o, 'idle')

/**
 * Waits until a job is over on the targets that have a part in it.
 *
 * For jobs of one target, such as a resilver: no other target is expected to join in.
 *
 * @param c the cluster
 * @param s an id, several with commas, or a kind
 * @param o as of {@link wait}
 * @returns cold; one Right (finished, failed, aborted, lost), or one Left as of {@link wait}
 * @see protocol 5.2; Python `Job.wait_single_node`, which stops at the first of several targets; here all that are seen count
 * @example
 * import { createCluster, waitSingleNode } from 'aistore-rx'
 * waitSingleNode(createCluster('http://localhost:8080'), { kind: 'resilver' }).subscribe(console.log)
 */
export const waitSingleNode = (c: Environment, s: JobSelector, o?: WaitOptions): Observable<Result<WaitResult>> =>
  waitUntil(c, s, o, 'single')

/**
 * Waits until a job has started on every target that shows it.
 *
 * Between the answer to a start and its first work; also true of a job that has ended since.
 *
 * @param c the cluster
 * @param s an id, several with commas, or a kind (then a run that has not ended before)
 * @param o as of {@link wait}
 * @returns cold; one Right (started, with `success: false` if something went wrong already; or aborted, lost), or one Left
 * as of {@link wait}
 * @see protocol 5.1; Go `api.WaitForXactionStart`
 * @example
 * import { andThen, createCluster, start, waitStarted } from 'aistore-rx'
 * const cluster = createCluster('http://localhost:8080')
 * start(cluster, { kind: 'rebalance' }).pipe(andThen((job) => waitStarted(cluster, job))).subscribe(console.log)
 */
export const waitStarted = (c: Environment, s: JobSelector, o?: WaitOptions): Observable<Result<WaitResult>> =>
  waitUntil(c, s, o, 'started')

/**
 * Waits until a job, or every job of a kind, does not run.
 *
 * By kind it is over at once where none runs, and runs that begin meanwhile are waited for too. An idle job runs.
 *
 * @param c the cluster
 * @param s an id, several with commas, or a kind
 * @param o as of {@link wait}
 * @returns cold; one Right (not-running, with `success: false` and `aborted` or `error` of a job that did not end well; or
 * lost), or one Left as of {@link wait}
 * @see protocol 5.1; Go `api.WaitForXactionNode` and its kin
 * @example
 * import { createCluster, waitNotRunning } from 'aistore-rx'
 * waitNotRunning(createCluster('http://localhost:8080'), { kind: 'rebalance' }).subscribe(console.log)
 */
export const waitNotRunning = (c: Environment, s: JobSelector, o?: WaitOptions): Observable<Result<WaitResult>> =>
  waitUntil(c, s, o, 'not-running')

const DEFAULT_TIMEOUT_MS = 300_000

function waitUntil(
  c: Environment,
  s: JobSelector,
  o: WaitOptions | undefined,
  until: Aim['until'],
): Observable<Result<WaitResult>> {
  return selected(c, s, 'job', ({ ids, ...selection }, env) => {
    const { timeoutMs = DEFAULT_TIMEOUT_MS, cadence = env.cadence } = o ?? {}
    const bad = checkTimeout(timeoutMs) ?? checkCadence(cadence)
    if (bad !== undefined) return of(left(bad))
    const one = (id?: string): Observable<Result<WaitResult>> => {
      const { kind, target } = selection
      const aim: Aim = {
        until,
        kinds: env.kinds,
        ...(id === undefined ? {} : { id }),
        ...(kind === undefined ? {} : { kind }),
        ...(target === undefined ? {} : { target }),
        ...(timeoutMs === Infinity ? {} : { endsMs: timeoutMs }),
      }
      // Who waits for an end must see what has ended; and with an id, a bucket could only hide the job (an lru names none).
      const { bucket, ...rest } = selection
      const asked = {
        ...rest,
        ...(id !== undefined || bucket === undefined ? {} : { bucket }),
        ids: [],
        onlyRunning: false,
      }
      return waitOne(c, env, asked, aim, timeoutMs, cadence)
    }
    const [first, ...others] = ids
    return others.length === 0 ? one(first) : allOf(ids.map(one))
  })
}

/** One answer for several waits; the first that could not be learnt ends them all. */
const allOf = (waits: readonly Observable<Result<WaitResult>>[]): Observable<Result<WaitResult>> =>
  merge(...waits.map((one, index) => one.pipe(map((result) => ({ index, result }))))).pipe(
    takeWhile(({ result }) => !isLeft(result), true),
    toArray(),
    map((all) => together(all.sort((a, b) => a.index - b.index).map(({ result }) => result))),
  )

/** @internal */
export const checkTimeout = (timeoutMs: unknown): InvalidArgument | undefined =>
  typeof timeoutMs === 'number' && timeoutMs >= 0
    ? undefined
    : invalidArgument('timeoutMs', `got ${show(timeoutMs)}; takes milliseconds from 0, or Infinity`)

/** @internal */
export const checkCadence = (cadence: unknown): InvalidArgument | undefined =>
  typeof cadence === 'function' || isObservable(cadence)
    ? undefined
    : invalidArgument(
        'cadence',
        `got ${show(cadence)}; takes a cadence such as constant(1000), or an Observable of them`,
      )

/** @internal Until a job is over, whatever its kind and however it went. */
export const endOf = (c: Environment, s: JobSelector, timeoutMs: number): Observable<Result<void>> =>
  waitUntil(c, s, { timeoutMs }, 'end').pipe(map((result) => (isLeft(result) ? result : right(undefined))))
