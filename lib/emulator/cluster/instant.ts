import type { Cluster } from './state.ts'

/** Nanoseconds since the Unix epoch at `atMs` of the cluster's own time. */
export const nanoseconds = (cluster: Cluster, atMs: number): bigint =>
  // The last digits are noise, as they are on a real clock: a stamp that ends in zeros hides errors of precision.
  cluster.originNs + BigInt(Math.round(atMs * 1e6))
