import type { Query } from './evidence.ts'
import type { Need } from './need.ts'

// A member that waits for replies is not computed again before one of their sources has replied. With ten thousand
// members, the sources that a member awaits are bits of one number.

/** Sets of sources, as bits. The highest bit stands for queries about one run. */
export const ALL_SOURCES = 0b11111
const [LIST, RUNNING, SNAPSHOTS, MAP, RUN] = [0b00001, 0b00010, 0b00100, 0b01000, 0b10000]

/** When something is due next, and whether anything is due now. */
export interface Plan {
  readonly earliestMs: number
  /** When time alone may change the answer. */
  readonly wakeMs: number
  /** The sources of what is due now, as bits; 0 if nothing is due. */
  readonly awaitedSources: number
  /**
   * Until this time, the member needs nothing but the next list; -Infinity if that list is due, or if the member needs
   * no list.
   */
  readonly listOnlyUntilMs: number
}

/**
 * Splits needs: appends the needs that are due now to `due`, and returns a plan with the earliest time of the others.
 */
export function planOf(needs: readonly Need[], nowMs: number, due: Need[]): Plan {
  let earliestMs = Infinity
  let wakeMs = Infinity
  let awaitedSources = 0
  // While a job runs, its first need is that for the next list. In all other cases the plan claims nothing about lists.
  let listOnlyUntilMs = Infinity
  const first = needs[0]
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
      return LIST | RUN
    case 'any':
      return LIST | SNAPSHOTS | RUN
    case 'snapshots':
      return SNAPSHOTS | RUN
    case 'running':
      return RUNNING
    case 'map':
      return MAP
    case 'query':
      return ALL_SOURCES
    case 'status':
      return RUN
    default:
      return 0
  }
}

/**
 * The source of a query about many runs, as a bit.
 *
 * After its reply, a member that waits for this source computes its needs again, even if its runs have not changed. The
 * bit is 0 for a query about one run, because its reply always changes that run.
 */
export function sourceBit(query: Query): number {
  switch (query.what) {
    case 'statuses':
      return LIST
    case 'running':
      return RUNNING
    case 'map':
      return MAP
    case 'newest':
      return ALL_SOURCES
    case 'snapshots':
      return query.id === undefined ? SNAPSHOTS : 0
    default:
      return 0
  }
}
