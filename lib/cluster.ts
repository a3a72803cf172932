import { createClusterLike, type ClusterOptions, type ClusterLike } from './environment.ts'
import { createJob, type Job, type JobIdentity } from './job.ts'

/** An AIStore cluster: a value to hand to every function of this library. */
export interface Cluster extends ClusterLike {
  /** The handle of one job, or of one kind of job. */
  job(identity: JobIdentity): Job
}

/**
 * Describes a cluster; sends nothing.
 *
 * Give it to the functions (`status(cluster, { id })`), or take a handle from it (`cluster.job({ id }).status()`).
 *
 * @param endpoint the address of a proxy, or several to fail over between; a path prefix is kept
 * @param options see {@link ClusterOptions}
 * @returns a value; what is wrong with the arguments arrives on subscribe, as Left(InvalidArgument) of every question
 * @example
 * import { createCluster } from 'aistore-rx'
 * const cluster = createCluster(['http://proxy-1:51080', 'http://proxy-2:51080'], { requestTimeoutMs: 10_000 })
 */
export function createCluster(endpoint: string | readonly string[], options?: ClusterOptions): Cluster {
  const environment = createClusterLike(endpoint, options)
  return { ...environment, job: (identity) => createJob(environment, identity) }
}
