import { ASYNC_DISPOSE } from './common/async-dispose.ts'
import { isLeft } from './common/either.ts'
import { createEnvironment, internalsOf, type ClusterOptions, type Environment } from './environment.ts'
import { createJob, type Job, type JobIdentity } from './job.ts'

declare global {
  interface SymbolConstructor {
    /** As in `esnext.disposable`, so that the types of this library do not need it. */
    readonly asyncDispose: unique symbol
  }
}

/** An AIStore cluster: a value to hand to every function of this library. */
export interface Cluster extends Environment {
  /** The handle of one job, or of one kind of job. */
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
  const environment = createEnvironment(endpoint, options)
  const internals = internalsOf(environment)
  const close = (): Promise<void> => (isLeft(internals) ? Promise.resolve() : internals.right.close())
  return { ...environment, job: (identity) => createJob(environment, identity), close, [ASYNC_DISPOSE]: close }
}
