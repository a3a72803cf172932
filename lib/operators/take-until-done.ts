import { takeWhile, type MonoTypeOperatorFunction } from 'rxjs'
import { isLeft } from '../either.ts'
import { isPermanent, type Result } from '../error.ts'

/**
 * An inclusive `takeWhile` over Results: emits up to and with the first Right that is done, then completes.
 *
 * Lefts that time can heal pass through and the stream goes on; one that it cannot is emitted and is the last.
 *
 * @param done tells the Right that ends the stream
 * @example
 * import { poll, constant, status, takeUntilDone } from 'aistore-rx'
 * status(cluster, { id }).pipe(poll(constant(1000)), takeUntilDone((s) => s.endTime !== undefined)).subscribe(console.log)
 */
export const takeUntilDone = <A>(done: (value: A) => boolean): MonoTypeOperatorFunction<Result<A>> =>
  takeWhile((result) => (isLeft(result) ? !isPermanent(result.left) : !done(result.right)), true)
