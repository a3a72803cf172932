import type { JobSnap } from '../codec/job-snap.ts'
import type { JobRef } from '../codec/running.ts'
import type { Snapshots, TargetId } from '../codec/snapshots.ts'
import { isOver, stateOfAll } from '../job-state.ts'
import { isIdle, isTerminal, partsById, type Parts } from '../snapshot.ts'

/** What one job shows. */
export interface Shown {
  readonly job: JobRef
  readonly state: 'absent' | 'running' | 'idle' | 'over'
  /** The latest start of a part; 0 where none is told. */
  readonly startNs: bigint
  /** The latest time that is told of it; 0 where none is. */
  readonly lastNs: bigint
  /** A sum of all that each target counts: it grows with whatever is done. */
  readonly done: ReadonlyMap<TargetId, bigint>
}

/** What the targets show, job by job. */
export const shownBy = (snapshots: Snapshots): ReadonlyMap<string, Shown> =>
  new Map([...partsById(snapshots)].map(([id, parts]) => [id, shownAs(id, parts)]))

function shownAs(id: string, parts: Parts): Shown {
  const snaps = parts.map(([, snap]) => snap)
  const starts = snaps.map(({ startTime }) => startTime)
  const done = new Map<TargetId, bigint>()
  for (const [target, { stats }] of parts)
    done.set(target, (done.get(target) ?? 0n) + stats.objects + stats.bytes + stats.outBytes + stats.inBytes)
  return {
    job: { id, kind: snaps[0]?.kind ?? '' },
    state: stateOf(snaps),
    startNs: latest(starts),
    lastNs: latest([...starts, ...snaps.map(({ endTime }) => endTime)]),
    done,
  }
}

function stateOf(snaps: readonly JobSnap[]): Shown['state'] {
  const state = stateOfAll(snaps)
  if (state === 'starting') return 'absent'
  if (isOver(state)) return 'over'
  return snaps.filter((snap) => !isTerminal(snap)).every(isIdle) ? 'idle' : 'running'
}

const latest = (instants: readonly (bigint | undefined)[]): bigint => {
  let last = 0n
  for (const instant of instants) if (instant !== undefined && instant > last) last = instant
  return last
}
