import { sharedLimits } from '#platform/request/limits'
import { mayLearnMap, requestMap } from '#platform/proxies/cluster-map'
import { knowsIc, rotateIc } from '#platform/proxies/ic'
import { map, type Observable } from 'rxjs'
import { queryRunning } from './listings.ts'
import { isLeft, right } from './common/either.ts'
import type { ClusterLike, Environment } from './environment.ts'
import type { Result } from './error.ts'
import { querySnapshots, queryStatus, queryStatusAtIc, statusOf } from './queries.ts'
import type { Limit } from './request/send.ts'
import { sourcedListOf } from './request/status-list.ts'
import type { Query } from './view/evidence.ts'
import { defined } from './common/defined.ts'

/** Sends the requests for queries. */
export interface Requester {
  readonly send: (query: Query) => Observable<Result<unknown>>
  /** Whether to request the cluster map now, so that other proxies are known when the given endpoints fail. */
  readonly mayLearn: () => boolean
  /** Sends the next request for a list to another member of the Information Center, after a list that lacked a run. */
  readonly rotateIc: () => void
}

/**
 * Creates a requester in which each type of query has its own time limit, which grows with each request that times out.
 */
export function requester(cluster: ClusterLike, env: Environment): Requester {
  const limits = new Map<Query['what'], Limit>()
  const timers = sharedLimits(env)
  const list = sourcedListOf(env)
  let listEndpoint: string | undefined
  const limitOf = (what: Query['what']): Limit => {
    const limit = limits.get(what) ?? { ms: env.requestTimeoutMs, timers }
    limits.set(what, limit)
    return limit
  }
  const send = (query: Query): Observable<Result<unknown>> => {
    const limit = limitOf(query.what)
    switch (query.what) {
      case 'status':
        return knowsIc(env)
          ? queryStatusAtIc(env, { ids: [query.id], onlyRunning: false }, limit)
          : queryStatus(cluster, { ids: [query.id], onlyRunning: false }, limit)
      case 'newest':
        return statusOf(cluster, query.selection, limit)
      case 'statuses':
        return list(limit).pipe(
          map((result) => {
            if (isLeft(result)) return result
            listEndpoint = result.right.endpoint
            return right(result.right.list)
          }),
        )
      case 'snapshots': {
        const { id, kind, onlyRunning = false } = query
        return querySnapshots(cluster, { ids: id === undefined ? [] : [id], onlyRunning, ...defined({ kind }) }, limit)
      }
      case 'running':
        return queryRunning(cluster, undefined, limit)
      case 'map':
        return requestMap(env, limit)
    }
  }
  return {
    send,
    mayLearn: () => mayLearnMap(env),
    rotateIc: () => {
      if (listEndpoint !== undefined) rotateIc(env, listEndpoint)
    },
  }
}
