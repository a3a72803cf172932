import type { Observable } from 'rxjs'
import type { Bucket } from '../codec/bucket.ts'
import { defined } from '../common/defined.ts'
import { isLeft, right } from '../common/either.ts'
import type { ClusterLike } from '../environment.ts'
import type { LaunchResult } from '../error.ts'
import { workersField } from './copy-options.ts'
import { sentAs, bucket, flag, optional, readOptions, whole } from './fields.ts'
import type { LaunchedJob } from './launched.ts'
import { plainPrefix } from './objects.ts'
import { actionBody, bucketRequest, launchOne } from './send-launch.ts'

/** Options of {@link mirror}. */
export interface MirrorOptions {
  /** The bucket. */
  readonly bucket: Bucket
  /** The number of copies of each object, on different mountpaths of its target; 1 means no mirroring. */
  readonly copies: number
}

/**
 * Sets how many copies a bucket keeps of each object, and makes or drops them. EACH SUBSCRIPTION STARTS A JOB.
 *
 * @param cluster the cluster
 * @param options `bucket`: the bucket; `copies`: from 1 (no mirroring) to the number of mountpaths
 * @returns cold; one Right with the job, or one Left with `mayHaveStarted`: InvalidArgument, NotFound (no such bucket),
 * HttpError (400 while such a job runs or with more copies than mountpaths, 409 while a rebalance or resilver runs, 507
 * if the cluster is full), or an error that any request can have
 * @see docs/protocol.md#210-actions-that-start-a-job; `ais start mirror --copies`
 * @example
 * import { createCluster, mirror } from 'aistore-rx'
 * mirror(createCluster('http://localhost:8080'), { bucket: { name: 'photos' }, copies: 2 }).subscribe(console.log)
 */
export function mirror(cluster: ClusterLike, options: MirrorOptions): Observable<LaunchResult<LaunchedJob>> {
  return launchOne(cluster, () => {
    const read = readOptions(options, { bucket, copies: whole(1, 64) })
    if (isLeft(read)) return read
    const { args } = read.right
    return right({
      request: bucketRequest('POST', 'buckets', args.bucket),
      body: actionBody('make-n-copies', args.copies),
      kind: 'make-n-copies',
      inBucket: args.bucket,
    })
  })
}

/** Options of {@link erasureCode}. */
export interface ErasureCodeOptions {
  /** The bucket. */
  readonly bucket: Bucket
  /** Data slices of each object, from 1. */
  readonly dataSlices: number
  /** Parity slices of each object, from 1. An object survives the loss of as many targets. */
  readonly paritySlices: number
  /** Objects below this size, in bytes, are copied instead. Defaults to the server's own limit. */
  readonly mirrorBelowBytes?: number | undefined
  /** Whether to check a bucket that is already coded, and to rebuild missing slices. Defaults to false. */
  readonly recover?: boolean | undefined
}

/**
 * Erasure-codes the objects of a bucket, and its future objects. EACH SUBSCRIPTION STARTS A JOB.
 *
 * It needs `dataSlices + paritySlices + 1` targets.
 *
 * @param cluster the cluster
 * @param options `bucket`: the bucket; `dataSlices`, `paritySlices`: from 1; `mirrorBelowBytes`: copy smaller objects
 * instead, in bytes; `recover`: check and rebuild (default false)
 * @returns cold; one Right with the job, or one Left with `mayHaveStarted`: InvalidArgument, NotFound (no such bucket),
 * HttpError (400 `ErrNotEnoughTargets`, 400 if it is coded with other numbers, 409 while a rebalance or resilver runs),
 * or an error that any request can have
 * @see docs/protocol.md#210-actions-that-start-a-job; `ais start ec-encode`
 * @example
 * import { createCluster, erasureCode } from 'aistore-rx'
 * const bucket = { name: 'photos' }
 * const cluster = createCluster('http://localhost:8080')
 * erasureCode(cluster, { bucket, dataSlices: 1, paritySlices: 1 }).subscribe(console.log)
 */
export function erasureCode(cluster: ClusterLike, options: ErasureCodeOptions): Observable<LaunchResult<LaunchedJob>> {
  return launchOne(cluster, () => {
    const read = readOptions(options, {
      bucket,
      dataSlices: whole(1, 32),
      paritySlices: whole(1, 32),
      mirrorBelowBytes: optional(whole(0)),
      recover: optional(flag),
    })
    if (isLeft(read)) return read
    const { args } = read.right
    const settings = defined({
      enabled: true,
      data_slices: args.dataSlices,
      parity_slices: args.paritySlices,
      objsize_limit: args.mirrorBelowBytes,
    })
    return right({
      request: bucketRequest('POST', 'buckets', args.bucket),
      // The server takes a text that holds JSON, and refuses an object.
      body: actionBody('ec-encode', JSON.stringify(settings), args.recover === true ? 'recover' : undefined),
      kind: 'ec-encode',
      inBucket: args.bucket,
    })
  })
}

