import { bucketUri, type BucketName } from './bucket.ts'
import { between } from './random.ts'
import { abortRun, isAborted } from './run.ts'
import type { Cluster, Job } from './state.ts'

/** Whether a job works on a bucket: reads it, or writes to it. */
const worksOn = ({ bck, src, dst }: Job, uri: string): boolean =>
  [bck, src, dst].some((name) => name !== undefined && bucketUri(name) === uri)

/** Removes the bucket that an aborted copy has created, even if it has objects by now. */
export const destroyMade = (cluster: Cluster, { dst, madeDst, runs }: Job, now: number): void => {
  if (madeDst === true && dst && runs.some((run) => isAborted(run, now))) destroyBucket(cluster, dst, now)
}

/** Removes a bucket with its objects, and aborts the jobs that work on it. */
export const destroyBucket = (cluster: Cluster, bck: BucketName, now: number): void => {
  const uri = bucketUri(bck)
  cluster.buckets.delete(uri)
  const reason = `[post-bmd] receive BMD v${cluster.version}: remove bucket`
  for (const job of cluster.jobs.values()) {
    if (!worksOn(job, uri)) continue
    for (const run of job.runs) abortRun(run, now, between(cluster.random, 1, 5), reason)
  }
}
