import { bucketUri, type Bucket, type BucketName } from './bucket.ts'
import { refuseSecond } from './busy.ts'
import { addBucket, findBucket } from './create.ts'
import { kinds } from './kind.ts'
import { launch, mappedTargets, type Plan } from './launch.ts'
import { isRefusal, type Refusal } from './refusal.ts'
import { unreachable } from './reach.ts'
import { checkBucket, refuseConflict } from './start-checks.ts'
import type { Started } from './started.ts'
import type { Cluster } from './state.ts'

/** Copies all objects of a bucket into another one, which is made where it is missing. */
export const copyBucket = (
  cluster: Cluster,
  from: BucketName,
  to: BucketName,
  proxyId: string,
  now: number,
): Started | Refusal =>
  begin(cluster, from, 'copy-bck', proxyId, now, (source) => {
    const copy = findBucket(cluster, to) ?? addBucket(cluster, to, { objectSize: source.objectSize }, now)
    copy.objects = Math.max(copy.objects, source.objects)
    const asked = `cp ${bucketUri(from)}=>${bucketUri(to)}`
    return { ...workOn(source), kind: 'copy-bck', bck: to, src: from, dst: to, asked, listenedBy: [from, to] }
  })

/** Makes so many copies of each object of a bucket, now and from now on. */
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
    const asked = `mnc-actmnc, copies:${copies}`
    return { ...workOn(bucket), kind: 'make-n-copies', bck, asked, listenedBy: [bck] }
  })

/** What a list of names or a template asks for: how many objects, and in which words. */
export interface Selection {
  /** Absent: all of them. */
  readonly objects?: number
  readonly text: string
}

/** Deletes, evicts or prefetches objects of a bucket. An empty selection is all of them, as on the real server. */
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
    return { ...workOn(bucket), objects, kind, bck, asked: selection.text, listenedBy: [bck] }
  })

/** Rewrites a bucket in chunks. */
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

/** Starts what `plan` says on a bucket that is there, unless something speaks against it. */
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
