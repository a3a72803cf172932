import { requestedUri, type RequestedBucket } from './requested-bucket.ts'
import { bucketUri } from './bucket.ts'
import { busyTargets, refuseSecond } from './busy.ts'
import { findBucket } from './create.ts'
import { destroyMade } from './destroy-bucket.ts'
import { kinds } from './kind.ts'
import { launch, type Plan } from './launch.ts'
import { markMissing } from './nodes.ts'
import { between } from './random.ts'
import { abortRun } from './run.ts'
import type { Bucket } from './bucket.ts'
import type { Refusal } from './refusal.ts'
import type { Started } from './started.ts'
import type { Cluster, Target } from './state.ts'

const isBucket = (bucket: Bucket | undefined): bucket is Bucket => bucket !== undefined

/** The job of a generic start: its objects, and the text that its snapshots show. */
const planOf = (
  cluster: Cluster,
  kind: string,
  bck: RequestedBucket | undefined,
  buckets: readonly RequestedBucket[],
): Plan => {
  const named = bck ? [bck] : buckets
  const found = named.map((name) => findBucket(cluster, name.bck)).filter(isBucket)
  // Without a bucket, the job visits all buckets.
  const all = named.length > 0 ? found : [...cluster.buckets.values()]
  const objects = all.reduce((sum, bucket) => sum + bucket.objects, 0)
  const bytes = all.reduce((sum, bucket) => sum + bucket.objects * bucket.objectSize, 0)
  const objectSize = objects === 0 ? 0 : Math.round(bytes / objects)
  const spreadKey = all.map((bucket) => bucketUri(bucket.bck)).join()
  const scoped = kinds.get(kind)?.needsBucket === true && bck ? { bck: bck.bck } : {}
  const listing = named.map((name) => `{<nil> ${name.bck.name} ${name.provider} }`).join(' ')
  const requestText =
    kind === 'lru' && named.length > 0 ? `[${listing}], buckets: ${named.map(requestedUri).join(',')}` : ''
  return { kind, ...scoped, requestText, objects, objectSize, spreadKey }
}

/** Aborts the jobs that would move data during a rebalance. */
const abortYielding = (cluster: Cluster, id: string, now: number): void => {
  for (const job of cluster.jobs.values()) {
    if (kinds.get(job.kind)?.yields !== true) continue
    for (const run of job.runs)
      abortRun(run, now, between(cluster.random, 50, 200), `reason: starting x-rebalance[${id}]`)
    destroyMade(cluster, job, now)
  }
}

/** Starts a job of a kind that has passed all checks. Only a resilver has a `target`. */
export const startOnTargets = (
  cluster: Cluster,
  kind: string,
  bck: RequestedBucket | undefined,
  buckets: readonly RequestedBucket[],
  now: number,
  target?: Target,
): Started | Refusal => {
  const plan = planOf(cluster, kind, bck, buckets)
  if (kind === 'rebalance') {
    const id = `g${++cluster.rebalances}`
    abortYielding(cluster, id, now)
    return { id: launch(cluster, now, { ...plan, id }).id }
  }
  if (target) return { id: launch(cluster, now, { ...plan, targets: [target] }).id }
  const refusal = refuseSecond(cluster, plan, now)
  if (refusal) return refusal
  const busy = busyTargets(cluster, kind, bck?.bck, now)
  const job = launch(cluster, now, { ...plan, runOn: (other) => !busy.includes(other) })
  for (const other of busy) markMissing(cluster, job, other, now)
  return { id: job.id }
}
