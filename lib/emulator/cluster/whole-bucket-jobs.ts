import { begin, workOn } from './bucket-jobs.ts'
import { bucketUri, isRemote, type BucketName } from './bucket.ts'
import { addBucket, findBucket } from './create.ts'
import { freshId, launch, mappedTargets } from './launch.ts'
import { killTarget } from './nodes.ts'
import { pick } from './random.ts'
import { failedCall } from './reach.ts'
import { checkBucket, refuse } from './start-checks.ts'
import type { Refusal } from './refusal.ts'
import type { Started } from './started.ts'
import type { Cluster } from './state.ts'

/** Renames a bucket: the new name is there at once, with all objects. */
export const renameBucket = (
  cluster: Cluster,
  from: BucketName,
  to: BucketName,
  proxyId: string,
  now: number,
): Started | Refusal => {
  if (findBucket(cluster, from) && findBucket(cluster, to)) {
    return refuse(409, `bucket "${bucketUri(to)}" already exists`, 'ErrBckAlreadyExists')
  }
  return begin(cluster, from, 'move-bck', proxyId, now, (source) => {
    addBucket(cluster, to, { objects: source.objects, objectSize: source.objectSize }, now)
    cluster.buckets.delete(bucketUri(from))
    const asked = `mv ${bucketUri(from)}=>${bucketUri(to)}`
    return { ...workOn(source), kind: 'move-bck', bck: to, src: from, dst: to, asked, listenedBy: [from, to] }
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

/** Lists a remote bucket once and for all. Asked for one that is not remote, every target of this server dies. */
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

/** Evicts a remote bucket, with what is known of it unless that is kept. The answer has no id. */
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

/** What a promotion is asked to do. */
export interface Promotion {
  readonly source: string
  readonly prefix: string
  readonly recursive: boolean
}

/** The one directory that the server promotes from. */
const PROMOTED = '/var/lib/ais/promote'

/** Takes files of the targets' disks into a bucket. */
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
    const asked = `src:${source}, dst:${prefix}${recursive ? ', flags:recurs' : ''}`
    return { ...workOn(bucket), objects, kind: 'promote', bck, asked, listenedBy: [bck] }
  })
}

const CHUNK = 4 * 1_024 * 1_024

/** Downloads one object in chunks, on one target: its id, where the request itself went to that target. */
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
  const asked = `${bucketUri(bck)}/${name}${parent}`
  // Its work is counted in chunks, all of one target, so over that target alone.
  const plan = { kind: 'blob-download', bck, asked, objects: chunks, objectSize: bytes / chunks, targets: [target] }
  return launch(cluster, now, { ...plan, undivided: true }).id
}
