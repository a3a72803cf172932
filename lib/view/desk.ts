import { isAboutMany, isReplyError, keyOf, type Evidence, type Query } from './evidence.ts'
import { SHORTEST_MS } from './pace.ts'

/**
 * Single-flight: which queries are in flight, and which may be sent. A query is never in flight twice, and not sent
 * again within 100 ms of its last reply.
 */
export interface SingleFlight {
  /** Marks a query as in flight if it may be sent; else returns when it may be, or `Infinity` while it is in flight. */
  readonly admit: (query: Query, nowMs: number) => 'admitted' | number
  readonly isInFlight: (query: Query) => boolean
  /** Whether this very query was admitted, and was neither answered nor cancelled since. */
  readonly isAdmitted: (query: Query) => boolean
  /** Its reply came. */
  readonly replied: (evidence: Evidence) => void
  /** Somebody else had a reply to it: it is not sent again within 100 ms. */
  readonly repliedElsewhere: (evidence: Evidence) => void
  /** The request was cancelled. */
  readonly cancelled: (query: Query) => void
  /** Whether a request about this run is in flight. */
  readonly isRunInFlight: (id: string) => boolean
  /** The requests about this run were cancelled. */
  readonly cancelledRun: (id: string) => void
  /** Whether the last reply to a query about many runs could not be used; then each run is asked about alone. */
  readonly isUnusable: (query: Query, nowMs: number) => boolean
  readonly clear: () => void
  readonly size: () => number
}

/** A query about many runs whose reply could not be used is not sent again before this time is over. */
const BROKEN_MS = 60_000
const MOST_REMEMBERED = 10_000

const ofRun = (id: string): readonly Query[] => [
  { what: 'status', id },
  { what: 'snapshots', id },
]

export function singleFlightOf(): SingleFlight {
  const inFlight = new Map<string, Query>()
  /** When the last reply to a question came. */
  const replied = new Map<string, number>()
  const broken = new Map<string, number>()
  const prune = (nowMs: number): void => {
    for (const [key, atMs] of replied) if (nowMs - atMs > SHORTEST_MS) replied.delete(key)
  }
  return {
    admit: (query, nowMs) => {
      const key = keyOf(query)
      if (inFlight.has(key)) return Infinity
      const freeMs = (replied.get(key) ?? -Infinity) + SHORTEST_MS
      if (freeMs > nowMs) return freeMs
      inFlight.set(key, query)
      return 'admitted'
    },
    isInFlight: (query) => inFlight.has(keyOf(query)),
    isAdmitted: (query) => inFlight.get(keyOf(query)) === query,
    replied: ({ query, atMs, result }) => {
      const key = keyOf(query)
      inFlight.delete(key)
      replied.set(key, atMs)
      if (replied.size > MOST_REMEMBERED) prune(atMs)
      if (result._tag === 'Left' && isAboutMany(query) && isReplyError(result.left)) broken.set(key, atMs + BROKEN_MS)
    },
    repliedElsewhere: ({ query, atMs }) => replied.set(keyOf(query), atMs),
    cancelled: (query) => inFlight.delete(keyOf(query)),
    isRunInFlight: (id) => ofRun(id).some((query) => inFlight.has(keyOf(query))),
    cancelledRun: (id) => {
      for (const query of ofRun(id)) inFlight.delete(keyOf(query))
    },
    isUnusable: (query, nowMs) => (broken.get(keyOf(query)) ?? -Infinity) > nowMs,
    clear: () => {
      for (const index of [inFlight, replied, broken]) index.clear()
    },
    size: () => inFlight.size,
  }
}
