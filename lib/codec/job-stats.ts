import type * as t from 'io-ts'
import { Int64String, isInt64, readInt64 } from './int64.ts'
import { isObject, walked, type Walk, type WireObject } from './walk.ts'

/** Counters of one target: processed here, sent to and received from other targets. */
export interface JobStats {
  readonly objects: bigint
  readonly bytes: bigint
  readonly outObjects: bigint
  readonly outBytes: bigint
  readonly inObjects: bigint
  readonly inBytes: bigint
}

/** Counters as the cluster writes them: decimal strings. */
export interface JobStatsWire {
  readonly 'loc-objs': string
  readonly 'loc-bytes': string
  readonly 'out-objs': string
  readonly 'out-bytes': string
  readonly 'in-objs': string
  readonly 'in-bytes': string
}

/** What a target that counts nothing says. */
export const NO_STATS: JobStats = Object.freeze({
  objects: 0n,
  bytes: 0n,
  outObjects: 0n,
  outBytes: 0n,
  inObjects: 0n,
  inBytes: 0n,
})

/** Reads counters; one that is missing is 0. */
export function readJobStats(value: unknown, walk: Walk): JobStats | undefined {
  const wire = walk.object(value)
  return (
    wire && {
      objects: counter(wire, 'loc-objs', walk),
      bytes: counter(wire, 'loc-bytes', walk),
      outObjects: counter(wire, 'out-objs', walk),
      outBytes: counter(wire, 'out-bytes', walk),
      inObjects: counter(wire, 'in-objs', walk),
      inBytes: counter(wire, 'in-bytes', walk),
    }
  )
}

function counter(wire: WireObject, key: keyof JobStatsWire, walk: Walk): bigint {
  const value = wire[key]
  if (value === undefined) return 0n
  const count = readInt64(value)
  if (count === undefined) walk.wrong(key, Int64String, value)
  return count ?? 0n
}

/** The wire form of counters. */
export function encodeJobStats(stats: JobStats): JobStatsWire {
  return {
    'loc-objs': String(stats.objects),
    'loc-bytes': String(stats.bytes),
    'out-objs': String(stats.outObjects),
    'out-bytes': String(stats.outBytes),
    'in-objs': String(stats.inObjects),
    'in-bytes': String(stats.inBytes),
  }
}

function isJobStats(value: unknown): value is JobStats {
  return isObject(value) && Object.keys(NO_STATS).every((key) => isInt64(value[key]))
}

/**
 * Counters of one target.
 *
 * Source: protocol 3.1, `stats.*`.
 */
export const JobStats: t.Type<JobStats, JobStatsWire> = walked('JobStats', isJobStats, readJobStats, encodeJobStats)
