import type { JobSnap, JobStats } from '../codec/job-snap.ts'
import type { Snapshots, TargetId } from '../codec/snapshots.ts'
import type { Result } from '../error.ts'
import type { JobState } from '../job-state.ts'
import { emptyWindow, type RateWindow } from '../rate-window.ts'

/** What is followed. */
export interface Aim {
  /** Parts of one job; none: the newest run of the kind. */
  readonly ids: readonly string[]
  /** A job that was over when it was first seen does not count. */
  readonly onlyRunning: boolean
  readonly stallMs: number
}

/** One reply, or what came instead of it, and when by the client's clock. */
export interface Reading {
  readonly atMs: number
  readonly result: Result<Snapshots>
}

/** What a target counts as the work of a job. */
export interface Count {
  readonly objects: bigint
  readonly bytes: bigint
}

/** One target's part of a job. */
export interface Part {
  readonly target: TargetId
  /** As it was shown last; its counters are in `stats`. */
  readonly snap: JobSnap
  /** The highest that was shown, since one run never counts backwards. */
  readonly stats: JobStats
  readonly missing: boolean
}

/** All that is remembered between two readings. */
export interface Memory {
  readonly aim: Aim
  /** The job; of a kind, the id of the run that is followed. */
  readonly followed: ReadonlySet<string>
  readonly parts: ReadonlyMap<string, Part>
  /** Parts of runs before, by their start: they may be shown for long. */
  readonly past: ReadonlyMap<string, bigint>
  readonly state: JobState
  /** By the client's clock, of the last reading that counts. */
  readonly atMs?: number
  /** Milliseconds since the first reading; never goes back, whatever the client's clock does. */
  readonly clockMs: number
  /** Since when the state is `running` and no counter has moved. */
  readonly stillSinceMs: number
  /** Absent until somebody has begun. */
  readonly elapsedMs?: number
  readonly objects: RateWindow
  readonly bytes: RateWindow
}

export const begin = (aim: Aim): Memory => ({
  aim,
  followed: new Set(),
  parts: new Map(),
  past: new Map(),
  state: 'starting',
  clockMs: 0,
  stillSinceMs: 0,
  objects: emptyWindow(),
  bytes: emptyWindow(),
})

/** A rebalance counts what it sends; its own counters stay 0. What comes in is the same objects once more. */
export const countOf = ({ snap: { kind }, stats }: Part): Count =>
  kind === 'rebalance'
    ? { objects: positive(stats.outObjects), bytes: positive(stats.outBytes) }
    : { objects: positive(stats.objects), bytes: positive(stats.bytes) }

export const sumOf = (parts: Iterable<Part>): Count => {
  let [objects, bytes] = [0n, 0n]
  for (const part of parts) {
    const count = countOf(part)
    objects += count.objects
    bytes += count.bytes
  }
  return { objects, bytes }
}

const positive = (count: bigint): bigint => (count > 0n ? count : 0n)

export const isStalled = ({ aim, state, clockMs, stillSinceMs }: Memory): boolean =>
  state === 'running' && clockMs - stillSinceMs >= aim.stallMs

/** The whole rate is unknown while somebody at work is not heard. */
export const isPartial = ({ parts }: Pick<Memory, 'parts'>): boolean =>
  [...parts.values()].some(({ missing, snap }) => missing && snap.endTime === undefined)
