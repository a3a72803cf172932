import type * as t from 'io-ts'
import { JobSnap, readJobSnap, type JobSnapWire } from './job-snap.ts'
import { isObject, readItems, walked, type Walk } from './walk.ts'

export type TargetId = string

/** What each target says; has no prototype, so that a target may be called anything. */
export type Snapshots = Readonly<Record<TargetId, readonly JobSnap[]>>

/** What each target says as the cluster writes it. */
export type SnapshotsWire = Readonly<Record<TargetId, readonly JobSnapWire[]>>

function readSnapshots(value: unknown, walk: Walk): Snapshots | undefined {
  const wire = walk.object(value)
  if (wire === undefined) return undefined
  // t.record would lose a target called __proto__, and change the prototype of its result instead.
  const snapshots = Object.create(null) as Record<TargetId, readonly JobSnap[]>
  for (const target of Object.keys(wire)) {
    if (walk.full) break
    snapshots[target] = walk.within(target, TargetSnaps, wire[target], readTarget) ?? []
  }
  return snapshots
}

function encodeSnapshots(snapshots: Snapshots): SnapshotsWire {
  const wire = Object.create(null) as Record<TargetId, readonly JobSnapWire[]>
  for (const target of Object.keys(snapshots)) wire[target] = (snapshots[target] ?? []).map(JobSnap.encode)
  return wire
}

function readTarget(value: unknown, walk: Walk): readonly JobSnap[] {
  return readItems(value, walk, JobSnap, readJobSnap)
}

function isTarget(value: unknown): value is readonly JobSnap[] {
  return Array.isArray(value) && value.every(JobSnap.is)
}

function isSnapshots(value: unknown): value is Snapshots {
  return isObject(value) && Object.values(value).every(isTarget)
}

// Named after what it reads, for the sake of the reader of a problem.
const TargetSnaps: t.Type<readonly JobSnap[], readonly JobSnapWire[]> = walked(
  'array of JobSnap',
  isTarget,
  readTarget,
  (snaps) => snaps.map(JobSnap.encode),
)

/**
 * The snapshots of every target that answered: target id to its records.
 *
 * The record has no prototype, so that a target may have any id: `t.record` loses one called `__proto__`. Read it with
 * `Object.keys` and friends.
 *
 * Source: protocol 2.5, 3.1 (MultiSnap).
 *
 * @example
 * import { isRight, Snapshots } from 'aistore-rx'
 *
 * const decoded = Snapshots.decode({ t1: [{ id: 'g3', kind: 'rebalance' }], t2: null })
 * if (isRight(decoded)) console.log(Object.keys(decoded.right)) // [ 't1', 't2' ]
 */
export const Snapshots: t.Type<Snapshots, SnapshotsWire> = walked(
  'Snapshots',
  isSnapshots,
  readSnapshots,
  encodeSnapshots,
)
