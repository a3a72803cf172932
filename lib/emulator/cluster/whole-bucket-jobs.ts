import { done } from './acts.ts'
import { begin, byName } from './bucket-jobs.ts'
import { workOn } from './work-on.ts'
import { objectsOf, putInto } from '../store/of-bucket.ts'
import { bucketUri, isRemote, type Bucket, type BucketName } from './bucket.ts'
import { findBucket } from './create.ts'
import { refuseMove } from './in-use.ts'
import { freshId, mappedTargets } from './launch.ts'
import { killTarget } from './nodes.ts'
import { pick } from './random.ts'
import { failedCall } from './reach.ts'
import { checkBucket, refuse } from './start-checks.ts'
import type { Refusal } from './refusal.ts'
import type { Started } from './started.ts'
import { writeObject } from './write-object.ts'
import type { Cluster, Outcome, Run } from './state.ts'

/** Renames a bucket. The new bucket exists at once, with all objects. */
export const renameBucket = (
  cluster: Cluster,
  from: BucketName,
  to: BucketName,
  proxyId: string,
  now: number,
): Started | Refusal => {
  const existing = findBucket(cluster, from)
  if (existing && findBucket(cluster, to)) {
    return refuse(400, `bucket "${bucketUri(to)}" already exists`, 'ErrBucketAlreadyExists')
  }
  const inUse = existing ? refuseMove(cluster, existing, to, now) : undefined
  if (inUse) return inUse
  return begin(cluster, from, 'move-bck', proxyId, now, (source) => {
    cluster.buckets.delete(bucketUri(from))
    cluster.buckets.set(bucketUri(to), { ...source, bck: to })
    const requestText = `mv ${bucketUri(from)}=>${bucketUri(to)}`
    return { ...workOn(source), kind: 'move-bck', bck: to, src: from, dst: to, requestText, listenedBy: [from, to] }
  })
}

/** Indexes the shards of a bucket. */
export const indexShards = (cluster: Cluster, bck: BucketName, proxyId: string, now: number): Started | Refusal =>
  begin(cluster, bck, 'index-shard', proxyId, now, (bucket) => ({
    ...workOn(bucket),
    kind: 'index-shard',
    bck,
    listenedBy: [bck],
  }))

/**
 * Creates an inventory of a remote bucket. For a bucket that is not remote, all targets crash, as on the real server.
 */
export const createInventory = (cluster: Cluster, bck: BucketName, proxyId: string, now: number): Started | Refusal => {
  const refusal = checkBucket(cluster, bck)
  if (refusal) return refusal
  const targets = mappedTargets(cluster)
  if (!isRemote(bck) && targets.length > 0) {
    const first = pick(cluster.random, targets)
    for (const target of targets) killTarget(cluster, target.id, now)
    return failedCall(proxyId, first, 'Post', `/v1/txn/${bck.name}`, 'EOF')
  }
  return begin(cluster, bck, 'create-inventory', proxyId, now, (bucket) => ({
    ...workOn(bucket),
    kind: 'create-inventory',
    id: freshId(cluster, 'inv-'),
    bck,
    listenedBy: [bck],
  }))
}

/** Evicts a remote bucket and, unless `keepsMetadata` is set, its metadata. The reply has no id. */
export const evictBucket = (
  cluster: Cluster,
  bck: BucketName,
  keepsMetadata: boolean,
  proxyId: string,
  now: number,
): Started | Refusal => {
  if (isRemote(bck) && !findBucket(cluster, bck)) return { id: '' }
  if (findBucket(cluster, bck) && !isRemote(bck)) {
    return refuse(400, `bucket "${bucketUri(bck)}" is not remote: cannot evict`, 'ErrNotRemoteBck')
  }
  const evicted = findBucket(cluster, bck)
  const started = begin(cluster, bck, 'evict-remote-bck', proxyId, now, () => ({
    // The job has already ended when it is recorded, so its counters stay 0.
    objects: 0,
    objectSize: 0,
    kind: 'evict-remote-bck',
    id: freshId(cluster, keepsMetadata ? 'kpmd-' : 'rmmd-'),
    bck,
  }))
  if (!('id' in started)) return started
  // The bucket stays in the cloud with all its objects, and comes back with its next use.
  if (evicted) evictAll(evicted, keepsMetadata)
  return { id: '' }
}

/** Drops the cluster's copies of all objects of a bucket and, unless `keepsProperties` is set, its properties. */
const evictAll = (bucket: Bucket, keepsProperties: boolean): void => {
  for (const object of objectsOf(bucket).all()) putInto(bucket, { ...object, present: false })
  if (keepsProperties) return
  delete bucket.props
  bucket.copies = 1
}

/** A request to promote files. */
export interface Promotion {
  readonly source: string
  readonly prefix: string
  readonly recursive: boolean
}

/** The only directory from which the server promotes files. */
const PROMOTED = '/var/lib/ais/promote'

/** Puts files from the targets' disks into a bucket. */
export const promote = (
  cluster: Cluster,
  bck: BucketName,
  { source, prefix, recursive }: Promotion,
  proxyId: string,
  now: number,
): Started | Refusal => {
  if (source !== PROMOTED && !source.startsWith(`${PROMOTED}/`)) {
    const refusal = checkBucket(cluster, bck)
    const message = `invalid promote source "${source}": must be under ${PROMOTED}`
    return refusal ?? refuse(400, message, 'errInvalidPromoteSource')
  }
  if (cluster.promotedFiles === 0) {
    const missing = refuse(404, `stat ${source}: no such file or directory`, 'PathError', mappedTargets(cluster)[0])
    return checkBucket(cluster, bck) ?? { ...missing, path: `/v1/txn/${bck.name}/begin` }
  }
  return begin(cluster, bck, 'promote', proxyId, now, (bucket) => {
    const names = Array.from({ length: cluster.promotedFiles }, (_, i) => `${prefix}file-${String(i).padStart(5, '0')}`)
    const requestText = `src:${source}, dst:${prefix}${recursive ? ', flags:recurs' : ''}`
    const { objectSize } = bucket
    const write = (name: string, _run: Run, at: number): Outcome => {
      writeObject(cluster, bucket, { name, size: Math.round(objectSize), content: `${name}\n` }, at)
      return done({ size: objectSize })
    }
    return { ...byName(bucket, names, write), kind: 'promote', bck, requestText, listenedBy: [bck] }
  })
}
