import type { Address } from './address.ts'
import { sorted } from './chosen.ts'
import type { Shown } from './shown.ts'

/** The shortest time between two sorts, so that no row jumps away under a finger. */
const SORT_MS = 2_000

/** The order of the table. */
export interface Ordered {
  readonly ids: readonly string[]
  /** How many jobs came while the order was held; they are last. */
  readonly fresh: number
  /** Whether the order is out of date. */
  readonly isOld: boolean
}

/** Keeps the order of a table for a while, so that rows do not move while the user aims at one. */
export interface Order {
  /**
   * Orders the jobs.
   *
   * @param wanted the sort order and the filters; a change of them sorts the table at once
   * @param isHeld whether the user is about to use a row
   */
  readonly next: (jobs: readonly Shown[], wanted: Address, isHeld: boolean, nowMs: number) => Ordered
  /** Makes the next call of `next` sort the table again, even if the order is held. */
  readonly renew: () => void
}

/** Creates the order of an empty table. */
export function createOrder(): Order {
  let ids: readonly string[] = []
  let added: ReadonlySet<string> = new Set()
  let sortedMs = -Infinity
  let sortedFor = ''
  return {
    renew: () => {
      sortedFor = ''
    },
    next: (jobs, wanted, isHeld, nowMs) => {
      const sortedIds = sorted(jobs, wanted).map(({ id }) => id)
      const criteria = JSON.stringify([wanted.sort, wanted.descending, wanted.search, wanted.state, wanted.kind])
      // The clock of a computer may go back.
      const isEarly = nowMs >= sortedMs && nowMs - sortedMs < SORT_MS
      if (criteria !== sortedFor || !(isHeld || isEarly)) {
        ids = sortedIds
        added = new Set()
        sortedMs = nowMs
        sortedFor = criteria
        return { ids, fresh: 0, isOld: false }
      }
      const before = new Set(ids)
      const present = new Set(sortedIds)
      const newIds = sortedIds.filter((id) => !before.has(id))
      added = new Set([...added, ...newIds].filter((id) => present.has(id)))
      ids = [...ids.filter((id) => present.has(id)), ...newIds]
      return { ids, fresh: added.size, isOld: ids.some((id, i) => id !== sortedIds[i]) }
    },
  }
}
