import type { Agenda, Due } from './agenda.ts'
import type { SingleFlight } from './single-flight.ts'
import { keyOf, type Query } from './evidence.ts'

/** A query that is due too soon after its last reply. */
export interface DelayedQuery extends Due {
  readonly query: Query
}

/** Delays queries that are due within 100 ms of their last reply. */
export interface DelayedQueries {
  /** Whether a query may be sent now. If not, it is in flight, or it is delayed until it may be sent. */
  readonly maySend: (query: Query, nowMs: number) => boolean
  /** Ends the delay of a query. */
  readonly release: (query: Query) => void
  readonly clear: () => void
  readonly size: () => number
}

/** Creates the queries that wait until they may be sent; there are none at first. */
export function delayedQueries(agenda: Pick<Agenda<DelayedQuery>, 'set'>, singleFlight: SingleFlight): DelayedQueries {
  const delayed = new Map<string, DelayedQuery>()
  return {
    maySend: (query, nowMs) => {
      const key = keyOf(query)
      if (delayed.has(key)) return false
      const admission = singleFlight.admit(query, nowMs)
      if (admission === 'admitted') return true
      // While the query is in flight, its reply serves this need, too.
      const isInFlight = admission === Infinity
      if (!isInFlight) {
        const item: DelayedQuery = { query, dueMs: Infinity }
        delayed.set(key, item)
        agenda.set(item, admission)
      }
      return false
    },
    release: (query) => delayed.delete(keyOf(query)),
    clear: () => {
      for (const item of delayed.values()) agenda.set(item, Infinity)
      delayed.clear()
    },
    size: () => delayed.size,
  }
}
