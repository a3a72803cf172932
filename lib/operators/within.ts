import {
  EMPTY,
  asyncScheduler,
  concat,
  defer,
  endWith,
  map,
  merge,
  of,
  takeWhile,
  tap,
  timer,
  type MonoTypeOperatorFunction,
  type SchedulerLike,
} from 'rxjs'
import { left } from '../common/either.ts'
import { markedLike } from '../common/launches.ts'
import { show } from '../common/text.ts'
import { invalidArgument, type Result } from '../error.ts'
import { longTimers } from './long-timer.ts'

const END = Symbol('end')

/**
 * Limits the total time of a stream: passes on all values until the time is up, then emits `Left(WaitTimeout)` and
 * completes.
 *
 * The time starts on subscribe. RxJS's `timeout` limits the time to the first or next value instead, and errors.
 *
 * @param ms the limit in milliseconds, of any length; `Infinity` means no limit
 * @param scheduler the scheduler for the timer (default `asyncScheduler`)
 * @returns an operator; it errors only if the source does. If the limit is NaN or negative, it does not subscribe to the
 * source, and emits one Left(InvalidArgument)
 * @example
 * import { details, poll, constant, within } from 'aistore-rx'
 * details(cluster, { id }).pipe(poll(constant(1000)), within(60_000)).subscribe(console.log)
 * @example
 * import { left, right } from 'fp-ts/lib/Either.js'
 * import { within, type Result } from 'aistore-rx'
 * testScheduler.run(({ cold, expectObservable, time }) => {
 *   const values: Record<string, Result<string>> = { a: right('at work'), t: left({ _tag: 'WaitTimeout', afterMs: 6 }) }
 *   const ms = time('      ------|    ')
 *   const source = cold('  -a--a--a--a', values)
 *   const expected = '     -a--a-(t|) '
 *   expectObservable(source.pipe(within(ms))).toBe(expected, values)
 * })
 */
export function within<A>(ms: number, scheduler: SchedulerLike = asyncScheduler): MonoTypeOperatorFunction<Result<A>> {
  if (typeof ms !== 'number' || !(ms >= 0))
    return () => of(left(invalidArgument('ms', `got ${show(ms)}; takes milliseconds from 0, or Infinity`)))
  const budget = timer(ms, longTimers(scheduler))
  return (source) =>
    markedLike(
      source,
      defer(() => {
        let expired = false
        const end = budget.pipe(
          tap(() => (expired = true)),
          map(() => END),
        )
        return concat(
          merge(source.pipe(endWith(END)), end).pipe(takeWhile((value): value is Result<A> => value !== END)),
          // Emitted after the source is unsubscribed, so that no value can follow it.
          defer(() => (expired ? of(left({ _tag: 'WaitTimeout', afterMs: ms } as const)) : EMPTY)),
        )
      }),
    )
}
