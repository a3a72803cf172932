import { createClusterLike, type ClusterOptions, type ClusterLike } from './environment.ts'
import { createJob, type Job, type JobIdentity } from './job.ts'

/** An AIStore cluster, as a value. Every function of this library takes it as its first argument. */
export interface Cluster extends ClusterLike {
  /** Returns the handle of one job, or of one kind of job. */
  job(identity: JobIdentity): Job
}

/**
 * Describes a cluster, and sends nothing.
 *
 * Pass the cluster to the functions (`status(cluster, { id })`), or get a handle from it (`cluster.job({ id }).status()`).
 *
 * @param endpoint the address of a proxy, or several to fail over between; a path prefix is kept
 * @param options see {@link ClusterOptions}
 * @returns the cluster; it never throws: if an argument is invalid, every stream of the cluster emits
 * Left(InvalidArgument) on subscribe
 * @example
 * import { createCluster } from 'aistore-rx'
 * const cluster = createCluster(['http://proxy-1:51080', 'http://proxy-2:51080'], { requestTimeoutMs: 10_000 })
 */
export function createCluster(endpoint: string | readonly string[], options?: ClusterOptions): Cluster {
  const environment = createClusterLike(endpoint, options)
  return { ...environment, job: (identity) => createJob(environment, identity) }
}
