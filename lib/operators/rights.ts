import { filter, map, tap, type Observable } from 'rxjs'
import type { Either } from 'fp-ts/lib/Either.js'
import { isLeft, isRight } from '../common/either.ts'
import type { JobError } from '../error.ts'

/** Settings of {@link rights}. */
export interface RightsOptions<E> {
  /** Called with the error of each Left. */
  readonly onLeft: (error: E) => void
}

/**
 * Emits the value of each Right, and drops each Left.
 *
 * Use it for a UI that displays the newest state. With `onLeft`, a failed request is not lost: log it, or display it elsewhere.
 *
 * @param options `onLeft`: called with the error of each Left; default none
 * @returns an operator; it errors only if the source does
 * @example
 * import { adaptive, details, explain, poll, rights } from 'aistore-rx'
 * details(cluster, { id })
 *   .pipe(poll(adaptive()), rights({ onLeft: (error) => console.error(explain(error)) }))
 *   .subscribe(render)
 * @example
 * import { left, right } from 'fp-ts/lib/Either.js'
 * import { rights } from 'aistore-rx'
 * testScheduler.run(({ cold, expectObservable }) => {
 *   const source = cold('  -a-l-b-|', { a: right('a'), l: left('busy'), b: right('b') })
 *   const expected = '     -a---b-|'
 *   expectObservable(source.pipe(rights())).toBe(expected)
 * })
 */
export function rights(): <A>(source: Observable<Either<unknown, A>>) => Observable<A>
/** The same as {@link rights} without options, and calls `onLeft` with the error of each Left. */
export function rights<E = JobError>(options: RightsOptions<E>): <A>(source: Observable<Either<E, A>>) => Observable<A>
export function rights(options?: RightsOptions<never>): <A>(source: Observable<Either<never, A>>) => Observable<A> {
  return <A>(source: Observable<Either<never, A>>) =>
    source.pipe(
      tap((result) => {
        if (isLeft(result)) options?.onLeft(result.left)
      }),
      filter(isRight),
      map(({ right }): A => right),
    )
}
