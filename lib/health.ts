import { NEVER, defer, type Observable } from 'rxjs'
import { isLeft } from './common/either.ts'
import { environmentOf, type ClusterLike } from './environment.ts'
import type { Health } from './monitor/condition.ts'

export type { Health } from './monitor/condition.ts'

/**
 * Watches the health of a cluster, judged by the requests of other streams.
 *
 * It sends nothing itself: every question, command, wait and watch of this cluster value is evidence. `connected`: the
 * endpoint that was given first answers well. `failed-over`: another endpoint answers in its place. `degraded`: an
 * endpoint answers, but requests go wrong: two in a row of one question (5xx, 429, 401, a target that cannot be
 * reached, a reply that cannot be read, no reply), or one that took 5 s, or one that has been open for 5 s.
 * `unreachable`: no endpoint answers, for three questions in a row or for 30 s. A single quick failure changes nothing,
 * unless it is the first evidence.
 *
 * @param cluster the cluster
 * @returns on subscribe the newest {@link Health} if there is any evidence, then each change of its state, its endpoint or
 * the kind of its reason; `sinceMs` is a time of the cluster's scheduler. Endless, without errors, and the same for all
 * subscribers; one timer, while a request is in flight. For a cluster with wrong arguments it emits nothing: every
 * question answers with their InvalidArgument
 * @see docs/protocol.md#14-which-proxy-to-ask
 * @see docs/protocol.md#t27
 * @example
 * import { createCluster, health } from 'aistore-rx'
 * const cluster = createCluster(['http://proxy-1:51080', 'http://proxy-2:51080'])
 * health(cluster).subscribe(({ state, endpoint, reason = '' }) => console.log(state, endpoint, reason))
 */
export function health(cluster: ClusterLike): Observable<Health> {
  return defer(() => {
    const internals = environmentOf(cluster)
    return isLeft(internals) ? NEVER : internals.right.shared.monitor.health
  })
}
