import { bucketUri, type Bucket, type BucketName } from './bucket.ts'
import { refuseSecond } from './busy.ts'
import { addBucket, findBucket } from './create.ts'
import { refuseSecondCopy } from './in-use.ts'
import { kinds } from './kind.ts'
import { launch, mappedTargets, type Plan } from './launch.ts'
import { isRefusal, type Refusal } from './refusal.ts'
import { unreachable } from './reach.ts'
import { checkBucket, refuse, refuseConflict } from './start-checks.ts'
import type { Started } from './started.ts'
import type { Cluster } from './state.ts'

/** Copies all objects of a bucket to another one, which is created if it does not exist. */
export const copyBucket = (
  cluster: Cluster,
  from: BucketName,
  to: BucketName,
  proxyId: string,
  now: number,
): Started | Refusal => {
  if (findBucket(cluster, from) && bucketUri(from) === bucketUri(to)) {
    return refuse(400, `cannot copy-bck bucket "${bucketUri(from)}" onto itself`)
  }
  const second = refuseSecondCopy(cluster, from, to, now)
  if (second) return second
  return begin(cluster, from, 'copy-bck', proxyId, now, (source) => {
    const copy = findBucket(cluster, to) ?? addBucket(cluster, to, { objectSize: source.objectSize }, now)
    copy.objects = Math.max(copy.objects, source.objects)
    const requestText = `cp ${bucketUri(from)}=>${bucketUri(to)}`
    return { ...workOn(source), kind: 'copy-bck', bck: to, src: from, dst: to, requestText, listenedBy: [from, to] }
  })
}

/** Keeps `copies` copies of each present and future object of a bucket. */
export const makeCopies = (
  cluster: Cluster,
  bck: BucketName,
  copies: number,
  proxyId: string,
  now: number,
): Started | Refusal =>
  begin(cluster, bck, 'make-n-copies', proxyId, now, (bucket) => {
    bucket.copies = copies
    bucket.shownCopies = copies
    const requestText = `mnc-actmnc, copies:${copies}`
    return { ...workOn(bucket), kind: 'make-n-copies', bck, requestText, listenedBy: [bck] }
  })

/** The objects that a list of names or a template selects. */
export interface Selection {
  /** Number of objects; absent if it selects all of them. */
  readonly objects?: number
  readonly text: string
}

/** Deletes, evicts or prefetches objects of a bucket. An empty selection means all objects, as on the real server. */
export const onSelection = (
  cluster: Cluster,
  kind: string,
  bck: BucketName,
  selection: Selection,
  proxyId: string,
  now: number,
): Started | Refusal =>
  begin(cluster, bck, kind, proxyId, now, (bucket) => {
    const objects = Math.min(selection.objects ?? bucket.objects, bucket.objects)
    if (kind === 'delete-listrange') bucket.objects -= objects
    return { ...workOn(bucket), objects, kind, bck, requestText: selection.text, listenedBy: [bck] }
  })

/** Rewrites the objects of a bucket in chunks. */
export const rechunk = (cluster: Cluster, bck: BucketName, proxyId: string, now: number): Started | Refusal =>
  begin(cluster, bck, 'rechunk', proxyId, now, (bucket) => ({
    ...workOn(bucket),
    kind: 'rechunk',
    bck,
    listenedBy: [bck],
  }))

/** The objects of a bucket as the work of a job. */
export const workOn = (bucket: Bucket): Pick<Plan, 'objects' | 'objectSize' | 'over'> => ({
  objects: bucket.objects,
  objectSize: bucket.objectSize,
  over: bucketUri(bucket.bck),
})

/** Starts the job that `plan` returns for an existing bucket, unless a check refuses it. */
export const begin = (
  cluster: Cluster,
  bck: BucketName,
  kind: string,
  proxyId: string,
  now: number,
  plan: (bucket: Bucket) => Plan,
): Started | Refusal => {
  const known = kinds.get(kind)
  const blocked =
    checkBucket(cluster, bck) ??
    unreachable(cluster, proxyId) ??
    (known ? refuseConflict(cluster, known, mappedTargets(cluster)[0], now) : undefined)
  if (blocked && isRefusal(blocked)) return blocked
  const bucket = findBucket(cluster, bck)
  if (!bucket) return { id: '' }
  const work = plan(bucket)
  const second = refuseSecond(cluster, work, now)
  return second ? { ...second, path: `/v1/buckets/${bck.name}` } : { id: launch(cluster, now, work).id }
}
