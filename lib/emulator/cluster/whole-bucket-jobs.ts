import { begin, workOn } from './bucket-jobs.ts'
import { bucketUri, isRemote, type BucketName } from './bucket.ts'
import { findBucket } from './create.ts'
import { refuseMove } from './in-use.ts'
import { freshId, launch, mappedTargets } from './launch.ts'
import { killTarget } from './nodes.ts'
import { pick } from './random.ts'
import { failedCall } from './reach.ts'
import { checkBucket, refuse } from './start-checks.ts'
import type { Refusal } from './refusal.ts'
import type { Started } from './started.ts'
import type { Cluster } from './state.ts'

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
  if (findBucket(cluster, bck) && !isRemote(bck)) {
    return refuse(400, `bucket "${bucketUri(bck)}" is not remote: cannot evict`, 'ErrNotRemoteBck')
  }
  const started = begin(cluster, bck, 'evict-remote-bck', proxyId, now, (bucket) => ({
    ...workOn(bucket),
    kind: 'evict-remote-bck',
    id: freshId(cluster, keepsMetadata ? 'kpmd-' : 'rmmd-'),
    bck,
  }))
  if (!('id' in started)) return started
  if (!keepsMetadata) cluster.buckets.delete(bucketUri(bck))
  return { id: '' }
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
  return begin(cluster, bck, 'promote', proxyId, now, (bucket) => {
    const objects = cluster.promotedFiles
    bucket.objects += objects
    const requestText = `src:${source}, dst:${prefix}${recursive ? ', flags:recurs' : ''}`
    return { ...workOn(bucket), objects, kind: 'promote', bck, requestText, listenedBy: [bck] }
  })
}

const CHUNK = 4 * 1_024 * 1_024

/** Downloads one object in chunks on one target: on `targetId`, or else on a random one. Returns the id of the job. */
export const downloadBlob = (
  cluster: Cluster,
  bck: BucketName,
  name: string,
  parent: string,
  now: number,
  targetId?: string,
): string => {
  const targets = mappedTargets(cluster)
  const target =
    targets.find(({ id }) => id === targetId) ?? (targets.length > 0 ? pick(cluster.random, targets) : undefined)
  if (!target) return ''
  const bytes = findBucket(cluster, bck)?.objectSize ?? 0
  const chunks = Math.max(1, Math.ceil(bytes / CHUNK))
  const requestText = `${bucketUri(bck)}/${name}${parent}`
  // The work is counted in chunks, which are all on one target.
  const plan = {
    kind: 'blob-download',
    bck,
    requestText,
    objects: chunks,
    objectSize: bytes / chunks,
    targets: [target],
  }
  return launch(cluster, now, { ...plan, undivided: true }).id
}
