import type * as t from 'io-ts'
import { listOf, recordOf } from './containers.ts'
import { JobSnap, type JobSnapWire } from './job-snap.ts'
import { nullAsEmpty } from './members.ts'

/** The id of a target, such as `Dgct8282`. */
export type TargetId = string

/** What each target says; has no prototype, so that a target may be called anything. */
export type Snapshots = Readonly<Record<TargetId, readonly JobSnap[]>>

/** What each target says as the cluster writes it. */
export type SnapshotsWire = Readonly<Record<TargetId, readonly JobSnapWire[]>>

const TargetSnaps = nullAsEmpty(listOf(JobSnap, 'array of JobSnap'), [])

/**
 * The snapshots of every target that answered: target id to its records.
 *
 * The record has no prototype, so that a target may have any id. Read it with `Object.keys` and friends.
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
