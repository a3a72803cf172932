import type { KindName } from './model/kind.ts'
import type { Observable } from 'rxjs'
import type { JobSnap } from './codec/job-snap.ts'
import type { JobStatus } from './codec/job-status.ts'
import type { Snapshots } from './codec/snapshots.ts'
import { abort, start, type AbortOptions, type Started } from './commands.ts'
import type { ClusterLike } from './environment.ts'
import { jobEvents } from './events.ts'
import type { JobEvent } from './view/job-event.ts'
import type { LaunchResult, Result } from './error.ts'
import { progress, type ProgressOptions } from './progress.ts'
import type { Progress } from './view/progress-of.ts'
import { details, status } from './queries.ts'
import { totalTime, withinTimeframe, type Timeframe } from './history.ts'
import type { JobSelector } from './model/selection.ts'
import type { StartOptions } from './model/start-options.ts'
import type { WaitResult } from './model/wait-result.ts'
import { wait, waitForIdle, waitNotRunning, waitSingleNode, waitStarted, type WaitOptions } from './wait.ts'
import { watchDetails, watchStatus, type WatchOptions } from './watch.ts'
import { defined } from './common/defined.ts'

/**
 * The handle of one job or of one kind of job. Each method calls a function of this library.
 *
 * A handle has no state: `start()` emits the id of the new job and does not change the handle.
 */
export interface Job {
  /** The id, or several separated by commas. Absent in the handle of a kind. */
  readonly id?: string
  /** The kind. Absent if the handle was created from an id only. */
  readonly kind?: string
  /** Calls {@link start} for this kind. */
  start(options?: Omit<StartOptions, 'kind'>): Observable<LaunchResult<Started>>
  /** Calls {@link status} for this job or kind. */
  status(): Observable<Result<JobStatus>>
  /** Calls {@link details} for this job or kind. */
  details(): Observable<Result<Snapshots>>
  /** Calls {@link abort} for this job or kind. */
  abort(options?: AbortOptions): Observable<Result<void>>
  /** Calls {@link wait} for this job or kind. */
  wait(options?: WaitOptions): Observable<Result<WaitResult>>
  /** Calls {@link waitForIdle} for this job or kind. */
  waitForIdle(options?: WaitOptions): Observable<Result<WaitResult>>
  /** Calls {@link waitSingleNode} for this job or kind. */
  waitSingleNode(options?: WaitOptions): Observable<Result<WaitResult>>
  /** Calls {@link waitStarted} for this job or kind. */
  waitStarted(options?: WaitOptions): Observable<Result<WaitResult>>
  /** Calls {@link waitNotRunning} for this job or kind. */
  waitNotRunning(options?: WaitOptions): Observable<Result<WaitResult>>
  /** Calls {@link withinTimeframe} for this job or kind. */
  withinTimeframe(frame: Timeframe): Observable<Result<readonly JobSnap[]>>
  /** Calls {@link totalTime} for this job or kind. */
  totalTime(): Observable<Result<number | undefined>>
  /** Calls {@link watchStatus} for this job or kind. */
  watchStatus(options?: WatchOptions): Observable<Result<JobStatus>>
  /** Calls {@link watchDetails} for this job or kind. */
  watchDetails(options?: WatchOptions): Observable<Result<Snapshots>>
  /** Calls {@link progress} for this job or kind. */
  progress(options?: ProgressOptions): Observable<Result<Progress>>
  /** Calls {@link jobEvents} for this job or kind. */
  events(options?: WatchOptions): Observable<Result<JobEvent>>
}

/** The job or kind of a handle. */
export interface JobIdentity {
  /** The id of one job, or several separated by commas. */
  readonly id?: string | undefined
  /** A kind or its display name. Without an id, the handle is for all jobs of the kind. */
  readonly kind?: KindName | undefined
  /** The number of files of a download, if its launch named it: see {@link JobSelector}. */
  readonly expected?: JobSelector['expected']
  /** Whether a proxy gives the job its work page by page: see {@link JobSelector}. */
  readonly paged?: JobSelector['paged']
  /** Never present. It makes the compiler refuse an `AlreadyDone`, which has a kind but no job. */
  readonly done?: undefined
}

/**
 * Returns the handle of one job, or of one kind of job: what `cluster.job(identity)` returns.
 *
 * A handle has a method for each function that takes a job, so a bundle with it holds all of these functions.
 *
 * @param cluster the cluster, from `createCluster` or `clusterOf`
 * @param identity an id, a kind, or both
 * @returns the handle; it sends nothing. If the identity is invalid, its streams emit Left(InvalidArgument)
 * @example
 * import { clusterOf, jobOf } from 'aistore-rx'
 * jobOf(clusterOf('http://localhost:8080'), { id: 'zOCwz4iJS' }).wait().subscribe(console.log)
 */
export function jobOf(cluster: ClusterLike, identity: JobIdentity): Job {
  // If the identity is not an object, or an `AlreadyDone`, the functions emit InvalidArgument.
  const { id, kind, expected, paged, done } = (identity as JobIdentity | null | undefined) ?? {}
  const own = defined({ id, kind })
  const isObject = typeof identity === 'object' && (identity as unknown) !== null && !Array.isArray(identity)
  const self = isObject && (done as unknown) === undefined ? { ...own, ...defined({ expected, paged }) } : identity
  return {
    ...own,
    start: (o) => start(cluster, { ...o, kind: kind ?? '' }),
    status: () => status(cluster, self),
    details: () => details(cluster, self),
    abort: (o) => abort(cluster, self, o),
    wait: (o) => wait(cluster, self, o),
    waitForIdle: (o) => waitForIdle(cluster, self, o),
    waitSingleNode: (o) => waitSingleNode(cluster, self, o),
    waitStarted: (o) => waitStarted(cluster, self, o),
    waitNotRunning: (o) => waitNotRunning(cluster, self, o),
    withinTimeframe: (frame) => withinTimeframe(cluster, self, frame),
    totalTime: () => totalTime(cluster, self),
    watchStatus: (o) => watchStatus(cluster, self, o),
    watchDetails: (o) => watchDetails(cluster, self, o),
    progress: (o) => progress(cluster, self, o),
    events: (o) => jobEvents(cluster, self, o),
  }
}
