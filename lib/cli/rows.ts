import type { JobSnap } from '../codec/job-snap.ts'
import type { Snapshots } from '../codec/snapshots.ts'
import { isAborted, isIdle, isTerminal } from '../snapshot.ts'

export type RowState = 'running' | 'idle' | 'finished' | 'failed' | 'aborted'

/** What is shown of one job, summed over its targets. */
export interface Row {
  readonly id: string
  readonly kind: string
  readonly state: RowState
  readonly objects: number
  readonly bytes: number
  /** Since the look before; absent in the first. */
  readonly objectsPerSecond?: number
  readonly startTime: bigint
}

/** Rows by job id, oldest first, and when they were seen. */
export interface Rows {
  readonly atMs: number
  readonly byId: ReadonlyMap<string, Row>
}

export const noRows: Rows = { atMs: 0, byId: new Map() }

/** Folds one look at the targets into the rows; rates come from the difference to the look before. */
export function nextRows(before: Rows, snapshots: Snapshots, atMs: number): Rows {
  const parts = new Map<string, JobSnap[]>()
  for (const snap of Object.values(snapshots).flat()) parts.set(snap.id, [...(parts.get(snap.id) ?? []), snap])
  const rows = [...parts].map(([id, snaps]) => rowOf(id, snaps, before.byId.get(id), atMs - before.atMs))
  return { atMs, byId: new Map(rows.sort(byStart).map((row) => [row.id, row])) }
}

const byStart = (a: Row, b: Row): number => Number(a.startTime - b.startTime)

function rowOf(id: string, snaps: readonly JobSnap[], before: Row | undefined, sinceMs: number): Row {
  // What a rebalance sends is its work; every other kind counts what it visits.
  const objects = sum(snaps, ({ stats }) => (stats.objects > 0n ? stats.objects : stats.outObjects))
  const starts = snaps.flatMap(({ startTime }) => (startTime === undefined ? [] : [startTime]))
  const rate =
    before === undefined || sinceMs <= 0 ? undefined : Math.max(0, ((objects - before.objects) * 1000) / sinceMs)
  return {
    id,
    kind: snaps[0]?.kind ?? '',
    state: stateOf(snaps),
    objects,
    bytes: sum(snaps, ({ stats }) => (stats.bytes > 0n ? stats.bytes : stats.outBytes)),
    ...(rate === undefined ? {} : { objectsPerSecond: rate }),
    startTime: starts.reduce((a, b) => (a < b ? a : b), starts[0] ?? 0n),
  }
}

const sum = (snaps: readonly JobSnap[], of: (snap: JobSnap) => bigint): number =>
  Number(snaps.reduce((total, snap) => total + of(snap), 0n))

function stateOf(snaps: readonly JobSnap[]): RowState {
  if (snaps.some(isAborted)) return 'aborted'
  if (snaps.every(isTerminal)) return snaps.some(({ err }) => err !== '') ? 'failed' : 'finished'
  return snaps.every((snap) => isIdle(snap) || isTerminal(snap)) ? 'idle' : 'running'
}
