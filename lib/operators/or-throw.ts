import { map, type Observable } from 'rxjs'
import type { Either } from 'fp-ts/lib/Either.js'
import { isLeft } from '../common/either.ts'
import { AisError, type JobError } from '../error.ts'

/**
 * Emits the value of each Right, and turns a Left into an error notification.
 *
 * Use it with `firstValueFrom` and `await`, where the surrounding code expects an exception.
 *
 * @returns an operator; its error is an {@link AisError} with the Left in `error`
 * @example
 * import { firstValueFrom } from 'rxjs'
 * import { orThrow, wait } from 'aistore-rx'
 * const result = await firstValueFrom(wait(cluster, { id }).pipe(orThrow()))
 * @example
 * import { left, right } from 'fp-ts/lib/Either.js'
 * import { AisError, orThrow, type JobError } from 'aistore-rx'
 * testScheduler.run(({ cold, expectObservable }) => {
 *   const timeout: JobError = { _tag: 'WaitTimeout', afterMs: 2 }
 *   const source = cold('  -a-l-a-|', { a: right('done'), l: left(timeout) })
 *   const expected = '     -a-#    '
 *   expectObservable(source.pipe(orThrow())).toBe(expected, { a: 'done' }, new AisError(timeout))
 * })
 */
export const orThrow =
  (): (<A>(source: Observable<Either<JobError, A>>) => Observable<A>) =>
  <A>(source: Observable<Either<JobError, A>>) =>
    source.pipe(
      map((value): A => {
        if (isLeft(value)) throw new AisError(value.left)
        return value.right
      }),
    )
