import type { Either } from 'fp-ts/lib/Either.js'
import { defer, isObservable, last, map, of, switchMap, take, tap, type Observable } from 'rxjs'
import { abort } from '../commands.ts'
import { checkCadence } from '../common/check-cadence.ts'
import { isLeft, left } from '../common/either.ts'
import { markedLike } from '../common/launches.ts'
import { environmentOf, type ClusterLike } from '../environment.ts'
import { checkArgument, type InvalidArgument, type JobError, type LaunchError, type Result } from '../error.ts'
import { checkProgress } from '../view/progress-options.ts'
import { checkTimeout, type WaitOptions } from '../wait.ts'
import { eventsOf, isLast, jobsOf, type FollowEvent } from './follow-events.ts'
import { awaitReply } from './await-reply.ts'
import { totalFrom, type KnownTotal } from './launch-progress.ts'
import type { Jobs, Launched, Total } from './launched.ts'

/** The Left of {@link follow}. It has `mayHaveStarted` if the launch went wrong. */
export type FollowError = JobError & Partial<Pick<LaunchError, 'mayHaveStarted'>>

/** Settings of {@link follow}. */
export interface FollowOptions extends WaitOptions {
  /**
   * How much there is to do: a value, or a stream of results such as `summarizeBucket(...)`. A stream is subscribed before the
   * launch, and its last value counts. If there are both objects and bytes, the objects are used. Defaults to `expected` of
   * the launch.
   */
  readonly total?: KnownTotal | Observable<Result<KnownTotal>> | undefined
  /**
   * How long the counters of a running job may stay the same before it is `stalled`, in milliseconds. Defaults to 60,000;
   * `Infinity` means never.
   */
  readonly stallMs?: number | undefined
  /**
   * Whether unsubscribing before the end aborts the jobs. Defaults to false: they go on. Jobs that other users may share are
   * aborted only with `'shared'`, because an abort stops the work of all users.
   */
  readonly abortOnUnsubscribe?: boolean | 'shared' | undefined
}

/**
 * Launches a job, and reports its progress and how it ended. EACH SUBSCRIPTION LAUNCHES ONCE.
 *
 * One stream from the launch to the end: `launched` with the references, `progressed` for each reply with counters (rates,
 * and with a total also the ratio and the remaining time), `ended` with the result of a wait; then it completes. It goes
 * on after transient errors as `wait` does, and never repeats the launch.
 *
 * The counters of a job that other users share start from the first reply, unless the job started after the launch.
 * `windingDown` means that the total is reached but the job still runs. Unsubscribing does not stop the job, unless
 * `abortOnUnsubscribe` is set: then one abort is sent. If the launch is still in flight, the abort follows its reply.
 *
 * @param cluster the cluster
 * @param launch the launch, such as `copyBucket(...)` or `start(...)`; only its first value counts
 * @param options `total`: how much there is to do, or a stream of that (default: `expected` of the launch); `timeoutMs`: the
 * limit of the wait in milliseconds (default 300,000; `Infinity` means no limit); `cadence`; `stallMs` (default 60,000);
 * `abortOnUnsubscribe` (default false)
 * @returns cold; Rights({@link FollowEvent}), the last of which is `ended`; or one Left as the last value: of the launch (with
 * `mayHaveStarted`), InvalidArgument (then nothing is launched), or of the wait (WaitTimeout, NotFound, a permanent error)
 * @see docs/jobs.md#from-the-launch-to-the-end
 * @example
 * import { copyBucket, createCluster, follow } from 'aistore-rx'
 * const cluster = createCluster('http://localhost:8080')
 * follow(cluster, copyBucket(cluster, { from: { name: 'photos' }, to: { name: 'copy' } })).subscribe(console.log)
 */
export function follow(
  cluster: ClusterLike,
  launch: Observable<Result<Launched>>,
  options?: FollowOptions,
): Observable<Either<FollowError, FollowEvent>> {
  const settings = options ?? {}
  const followed = defer(() => {
    const environment = environmentOf(cluster)
    if (isLeft(environment)) return of(environment)
    const env = environment.right
    const invalid = checkFollow(launch, settings)
    if (invalid !== undefined) return of(left(invalid))
    const { total, abortOnUnsubscribe = false } = settings
    const stop = (jobs: Launched): void => {
      // Other launches may use a shared job, so only `'shared'` allows to abort it.
      const mayAbort = (job: Jobs[number]): boolean => !('shared' in job) || abortOnUnsubscribe === 'shared'
      const ids = jobsOf(jobs).flatMap((job) => (job.id !== undefined && mayAbort(job) ? [job.id] : []))
      if (ids.length > 0) abort(cluster, { id: ids.join(',') }).subscribe()
    }
    const first = launch.pipe(take(1))
    const launched =
      abortOnUnsubscribe === false
        ? first
        : awaitReply(first, (result) => {
            if (!isLeft(result)) stop(result.right)
          })
    return knownTotal(total).pipe(
      switchMap((known) => {
        const bad = checkProgress(known, undefined)
        if (bad !== undefined) return of(left(bad))
        return launched.pipe(
          switchMap((result) => {
            if (isLeft(result)) return of(result)
            let isOver = false
            return eventsOf(cluster, env, result.right, known, settings).pipe(
              tap({
                next: (event) => (isOver = isLast(event)),
                unsubscribe: () => {
                  if (abortOnUnsubscribe !== false && !isOver) stop(result.right)
                },
              }),
            )
          }),
        )
      }),
    )
  })
  return markedLike(launch, followed)
}

function checkFollow(
  launch: unknown,
  { timeoutMs = 0, cadence, stallMs, total, abortOnUnsubscribe = false }: FollowOptions,
): InvalidArgument | undefined {
  const isKnown = abortOnUnsubscribe === 'shared' || typeof abortOnUnsubscribe === 'boolean'
  return (
    checkArgument('launch', launch, isObservable(launch), 'an Observable such as copyBucket(...)') ??
    checkTimeout(timeoutMs) ??
    (cadence === undefined ? undefined : checkCadence(cadence)) ??
    checkProgress(isObservable(total) ? undefined : givenTotal(total), stallMs) ??
    checkArgument('abortOnUnsubscribe', abortOnUnsubscribe, isKnown, 'true, false or "shared"')
  )
}

/** A total whose counters are numbers; any other value as it is, to be refused. */
const givenTotal = (total: KnownTotal | undefined): unknown =>
  typeof (total as unknown) === 'object' && (total as unknown) !== null ? totalFrom(total) : total

/** The last value of a stream of totals; undefined if there is none. */
function knownTotal(total: FollowOptions['total']): Observable<Total | undefined> {
  if (!isObservable(total)) return of(totalFrom(total))
  return total.pipe(
    last(undefined, undefined),
    map((result) => (result === undefined || isLeft(result) ? undefined : (givenTotal(result.right) as Total))),
  )
}
