import type { Observable } from 'rxjs'
import type { Bucket } from '../codec/bucket.ts'
import { isLeft, right, sequenceArray } from '../common/either.ts'
import type { ClusterLike } from '../environment.ts'
import type { LaunchResult } from '../error.ts'
import {
  checkCopyOfObjects,
  checkRecursive,
  copyFields,
  toBucket,
  transformFields,
  twoBuckets,
  type CopyKnobs,
  type TransformKnobs,
} from './copy-options.ts'
import { readOptions, text, type Checked } from './fields.ts'
import type { LaunchedJobs } from './launched.ts'
import { objects, type CheckedSelection, type ObjectSelection } from './objects.ts'
import { actionBody, bucketRequest, launchMany, type Launch } from './send-launch.ts'

/** Options of {@link copyObjects}. */
export interface CopyObjectsOptions extends CopyKnobs {
  /** The source. */
  readonly from: Bucket
  /**
   * The destination. If it is an ais bucket that does not exist, it is created. It may be the source itself if
   * `prepend`, `extensions` or an ETL changes each object.
   */
  readonly to: Bucket
  /** Which objects. There is no default. */
  readonly what: ObjectSelection
}

/**
 * Copies chosen objects to another bucket. EACH SUBSCRIPTION COPIES.
 *
 * The job idles when its work is done, and takes the next copies between the same two buckets: wait until it is idle
 * (`wait` does). Its counters and errors include the work of others, and an abort stops the work of all users (protocol
 * T15).
 *
 * @param cluster the cluster
 * @param options `from`, `to`: the buckets; `what`: which objects; and the options of {@link CopyKnobs}
 * @returns cold; one Right with at least one job (more than one while an older job of these buckets winds down: protocol T29), or
 * one Left with `mayHaveStarted`: InvalidArgument, NotFound (no such source), HttpError (409 `ErrBusy` "xid mismatch":
 * launch again after a pause; 409 while a rebalance or resilver runs), or an error that any request can have
 * @see docs/protocol.md#210-actions-that-start-a-job; Python `ObjectGroup.copy`, `ais cp --list`, `ais cp --template`
 * @see docs/protocol.md#t15
 * @example
 * import { copyObjects, createCluster } from 'aistore-rx'
 * const what = { template: 'shard-{000..099}.tar' }
 * const cluster = createCluster('http://localhost:8080')
 * copyObjects(cluster, { from: { name: 'photos' }, to: { name: 'sample' }, what }).subscribe(console.log)
 */
export function copyObjects(cluster: ClusterLike, options: CopyObjectsOptions): Observable<LaunchResult<LaunchedJobs>> {
  return launchMany(cluster, () => {
    const read = readOptions(options, { ...twoBuckets, what: objects }, copyFields)
    return isLeft(read) ? read : plan('copy-listrange', read.right.args, read.right.value)
  })
}

/** Options of {@link transformObjects}. */
export interface TransformObjectsOptions extends CopyObjectsOptions, TransformKnobs {}

/**
 * Copies chosen objects through an ETL. EACH SUBSCRIPTION STARTS THE JOB.
 *
 * It behaves like {@link copyObjects}: the job idles and is shared.
 *
 * @param cluster the cluster
 * @param options those of {@link copyObjects}, and `etl`: the name of the ETL; `pipeline`: further ETLs;
 * `objectTimeoutMs`: the longest time for one object, in milliseconds
 * @returns cold; one Right with at least one job, or one Left of the same kinds as {@link copyObjects}; NotFound also if the
 * server has no ETL
 * @see docs/protocol.md#210-actions-that-start-a-job; Python `ObjectGroup.transform`
 * @example
 * import { createCluster, transformObjects } from 'aistore-rx'
 * const what = { names: ['a.jpg'] }
 * const cluster = createCluster('http://localhost:8080')
 * transformObjects(cluster, { from: { name: 'raw' }, to: { name: 'done' }, what, etl: 'md5' }).subscribe(console.log)
 */
export function transformObjects(
  cluster: ClusterLike,
  options: TransformObjectsOptions,
): Observable<LaunchResult<LaunchedJobs>> {
  return launchMany(cluster, () => {
    const read = readOptions(
      options,
      { ...twoBuckets, what: objects, etl: text },
      { ...copyFields, ...transformFields },
    )
    if (isLeft(read)) return read
    const { args, value } = read.right
    return plan('etl-listrange', args, { id: args.etl, ...value })
  })
}

/** The request that copies or transforms chosen objects, and what is known of its job. */
function plan(
  action: 'copy-listrange' | 'etl-listrange',
  { from, to, what }: { readonly from: Bucket; readonly to: Bucket; readonly what: CheckedSelection },
  value: Readonly<Record<string, unknown>>,
): Checked<Launch> {
  const bad = sequenceArray([checkCopyOfObjects(from, to, value), checkRecursive(what, value)])
  if (isLeft(bad)) return bad
  return right({
    request: bucketRequest('POST', 'buckets', from),
    body: actionBody(action, { ...what.value, ...toBucket(to), ...value }),
    kind: action,
    inBucket: from,
    shared: true,
    expected: what.expected,
  })
}
