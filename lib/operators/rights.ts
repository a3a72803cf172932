import { filter, map, type Observable } from 'rxjs'
import type { Either } from 'fp-ts/lib/Either.js'
import { isRight } from '../common/either.ts'

/**
 * Emits the value of each Right, and drops each Left.
 *
 * Use it for a UI that displays the newest state and ignores failed requests.
 *
 * @returns an operator; it errors only if the source does
 * @example
 * import { details, poll, adaptive, rights } from 'aistore-rx'
 * details(cluster, { id }).pipe(poll(adaptive()), rights()).subscribe(render)
 * @example
 * import { left, right } from 'fp-ts/lib/Either.js'
 * import { rights } from 'aistore-rx'
 * testScheduler.run(({ cold, expectObservable }) => {
 *   const source = cold('  -a-l-b-|', { a: right('a'), l: left('busy'), b: right('b') })
 *   const expected = '     -a---b-|'
 *   expectObservable(source.pipe(rights())).toBe(expected)
 * })
 */
export const rights =
  (): (<A>(source: Observable<Either<unknown, A>>) => Observable<A>) =>
  <A>(source: Observable<Either<unknown, A>>) =>
    source.pipe(
      filter(isRight),
      map((value): A => value.right),
    )
