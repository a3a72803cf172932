import type { Observable } from 'rxjs'
import type { Bucket } from '../codec/bucket.ts'
import { defined } from '../common/defined.ts'
import { isLeft, right } from '../common/either.ts'
import type { ClusterLike } from '../environment.ts'
import type { LaunchResult } from '../error.ts'
import {
  sentAs,
  bucket,
  duration,
  flag,
  listOf,
  matching,
  readOptions,
  remoteBucket,
  text,
  whole,
  type Check,
} from './fields.ts'
import type { AlreadyDone, LaunchedJob } from './launched.ts'
import { objectName, plainPrefix } from './objects.ts'
import { actionBody, bucketRequest, launchDone, launchOne, launchOrDone } from './send-launch.ts'

/** Options of {@link evictBucket}. */
export interface EvictBucketOptions {
  /** A remote bucket. */
  readonly bucket: Bucket
  /** Whether the cluster keeps the properties of the bucket. There is no default. */
  readonly keepProperties: boolean
}

/**
 * Drops all copies that the cluster has of a remote bucket. EACH SUBSCRIPTION DROPS THEM.
 *
 * The cloud keeps its data. The eviction is complete when the cluster replies, so there is no job to wait for. The
 * cluster also reports success if it does not know the bucket.
 *
 * @param cluster the cluster
 * @param options `bucket`: a remote bucket; `keepProperties`: whether its properties stay
 * @returns cold; one Right({ done: true, kind }), or one Left with `mayHaveStarted`: InvalidArgument (also for a bucket
 * that is not remote), or an error that any request can have
 * @see docs/protocol.md#210-actions-that-start-a-job; Python `Bucket.evict`, `ais evict`
 * @example
 * import { createCluster, evictBucket } from 'aistore-rx'
 * const bucket = { name: 'data', provider: 'aws' }
 * evictBucket(createCluster('http://localhost:8080'), { bucket, keepProperties: true }).subscribe(console.log)
 */
export function evictBucket(cluster: ClusterLike, options: EvictBucketOptions): Observable<LaunchResult<AlreadyDone>> {
  return launchDone(cluster, () => {
    const read = readOptions(options, { bucket: remoteBucket, keepProperties: flag })
    if (isLeft(read)) return read
    const { args } = read.right
    const query = defined({ keep_bck_md: args.keepProperties ? 'true' : undefined })
    return right({
      request: bucketRequest('DELETE', 'buckets', args.bucket, query),
      body: actionBody('evict-remote-bck'),
      kind: 'evict-remote-bck',
      inBucket: args.bucket,
    })
  })
}

/** Options of {@link createInventory}. */
export interface CreateInventoryOptions {
  /** A remote bucket. */
  readonly bucket: Bucket
  /** Name of the inventory: letters, digits, - and _. */
  readonly name?: string | undefined
  /** Only objects whose names begin with this text. */
  readonly prefix?: string | undefined
  /** Properties that the inventory has of each object, such as `['size', 'checksum']`. */
  readonly props?: readonly string[] | undefined
  /** Names in a chunk of the inventory, from 2 to 640,000. Defaults to the server's 20,000. */
  readonly namesPerChunk?: number | undefined
  /** Whether to replace an inventory that exists. Defaults to false: then the cluster refuses. */
  readonly replace?: boolean | undefined
}

const names = listOf(/^[A-Za-z_-]+$/, 'a list of properties such as ["size"]')

const props: Check<string> = (argument, given) => {
  const read = names(argument, given)
  return isLeft(read) ? read : right(read.right.join(','))
}

/**
 * Lists a remote bucket once, so that later listings are quick. EACH SUBSCRIPTION STARTS A JOB.
 *
 * It refuses a bucket that is not remote: with one, the request would crash every target (protocol T3).
 *
 * @param cluster the cluster
 * @param options `bucket`: a remote bucket; `name`, `prefix`, `props`, `namesPerChunk`; `replace` (default false)
 * @returns cold; one Right with the job, or one Left with `mayHaveStarted`: InvalidArgument, NotFound (no such bucket),
 * HttpError (400 if there is an inventory, 409 while an inventory is created), or an error that any request can have
 * @see docs/protocol.md#t3; Python `Bucket.create_inventory`, `ais nbi create`
 * @example
 * import { createCluster, createInventory } from 'aistore-rx'
 * const bucket = { name: 'data', provider: 'aws' }
 * createInventory(createCluster('http://localhost:8080'), { bucket, props: ['size'] }).subscribe(console.log)
 */
export function createInventory(
  cluster: ClusterLike,
  options: CreateInventoryOptions,
): Observable<LaunchResult<LaunchedJob>> {
  return launchOne(cluster, () => {
    const read = readOptions(
      options,
      { bucket: remoteBucket },
      {
        name: sentAs('name', matching(/^[A-Za-z0-9_-]{1,64}$/, 'letters, digits, - and _')),
        prefix: sentAs('prefix', plainPrefix),
        props: sentAs('props', props),
        namesPerChunk: sentAs('names_per_chunk', whole(2, 640_000)),
        replace: sentAs('force', flag),
      },
    )
    if (isLeft(read)) return read
    const { args, value } = read.right
    return right({
      request: bucketRequest('POST', 'buckets', args.bucket),
      body: actionBody('create-inventory', value),
      kind: 'create-inventory',
      inBucket: args.bucket,
    })
  })
}

