import { EMPTY, defer, finalize, ignoreElements, map, of, tap, type Observable } from 'rxjs'
import type { ClusterMap } from '../codec/cluster-map.ts'
import { isLeft, right } from '../either.ts'
import type { Internals } from '../environment.ts'
import type { Result } from '../error.ts'
import { askBy } from './ask.ts'
import { MAP } from './members.ts'
import { isFresh } from './proxies.ts'

/** The map as it is known if it is new enough to say who is in the IC, or else as it is told now. */
export const freshMap = (env: Internals): Observable<Result<ClusterMap>> =>
  defer(() => {
    const { roster } = env.shared
    if (roster.map !== undefined && isFresh(env)) return of(right(roster.map))
    // What is known may be newer than what a proxy says that lags.
    return askBy(env, MAP).pipe(map((result) => (isLeft(result) ? result : right(roster.map ?? result.right))))
  })

const OLD_MS = 600_000
const AGAIN_MS = 60_000

/**
 * Asks for the map if none is known or it is old, so that there is somebody to turn to when the given endpoints go.
 *
 * For those who ask for long: costs one small request in ten minutes for all of a cluster, one in a minute where it
 * brings nothing. Emits nothing, and completes at once where nothing is to do.
 *
 * @internal
 */
export const refreshMap = (env: Internals, maxAgeMs: number = OLD_MS): Observable<never> =>
  defer(() => {
    const { roster } = env.shared
    const nowMs = env.now()
    const waitedMs = nowMs - (roster.askedAtMs ?? -Infinity)
    if (!env.discover || isFresh(env, maxAgeMs) || waitedMs < AGAIN_MS) return EMPTY
    let answered = false
    roster.askedAtMs = nowMs
    return askBy(env, MAP).pipe(
      tap(() => (answered = true)),
      // Whoever left before the reply has not asked.
      finalize(() => {
        if (!answered && roster.askedAtMs === nowMs) roster.askedAtMs = undefined
      }),
      ignoreElements(),
    )
  })
