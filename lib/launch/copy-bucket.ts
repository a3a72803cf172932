import type { Observable } from 'rxjs'
import type { Bucket } from '../codec/bucket.ts'
import { defined } from '../common/defined.ts'
import { isLeft, right } from '../common/either.ts'
import { show } from '../common/text.ts'
import type { ClusterLike } from '../environment.ts'
import type { LaunchResult } from '../error.ts'
import {
  checkCopy,
  copyFields,
  prefixOrEverything,
  transformFields,
  twoBuckets,
  type CopyKnobs,
  type TransformKnobs,
} from './copy-options.ts'
import {
  bucket,
  included,
  isRemote,
  matching,
  readOptions,
  refuse,
  text,
  type Check,
  type Checked,
  type Values,
} from './fields.ts'
import type { LaunchedJob, LaunchedJobs } from './launched.ts'
import { actionBody, bucketRequest, launchMany, launchOne, pathOf, type Launch } from './send-launch.ts'

/** Options of {@link copyBucket}. */
export interface CopyBucketOptions extends CopyKnobs {
  /** The source. */
  readonly from: Bucket
  /** The destination. If it is an ais bucket that does not exist, it is created with the properties of the source. */
  readonly to: Bucket
  /**
   * Which objects. Defaults to `'everything'`; with `deleteExtra`, it must be given. A prefix is text, not a folder.
   */
  readonly what?: { readonly prefix: string } | 'everything' | undefined
  /**
   * Of a remote source: `'cached'` copies what the cluster has, `'all'` also what only the cloud has. Defaults to
   * `'cached'`.
   */
  readonly include?: 'cached' | 'all' | undefined
}

/**
 * Copies a bucket to another one. EACH SUBSCRIPTION COPIES.
 *
 * The job aborts at the first object that cannot be copied, unless `continueOnError` is set; then compare the counts
 * afterwards. The request is sent once and never repeated. An abort destroys the destination if the copy has created
 * it.
 *
 * @param cluster the cluster
 * @param options `from`, `to`: the buckets; `what`: which objects (default `'everything'`); `include` (default
 * `'cached'`); and the options of {@link CopyKnobs}
 * @returns cold; one Right with the job, or with `include: 'all'` maybe several; or one Left with `mayHaveStarted`:
 * InvalidArgument, NotFound (no such source), HttpError (400 `ErrXactUsePrev` while a copy into the same bucket runs,
 * 409 while a rebalance, resilver or rename runs, 507 if the cluster is full), or an error that any request can have
 * @see docs/protocol.md#210-actions-that-start-a-job; Python `Bucket.copy`, `ais cp`
 * @example
 * import { copyBucket, createCluster } from 'aistore-rx'
 * const cluster = createCluster('http://localhost:8080')
 * copyBucket(cluster, { from: { name: 'photos' }, to: { name: 'photos-copy' } }).subscribe(console.log)
 */
export function copyBucket(cluster: ClusterLike, options: CopyBucketOptions): Observable<LaunchResult<LaunchedJobs>> {
  return launchMany(cluster, () => copyPlan(options, 'copy-bck'))
}

/** Options of {@link transformBucket}. */
export interface TransformBucketOptions extends CopyBucketOptions, TransformKnobs {}

/**
 * Copies a bucket through an ETL. EACH SUBSCRIPTION STARTS THE JOB.
 *
 * An abort destroys the destination if the job has created it. With `dryRun`, the source may also be the destination:
 * such a run checks the ETL. A server without ETL replies NotFound.
 *
 * @param cluster the cluster
 * @param options those of {@link copyBucket}, and `etl`: the name of the ETL; `pipeline`: further ETLs;
 * `objectTimeoutMs`: the longest time for one object, in milliseconds
 * @returns cold; one Right with the job, or with `include: 'all'` maybe several; or one Left of the same kinds as
 * {@link copyBucket}
 * @see docs/protocol.md#210-actions-that-start-a-job; Python `Bucket.transform`, `ais etl bucket`
 * @example
 * import { createCluster, transformBucket } from 'aistore-rx'
 * const cluster = createCluster('http://localhost:8080')
 * transformBucket(cluster, { from: { name: 'raw' }, to: { name: 'hashed' }, etl: 'md5' }).subscribe(console.log)
 */
