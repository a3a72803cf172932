import type { Agenda, Due } from './agenda.ts'
import type { Desk } from './desk.ts'
import { keyOf, type Query } from './evidence.ts'

/** A query that is due, but too soon after its last reply. */
export interface Held extends Due {
  readonly query: Query
}

/** Holds back queries that come within 100 ms of their last reply. */
export interface HeldBack {
  /** Whether a query may be sent now. If not, it is in flight, or it is held back until it may be sent. */
  readonly mayAsk: (query: Query, nowMs: number) => boolean
  /** Ends the delay of a query. */
  readonly release: (query: Query) => void
  readonly clear: () => void
  readonly size: () => number
}

export function heldBack(agenda: Pick<Agenda<Held>, 'set'>, desk: Desk): HeldBack {
  const held = new Map<string, Held>()
  return {
    mayAsk: (query, nowMs) => {
      const key = keyOf(query)
      if (held.has(key)) return false
      const freeMs = desk.admit(query, nowMs)
      if (freeMs === 'asked') return true
      if (freeMs < Infinity) {
        const item: Held = { query, dueMs: Infinity }
        held.set(key, item)
        agenda.set(item, freeMs)
      }
      return false
    },
    release: (query) => held.delete(keyOf(query)),
    clear: () => {
      for (const item of held.values()) agenda.set(item, Infinity)
      held.clear()
    },
    size: () => held.size,
  }
}
