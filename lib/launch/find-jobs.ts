import { map, of, type Observable } from 'rxjs'
import type { Bucket } from '../codec/bucket.ts'
import { toDate } from '../codec/instant.ts'
import { defined } from '../common/defined.ts'
import { isLeft, left, right } from '../common/either.ts'
import type { ClusterLike } from '../environment.ts'
import { checkArgument, type Result } from '../error.ts'
import { findKind, type KindName } from '../model/kind.ts'
import { detailsOf, withSelection } from '../queries.ts'
import type { LaunchedJob } from './launched.ts'

/** Options of {@link findJobs}. */
export interface FindJobsOptions {
  /** The kind. */
  readonly kind: KindName
  /** A bucket of the job: for copies, the source or the destination. Defaults to any. */
  readonly bucket?: Bucket | undefined
  /**
   * When the launch was sent, in milliseconds since the Unix epoch. Finds jobs that started up to 5 s before (clocks
   * may differ) or later. For kinds that idle, it also finds jobs that started earlier and have not ended.
   */
  readonly sinceMs: number
}

const CLOCKS_DIFFER_MS = 5_000

/**
 * Finds the jobs of a kind that a launch may have started.
 *
 * Use it after a launch that failed but may have started a job (`mayHaveStarted`), or after a reply without an id. It
 * may also find the jobs of other users. A job of a kind that idles takes launches as long as it lives (protocol T15),
 * so it is found unless it has ended, whenever it started. It is then `shared`.
 *
 * @param cluster the cluster
 * @param options `kind`: the kind; `bucket`: a bucket of the job (default any); `sinceMs`: when the launch was sent, in
 * milliseconds since the Unix epoch
 * @returns cold; one Right with the jobs, the newest first (an empty list if there is none), or one Left: InvalidArgument,
 * HttpError (400 `ErrFailedTo` while a target is unreachable), or an error that any request can have
 * @see docs/protocol.md#t25
 * @example
 * import { createCluster, findJobs } from 'aistore-rx'
 * const sinceMs = Date.now() - 60_000
 * findJobs(createCluster('http://localhost:8080'), { kind: 'copy-bck', sinceMs }).subscribe(console.log)
 */
export function findJobs(cluster: ClusterLike, options: FindJobsOptions): Observable<Result<readonly LaunchedJob[]>> {
  const given: unknown = options
  // Without options, the selector has no kind, which is an InvalidArgument.
  const { kind, bucket, sinceMs } = given === undefined || given === null ? ({} as FindJobsOptions) : options
  return withSelection(cluster, { kind, ...defined({ bucket }) }, 'job', (selection, env) => {
    const isTime = typeof sinceMs === 'number' && !Number.isNaN(sinceMs)
    const invalid = checkArgument('sinceMs', sinceMs, isTime, 'milliseconds since the Unix epoch')
    if (invalid !== undefined) return of(left(invalid))
    const idles = findKind(selection.kind ?? '', env.kinds)?.idles === true
    return detailsOf(cluster, env, selection).pipe(
      map((result) => {
        if (isLeft(result)) return result.left._tag === 'NotFound' ? right([]) : result
        const started = new Map<string, number>()
        for (const { id, startTime, endTime } of Object.values(result.right).flat()) {
          const startMs = startTime === undefined ? Infinity : toDate(startTime).getTime()
          if (startMs >= sinceMs - CLOCKS_DIFFER_MS || (idles && endTime === undefined))
            started.set(id, Math.min(startMs, started.get(id) ?? Infinity))
        }
        const found = [...started].sort(([, a], [, b]) => b - a)
        return right(
          found.map(([id, startMs]) => ({
            id,
            kind: selection.kind ?? kind,
            sinceMs: startMs === Infinity ? sinceMs : startMs,
            ...defined({ inBucket: bucket, shared: idles ? (true as const) : undefined }),
          })),
        )
      }),
    )
  })
}
