import type { Query } from './evidence.ts'
import type { Need } from './needs.ts'

/** Sets of sources, as bits; the last one is that of queries about one run. */
export const ALL_SOURCES = 0b11111
const [LIST, WORK, LOOKS, MAP, OWN] = [0b00001, 0b00010, 0b00100, 0b01000, 0b10000]

/** When something is due next, and whether anything is due now. */
export interface Plan {
  readonly earliestMs: number
  /** When the answer may change with time alone. */
  readonly wakeMs: number
  /** The sources of what is due now; 0 if nothing is. */
  readonly awaitedSources: number
  /** Until then, only replies and the next list are awaited; -Infinity if that list is due, or none is needed. */
  readonly listOnlyUntilMs: number
}

/** Splits needs: those that are due are added to `due`; of the others, the earliest time is kept. */
export function planOf(needs: readonly Need[], nowMs: number, due: Need[]): Plan {
  let [earliestMs, wakeMs, awaitedSources, listOnlyUntilMs] = [Infinity, Infinity, 0, Infinity]
  const [first] = needs
  for (const need of needs) {
    if (need.of === 'wake') wakeMs = Math.min(wakeMs, need.dueMs)
    else if (need.dueMs <= nowMs) {
      due.push(need)
      awaitedSources |= sourceBits(need)
    }
    if (need.dueMs <= nowMs) continue
    if (need.dueMs < earliestMs) earliestMs = need.dueMs
    if (need !== first && need.dueMs < listOnlyUntilMs) listOnlyUntilMs = need.dueMs
  }
  if (first?.of !== 'ic' || first.dueMs <= nowMs) listOnlyUntilMs = -Infinity
  return { earliestMs, wakeMs, awaitedSources, listOnlyUntilMs }
}

function sourceBits({ of }: Need): number {
  switch (of) {
    case 'ic':
      return LIST | OWN
    case 'any':
      return LIST | LOOKS | OWN
    case 'snapshots':
      return LOOKS | OWN
    case 'running':
      return WORK
    case 'map':
      return MAP
    case 'query':
      return ALL_SOURCES
    case 'status':
      return OWN
    default:
      return 0
  }
}

/**
 * The source of a query about many runs, as a bit: after its reply, a member that waits for it computes its needs again, even
 * if its runs have not changed. 0 for a query about one run, since its reply always changes that run.
 */
export function sourceBit(query: Query): number {
  switch (query.what) {
    case 'statuses':
      return LIST
    case 'running':
      return WORK
    case 'map':
      return MAP
    case 'newest':
      return ALL_SOURCES
    case 'snapshots':
      return query.id === undefined ? LOOKS : 0
    default:
      return 0
  }
}
