import { NEVER, defer, type Observable } from 'rxjs'
import { isLeft } from './common/either.ts'
import { environmentOf, type ClusterLike } from './environment.ts'
import type { Health } from './monitor/condition.ts'
import { monitor } from './monitor/monitor.ts'

export type { Health } from './monitor/condition.ts'

/**
 * Watches the health of a cluster, derived from the requests of all other streams.
 *
 * It sends no requests itself. The evidence is the traffic of every query, command, wait and watch of this cluster value.
 * `connected`: the endpoint that was given first replies without problems. `failed-over`: another endpoint replies in
 * its place. `degraded`: an endpoint replies, but two requests in a row with the same path and query failed (5xx, 429,
 * 401, an unreachable target, a reply that cannot be decoded, no reply), one request took 5 s, or one has been in
 * flight for 5 s. `unreachable`: no endpoint has replied to three requests in a row, or for 30 s. A single quick
 * failure changes nothing, unless there was no traffic before it.
 *
 * Before the first subscriber, the library keeps the newest 256 outcomes. Of several replies that report the same, it
 * keeps only the first.
 *
 * @param cluster the cluster
 * @returns hot; on subscribe the newest {@link Health} if there was any traffic, then each change of its state, its
 * endpoint or the kind of its reason; `sinceMs` is a time of the cluster's scheduler. It never completes and never
 * errors. If an argument of the cluster is invalid, it emits nothing; the other streams report the InvalidArgument
 * @see docs/protocol.md#14-which-proxy-to-query
 * @see docs/protocol.md#t27
 * @example
 * import { createCluster, health } from 'aistore-rx'
 * const cluster = createCluster(['http://proxy-1:51080', 'http://proxy-2:51080'])
 * health(cluster).subscribe(({ state, endpoint, reason = '' }) => console.log(state, endpoint, reason))
 */
export function health(cluster: ClusterLike): Observable<Health> {
  return defer(() => {
    const environment = environmentOf(cluster)
    if (isLeft(environment)) return NEVER
    const { endpoints, shared, ...clocks } = environment.right
    return (shared.health ??= monitor(
      shared.traffic,
      endpoints.map(({ base }) => base),
      clocks,
    ))
  })
}
