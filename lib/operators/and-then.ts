import { of, switchMap, type Observable } from 'rxjs'
import type { Either } from 'fp-ts/lib/Either.js'
import { isLeft } from '../common/either.ts'

/**
 * Projects the value of each Right to an inner Observable, and passes on each Left: the `switchMap` for Results.
 *
 * The next step runs only after a success. A newer value of the source, Right or Left, cancels the step in progress.
 *
 * @param f returns the next step
 * @returns an operator; it errors only if the source, a step or `f` does
 * @example
 * import { andThen, start, wait } from 'aistore-rx'
 * start(cluster, { kind: 'lru' }).pipe(andThen((job) => wait(cluster, job))).subscribe(console.log)
 * @example
 * import { left, right, type Either } from 'fp-ts/lib/Either.js'
 * import { andThen } from 'aistore-rx'
 * testScheduler.run(({ cold, expectObservable }) => {
 *   const steps = { x: right('x'), y: right('y') }
 *   const values: Record<string, Either<string, string>> = { a: right('a'), b: right('b'), l: left('busy'), ...steps }
 *   const source = cold('  -a----b--l---|', values)
 *   const step = cold('     --x-y|       ', steps)
 *   const expected = '     ---x-y--xl---|'
 *   expectObservable(source.pipe(andThen(() => step))).toBe(expected, values)
 * })
 */
export const andThen =
  <A, F, B>(
    f: (value: A) => Observable<Either<F, B>>,
  ): (<E>(source: Observable<Either<E, A>>) => Observable<Either<E | F, B>>) =>
  <E>(source: Observable<Either<E, A>>) =>
    source.pipe(switchMap((value): Observable<Either<E | F, B>> => (isLeft(value) ? of(value) : f(value.right))))
