import { NEVER, concat, defaultIfEmpty, filter, map, race, take, takeLast, type Observable } from 'rxjs'
import type { Cluster } from '../cluster.ts'
import { health } from '../health.ts'
import { EXIT } from './exit-code.ts'
import { DONE, type Ending } from './ending.ts'
import type { Context } from './verb.ts'

/**
 * Emits an ending if no endpoint has ever replied, and nothing once one has.
 *
 * The streams of the library retry for ever, because a cluster that restarts comes back. A cluster that has never replied
 * is more likely a wrong address.
 */
export const neverReached = ({ hasReplied }: Pick<Context, 'hasReplied'>, cluster: Cluster): Observable<Ending> =>
  health(cluster).pipe(
    filter(({ state }) => state === 'unreachable' && !hasReplied()),
    take(1),
    map(({ endpoint, reason }) => unreachable(endpoint, reason)),
  )

/** The end of a command whose endpoint did not reply. */
export const unreachable = (endpoint: string, reason = 'no reply'): Ending => ({
  code: EXIT.unreachable,
  message: `${endpoint} is unreachable: ${reason}`,
  error: 'Unreachable',
})

/** The last value of `main`, or the first value of `other` if that comes earlier. */
export const untilFirst = (main: Observable<Ending>, other: Observable<Ending>): Observable<Ending> =>
  race(main.pipe(takeLast(1), defaultIfEmpty(DONE)), concat(other, NEVER)).pipe(take(1))