/** Options of {@link promote}. */
export interface PromoteOptions {
  /** The bucket that gets the objects. */
  readonly bucket: Bucket
  /** The absolute path of a file or directory on the targets; since AIStore 5.0 below `/var/lib/ais/promote`. */
  readonly source: string
  /** The name of the object or, for a directory, the beginning of the names. */
  readonly prefix?: string | undefined
  /** The only target whose files are promoted. Defaults to all. */
  readonly target?: string | undefined
  /** Whether to descend into directories. Defaults to false. */
  readonly recursive?: boolean | undefined
  /** Whether to overwrite objects that exist. Defaults to false. */
  readonly overwrite?: boolean | undefined
  /** Whether to delete the files afterwards. Defaults to false. */
  readonly deleteSource?: boolean | undefined
  /** Whether each target has files of its own, rather than one shared mount. Defaults to false. */
  readonly notShared?: boolean | undefined
}

/**
 * Makes objects of files that the targets can read. EACH SUBSCRIPTION PROMOTES.
 *
 * The server promotes a few files (at most 16) before it replies. There is then no job to wait for.
 *
 * @param cluster the cluster
 * @param options `bucket`: the bucket; `source`: an absolute path on the targets; `prefix`, `target`, `recursive`,
 * `overwrite`, `deleteSource`, `notShared`
 * @returns cold; one Right with the job or with { done: true, kind }, or one Left with `mayHaveStarted`: InvalidArgument,
 * NotFound (no such bucket or file), HttpError (400 for a path that is not allowed), or an error that any request can
 * have
 * @see docs/protocol.md#210-actions-that-start-a-job; Python `Object.promote`, `ais object promote`
 * @example
 * import { createCluster, promote } from 'aistore-rx'
 * const source = '/var/lib/ais/promote/photos'
 * const cluster = createCluster('http://localhost:8080')
 * promote(cluster, { bucket: { name: 'photos' }, source, recursive: true }).subscribe(console.log)
 */
export function promote(
  cluster: ClusterLike,
  options: PromoteOptions,
): Observable<LaunchResult<LaunchedJob | AlreadyDone>> {
  return launchOrDone(cluster, () => {
    const read = readOptions(
      options,
      { bucket, source: matching(/^\/[^\0-\x1f\x7f]+$/, 'an absolute path on the targets') },
      {
        prefix: sentAs('obj', plainPrefix),
        target: sentAs('tid', text),
        recursive: sentAs('rcr', flag),
        overwrite: sentAs('ovw', flag),
        deleteSource: sentAs('dls', flag),
        notShared: sentAs('notshr', flag),
      },
    )
    if (isLeft(read)) return read
    const { args, value } = read.right
    return right({
      request: bucketRequest('POST', 'objects', args.bucket),
      body: actionBody('promote', { src: args.source, ...value }, args.source),
      kind: 'promote',
      inBucket: args.bucket,
    })
  })
}

/** Options of {@link blobDownload}. */
export interface BlobDownloadOptions {
  /** A remote bucket. */
  readonly bucket: Bucket
  /** Name of the object. */
  readonly object: string
  /** Size of a part, in bytes, up to 16 MiB. Defaults to the server's 4 MiB. */
  readonly chunkBytes?: number | undefined
  /** Parts at a time, from 1 to 128, or `'serial'`. */
  readonly workers?: number | 'serial' | undefined
  /** Whether to look for a newer version in the cloud. Defaults to false. */
  readonly latest?: boolean | undefined
  /** The longest time for one part, in milliseconds. Defaults to the server's own limit. */
  readonly chunkTimeoutMs?: number | undefined
}

const blobWorkers: Check<number> = (argument, given) =>
  given === 'serial' ? right(-1) : whole(1, 128)(argument, given)

/**
 * Brings one large object of a remote bucket into the cluster, in parts. EACH SUBSCRIPTION STARTS IT.
 *
 * The job runs on one target. If the cluster already has the object, there is nothing to do and no job.
 *
 * @param cluster the cluster
 * @param options `bucket`: a remote bucket; `object`: the name; `chunkBytes` (up to 16 MiB), `workers`, `latest`,
 * `chunkTimeoutMs`
 * @returns cold; one Right with the job or with { done: true, kind }, or one Left with `mayHaveStarted`: InvalidArgument
 * (also for a bucket that is not remote), NotFound (no such object), HttpError (429 under load, 400 `ErrXactUsePrev`
 * while such a job for this object runs), or an error that any request can have
 * @see docs/protocol.md#t12; Python `Object.blob_download`, `ais blob-download`
 * @example
 * import { blobDownload, createCluster } from 'aistore-rx'
 * const bucket = { name: 'data', provider: 'aws' }
 * blobDownload(createCluster('http://localhost:8080'), { bucket, object: 'big.bin' }).subscribe(console.log)
 */
export function blobDownload(
  cluster: ClusterLike,
  options: BlobDownloadOptions,
): Observable<LaunchResult<LaunchedJob | AlreadyDone>> {
  return launchOrDone(cluster, () => {
    const read = readOptions(
      options,
      { bucket: remoteBucket, object: objectName },
      {
        chunkBytes: sentAs('chunk-size', whole(1, 16 * 1_024 * 1_024)),
        workers: sentAs('num-workers', blobWorkers),
        latest: sentAs('latest-ver', flag),
        chunkTimeoutMs: sentAs('chunk-read-timeout', duration),
      },
    )
    if (isLeft(read)) return read
    const { args, value } = read.right
    return right({
      request: bucketRequest('POST', 'objects', args.bucket),
      body: actionBody('blob-download', value, args.object),
      kind: 'blob-download',
      inBucket: args.bucket,
      isOneTarget: true,
    })
  })
}
