import type { Observable } from 'rxjs'
import type { Bucket } from '../codec/bucket.ts'
import { isLeft, right } from '../common/either.ts'
import type { ClusterLike } from '../environment.ts'
import type { LaunchResult } from '../error.ts'
import { checkRecursive, continueOnError, recursive, workersField } from './copy-options.ts'
import {
  sentAs,
  bucket,
  flag,
  readOptions,
  refuse,
  remoteBucket,
  whole,
  workers,
  type Check,
  type Checked,
  type Values,
} from './fields.ts'
import type { LaunchedJob } from './launched.ts'
import { objects, type ObjectSelection } from './objects.ts'
import { actionBody, bucketRequest, launchOne, type Launch } from './send-launch.ts'

/** Options of {@link deleteObjects} and {@link evictObjects}. */
export interface ObjectsOptions {
  /** The bucket. */
  readonly bucket: Bucket
  /** Which objects. There is no default. */
  readonly what: ObjectSelection
  /** Workers on each target, from 0 (one for each mountpath), or `'serial'`. */
  readonly workers?: number | 'serial' | undefined
  /** Whether to go on after an object that fails. Defaults to false. */
  readonly continueOnError?: boolean | undefined
  /** Only with a prefix: whether to descend into "folders". Defaults to true. */
  readonly recursive?: boolean | undefined
}

/** Options of {@link prefetch}. */
export interface PrefetchOptions extends ObjectsOptions {
  /** Whether to look for a newer version in the cloud. Defaults to false. */
  readonly latest?: boolean | undefined
  /**
   * Brings in large objects in parts: objects from `fromBytes` bytes on, in chunks of `chunkBytes` bytes, by `workers`
   * workers for each object.
   */
  readonly blob?:
    | {
        readonly fromBytes: number
        readonly chunkBytes?: number | undefined
        readonly workers?: number | 'serial' | undefined
      }
    | undefined
}

const objectFields: Readonly<Record<string, Check<Values>>> = { workers: workersField, continueOnError, recursive }

const blob: Check<Values> = (argument, given) => {
  const read = readOptions(
    given,
    { fromBytes: whole(1) },
    {
      chunkBytes: sentAs('blob-chunk-size', whole(1)),
      workers: sentAs('blob-num-workers', workers),
    },
  )
  if (isLeft(read)) return refuse(`${argument}.${read.left.argument}`, read.left.message)
  return right({ 'blob-threshold': read.right.args.fromBytes, ...read.right.value })
}

/**
 * Brings objects of a remote bucket into the cluster. EACH SUBSCRIPTION STARTS A JOB.
 *
 * Objects that the cluster has already are not counted, so the counters may end below the number of names.
 *
 * @param cluster the cluster
 * @param options `bucket`: a remote bucket; `what`: which objects; `latest`: whether to look for newer versions (default
 * false); `blob`: how to bring in large objects in parts; `workers`, `continueOnError`, `recursive`
 * @returns cold; one Right with the job, or one Left with `mayHaveStarted`: InvalidArgument (also for a bucket that is not
 * remote), NotFound (no such bucket), HttpError (507 if the cluster is full), or an error that any request can have
 * @see docs/protocol.md#210-actions-that-start-a-job; Python `ObjectGroup.prefetch`, `ais prefetch`
 * @example
 * import { createCluster, prefetch } from 'aistore-rx'
 * const bucket = { name: 'data', provider: 'aws' }
 * prefetch(createCluster('http://localhost:8080'), { bucket, what: { prefix: 'train/' } }).subscribe(console.log)
 */
export function prefetch(cluster: ClusterLike, options: PrefetchOptions): Observable<LaunchResult<LaunchedJob>> {
  return launchOne(cluster, () =>
    plan(options, 'POST', 'prefetch-listrange', remoteBucket, {
      ...objectFields,
      latest: sentAs('latest-ver', flag),
      blob,
    }),
  )
}

/**
 * Drops the cluster's copies of objects of a remote bucket. EACH SUBSCRIPTION STARTS A JOB.
 *
 * The cloud keeps its copies. Names that the cluster does not have are errors of the job.
 *
 * @param cluster the cluster
 * @param options `bucket`: a remote bucket; `what`: which objects; `workers`, `continueOnError`, `recursive`
 * @returns cold; one Right with the job, or one Left with `mayHaveStarted`: InvalidArgument (also for a bucket that is not
 * remote), NotFound (no such bucket), or an error that any request can have
 * @see docs/protocol.md#210-actions-that-start-a-job; Python `ObjectGroup.evict`, `ais evict --template`
 * @example
 * import { createCluster, evictObjects } from 'aistore-rx'
 * const bucket = { name: 'data', provider: 'aws' }
 * evictObjects(createCluster('http://localhost:8080'), { bucket, what: { prefix: 'train/' } }).subscribe(console.log)
 */
export function evictObjects(cluster: ClusterLike, options: ObjectsOptions): Observable<LaunchResult<LaunchedJob>> {
  return launchOne(cluster, () => plan(options, 'DELETE', 'evict-listrange', remoteBucket, objectFields))
}

/**
 * Deletes objects, also in the cloud if the bucket is remote. EACH SUBSCRIPTION STARTS A JOB.
 *
 * There is no way back, and no default: `'everything'` must be written out (protocol T13). Names that do not exist are
 * errors of the job, which only one target's snapshot shows; `wait` reports them.
 *
 * @param cluster the cluster
 * @param options `bucket`: the bucket; `what`: which objects; `workers`, `continueOnError`, `recursive`
 * @returns cold; one Right with the job, or one Left with `mayHaveStarted`: InvalidArgument, NotFound (no such bucket), or
 * an error that any request can have
 * @see docs/protocol.md#210-actions-that-start-a-job; Python `ObjectGroup.delete`, `ais object rm`
 * @see docs/protocol.md#t13
 * @example
 * import { createCluster, deleteObjects } from 'aistore-rx'
 * const what = { names: ['a.tar', 'b.tar'] }
 * deleteObjects(createCluster('http://localhost:8080'), { bucket: { name: 'photos' }, what }).subscribe(console.log)
 */
export function deleteObjects(cluster: ClusterLike, options: ObjectsOptions): Observable<LaunchResult<LaunchedJob>> {
  return launchOne(cluster, () => plan(options, 'DELETE', 'delete-listrange', bucket, objectFields))
}

function plan(
  options: unknown,
  method: 'POST' | 'DELETE',
  action: string,
  inBucket: Check<Bucket>,
  fields: Readonly<Record<string, Check<Values>>>,
): Checked<Launch> {
  const read = readOptions(options, { bucket: inBucket, what: objects }, fields)
  if (isLeft(read)) return read
  const { args, value } = read.right
  const bad = checkRecursive(args.what, value)
  if (isLeft(bad)) return bad
  return right({
    request: bucketRequest(method, 'buckets', args.bucket),
    body: actionBody(action, { ...args.what.value, ...value }),
    kind: action,
    inBucket: args.bucket,
    expected: args.what.expected,
  })
}
