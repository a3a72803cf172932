import { sharedLimits } from '#platform/request/limits'
import type { Environment } from '../environment.ts'
import type { Query } from '../view/evidence.ts'
import type { Limit } from './send.ts'

type Sort = Query['what']

/** The time limits of the requests of one loop, one for each sort of query. */
export interface QueryLimits {
  /** The limit of the next request of this sort. It doubles when a request times out. */
  readonly of: (sort: Sort) => Limit
  /**
   * Records how long a reply took. The limit of a list is then at most twice that time, but not below the first limit.
   */
  readonly replied: (sort: Sort, tookMs: number) => void
}

/**
 * The first limit of a request for the list of statuses, in milliseconds. A proxy answers it from its memory, even while
 * a target is frozen. A proxy that is frozen accepts connections, but never replies: after this time, the next list goes
 * to another endpoint. The other sorts need the targets: with a frozen one, a status takes 20 s, and snapshots take more
 * than 120 s.
 */
const LIST_MS = 5_000

/** Creates the time limits. None starts above `requestTimeoutMs`. */
export function queryLimits(env: Environment): QueryLimits {
  const limits = new Map<Sort, Limit>()
  const timers = sharedLimits(env)
  const listMs = Math.min(env.requestTimeoutMs, LIST_MS)
  return {
    of: (sort) => {
      const limit = limits.get(sort) ?? { ms: sort === 'statuses' ? listMs : env.requestTimeoutMs, timers }
      limits.set(sort, limit)
      return limit
    },
    replied: (sort, tookMs) => {
      const limit = limits.get(sort)
      if (sort === 'statuses' && limit !== undefined) limit.ms = Math.max(listMs, Math.min(limit.ms, 2 * tookMs))
    },
  }
}
