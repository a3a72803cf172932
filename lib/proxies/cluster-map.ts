import { defer, finalize, map, mergeMap, of, share, type Observable } from 'rxjs'
import type { ClusterMap } from '../codec/cluster-map.ts'
import { isLeft } from '../common/either.ts'
import type { Environment } from '../environment.ts'
import type { Result } from '../error.ts'
import { sendCallIn } from '../request/fail-over.ts'
import { MAP } from './membership.ts'
import { publishEvidence } from '../request/publish-evidence.ts'
import { isFresh } from './map-proxies.ts'
import type { Limit } from '../request/send.ts'

/** Requests the cluster map. Callers share a request that is in flight. */
export function requestMap(env: Environment, limit?: Limit): Observable<Result<ClusterMap>> {
  return defer(() => {
    const { roster } = env.shared
    roster.mapRequest ??= timedRequest(env, limit).pipe(
      finalize(() => (roster.mapRequest = undefined)),
      share(),
    )
    return roster.mapRequest
  })
}

/** Requests the map, and records the time of the request. A request that was cancelled does not count. */
function timedRequest(env: Environment, limit: Limit | undefined): Observable<Result<ClusterMap>> {
  return defer(() => {
    const { roster } = env.shared
    const nowMs = env.now()
    let answered = false
    roster.requestedAtMs = nowMs
    return sendCallIn(env, MAP, limit).pipe(
      map((result) => {
        answered = true
        return result
      }),
      finalize(() => {
        if (!answered && roster.requestedAtMs === nowMs) roster.requestedAtMs = undefined
      }),
    )
  })
}

/**
 * Goes on at once if the known map is recent enough to decide which proxies are in the IC; otherwise requests a new one
 * first. If that request fails, its error is the result.
 *
 * @param limit the time limit of the query that needs the map
 */
export function withFreshMap<A>(
  env: Environment,
  limit: Limit,
  next: () => Observable<Result<A>>,
): Observable<Result<A>> {
  if (isFresh(env)) return next()
  return publishEvidence(env, requestMap(env, limit), (result) => [{ query: { what: 'map' }, result }]).pipe(
    mergeMap((result) => (isLeft(result) ? of(result) : next())),
  )
}

const OLD_MS = 600_000
const AGAIN_MS = 60_000

/**
 * Whether the map is unknown or ten minutes old, and was not requested in the last minute.
 *
 * The loop then requests the map after a successful reply, so that other proxies are known before the given endpoint can
 * fail. That costs one small request every ten minutes for each cluster value, or every minute if the requests fail.
 * One-shot queries do not request the map in this way.
 */
export function mayLearnMap(env: Environment): boolean {
  const { roster } = env.shared
  return env.discover && !isFresh(env, OLD_MS) && env.now() - (roster.requestedAtMs ?? -Infinity) >= AGAIN_MS
}
