import { distinctUntilChanged, type MonoTypeOperatorFunction } from 'rxjs'
import { same } from '../common/same.ts'

/**
 * Emits a value only if it differs from the previous one: `distinctUntilChanged` with structural equality.
 *
 * A watch emits for each reply, even if nothing has changed; with this operator, a UI renders only the changes. Lefts are
 * compared too: after a Left, the next Right is emitted even if it equals the last Right. An absent member equals an
 * undefined one. Dates, Maps and functions are equal only if they are the same object.
 *
 * @returns an operator; it errors only if the source does
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
