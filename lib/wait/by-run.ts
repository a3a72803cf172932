import type { JobSnap } from '../codec/job-snap.ts'
import type { Snapshots, TargetId } from '../codec/snapshots.ts'
import { buildSnapshots } from '../snapshot.ts'

const indexes = new WeakMap<Snapshots, ReadonlyMap<string, Snapshots>>()

/** What a reply about many jobs says of one of them, as if it alone had been asked for. Each reply is searched once. */
export function snapshotsOfRun(all: Snapshots, run: string): Snapshots {
  let index = indexes.get(all)
  if (index === undefined) {
    index = indexOf(all)
    indexes.set(all, index)
  }
  return index.get(run) ?? NONE
}

const NONE: Snapshots = buildSnapshots([])

function indexOf(all: Snapshots): ReadonlyMap<string, Snapshots> {
  const byRun = new Map<string, Map<TargetId, JobSnap[]>>()
  for (const [target, snaps] of Object.entries(all))
    for (const snap of snaps) {
      const parts = byRun.get(snap.id) ?? new Map<TargetId, JobSnap[]>()
      byRun.set(snap.id, parts)
      parts.set(target, [...(parts.get(target) ?? []), snap])
    }
  return new Map([...byRun].map(([run, parts]) => [run, buildSnapshots([...parts])]))
}
