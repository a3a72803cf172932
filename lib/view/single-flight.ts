import { isAboutMany, isReplyError, keyOf, type Evidence, type Query } from './evidence.ts'
import { SHORTEST_MS } from './pace.ts'

/**
 * Single-flight: which queries are in flight, and which may be sent. A query is never in flight twice, and is not sent
 * again within 100 ms of its last reply.
 */
export interface SingleFlight {
  /**
   * Marks a query as in flight if it may be sent. Otherwise returns when it may be sent, or `Infinity` while it is in
   * flight.
   */
  readonly admit: (query: Query, nowMs: number) => 'admitted' | number
  readonly isInFlight: (query: Query) => boolean
  /** Whether exactly this query object was admitted and has neither been answered nor cancelled since. */
  readonly isAdmitted: (query: Query) => boolean
  /** Records the reply to a query. */
  readonly replied: (evidence: Evidence) => void
  /** Records a reply to a one-shot request, so that the query is not sent again within 100 ms. */
  readonly repliedElsewhere: (evidence: Evidence) => void
  /** Records that the request for a query was cancelled. */
  readonly cancelled: (query: Query) => void
  /** Whether a request about this run is in flight. */
  readonly isRunInFlight: (id: string) => boolean
  /** Records that the requests about this run were cancelled. */
  readonly cancelledRun: (id: string) => void
  /** Whether the last reply to a query about many runs could not be used. Each run is then queried on its own. */
  readonly isUnusable: (query: Query, nowMs: number) => boolean
  readonly clear: () => void
  readonly size: () => number
}

/** After a reply to a query about many runs that could not be used, the query is not sent again for this long. */
const UNUSABLE_MS = 60_000
/** If there are more reply times than this, the old ones are dropped. */
const MOST_REMEMBERED = 1_000

const ofRun = (id: string): readonly Query[] => [
  { what: 'status', id },
  { what: 'snapshots', id },
]

/** Creates the record of queries in flight; there are none at first. */
export function singleFlightOf(): SingleFlight {
  const inFlight = new Map<string, Query>()
  /** When the last reply to each query came. */
  const repliedMs = new Map<string, number>()
  const unusableUntilMs = new Map<string, number>()
  const prune = (nowMs: number): void => {
    for (const [key, atMs] of repliedMs) if (nowMs - atMs > SHORTEST_MS) repliedMs.delete(key)
  }
  return {
    admit: (query, nowMs) => {
      const key = keyOf(query)
      if (inFlight.has(key)) return Infinity
      const freeMs = (repliedMs.get(key) ?? -Infinity) + SHORTEST_MS
      if (freeMs > nowMs) return freeMs
      inFlight.set(key, query)
      return 'admitted'
    },
    isInFlight: (query) => inFlight.has(keyOf(query)),
    isAdmitted: (query) => inFlight.get(keyOf(query)) === query,
    replied: ({ query, atMs, result }) => {
      const key = keyOf(query)
      inFlight.delete(key)
      repliedMs.set(key, atMs)
      if (repliedMs.size > MOST_REMEMBERED) prune(atMs)
      if (result._tag === 'Left' && isAboutMany(query) && isReplyError(result.left))
        unusableUntilMs.set(key, atMs + UNUSABLE_MS)
    },
    repliedElsewhere: ({ query, atMs }) => repliedMs.set(keyOf(query), atMs),
    cancelled: (query) => inFlight.delete(keyOf(query)),
    isRunInFlight: (id) => ofRun(id).some((query) => inFlight.has(keyOf(query))),
    cancelledRun: (id) => {
      for (const query of ofRun(id)) inFlight.delete(keyOf(query))
    },
    isUnusable: (query, nowMs) => (unusableUntilMs.get(keyOf(query)) ?? -Infinity) > nowMs,
    clear: () => {
      for (const index of [inFlight, repliedMs, unusableUntilMs]) index.clear()
    },
    size: () => inFlight.size,
  }
}
