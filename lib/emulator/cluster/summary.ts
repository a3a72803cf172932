import { bucketUri, type Bucket, type BucketName } from './bucket.ts'
import { findBucket } from './create.ts'
import { launch } from './launch.ts'
import { unreachable } from './reach.ts'
import { hasEnded, visited } from './run.ts'
import { checkBucket, refuse } from './start-checks.ts'
import type { Refusal } from './refusal.ts'
import type { Cluster, Job } from './state.ts'

/** A request for a summary. */
export interface SummaryPlan {
  /** The id of an earlier summary to look up; empty to start one. */
  readonly id: string
  readonly prefix: string
  /** Whether to count only objects that the cluster holds, not those that are only in the cloud. */
  readonly cached: boolean
  /** Whether the client wants only buckets that the cluster knows already. The emulator knows all. */
  readonly present: boolean
}

/** A summary and its state. */
export interface Summary {
  readonly id: string
  readonly state: 'started' | 'partial' | 'done'
  readonly buckets: readonly Bucket[]
  /** The prefix of the first request. Later requests need not repeat it. */
  readonly prefix: string
}

const flagsOf = ({ cached, present }: SummaryPlan): string =>
  [cached ? 'cached' : '', present ? 'bck-present' : ''].filter((flag) => flag !== '').join(',')

/** Starts a summary of one or all buckets or, if the plan has an id, returns the state of that summary. */
export const summarize = (
  cluster: Cluster,
  bck: BucketName,
  plan: SummaryPlan,
  proxyId: string,
  now: number,
): Summary | Refusal => {
  const all = bck.name === ''
  const refusal = (all ? undefined : checkBucket(cluster, bck)) ?? unreachable(cluster, proxyId)
  if (refusal) return refusal
  const bucket = findBucket(cluster, bck)
  const buckets = all || !bucket ? [...cluster.buckets.values()] : [bucket]
  if (plan.id !== '') {
    const job = cluster.jobs.get(plan.id)
    return job?.kind === 'summary-bck'
      ? { id: job.id, state: progressOf(job, now), buckets, prefix: job.prefix ?? '' }
      : refuse(404, `x-summary-bck[${plan.id}] does not exist`, 'ErrNotFound')
  }
  const flags = flagsOf(plan)
  const job = launch(cluster, now, {
    kind: 'summary-bck',
    objects: buckets.reduce((sum, { objects }) => sum + objects, 0),
    objectSize: buckets[0]?.objectSize ?? 0,
    spreadKey: bucketUri(bck),
    prefix: plan.prefix,
    requestText: `${all ? 'all' : bucketUri(bck)}${plan.prefix === '' ? '' : `/${plan.prefix}`}${flags === '' ? '' : `, flags:${flags}`}`,
    ...(all ? {} : { bck }),
  })
  return { id: job.id, state: 'started', buckets, prefix: plan.prefix }
}

const progressOf = (job: Job, now: number): Summary['state'] => {
  if (job.runs.every((run) => hasEnded(run, now))) return 'done'
  return job.runs.some((run) => visited(run, now) > 0) ? 'partial' : 'started'
}