/** Options of {@link rechunk}. */
export interface RechunkOptions {
  /** The bucket. */
  readonly bucket: Bucket
  /** Size of a chunk, in bytes, from 1. */
  readonly chunkBytes: number
  /** Objects from this size on are stored as chunks, in bytes; 0 stores all objects in one piece again. */
  readonly fromBytes: number
  /** Only objects whose names begin with this text. */
  readonly prefix?: string | undefined
  /** Only for a remote bucket: whether to write the result to the cloud too. Defaults to false. */
  readonly writeBack?: boolean | undefined
}

/**
 * Stores large objects as chunks, or stores all objects in one piece again. EACH SUBSCRIPTION STARTS A JOB.
 *
 * @param cluster the cluster
 * @param options `bucket`: the bucket; `chunkBytes`: size of a chunk; `fromBytes`: size from which objects are stored as
 * chunks, 0 for none; `prefix`: only these objects; `writeBack`: to the cloud too (default false)
 * @returns cold; one Right with the job, or one Left with `mayHaveStarted`: InvalidArgument, NotFound (no such bucket),
 * HttpError (400 while such a job runs, 409 while a rebalance or resilver runs), or an error that any request can have
 * @see docs/protocol.md#210-actions-that-start-a-job; Python `job("rechunk").start()`, `ais bucket rechunk`
 * @example
 * import { createCluster, rechunk } from 'aistore-rx'
 * const cluster = createCluster('http://localhost:8080')
 * rechunk(cluster, { bucket: { name: 'video' }, chunkBytes: 2 ** 24, fromBytes: 2 ** 27 }).subscribe(console.log)
 */
export function rechunk(cluster: ClusterLike, options: RechunkOptions): Observable<LaunchResult<LaunchedJob>> {
  return launchOne(cluster, () => {
    const read = readOptions(
      options,
      { bucket, chunkBytes: whole(1), fromBytes: whole(0) },
      { prefix: sentAs('prefix', plainPrefix), writeBack: sentAs('sync-remote', flag) },
    )
    if (isLeft(read)) return read
    const { args, value } = read.right
    return right({
      request: bucketRequest('POST', 'buckets', args.bucket),
      body: actionBody('rechunk', { 'objsize-limit': args.fromBytes, 'chunk-size': args.chunkBytes, ...value }),
      kind: 'rechunk',
      inBucket: args.bucket,
    })
  })
}

/** Options of {@link indexShards}. */
export interface IndexShardsOptions {
  /** The bucket. */
  readonly bucket: Bucket
  /** Only archives whose names begin with this text. */
  readonly prefix?: string | undefined
  /** Workers on each target, from 0 (one for each mountpath), or `'serial'`. */
  readonly workers?: number | 'serial' | undefined
  /** Whether to trust indexes that exist. Defaults to false: they are verified. */
  readonly trustExisting?: boolean | undefined
}

/**
 * Indexes the tar archives of a bucket, so that reads of their entries are quick. EACH SUBSCRIPTION STARTS A JOB.
 *
 * @param cluster the cluster
 * @param options `bucket`: the bucket; `prefix`: only these archives; `workers`; `trustExisting` (default false)
 * @returns cold; one Right with the job, or one Left with `mayHaveStarted`: InvalidArgument, NotFound (no such bucket),
 * HttpError (400 while such a job with an overlapping prefix runs), or an error that any request can have
 * @see docs/protocol.md#210-actions-that-start-a-job; `ais bucket shard-index build`
 * @example
 * import { createCluster, indexShards } from 'aistore-rx'
 * indexShards(createCluster('http://localhost:8080'), { bucket: { name: 'shards' } }).subscribe(console.log)
 */
export function indexShards(cluster: ClusterLike, options: IndexShardsOptions): Observable<LaunchResult<LaunchedJob>> {
  return launchOne(cluster, () => {
    const read = readOptions(
      options,
      { bucket },
      { prefix: sentAs('prefix', plainPrefix), workers: workersField, trustExisting: sentAs('skip-verify', flag) },
    )
    if (isLeft(read)) return read
    const { args, value } = read.right
    return right({
      request: bucketRequest('POST', 'buckets', args.bucket),
      body: actionBody('index-shard', value),
      kind: 'index-shard',
      inBucket: args.bucket,
    })
  })
}
