import type { JobSnap, JobStats } from '../codec/job-snap.ts'
import { isTerminal } from '../snapshot.ts'
import { keyOf, type Shown } from './follow.ts'
import { countOf, type Memory, type Part } from './memory.ts'

/** What a reading has changed. */
export interface Change {
  readonly parts: ReadonlyMap<string, Part>
  readonly past: ReadonlyMap<string, bigint>
  /** Another run than before. */
  readonly renewed: boolean
  /** A counter changed, or somebody joined: it is alive. */
  readonly moved: boolean
  /** The sum cannot be compared with the one before: somebody joined with work done, or counts anew. */
  readonly jumped: boolean
}

/** Takes in what is shown of the run that is followed. */
export function takeIn(memory: Memory, followed: ReadonlySet<string>, shown: readonly Shown[]): Change {
  const another = memory.followed.size > 0 && ![...memory.followed].every((id) => followed.has(id))
  const before: Memory['parts'] = another ? new Map() : memory.parts
  const fresh = freshOf(memory, before, followed, shown)
  const again = [...fresh].some(([key, one]) => isLater(one.snap, before.get(key)?.snap))
  const parts = new Map<string, Part>()
  const past = new Map(memory.past)
  let [moved, jumped] = [another || again, another || again]
  for (const [key, { target, snap }] of fresh) {
    const old = before.get(key)
    const same = old !== undefined && !isLater(snap, old.snap)
    // In a new run, what had ended before is none of it; what goes on is, whenever its target begins anew.
    if (again && same && isTerminal(snap)) {
      past.set(key, snap.startTime ?? 0n)
      continue
    }
    const part: Part = { target, snap, stats: same ? highest(old.stats, snap.stats) : snap.stats, missing: false }
    parts.set(key, part)
    moved ||= !same || differs(snap.stats, old.snap.stats)
    jumped ||= (!same && hasWorked(part)) || (same && differs(part.stats, snap.stats))
  }
  for (const [key, old] of before) {
    if (fresh.has(key)) continue
    if (again) past.set(key, old.snap.startTime ?? 0n)
    else parts.set(key, { ...old, missing: true })
  }
  return { parts, past, renewed: another || again, moved, jumped }
}

/** One record for each part: the latest start counts, and of one run the record that has not ended. */
function freshOf(
  { past }: Memory,
  before: ReadonlyMap<string, Part>,
  followed: ReadonlySet<string>,
  shown: readonly Shown[],
): ReadonlyMap<string, Shown> {
  const fresh = new Map<string, Shown>()
  for (const one of shown) {
    const key = keyOf(one)
    if (!followed.has(one.snap.id) || isOlder(one.snap, before.get(key)?.snap)) continue
    const gone = past.get(key)
    if (gone !== undefined && (one.snap.startTime ?? gone) <= gone) continue
    const twin = fresh.get(key)
    if (twin === undefined || supersedes(one.snap, twin.snap)) fresh.set(key, one)
  }
  return fresh
}

const isLater = ({ startTime }: JobSnap, before: JobSnap | undefined): boolean =>
  startTime !== undefined && before?.startTime !== undefined && startTime > before.startTime

const isOlder = (snap: JobSnap, before: JobSnap | undefined): boolean => before !== undefined && isLater(before, snap)

function supersedes(one: JobSnap, other: JobSnap): boolean {
  const [a, b] = [one.startTime ?? 0n, other.startTime ?? 0n]
  return a === b ? isTerminal(other) && !isTerminal(one) : a > b
}

const COUNTERS = ['objects', 'bytes', 'outObjects', 'outBytes', 'inObjects', 'inBytes'] as const

const highest = (a: JobStats, b: JobStats): JobStats => {
  const max = (key: keyof JobStats): bigint => (a[key] > b[key] ? a[key] : b[key])
  return {
    objects: max('objects'),
    bytes: max('bytes'),
    outObjects: max('outObjects'),
    outBytes: max('outBytes'),
    inObjects: max('inObjects'),
    inBytes: max('inBytes'),
  }
}

const differs = (a: JobStats, b: JobStats): boolean => COUNTERS.some((key) => a[key] !== b[key])

function hasWorked(part: Part): boolean {
  const { objects, bytes } = countOf(part)
  return objects > 0n || bytes > 0n
}
