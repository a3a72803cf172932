import type { Need } from './needs.ts'

/** When something is due next, and whether anything is due now. */
export interface Plan {
  readonly earliestMs: number
  /** When the answer may change with time alone. */
  readonly wakeMs: number
  readonly waits: boolean
}

/** Splits needs: those that are due are added to `due`; of the others, the earliest time is kept. */
export function planOf(needs: readonly Need[], nowMs: number, due: Need[]): Plan {
  let [earliestMs, wakeMs, waits] = [Infinity, Infinity, false]
  for (const need of needs) {
    if (need.of === 'wake') wakeMs = Math.min(wakeMs, need.dueMs)
    else if (need.dueMs <= nowMs) {
      due.push(need)
      waits = true
    }
    if (need.dueMs > nowMs && need.dueMs < earliestMs) earliestMs = need.dueMs
  }
  return { earliestMs, wakeMs, waits }
}
