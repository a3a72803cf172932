import type { JobSnap } from '../codec/job-snap.ts'
import type { Snapshots, TargetId } from '../codec/snapshots.ts'

/** Whether a job has ended or was aborted on this target. After an abort, the end time appears about a second later. */
export const isTerminal = (snap: JobSnap): boolean => snap.endTime !== undefined || isAborted(snap)

/** Whether the job was aborted on this target. An abort may show only its reason. */
export const isAborted = (snap: JobSnap): boolean => snap.aborted || snap.abortErr !== ''

/**
 * Whether a job is idle on this target. `is_idle` alone is also true for ordinary jobs that have ended (protocol T22).
 */
export const isIdle = (snap: JobSnap): boolean => snap.isIdle && snap.startTime !== undefined && !isTerminal(snap)

/** Keeps the snapshots that satisfy a condition. A target without such snapshots stays, with an empty list. */
export const filterSnapshots = (snapshots: Snapshots, keep: (target: TargetId, snap: JobSnap) => boolean): Snapshots =>
  buildSnapshots(
    Object.entries(snapshots).map(([target, snaps]) => [target, snaps.filter((snap) => keep(target, snap))]),
  )

/** The snapshots of a job, with their targets. */
export type Parts = readonly (readonly [target: TargetId, snap: JobSnap])[]

/** Groups snapshots by job id. */
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

/** Joins the snapshots of several replies, as if they had come in one. */
export function mergeSnapshots(replies: readonly Snapshots[]): Snapshots {
  const merged = new Map<TargetId, readonly JobSnap[]>()
  for (const reply of replies)
    for (const [target, snaps] of Object.entries(reply)) merged.set(target, [...(merged.get(target) ?? []), ...snaps])
  return buildSnapshots([...merged])
}

/** Builds the record of snapshots by target, also for a target named `__proto__`. */
export function buildSnapshots(entries: readonly (readonly [TargetId, readonly JobSnap[]])[]): Snapshots {
  return Object.fromEntries(entries)
}
