import type * as t from 'io-ts'
import { Int64FromString } from './int64.ts'
import { withDefault } from './members.ts'
import { renamed } from './renamed.ts'

const Counter = withDefault(Int64FromString, 0n)

const JobStatsSchema = renamed(
  {
    'loc-objs': 'objects',
    'loc-bytes': 'bytes',
    'out-objs': 'outObjects',
    'out-bytes': 'outBytes',
    'in-objs': 'inObjects',
    'in-bytes': 'inBytes',
  },

  {
    /** Objects processed on this target. */
    objects: Counter,
    /** Bytes processed on this target. */
    bytes: Counter,
    /** Objects sent to other targets. */
    outObjects: Counter,
    /** Bytes sent to other targets. */
    outBytes: Counter,
    /** Objects received from other targets. */
    inObjects: Counter,
    /** Bytes received from other targets. */
    inBytes: Counter,
  },
  'JobStats',
)

/** Counters of one target: objects and bytes processed, sent to other targets and received from them. */
export interface JobStats extends t.TypeOf<typeof JobStatsSchema> {}

/** Counters as the cluster writes them: decimal strings. */
export interface JobStatsWire extends t.OutputOf<typeof JobStatsSchema> {}

/** The counters of a target that reports none: all zero. */
export const NO_STATS: JobStats = Object.freeze({
  objects: 0n,
  bytes: 0n,
  outObjects: 0n,
  outBytes: 0n,
  inObjects: 0n,
  inBytes: 0n,
})

/**
 * Counters of one target.
 *
 * Source: protocol 3.1, `stats.*`.
 */
export const JobStats: t.Type<JobStats, JobStatsWire> = JobStatsSchema
