import type { JobSnap } from '../codec/job-snap.ts'
import type { Snapshots, TargetId } from '../codec/snapshots.ts'
import { isAborted, isIdle, isTerminal } from '../snapshot.ts'
import { again, takesMore, type Memory, type Part } from './memory.ts'

type Shown = Pick<Part, 'target' | 'snap'>

/** Takes in what the targets show. */
export function withSnapshots(memory: Memory, snapshots: Snapshots, atMs: number): Memory {
  const all = Object.entries(snapshots).flatMap(([target, snaps]) => snaps.map((snap) => ({ target, snap })))
  const ended = memory.aim.id === undefined ? endedRuns(memory, all) : memory.ended
  const runs = memory.aim.id === undefined ? runsOf(memory, ended, all) : memory.runs
  const shown = all.filter(({ snap }) => runs.has(snap.id))
  const looked = withParts({ ...memory, kind: memory.kind ?? shown[0]?.snap.kind, runs }, shown, atMs)
  return {
    ...looked,
    ended,
    heard: new Set([...memory.heard, ...Object.keys(snapshots)]),
    snapshots,
    // Before any run was seen, an empty reply says nothing: the next run of the kind may be still to come.
    denied: shown.length === 0 && runs.size > 0 ? again(memory.denied, atMs) : undefined,
    error: undefined,
  }
}

/** Takes in that no target knows the job (a 404). */
export const withDenial = (memory: Memory, atMs: number): Memory => ({
  ...withParts(memory, [], atMs),
  denied: again(memory.denied, atMs),
})

const withParts = (memory: Memory, shown: readonly Shown[], atMs: number): Memory => ({
  ...memory,
  parts: partsOf(memory.parts, shown, atMs),
  lookedAtMs: atMs,
  silentUntilMs: undefined,
  targetsFailed: false,
  lookSinceEnd: memory.lookSinceEnd === undefined ? undefined : 'looked',
})

/**
 * Runs that are none of ours (T7): when they showed first, they had ended, on targets that had not been heard before. One
 * that ends between two looks shows on a target that was heard, so that it counts; and so does one that goes on elsewhere.
 */
function endedRuns({ ended, heard, runs }: Memory, all: readonly Shown[]): ReadonlySet<string> {
  const running = new Set(all.flatMap(({ snap }) => (isTerminal(snap) ? [] : [snap.id])))
  const ours = new Set([
    ...runs,
    ...running,
    ...all.flatMap(({ target, snap }) => (heard.has(target) ? [snap.id] : [])),
  ])
  const before = all.flatMap(({ snap }) => (ours.has(snap.id) ? [] : [snap.id]))
  return new Set([...[...ended].filter((run) => !running.has(run)), ...before])
}

/** Waiting by kind: the first runs that had not ended before; of idle kinds, those that come later too. */
function runsOf(memory: Memory, ended: ReadonlySet<string>, all: readonly Shown[]): ReadonlySet<string> {
  if (memory.runs.size > 0 && !takesMore(memory)) return memory.runs
  return new Set([...memory.runs, ...all.flatMap(({ snap }) => (ended.has(snap.id) ? [] : [snap.id]))])
}

function partsOf(before: ReadonlyMap<string, Part>, shown: readonly Shown[], atMs: number): ReadonlyMap<string, Part> {
  const now = new Map<string, Part>()
  for (const { target, snap } of shown) {
    const key = keyOf(target, snap)
    const twin = now.get(key)
    if (twin === undefined || supersedes(snap, twin.snap)) now.set(key, { target, snap })
  }
  for (const [key, part] of before) {
    if (!now.has(key)) now.set(key, { ...part, missing: again(part.missing, atMs) })
  }
  return now
}

const keyOf = (target: TargetId, { id }: JobSnap): string => `${id}/${target}`

/** Of two records of one job on one target, the later run counts, and of one run the less happy one. */
function supersedes(one: JobSnap, other: JobSnap): boolean {
  const [a, b] = [one.startTime ?? 0n, other.startTime ?? 0n]
  return a === b ? unhappiness(one) > unhappiness(other) : a > b
}

const unhappiness = (snap: JobSnap): number =>
  !isTerminal(snap) ? (isIdle(snap) ? 3 : 4) : isAborted(snap) ? 2 : snap.err !== '' ? 1 : 0
