// Many jobs at once: a failure does not hide the other results, and each result comes as soon as it is known.
import { defaultIfEmpty, forkJoin, map, merge, type Observable } from 'rxjs'
import { andThen, start, wait, type Cluster, type Result, type StartOptions, type WaitResult } from 'aistore-rx'

const run = (cluster: Cluster, options: StartOptions): Observable<Result<WaitResult>> =>
  start(cluster, options).pipe(andThen((job) => wait(cluster, job)))

/**
 * All results together, in the order of the jobs; a Left means that a job could not be started or its outcome is
 * unknown.
 */
export const main = (cluster: Cluster, jobs: readonly StartOptions[]): Observable<readonly Result<WaitResult>[]> =>
  forkJoin(jobs.map((options) => run(cluster, options))).pipe(defaultIfEmpty([]))

/** Each result as it comes. */
export const asTheyEnd = (
  cluster: Cluster,
  jobs: readonly StartOptions[],
): Observable<{ readonly kind: string; readonly result: Result<WaitResult> }> =>
  merge(...jobs.map((options) => run(cluster, options).pipe(map((result) => ({ kind: options.kind, result })))))
