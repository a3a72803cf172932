import { takeWhile, type MonoTypeOperatorFunction } from 'rxjs'
import { isLeft } from '../common/either.ts'
import { isPermanent, type Result } from '../error.ts'

/**
 * Emits up to and including the first Right that is done, then completes: an inclusive `takeWhile` for Results.
 *
 * A transient Left passes through, and the stream goes on. A permanent Left (see `isPermanent`) is emitted, and the stream
 * completes.
 *
 * @param done returns whether a value ends the stream
 * @returns an operator; it errors only if the source or `done` does
 * @example
 * import { poll, constant, status, takeUntilDone } from 'aistore-rx'
 * status(cluster, { id }).pipe(poll(constant(1000)), takeUntilDone((s) => s.endTime !== undefined)).subscribe(console.log)
 * @example
 * import { left, right } from 'fp-ts/lib/Either.js'
 * import { takeUntilDone, type Result } from 'aistore-rx'
 * testScheduler.run(({ cold, expectObservable }) => {
 *   const timeout: Result<number> = left({ _tag: 'WaitTimeout', afterMs: 1 })
 *   const values = { a: right(50), l: timeout, z: right(100) }
 *   const percent = cold(' -a-l-a-z-a-|', values)
 *   const expected = '     -a-l-a-(z|) '
 *   expectObservable(percent.pipe(takeUntilDone((done) => done === 100))).toBe(expected, values)
 * })
 */
export const takeUntilDone = <A>(done: (value: A) => boolean): MonoTypeOperatorFunction<Result<A>> =>
  takeWhile((result) => (isLeft(result) ? !isPermanent(result.left) : !done(result.right)), true)
