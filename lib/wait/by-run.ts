import type { JobSnap } from '../codec/job-snap.ts'
import type { Snapshots, TargetId } from '../codec/snapshots.ts'
import { NO_SNAPSHOTS, buildSnapshots, partsById, type Parts } from '../snapshot.ts'

const indexes = new WeakMap<Snapshots, ReadonlyMap<string, Snapshots>>()

/** What a reply about many jobs says of one of them, as if it alone had been asked for. Each reply is searched once. */
export function snapshotsOfRun(all: Snapshots, run: string): Snapshots {
  let index = indexes.get(all)
  if (index === undefined) {
    index = indexOf(all)
    indexes.set(all, index)
  }
  return index.get(run) ?? NO_SNAPSHOTS
}

const indexOf = (all: Snapshots): ReadonlyMap<string, Snapshots> =>
  new Map([...partsById(all)].map(([run, parts]) => [run, snapshotsOf(parts)]))

function snapshotsOf(parts: Parts): Snapshots {
  const byTarget = new Map<TargetId, readonly JobSnap[]>()
  for (const [target, snap] of parts) byTarget.set(target, [...(byTarget.get(target) ?? []), snap])
  return buildSnapshots([...byTarget])
}
