import { ASYNC_DISPOSE } from './common/async-dispose.ts'
import { isLeft } from './common/either.ts'
import { clusterOf, environmentOf, type ClusterLike, type ClusterOptions } from './environment.ts'
import { jobOf, type Job, type JobIdentity } from './job.ts'

declare global {
  interface SymbolConstructor {
    /** Declared as in TypeScript's `esnext.disposable`, so that programs need not enable that library. */
    readonly asyncDispose: unique symbol
  }
}

/** An AIStore cluster, as a value. Every function of this library takes it as its first argument. */
export interface Cluster extends ClusterLike {
  /** Returns the handle of one job, or of one kind of job. */
  job(identity: JobIdentity): Job
  /**
   * Closes the connections that the cluster keeps open, and resolves when they are closed.
   *
   * Running streams go on, and each of their requests then closes its connection. A transport that you passed in is not
   * closed.
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
 * @returns the cluster. The function never throws: if an argument is invalid, every stream of the cluster emits
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
