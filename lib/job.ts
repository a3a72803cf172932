import type { Observable } from 'rxjs'
import type { JobSnap } from './codec/job-snap.ts'
import type { JobStatus } from './codec/job-status.ts'
import type { Snapshots } from './codec/snapshots.ts'
import { abort, start, type AbortOptions, type Started } from './commands.ts'
import type { Environment } from './environment.ts'
import { jobEvents } from './events.ts'
import type { JobEvent } from './view/job-event.ts'
import type { Result } from './error.ts'
import { progress, type ProgressOptions } from './progress.ts'
import type { Progress } from './view/progress-of.ts'
import { details, status } from './queries.ts'
import { totalTime, withinTimeframe, type Timeframe } from './spans.ts'
import type { StartOptions } from './model/start-options.ts'
import type { WaitResult } from './model/wait-result.ts'
import { wait, waitForIdle, waitNotRunning, waitSingleNode, waitStarted, type WaitOptions } from './wait.ts'
import { watchDetails, watchStatus, type WatchOptions } from './watch.ts'

/**
 * One job, or one kind of job: the familiar handle, a line a method.
 *
 * A value: it holds no state, so `start()` gives the new job's id in its result and does not change the handle.
 */
export interface Job {
  readonly id?: string
  readonly kind?: string
  /** As {@link start}, of this kind. */
  start(o?: Omit<StartOptions, 'kind'>): Observable<Result<Started>>
  /** As {@link status}. */
  status(): Observable<Result<JobStatus>>
  /** As {@link details}. */
  details(): Observable<Result<Snapshots>>
  /** As {@link abort}. */
  abort(o?: AbortOptions): Observable<Result<void>>
  /** As {@link wait}. */
  wait(o?: WaitOptions): Observable<Result<WaitResult>>
  /** As {@link waitForIdle}. */
  waitForIdle(o?: WaitOptions): Observable<Result<WaitResult>>
  /** As {@link waitSingleNode}. */
  waitSingleNode(o?: WaitOptions): Observable<Result<WaitResult>>
  /** As {@link waitStarted}. */
  waitStarted(o?: WaitOptions): Observable<Result<WaitResult>>
  /** As {@link waitNotRunning}. */
  waitNotRunning(o?: WaitOptions): Observable<Result<WaitResult>>
  /** As {@link withinTimeframe}. */
  withinTimeframe(frame: Timeframe): Observable<Result<readonly JobSnap[]>>
  /** As {@link totalTime}. */
  totalTime(): Observable<Result<number | undefined>>
  /** As {@link watchStatus}. */
  watchStatus(o?: WatchOptions): Observable<Result<JobStatus>>
  /** As {@link watchDetails}. */
  watchDetails(o?: WatchOptions): Observable<Result<Snapshots>>
  /** As {@link progress}. */
  progress(o?: ProgressOptions): Observable<Result<Progress>>
  /** As {@link jobEvents}. */
  events(o?: WatchOptions): Observable<Result<JobEvent>>
}

/** What a handle is made of. */
export interface JobIdentity {
  readonly id?: string | undefined
  readonly kind?: string | undefined
}

export function createJob(c: Environment, identity: JobIdentity): Job {
  // An identity that is no object is refused by the functions, not here.
  const { id, kind } = (identity as JobIdentity | null | undefined) ?? {}
  const own = { ...(id === undefined ? {} : { id }), ...(kind === undefined ? {} : { kind }) }
  const isObject = typeof identity === 'object' && (identity as unknown) !== null && !Array.isArray(identity)
  const self = isObject ? own : identity
  return {
    ...own,
    start: (o) => start(c, { ...o, kind: kind ?? '' }),
    status: () => status(c, self),
    details: () => details(c, self),
    abort: (o) => abort(c, self, o),
    wait: (o) => wait(c, self, o),
    waitForIdle: (o) => waitForIdle(c, self, o),
    waitSingleNode: (o) => waitSingleNode(c, self, o),
    waitStarted: (o) => waitStarted(c, self, o),
    waitNotRunning: (o) => waitNotRunning(c, self, o),
    withinTimeframe: (frame) => withinTimeframe(c, self, frame),
    totalTime: () => totalTime(c, self),
    watchStatus: (o) => watchStatus(c, self, o),
    watchDetails: (o) => watchDetails(c, self, o),
    progress: (o) => progress(c, self, o),
    events: (o) => jobEvents(c, self, o),
  }
}
