import type { Cluster } from './state.ts'

/** Converts the cluster's time `atMs` to nanoseconds since the Unix epoch. */
export const nanoseconds = (cluster: Cluster, atMs: number): bigint =>
  // Times have fractions of a millisecond, because a timestamp that ends in zeros hides errors of precision.
  cluster.originNs + BigInt(Math.round(atMs * 1e6))
