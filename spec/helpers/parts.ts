import type { JobSnap } from '../../lib/codec/job-snap.ts'
import { NO_STATS } from '../../lib/codec/job-stats.ts'
import type { Snapshots, TargetId } from '../../lib/codec/snapshots.ts'
import { buildSnapshots } from '../../lib/model/snapshot.ts'

// Decoded snapshots, and the replies of targets that contain them.

/** The server's time of a local millisecond, if the two clocks agree. */
export const ns = (ms: number): bigint => BigInt(ms) * 1_000_000n

export interface PartOptions {
  readonly id?: string
  readonly kind?: string
  /** `null` if the part has not begun. */
  readonly startMs?: number | null
  readonly endMs?: number
  readonly objects?: number | bigint
  readonly out?: number
  readonly more?: Partial<JobSnap>
}

/** The snapshot of one target. The job runs unless an end is given, and each object has 1 KiB. */
export function part({ id = 'a', kind = 'lru', startMs = 0, endMs, objects = 0, out = 0, more }: PartOptions): JobSnap {
  const [local, sent] = [BigInt(objects), BigInt(out)]
  return {
    id,
    kind,
    bck: { name: '' },
    aborted: false,
    abortErr: '',
    err: '',
    isIdle: endMs !== undefined,
    ext: null,
    joggers: 0,
    workers: 0,
    chanFull: 0,
    ...(startMs === null ? {} : { startTime: ns(startMs) }),
    ...(endMs === undefined ? {} : { endTime: ns(endMs) }),
    stats: { ...NO_STATS, objects: local, bytes: local * 1024n, outObjects: sent, outBytes: sent * 1024n },
    ...more,
  }
}

/** A reply of the targets, by target id. */
export function snapshotsOf(targets: Readonly<Record<TargetId, PartOptions | readonly PartOptions[]>>): Snapshots {
  return buildSnapshots(
    Object.entries(targets).map(([target, parts]) => [target, ([parts].flat() as readonly PartOptions[]).map(part)]),
  )
}
