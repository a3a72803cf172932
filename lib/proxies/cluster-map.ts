import { defer, finalize, map, of, share, tap, type Observable } from 'rxjs'
import type { ClusterMap } from '../codec/cluster-map.ts'
import { isLeft, right } from '../common/either.ts'
import type { Environment } from '../environment.ts'
import type { Result } from '../error.ts'
import { askBy } from '../request/ask.ts'
import { MAP } from './membership.ts'
import { testify } from '../request/testify.ts'
import { isFresh } from './candidates.ts'
import type { Limit } from '../request/send.ts'

/** Requests the cluster map; a caller that comes while such a request is in flight shares its reply. */
export function requestMap(env: Environment, limit?: Limit): Observable<Result<ClusterMap>> {
  return defer(() => {
    const { roster } = env.shared
    roster.asking ??= timedRequest(env, limit).pipe(
      finalize(() => (roster.asking = undefined)),
      share(),
    )
    return roster.asking
  })
}

/** Keeps when the map was last requested; a request that was cancelled does not count. */
function timedRequest(env: Environment, limit: Limit | undefined): Observable<Result<ClusterMap>> {
  return defer(() => {
    const { roster } = env.shared
    const nowMs = env.now()
    let answered = false
    roster.askedAtMs = nowMs
    return askBy(env, MAP, limit).pipe(
      tap(() => (answered = true)),
      finalize(() => {
        if (!answered && roster.askedAtMs === nowMs) roster.askedAtMs = undefined
      }),
    )
  })
}

/**
 * The known map if it is new enough to tell which proxies are in the IC; else a new one.
 *
 * @param limit that of the question which needs the map
 */
export function freshMap(env: Environment, limit?: Limit): Observable<Result<ClusterMap>> {
  return defer(() => {
    const { roster } = env.shared
    if (roster.map !== undefined && isFresh(env)) return of(right(roster.map))
    // A proxy that lags behind may have sent a map that is older than the known one.
    return testify(env, requestMap(env, limit), (result) => [{ query: { what: 'map' }, result }]).pipe(
      map((result) => (isLeft(result) ? result : right(roster.map ?? result.right))),
    )
  })
}

const OLD_MS = 600_000
const AGAIN_MS = 60_000

/**
 * Whether no map is known or the known one is ten minutes old, and none was asked for in the last minute.
 *
 * For a loop that asks again and again: it asks for the map after a good reply, so that other proxies are known before the
 * given endpoint can go. That costs one small request in ten minutes for all loops of a cluster value, and one in a minute
 * where the request brings no map. A one-shot question does not use this.
 */
export function mayLearnMap(env: Environment): boolean {
  const { roster } = env.shared
  return env.discover && !isFresh(env, OLD_MS) && env.now() - (roster.askedAtMs ?? -Infinity) >= AGAIN_MS
}
