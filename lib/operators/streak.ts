import { filter, map, scan, takeWhile, type MonoTypeOperatorFunction } from 'rxjs'
import { isLeft } from '../common/either.ts'
import type { Either } from 'fp-ts/lib/Either.js'

/**
 * Waits until `n` Rights in a row satisfy a condition, emits the last of them and completes.
 *
 * Use it if one reply is not reliable enough. A Left passes through, and neither counts nor resets the streak.
 *
 * @param n how many Rights in a row, at least 1
 * @param ok the condition
 * @returns an operator; it emits Lefts and the last Right of the streak; it errors only if the source or `ok` does
 * @example
 * import { details, poll, constant, streak } from 'aistore-rx'
 * details(cluster, { id }).pipe(poll(constant(2000)), streak(2, allIdle)).subscribe(console.log)
 * @example
 * import { left, right, type Either } from 'fp-ts/lib/Either.js'
 * import { streak } from 'aistore-rx'
 * testScheduler.run(({ cold, expectObservable }) => {
 *   const values: Record<string, Either<string, string>> = { i: right('idle'), w: right('at work'), l: left('busy') }
 *   const source = cold('  -i-w-i-l-i-w-|', values)
 *   const expected = '     -------l-(i|) '
 *   expectObservable(source.pipe(streak(2, (state) => state === 'idle'))).toBe(expected, values)
 * })
 */
export function streak<E, A>(n: number, ok: (value: A) => boolean): MonoTypeOperatorFunction<Either<E, A>> {
  interface Step {
    readonly count: number
    readonly value: Either<E, A>
  }
  // Below 1 and NaN mean 1: the value that ends the stream always satisfies the condition.
  const needed = n > 1 ? n : 1
  return (source) =>
    source.pipe(
      scan<Either<E, A>, Step, Pick<Step, 'count'>>(
        ({ count }, value) => {
          if (isLeft(value)) return { count, value }
          return { count: ok(value.right) ? count + 1 : 0, value }
        },
        { count: 0 },
      ),
      takeWhile(({ count }) => count < needed, true),
      filter(({ count, value }) => isLeft(value) || count >= needed),
      map(({ value }) => value),
    )
}
