import { map, of, type Observable } from 'rxjs'
import { lastOf } from './codec/instant.ts'
import type { JobSnap } from './codec/job-snap.ts'
import type { Snapshots } from './codec/snapshots.ts'
import { isLeft, left, right } from './common/either.ts'
import type { ClusterLike } from './environment.ts'
import { invalidArgument, type InvalidArgument, type Result } from './error.ts'
import { details, withSelection } from './queries.ts'
import type { JobSelector } from './model/selection.ts'
import { show } from './common/text.ts'

/** A span of time. Its limits are dates, or nanoseconds since the Unix epoch. */
export interface Timeframe {
  /** Selects jobs that started at this time or later. */
  readonly from: Date | bigint
  /** Selects jobs that ended at this time or earlier. By default, jobs that still run are selected too. */
  readonly to?: Date | bigint | undefined
}

/**
 * Requests the snapshots of the jobs within a span of time.
 *
 * The result has one snapshot for each target that took part in a job. With `to`, it has no jobs that still run
 * (protocol T17).
 *
 * @param cluster the cluster
 * @param selector which jobs; they must match all given members (default all jobs: protocol T19, T20)
 * @param frame `from`, and `to` if the jobs must have ended; each a Date, or nanoseconds since the Unix epoch
 * @returns cold; one Right with the snapshots (`[]` if there are none), or one Left: InvalidArgument, or an error of
 * `details`
 * @see docs/protocol.md#54-get_details-get_total_time-get_within_timeframe; Python `Job.get_within_timeframe`
 * @example
 * import { createCluster, withinTimeframe } from 'aistore-rx'
 * const hour = { from: new Date(Date.now() - 3_600_000) }
 * withinTimeframe(createCluster('http://localhost:8080'), { kind: 'lru' }, hour).subscribe(console.log)
 */
export function withinTimeframe(
  cluster: ClusterLike,
  selector: JobSelector | undefined,
  frame: Timeframe,
): Observable<Result<readonly JobSnap[]>> {
  return withSelection(cluster, selector, 'anything', ({ ids }) => {
    const given: unknown = frame
    if (typeof given !== 'object' || given === null)
      return of(left(invalidArgument('timeframe', `got ${show(given)}; takes { from, to }`)))
    const from = instantOf('from', frame.from)
    if (isLeft(from)) return of(from)
    const to = frame.to === undefined ? right(undefined) : instantOf('to', frame.to)
    if (isLeft(to)) return of(to)
    if (to.right !== undefined && to.right < from.right)
      return of(left(invalidArgument('to', 'got a time before from; takes the same or a later time')))
    return details(cluster, selector).pipe(
      map((result) => {
        if (isLeft(result)) return result.left._tag === 'NotFound' && ids.length > 0 ? right([]) : result
        return right(
          Object.values(result.right)
            .flat()
            .filter((snap) => isWithin(snap, from.right, to.right)),
        )
      }),
    )
  })
}

const isWithin = ({ startTime, endTime }: JobSnap, from: bigint, to: bigint | undefined): boolean =>
  startTime !== undefined && startTime >= from && (to === undefined || (endTime !== undefined && endTime <= to))

/**
 * The time of a Date, which may come from another realm, such as an iframe or a test runner. Undefined for anything
 * else.
 */
function timeOf(value: unknown): number | undefined {
  try {
    return Date.prototype.getTime.call(value)
  } catch {
    return undefined
  }
}

function instantOf(argument: string, value: unknown): Result<bigint> {
  if (typeof value === 'bigint') return right(value)
  const ms = timeOf(value)
  if (ms !== undefined && !Number.isNaN(ms)) return right(BigInt(ms) * 1_000_000n)
  const bad: InvalidArgument = invalidArgument(
    argument,
    `got ${ms === undefined ? show(value) : 'an invalid date'}; takes a Date, or nanoseconds since the Unix epoch as a bigint`,
  )
  return left(bad)
}

/**
 * Requests how long a job took, from its first start to its last end on any target.
 *
 * By kind, it measures the run that started last (protocol T18).
 *
 * @param cluster the cluster
 * @param selector an id; several separated by commas (measured as one span); or a kind
 * @returns cold; one Right with milliseconds, exact to the nanosecond (undefined while the job runs on any target, or if
 * no target knows it), or one Left: an error of `details`
 * @see docs/protocol.md#54-get_details-get_total_time-get_within_timeframe; Python `Job.get_total_time`
 * @example
 * import { createCluster, totalTime } from 'aistore-rx'
 * totalTime(createCluster('http://localhost:8080'), { id: 'zOCwz4iJS' }).subscribe(console.log)
 */
export function totalTime(cluster: ClusterLike, selector: JobSelector): Observable<Result<number | undefined>> {
  return withSelection(cluster, selector, 'job', ({ ids }) =>
    details(cluster, selector).pipe(
      map((result) => (isLeft(result) ? result : right(durationOf(result.right, ids.length === 0)))),
    ),
  )
}

/** The time from the first start to the last end; by kind, of the run that started last. Undefined without an end. */
function durationOf(snapshots: Snapshots, byKind: boolean): number | undefined {
  const all = Object.values(snapshots).flat()
  const newest = latest(all.map(({ startTime }) => startTime))
  const run = byKind ? all.find(({ startTime }) => startTime === newest)?.id : undefined
  const parts = all.filter(({ id }) => !byKind || id === run)
  const starts = parts.flatMap(({ startTime }) => (startTime === undefined ? [] : [startTime]))
  const [first] = starts
  const end = lastOf(parts.map(({ endTime }) => endTime))
  if (first === undefined || end === undefined) return undefined
  return Number(end - starts.reduce((a, b) => (a < b ? a : b), first)) / 1e6
}

/** The latest of the times that are known. `lastOf` is undefined if any of them is unknown. */
const latest = (times: readonly (bigint | undefined)[]): bigint | undefined =>
  times.reduce((a, b) => (a === undefined || (b !== undefined && b > a) ? b : a), undefined)
