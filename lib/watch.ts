import { defer, finalize, map, of, tap, type Observable } from 'rxjs'
import type { Cadence } from './cadence.ts'
import type { JobStatus } from './codec/job-status.ts'
import type { Snapshots } from './codec/snapshots.ts'
import { isLeft, left } from './either.ts'
import type { Environment, Internals } from './environment.ts'
import { invalidArgument, type Result } from './error.ts'
import { shared } from './hub.ts'
import { detailsOf, selected, statusOf } from './queries.ts'
import type { Limit } from './request/send.ts'
import type { JobSelector, Selection } from './selection.ts'
import { checkCadence } from './wait.ts'

/** Settings of a live stream. */
export interface WatchOptions {
  /** How often to ask; default: the cluster's. Of all who watch the same, the fastest rules. */
  readonly cadence?: Cadence | Observable<Cadence>
}

/**
 * Watches the status of a job.
 *
 * Endless and shared: all who watch the same job of one cluster share one poll, which goes on after a Left and stops with
 * the last of them. Who joins gets the newest status at once if it is not older than one wait.
 *
 * @param c the cluster
 * @param s an id, or a kind
 * @param o `cadence`: how often to ask
 * @returns a status with each reply, a Left with each question that brought none; ends only with Left(InvalidArgument)
 * @see protocol 2.3
 * @example
 * import { createCluster, takeUntilDone, watchStatus } from 'aistore-rx'
 * watchStatus(createCluster('http://localhost:8080'), { id: 'zOCwz4iJS' })
 *   .pipe(takeUntilDone(({ endTime }) => endTime !== undefined))
 *   .subscribe(console.log)
 */
export const watchStatus = (c: Environment, s: JobSelector, o?: WatchOptions): Observable<Result<JobStatus>> =>
  selected(c, s, 'job', (selection, env) => {
    if (selection.target !== undefined)
      return of(left(invalidArgument('target', 'a status is not kept by target; watchDetails() shows each target')))
    return readings(env, `status ${JSON.stringify(selection)}`, (limit) => statusOf(c, selection, limit), o).pipe(
      map(({ result }) => result),
    )
  })

/**
 * Watches the snapshots of jobs.
 *
 * Endless and shared, as {@link watchStatus} is. Without a selector, of all jobs of the cluster.
 *
 * @param c the cluster
 * @param s which jobs; default all
 * @param o `cadence`: how often to ask
 * @returns the snapshots with each reply, a Left with each question that brought none; ends only with Left(InvalidArgument)
 * @see protocol 2.5
 * @example
 * import { createCluster, rights, watchDetails } from 'aistore-rx'
 * watchDetails(createCluster('http://localhost:8080'), { kind: 'rebalance' }).pipe(rights()).subscribe(console.log)
 */
export const watchDetails = (c: Environment, s?: JobSelector, o?: WatchOptions): Observable<Result<Snapshots>> =>
  selected(c, s, 'anything', (selection, env) => detailReadings(c, selection, env, o).pipe(map(({ result }) => result)))

/** @internal One reply, or what came instead of it. */
export interface Reading<A> {
  /** When it came, by the clock of the cluster's scheduler: one that is replayed has come before it is emitted. */
  readonly atMs: number
  readonly result: Result<A>
}

/** @internal What {@link watchDetails} emits, from the same poll, and when each reply came. */
export const detailReadings = (
  c: Environment,
  selection: Selection,
  env: Internals,
  o?: WatchOptions,
): Observable<Reading<Snapshots>> =>
  looking(
    env,
    selection,
    readings(env, `snapshots ${JSON.stringify(selection)}`, (limit) => detailsOf(c, selection, limit), o),
  )

/** A live table shows the targets of the jobs that somebody looks at. */
function looking(
  { shared: { looked } }: Internals,
  { ids: [id, other], bucket, target, onlyRunning }: Selection,
  watching: Observable<Reading<Snapshots>>,
): Observable<Reading<Snapshots>> {
  const isWhole = bucket === undefined && target === undefined && !onlyRunning
  if (id === undefined || other !== undefined || !isWhole) return watching
  return defer(() => {
    const look = looked.get(id) ?? { by: 0, snapshots: undefined }
    looked.set(id, look)
    look.by += 1
    return watching.pipe(
      tap(({ result }) => {
        if (!isLeft(result)) look.snapshots = result.right
      }),
      finalize(() => {
        look.by -= 1
        if (look.by === 0) looked.delete(id)
      }),
    )
  })
}

function readings<A>(
  env: Internals,
  key: string,
  question: (limit: Limit) => Observable<Result<A>>,
  o: WatchOptions | undefined,
): Observable<Reading<A>> {
  const { cadence = env.cadence } = o ?? {}
  const { scheduler, requestTimeoutMs } = env
  const read = (result: Result<A>): Reading<A> => ({ atMs: scheduler.now(), result })
  const bad = checkCadence(cadence)
  if (bad !== undefined) return of(read(left(bad)))
  const open = (): Observable<Reading<A>> => question({ ms: requestTimeoutMs }).pipe(map(read))
  return shared(env, key, open, cadence, { resultOf: ({ result }) => result })
}
