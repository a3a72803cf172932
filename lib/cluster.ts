import { ASYNC_DISPOSE } from './common/async-dispose.ts'
import { isLeft } from './common/either.ts'
import { clusterOf, environmentOf, type ClusterLike, type ClusterOptions } from './environment.ts'
import { jobOf, type Job, type JobIdentity } from './job.ts'

declare global {
  interface SymbolConstructor {
    /** The same as in `esnext.disposable`, so that the types of this library do not need it. */
    readonly asyncDispose: unique symbol
  }
}

/** An AIStore cluster, as a value. Every function of this library takes it as its first argument. */
export interface Cluster extends ClusterLike {
  /** Returns the handle of one job, or of one kind of job. */
  job(identity: JobIdentity): Job
  /**
   * Closes the connections that are kept for its endpoints; resolves when they are gone.
   *
   * Streams that run go on. Each connection then ends with its request, so after the last stream nothing is left. A
   * transport that you gave is yours to close.
   */
  close(): Promise<void>
  /** The same as `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Describes a cluster, and sends nothing.
 *
 * Pass the cluster to the functions (`status(cluster, { id })`), or get a handle from it (`cluster.job({ id }).status()`).
 * {@link clusterOf} makes a smaller bundle.
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
  const like = clusterOf(endpoint, options)
  const env = environmentOf(like)
  const close = (): Promise<void> => (isLeft(env) ? Promise.resolve() : env.right.close())
  return { ...like, job: (identity) => jobOf(like, identity), close, [ASYNC_DISPOSE]: close }
}
