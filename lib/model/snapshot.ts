import type { JobSnap } from '../codec/job-snap.ts'
import type { Snapshots, TargetId } from '../codec/snapshots.ts'

/** Ended here, or on the way to it: an aborted part gets its end time about a second later. */
export const isTerminal = (snap: JobSnap): boolean => snap.endTime !== undefined || isAborted(snap)

export const isAborted = (snap: JobSnap): boolean => snap.aborted || snap.abortErr !== ''

/** Alive, without work. `is_idle` alone is also true of ended ordinary jobs (T22). */
export const isIdle = (snap: JobSnap): boolean => snap.isIdle && snap.startTime !== undefined && !isTerminal(snap)

/** Keeps the snapshots that satisfy a condition; targets stay, with what is left to them. */
export const filterSnapshots = (snapshots: Snapshots, keep: (target: TargetId, snap: JobSnap) => boolean): Snapshots =>
  buildSnapshots(
    Object.entries(snapshots).map(([target, snaps]) => [target, snaps.filter((snap) => keep(target, snap))]),
  )

/** What each target shows of a job. */
export type Parts = readonly (readonly [TargetId, JobSnap])[]

/** What the targets show, job by job. */
export function partsById(snapshots: Snapshots): ReadonlyMap<string, Parts> {
  const byId = new Map<string, (readonly [TargetId, JobSnap])[]>()
  for (const [target, snaps] of Object.entries(snapshots))
    for (const snap of snaps) {
      const parts = byId.get(snap.id)
      if (parts === undefined) byId.set(snap.id, [[target, snap]])
      else parts.push([target, snap])
    }
  return byId
}

/** The snapshots of several replies as if they had been one. */
export function mergeSnapshots(replies: readonly Snapshots[]): Snapshots {
  const merged = new Map<TargetId, readonly JobSnap[]>()
  for (const reply of replies)
    for (const [target, snaps] of Object.entries(reply)) merged.set(target, [...(merged.get(target) ?? []), ...snaps])
  return buildSnapshots([...merged])
}

/** Without a prototype, a target may be called `__proto__`. */
export function buildSnapshots(entries: readonly (readonly [TargetId, readonly JobSnap[]])[]): Snapshots {
  const snapshots = Object.create(null) as Record<TargetId, readonly JobSnap[]>
  for (const [target, snaps] of entries) snapshots[target] = snaps
  return snapshots
}