export function transformBucket(
  cluster: ClusterLike,
  options: TransformBucketOptions,
): Observable<LaunchResult<LaunchedJobs>> {
  return launchMany(cluster, () => copyPlan(options, 'etl-bck'))
}

const etlName: Check<Values> = (argument, given) => {
  const checked = text(argument, given)
  return isLeft(checked) ? checked : right({ id: checked.right })
}

/** The request that copies or transforms a bucket, and what is known of its job. */
function copyPlan(options: unknown, action: 'copy-bck' | 'etl-bck'): Checked<Launch> {
  const isTransform = action === 'etl-bck'
  const etl: Check<Values> = isTransform
    ? etlName
    : (argument, given) => (given === undefined ? right({}) : refuse(argument, 'is for transformBucket()'))
  const read = readOptions(
    options,
    { ...twoBuckets, what: prefixOrEverything, include: included, etl },
    isTransform ? { ...copyFields, ...transformFields } : copyFields,
  )
  if (isLeft(read)) return read
  const { args, value } = read.right
  const { from, to, what, include } = args
  const bad = checkCopy(from, to, value)
  if (isLeft(bad)) return bad
  if (value['synchronize'] === true && what === undefined)
    return refuse('what', 'got none; deleteExtra deletes from the destination, so it takes what to compare')
  // A bucket of this cluster has only objects in the cluster. For all objects of a remote bucket, the proxies copy page
  // by page, with a job that idles and that other launches share.
  const isListed = include === 'all' && isRemote(from)
  const listedKind = isTransform ? 'etl-listrange' : 'copy-listrange'
  return right({
    request: bucketRequest(
      'POST',
      'buckets',
      from,
      defined({ bck_to: pathOf(to), presence: isListed ? '0' : undefined }),
    ),
    body: actionBody(action, { ...args.etl, ...value, ...what }),
    kind: isListed ? listedKind : action,
    inBucket: from,
    shared: isListed,
    mayBeUnknown: isListed,
  })
}

/** Options of {@link renameBucket}. */
export interface RenameBucketOptions {
  /** The bucket, which must be an ais bucket of this cluster. */
  readonly from: Bucket
  /** The new name. */
  readonly to: string
}

const NAME = /^(?!\.+$)[A-Za-z0-9_.-]{1,64}$/

/**
 * Renames an ais bucket. EACH SUBSCRIPTION STARTS THE JOB.
 *
 * The counters of the job stay 0 while it runs.
 *
 * @param cluster the cluster
 * @param options `from`: the bucket; `to`: its new name
 * @returns cold; one Right with the job, or one Left with `mayHaveStarted`: InvalidArgument, NotFound (no such bucket),
 * HttpError (400 if the new name exists, 409 while a job uses one of them), or an error that any request can have
 * @see docs/protocol.md#210-actions-that-start-a-job; Python `Bucket.rename`, `ais bucket mv`
 * @example
 * import { createCluster, renameBucket } from 'aistore-rx'
 * renameBucket(createCluster('http://localhost:8080'), { from: { name: 'a' }, to: 'b' }).subscribe(console.log)
 */
export function renameBucket(
  cluster: ClusterLike,
  options: RenameBucketOptions,
): Observable<LaunchResult<LaunchedJob>> {
  return launchOne(cluster, () => {
    const read = readOptions(options, {
      from: bucket,
      to: matching(NAME, 'the new name: 1 to 64 of A-Z a-z 0-9 - _ .'),
    })
    if (isLeft(read)) return read
    const { from, to } = read.right.args
    if ((from.provider || 'ais') !== 'ais' || (from.namespace?.uuid ?? '') !== '')
      return refuse('from', 'got a remote bucket; takes an ais bucket of this cluster')
    if (from.name === to) return refuse('to', `got ${show(to)}, which is its name already`)
    return right({
      request: bucketRequest('POST', 'buckets', from, { bck_to: pathOf({ ...from, name: to }) }),
      body: actionBody('move-bck'),
      kind: 'move-bck',
      inBucket: from,
    })
  })
}
