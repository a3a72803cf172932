import { map, type MonoTypeOperatorFunction } from 'rxjs'
import { isLeft, left } from '../either.ts'
import type { Result } from '../error.ts'
import type { WaitResult } from '../wait-result.ts'

/**
 * Makes a job that did not succeed a Left: `Right({ success: false })` becomes `Left(JobFailed)`.
 *
 * For chains in which the next step makes sense only after success.
 *
 * @example
 * import { andThen, requireSuccess, start, wait } from 'aistore-rx'
 * wait(cluster, { id: first }).pipe(requireSuccess(), andThen(() => start(cluster, { kind: 'lru' }))).subscribe(console.log)
 */
export const requireSuccess = (): MonoTypeOperatorFunction<Result<WaitResult>> =>
  map((value) => (isLeft(value) || value.right.success ? value : left({ _tag: 'JobFailed', result: value.right })))
