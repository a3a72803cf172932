import type { Observable } from 'rxjs'
import type { JobStatus } from './codec/job-status.ts'
import type { Snapshots } from './codec/snapshots.ts'
import { abort, start, type AbortOptions, type Started } from './commands.ts'
import type { Environment } from './environment.ts'
import type { Result } from './error.ts'
import { details, status } from './queries.ts'
import type { StartOptions } from './start-options.ts'
import type { WaitResult } from './wait-result.ts'
import { wait, waitForIdle, type WaitOptions } from './wait.ts'

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
}

/** What a handle is made of. */
export type JobIdentity = Pick<Job, 'id' | 'kind'>

export function createJob(c: Environment, identity: JobIdentity): Job {
  // What is no object at all is refused by whatever is asked, not here.
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
  }
}
