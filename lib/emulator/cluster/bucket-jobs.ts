import { bucketUri, type Bucket, type BucketName } from './bucket.ts'
import { addBucket, findBucket } from './create.ts'
import { kinds } from './kind.ts'
import { idleEndMs, launch, mappedTargets, type Plan } from './launch.ts'
import { isRefusal, type Refusal } from './refusal.ts'
import { hasEnded, isAborted, visited, workDoneMs } from './run.ts'
import { share } from './share.ts'
import { unreachable } from './reach.ts'
import { checkBucket, refuseConflict } from './start-checks.ts'
import type { Started } from './start.ts'
import type { Cluster, Job } from './state.ts'

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

/** Archives objects into a shard: one job for each pair of buckets, woken for more while it lives. */
export const archive = (
  cluster: Cluster,
  from: BucketName,
  to: BucketName,
  selection: Selection,
  proxyId: string,
  now: number,
): Started | Refusal => {
  const refusal = checkBucket(cluster, from) ?? checkBucket(cluster, to) ?? unreachable(cluster, proxyId)
  if (refusal) return refusal
  const source = findBucket(cluster, from)
  const objects = Math.min(selection.objects ?? Infinity, source?.objects ?? 0)
  const asked = `${bucketUri(from)}=>${bucketUri(to)}`
  const plan = {
    objects,
    objectSize: source?.objectSize ?? 0,
    over: bucketUri(from),
    asked,
    bck: from,
    src: from,
    dst: to,
  }
  return { id: wakeOrLaunch(cluster, { ...plan, kind: 'archive' }, now).id }
}

/** Puts objects into a bucket; where it is mirrored this starts or wakes `put-copies`. */
export const putObjects = (
  cluster: Cluster,
  bck: BucketName,
  objects: number,
  objectSize: number | undefined,
  now: number,
): void => {
  const bucket = findBucket(cluster, bck) ?? addBucket(cluster, bck, {}, now)
  if (objectSize !== undefined) bucket.objectSize = objectSize
  bucket.objects += objects
  if (bucket.copies < 2) return
  const asked = `copies:${bucket.copies}, burst:512`
  wakeOrLaunch(cluster, { ...workOn(bucket), kind: 'put-copies', bck, asked, objects }, now)
}

const workOn = (bucket: Bucket): Pick<Plan, 'objects' | 'objectSize' | 'over'> => ({
  objects: bucket.objects,
  objectSize: bucket.objectSize,
  over: bucketUri(bucket.bck),
})

const begin = (
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
  return { id: bucket ? launch(cluster, now, plan(bucket)).id : '' }
}

const isAlive = (job: Job, now: number): boolean =>
  job.runs.some((run) => !run.lost && !hasEnded(run, now) && !isAborted(run, now) && now < run.quiesceMs)

/** An idle kind is shared: more work for the same buckets joins the job that lives. */
const wakeOrLaunch = (cluster: Cluster, plan: Plan, now: number): Job => {
  const same = (job: Job): boolean =>
    job.kind === plan.kind &&
    job.asked === plan.asked &&
    bucketUri(job.bck) === bucketUri(plan.bck ?? job.bck) &&
    isAlive(job, now)
  const job = [...cluster.jobs.values()].find(same)
  if (!job) return launch(cluster, now, plan)
  const targets = mappedTargets(cluster)
  const parts = share(
    plan.objects,
    targets.map((target) => target.id),
    plan.over ?? '',
  )
  for (const run of job.runs) {
    const more = parts[targets.indexOf(run.target)] ?? 0
    const done = visited(run, now)
    const left = run.base + run.burst.objects - done
    run.base = done
    run.burst = { ...run.burst, fromMs: Math.max(now, run.burst.fromMs), objects: left + more }
    const idleEnd = idleEndMs(cluster, run.startMs, workDoneMs(run) + run.idleAfterMs)
    if (run.endMs < Infinity) run.endMs = idleEnd + 1.5
    if (run.quiesceMs < Infinity) run.quiesceMs = idleEnd
  }
  return job
}
