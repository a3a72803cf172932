import { defer, EMPTY, expand, filter, map, of, switchMap, timer, type Observable } from 'rxjs'
import type { Bucket } from '../codec/bucket.ts'
import { BucketSummaries } from '../codec/bucket-summary.ts'
import { defined } from '../common/defined.ts'
import { isLeft, left, right } from '../common/either.ts'
import { show } from '../common/text.ts'
import { environmentOf, type ClusterLike, type Environment } from '../environment.ts'
import type { Result } from '../error.ts'
import { isJobId } from '../model/selection.ts'
import { sendCall } from '../request/fail-over.ts'
import { decodeAs } from '../request/decode-as.ts'
import { bucket, matching, optional, readOptions, included } from './fields.ts'
import { actionBody, bucketRequest } from './send-launch.ts'

/** Options of {@link summarizeBucket}. */
export interface SummarizeBucketOptions {
  /** The bucket. */
  readonly bucket: Bucket
  /** Only objects whose names begin with this text. */
  readonly prefix?: string | undefined
  /** Of a remote bucket: `'cached'` counts what the cluster has, `'all'` also what the cloud has. Defaults to
   * `'cached'`. */
  readonly include?: 'cached' | 'all' | undefined
}

/** What a bucket holds. All sizes are in bytes. */
export interface BucketSummary {
  /** Objects in the cluster. */
  readonly objects: bigint
  /** Their total size. */
  readonly bytes: bigint
  /** Objects in the cloud, whether or not the cluster has them, too. 0 unless `include` is `'all'`. */
  readonly remoteObjects: bigint
  /** Their total size. */
  readonly remoteBytes: bigint
  /** What the objects take on the disks of the cluster, with copies and slices. */
  readonly bytesOnDisk: bigint
  /** Size of the smallest object. */
  readonly minBytes: bigint
  /** Mean size of an object. */
  readonly avgBytes: bigint
  /** Size of the largest object. */
  readonly maxBytes: bigint
  /** Whether every target has finished counting. Only the last summary is complete. */
  readonly complete: boolean
}

/**
 * Counts the objects of a bucket, and their sizes.
 *
 * A job of the cluster counts them. The stream requests the result until it is complete. Unsubscribing stops the requests.
 *
 * @param cluster the cluster
 * @param options `bucket`: the bucket; `prefix`: only these objects; `include`: `'cached'` (default) or `'all'`
 * @returns cold; Rights with `complete: false` while targets are counting, then one with `complete: true`; or one Left,
 * which ends the stream: InvalidArgument, NotFound (no such bucket), or an error that any request can have
 * @see docs/protocol.md#210-actions-that-start-a-job; Python `Bucket.summary`, `ais storage summary`
 * @example
 * import { createCluster, summarizeBucket } from 'aistore-rx'
 * summarizeBucket(createCluster('http://localhost:8080'), { bucket: { name: 'photos' } }).subscribe(console.log)
 */
export function summarizeBucket(
  cluster: ClusterLike,
  options: SummarizeBucketOptions,
): Observable<Result<BucketSummary>> {
  return defer(() => {
    const environment = environmentOf(cluster)
    if (isLeft(environment)) return of(environment)
    const prefix = optional(matching(/^[^\0-\x1f\x7f]*$/, 'the beginning of names'))
    const read = readOptions(options, { bucket, prefix, include: included })
    if (isLeft(read)) return of(read)
    return summaries(cluster, environment.right, read.right.args)
  })
}

/** One reply: the id of the summary job, and the summary if there is one yet. */
interface Step {
  readonly id: string
  readonly summary?: BucketSummary
}

interface Args {
  readonly bucket: Bucket
  readonly prefix: string | undefined
  readonly include: 'cached' | 'all'
}

/** The statuses of a reply with a complete and with a partial summary. */
const DONE = 200
const PARTIAL = 206
/** The pauses before the first requests for the result. All later pauses take a second. */
const PAUSES_MS = [50, 100, 200, 400, 800]

/** Starts the summary job, then requests its result until the result is complete. */
function summaries(cluster: ClusterLike, env: Environment, args: Args): Observable<Result<BucketSummary>> {
  const cached = args.include === 'cached'
  const step = (uuid: string): Observable<Result<Step>> =>
    sendCall(cluster, {
      request: bucketRequest('GET', 'buckets', args.bucket),
      body: actionBody('summary-bck', { uuid, ...defined({ prefix: args.prefix }), cached, present: cached }),
      startsJob: uuid === '',
      decode: (body, request, status) => {
        if (status !== DONE && status !== PARTIAL) {
          const id = uuid === '' ? body.trim() : uuid
          return isJobId(id, env.ids)
            ? right({ id })
            : left({ _tag: 'DecodeError', problems: [`$: expected the id of a summary, got ${show(id)}`], request })
        }
        const decoded = decodeAs(BucketSummaries)(body, request)
        return isLeft(decoded) ? decoded : right({ id: uuid, summary: summed(decoded.right, status === DONE) })
      },
    })
  return step('').pipe(
    expand((result, nth) => {
      if (isLeft(result) || result.right.summary?.complete === true) return EMPTY
      const { id } = result.right
      return timer(PAUSES_MS[nth] ?? 1_000, env.scheduler).pipe(switchMap(() => step(id)))
    }),
    map((result): Result<BucketSummary | undefined> => (isLeft(result) ? result : right(result.right.summary))),
    filter((result): result is Result<BucketSummary> => isLeft(result) || result.right !== undefined),
  )
}

/** A summary under the library's names. Absent numbers are 0. */
function summed([one]: readonly (typeof BucketSummaries)['_A'][number][], complete: boolean): BucketSummary {
  const { ObjCount, ObjSize, TotalSize } = one ?? {}
  return {
    objects: ObjCount?.obj_count_present ?? 0n,
    bytes: TotalSize?.size_all_present_objs ?? 0n,
    remoteObjects: ObjCount?.obj_count_remote ?? 0n,
    remoteBytes: TotalSize?.size_all_remote_objs ?? 0n,
    bytesOnDisk: TotalSize?.size_on_disk ?? 0n,
    minBytes: ObjSize?.obj_min_size ?? 0n,
    avgBytes: ObjSize?.obj_avg_size ?? 0n,
    maxBytes: ObjSize?.obj_max_size ?? 0n,
    complete,
  }
}
