import { distinctUntilChanged, type MonoTypeOperatorFunction } from 'rxjs'
import { same } from '../common/same.ts'

/**
 * Emits a value only if it differs from the one before: `distinctUntilChanged` by structure.
 *
 * A watch emits with each reply, changed or not; this keeps what is new, so that a view draws only then.
 *
 * Rights and Lefts alike: the first good value after a Left is emitted, though it may equal the last good one. A member
 * that is absent equals one that is undefined; Dates, Maps and functions differ unless they are one and the same.
 *
 * @returns an operator; errors only if the source does
 * @example
 * import { changes, watchStatus } from 'aistore-rx'
 * watchStatus(cluster, { id }).pipe(changes()).subscribe(render)
 * @example
 * import { left, right } from 'fp-ts/lib/Either.js'
 * import { changes } from 'aistore-rx'
 * testScheduler.run(({ cold, expectObservable }) => {
 *   const same = { A: right({ done: 1n }), L: left('busy') }
 *   const values = { a: right({ done: 1n }), b: right({ done: 2n }), l: left('busy'), ...same }
 *   const watched = cold(' a-A-b-l-L-b-|', values)
 *   const expected = '     a---b-l---b-|'
 *   expectObservable(watched.pipe(changes())).toBe(expected, values)
 * })
 */
export const changes = <A>(): MonoTypeOperatorFunction<A> => distinctUntilChanged<A>(same)
