import { NEVER, defer, merge, of, type Observable } from 'rxjs'
import { isLeft } from './either.ts'
import { internalsOf, type Environment } from './environment.ts'
import type { Health } from './health/fold.ts'

export type { Health } from './health/fold.ts'

/**
 * Tells how a cluster does, by the traffic that there is.
 *
 * Asks nothing itself: what questions, commands, waits and watches of this cluster value bring is judged. `connected`: the
 * endpoint given first answers well. `failed-over`: another one answers in its place. `degraded`: somebody answers, but the
 * last questions went wrong: two in a row of one kind (5xx, 429, 401, a target that cannot be reached, a reply that is none,
 * no reply), or one that took 10 s. `unreachable`: nobody answers at all, three questions in a row or for 30 s. A single
 * failure changes nothing, unless it is the first that is heard of the cluster.
 *
 * @param c the cluster
 * @returns the newest {@link Health} on subscribe if there was any traffic, then each change of its state, its endpoint or
 * the kind of its reason; `sinceMs` is a time of the cluster's scheduler. Endless, without timers, and the same for all
 * who watch; has no errors. Of a cluster whose arguments were wrong, nothing: their InvalidArgument is the answer to each
 * question
 * @see protocol 1.4, T27
 * @example
 * import { createCluster, health } from 'aistore-rx'
 * const cluster = createCluster(['http://proxy-1:51080', 'http://proxy-2:51080'])
 * health(cluster).subscribe(({ state, endpoint, reason = '' }) => console.log(state, endpoint, reason))
 */
export const health = (c: Environment): Observable<Health> =>
  defer(() => {
    const internals = internalsOf(c)
    if (isLeft(internals)) return NEVER
    const { newest, changes } = internals.right.shared.monitor
    const now = newest()
    return now === undefined ? changes : merge(changes, of(now))
  })
