import type { Observable } from 'rxjs'
import type { JobSnap } from './codec/job-snap.ts'
import type { JobStatus } from './codec/job-status.ts'
import type { Snapshots } from './codec/snapshots.ts'
import { abort, start, type AbortOptions, type Started } from './commands.ts'
import type { ClusterLike } from './environment.ts'
import { jobEvents } from './events.ts'
import type { JobEvent } from './view/job-event.ts'
import type { Result } from './error.ts'
import { progress, type ProgressOptions } from './progress.ts'
import type { Progress } from './view/progress-of.ts'
import { details, status } from './queries.ts'
import { totalTime, withinTimeframe, type Timeframe } from './history.ts'
import type { StartOptions } from './model/start-options.ts'
import type { WaitResult } from './model/wait-result.ts'
import { wait, waitForIdle, waitNotRunning, waitSingleNode, waitStarted, type WaitOptions } from './wait.ts'
import { watchDetails, watchStatus, type WatchOptions } from './watch.ts'
import { defined } from './common/defined.ts'

/**
 * One job, or one kind of job: the familiar handle, a line a method.
 *
 * A value: it holds no state, so `start()` gives the new job's id in its result and does not change the handle.
 */
export interface Job {
  /** Absent in the handle of a kind. */
  readonly id?: string
  /** Absent if the handle was made from an id alone. */
  readonly kind?: string
  /** As {@link start}, of this kind. */
  start(options?: Omit<StartOptions, 'kind'>): Observable<Result<Started>>
  /** As {@link status}. */
  status(): Observable<Result<JobStatus>>
  /** As {@link details}. */
  details(): Observable<Result<Snapshots>>
  /** As {@link abort}. */
  abort(options?: AbortOptions): Observable<Result<void>>
  /** As {@link wait}. */
  wait(options?: WaitOptions): Observable<Result<WaitResult>>
  /** As {@link waitForIdle}. */
  waitForIdle(options?: WaitOptions): Observable<Result<WaitResult>>
  /** As {@link waitSingleNode}. */
  waitSingleNode(options?: WaitOptions): Observable<Result<WaitResult>>
  /** As {@link waitStarted}. */
  waitStarted(options?: WaitOptions): Observable<Result<WaitResult>>
  /** As {@link waitNotRunning}. */
  waitNotRunning(options?: WaitOptions): Observable<Result<WaitResult>>
  /** As {@link withinTimeframe}. */
  withinTimeframe(frame: Timeframe): Observable<Result<readonly JobSnap[]>>
  /** As {@link totalTime}. */
  totalTime(): Observable<Result<number | undefined>>
  /** As {@link watchStatus}. */
  watchStatus(options?: WatchOptions): Observable<Result<JobStatus>>
  /** As {@link watchDetails}. */
  watchDetails(options?: WatchOptions): Observable<Result<Snapshots>>
  /** As {@link progress}. */
  progress(options?: ProgressOptions): Observable<Result<Progress>>
  /** As {@link jobEvents}. */
  events(options?: WatchOptions): Observable<Result<JobEvent>>
}

/** What a handle is made of. */
export interface JobIdentity {
  /** One job, or several with commas between them. */
  readonly id?: string | undefined
  /** A kind or its display name; without an id, all jobs of the kind. */
  readonly kind?: string | undefined
}

export function createJob(cluster: ClusterLike, identity: JobIdentity): Job {
  // An identity that is no object is refused by the functions, not here.
  const { id, kind } = (identity as JobIdentity | null | undefined) ?? {}
  const own = { ...defined({ id, kind }) }
  const isObject = typeof identity === 'object' && (identity as unknown) !== null && !Array.isArray(identity)
  const self = isObject ? own : identity
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
