import { map, type MonoTypeOperatorFunction } from 'rxjs'
import { isLeft, left } from '../common/either.ts'
import type { Result } from '../error.ts'
import type { WaitResult } from '../model/wait-result.ts'

/**
 * Turns the result of a job that did not succeed into a Left: `Right({ success: false })` becomes `Left(JobFailed)`.
 *
 * Use it in a chain whose next step requires success.
 *
 * @returns an operator; it errors only if the source does
 * @example
 * import { andThen, requireSuccess, start, wait } from 'aistore-rx'
 * wait(cluster, { id: first }).pipe(requireSuccess(), andThen(() => start(cluster, { kind: 'lru' }))).subscribe(console.log)
 * @example
 * import { left, right } from 'fp-ts/lib/Either.js'
 * import { requireSuccess, type WaitResult } from 'aistore-rx'
 * testScheduler.run(({ cold, expectObservable }) => {
 *   const good: WaitResult = { outcome: 'finished', success: true, aborted: false }
 *   const bad: WaitResult = { outcome: 'aborted', success: false, aborted: true }
 *   const results = cold(' -g-b-|', { g: right(good), b: right(bad) })
 *   const expected = '     -g-l-|'
 *   expectObservable(results.pipe(requireSuccess())).toBe(expected, {
 *     g: right(good),
 *     l: left({ _tag: 'JobFailed', result: bad }),
 *   })
 * })
 */
export const requireSuccess = (): MonoTypeOperatorFunction<Result<WaitResult>> =>
  map((value) => (isLeft(value) || value.right.success ? value : left({ _tag: 'JobFailed', result: value.right })))
