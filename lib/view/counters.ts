import type { JobSnap, JobStats } from '../codec/job-snap.ts'

/** What a target counts as the work of a job. */
export interface Count {
  readonly objects: bigint
  readonly bytes: bigint
  /** Only for a rebalance: what the target receives. `objects` and `bytes` are then what it sends. */
  readonly received?: { readonly objects: bigint; readonly bytes: bigint }
}

/**
 * Returns what a snapshot counts. A rebalance counts what it sends and what it receives; its counters `objects` and
 * `bytes` stay 0.
 */
export function countOf({ kind, stats }: { readonly kind: string; readonly stats: JobStats } | JobSnap): Count {
  if (kind !== 'rebalance') return { objects: positive(stats.objects), bytes: positive(stats.bytes) }
  return {
    objects: positive(stats.outObjects),
    bytes: positive(stats.outBytes),
    received: { objects: positive(stats.inObjects), bytes: positive(stats.inBytes) },
  }
}

/**
 * Returns the work of several targets. For a rebalance, it is the greater of all that was sent and all that was
 * received, because either sum may be too low: a target in maintenance sends objects but shows no snapshot, so only
 * their receivers count these objects (protocol 13).
 */
export function sumOf(counts: Iterable<Count>): { readonly objects: bigint; readonly bytes: bigint } {
  let objects = 0n
  let bytes = 0n
  let inObjects = 0n
  let inBytes = 0n
  for (const count of counts) {
    objects += count.objects
    bytes += count.bytes
    inObjects += count.received?.objects ?? 0n
    inBytes += count.received?.bytes ?? 0n
  }
  return { objects: greater(objects, inObjects), bytes: greater(bytes, inBytes) }
}

/** Whether any counter is different. */
export const differ = (a: JobStats, b: JobStats): boolean =>
  a.objects !== b.objects ||
  a.bytes !== b.bytes ||
  a.outObjects !== b.outObjects ||
  a.outBytes !== b.outBytes ||
  a.inObjects !== b.inObjects ||
  a.inBytes !== b.inBytes

const positive = (count: bigint): bigint => (count > 0n ? count : 0n)
const greater = (a: bigint, b: bigint): bigint => (a > b ? a : b)
