import type { Either } from 'fp-ts/lib/Either.js'
import { filter, map, type Observable } from 'rxjs'
import { isLeft, right } from '../common/either.ts'
import type { WaitResult } from '../model/wait-result.ts'
import type { FollowEvent } from './follow-events.ts'

/**
 * Emits only the result of the `ended` event of `follow`.
 *
 * Use it in a chain: `requireSuccess()` and `andThen()` take its value.
 *
 * @returns an operator that emits the result of the event `ended`, and each Left; it errors only if the source does
 * @see docs/jobs.md#several-jobs
 * @example
 * import { createCluster, ended, follow, mirror, requireSuccess } from 'aistore-rx'
 * const cluster = createCluster('http://localhost:8080')
 * follow(cluster, mirror(cluster, { bucket: { name: 'photos' }, copies: 2 })).pipe(ended(), requireSuccess()).subscribe(console.log)
 */
export const ended =
  () =>
  <E>(events: Observable<Either<E, FollowEvent>>): Observable<Either<E, WaitResult>> =>
    events.pipe(
      map((event) => {
        if (isLeft(event)) return event
        return event.right.type === 'ended' ? right(event.right.result) : undefined
      }),
      filter((result) => result !== undefined),
    )
