import type { JobSnap } from '../../../lib/codec/job-snap.ts'
import { NO_STATS } from '../../../lib/codec/job-stats.ts'
import type { Snapshots } from '../../../lib/codec/snapshots.ts'
import { left, right } from '../../../lib/either.ts'
import type { Result } from '../../../lib/error.ts'
import { next } from '../../../lib/progress/fold.ts'
import { begin, type Aim, type Memory, type Reading } from '../../../lib/progress/memory.ts'
import { progressOf, type Progress, type Total } from '../../../lib/progress/progress-of.ts'

/** The server's instant of a millisecond of ours, while the two clocks agree. */
export const ns = (ms: number): bigint => BigInt(ms) * 1_000_000n

export interface PartOptions {
  readonly id?: string
  readonly kind?: string
  /** `null`: not begun. */
  readonly startMs?: number | null
  readonly endMs?: number
  readonly objects?: number | bigint
  readonly out?: number
  readonly more?: Partial<JobSnap>
}

/** One target's record, running unless it is given an end; a kibibyte an object. */
export function part({ id = 'a', kind = 'lru', startMs = 0, endMs, objects = 0, out = 0, more }: PartOptions): JobSnap {
  const [local, sent] = [BigInt(objects), BigInt(out)]
  return {
    ...{ id, kind, bck: { name: '' }, aborted: false, abortErr: '', err: '', isIdle: endMs !== undefined },
    ...{ ext: null, joggers: 0, workers: 0, chanFull: 0 },
    ...(startMs === null ? {} : { startTime: ns(startMs) }),
    ...(endMs === undefined ? {} : { endTime: ns(endMs) }),
    stats: { ...NO_STATS, objects: local, bytes: local * 1024n, outObjects: sent, outBytes: sent * 1024n },
    ...more,
  }
}

/** A reply of the targets. */
export function shown(targets: Readonly<Record<string, PartOptions | readonly PartOptions[]>>): Result<Snapshots> {
  const snapshots = Object.create(null) as Record<string, readonly JobSnap[]>
  for (const [target, parts] of Object.entries(targets))
    snapshots[target] = (Array.isArray(parts) ? (parts as readonly PartOptions[]) : [parts as PartOptions]).map(part)
  return right(snapshots)
}

const request = { method: 'GET', path: '/v1/cluster', query: 'what=qryxstats' }
export const unknown: Result<never> = left({ _tag: 'NotFound', message: 'not found', request })
export const failed: Result<never> = left({ _tag: 'HttpError', status: 503, message: 'busy', request })

export const AIM: Aim = { ids: ['a'], onlyRunning: false, stallMs: 60_000 }
/** By kind. */
export const KIND: Aim = { ...AIM, ids: [] }

export const fold = (readings: readonly Reading[], aim: Aim = AIM): Memory => readings.reduce(next, begin(aim))

/** What is told after each reading. */
export function told(readings: readonly Reading[], aim: Aim = AIM, total?: Total): readonly Progress[] {
  let memory = begin(aim)
  return readings.map((reading) => {
    memory = next(memory, reading)
    return progressOf(memory, total)
  })
}

/** Readings at moments of our clock, in milliseconds. */
export const at = (...readings: readonly (readonly [number, Result<Snapshots>])[]): readonly Reading[] =>
  readings.map(([atMs, result]) => ({ atMs, result }))
