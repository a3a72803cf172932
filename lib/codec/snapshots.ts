import type * as t from 'io-ts'
import { listOf, recordOf } from './containers.ts'
import { JobSnap, type JobSnapWire } from './job-snap.ts'
import { nullAsEmpty } from './members.ts'

/** The id of a target, such as `Dgct8282`. */
export type TargetId = string

/** The snapshots of each target, by target id. Any text may be an id. */
export type Snapshots = Readonly<Record<TargetId, readonly JobSnap[]>>

/** The snapshots of each target, as the cluster writes them. */
export type SnapshotsWire = Readonly<Record<TargetId, readonly JobSnapWire[]>>

const TargetSnaps = nullAsEmpty(listOf(JobSnap, 'array of JobSnap'), [])

/**
 * The snapshots of each target that replied, by target id.
 *
 * Any text may be an id, also `__proto__`. Read the record with `Object.keys`, `Object.values` or `Object.entries`.
 *
 * Source: protocol 2.5, 3.1 (MultiSnap).
 *
 * @example
 * import { isRight, Snapshots } from 'aistore-rx'
 *
 * const decoded = Snapshots.decode({ t1: [{ id: 'g3', kind: 'rebalance' }], t2: null })
 * if (isRight(decoded)) console.log(Object.keys(decoded.right)) // [ 't1', 't2' ]
 */
export const Snapshots: t.Type<Snapshots, SnapshotsWire> = recordOf(TargetSnaps, 'Snapshots')
