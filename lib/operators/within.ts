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
import { invalidArgument, type Result } from '../error.ts'
import { longTimers } from './long-timer.ts'

const END = Symbol('end')

/**
 * A total budget for a stream that also shows progress.
 *
 * Passes everything on; when the time since subscribe is up, emits `Left(WaitTimeout)` and completes. (RxJS's `timeout`
 * bounds the gap before the first or next value instead, and errors.)
 *
 * @param ms the budget in milliseconds, as long as one likes; `Infinity` for none
 * @param scheduler default `asyncScheduler`
 * @returns an operator; with a budget that is NaN or negative it asks nothing and emits one Left(InvalidArgument)
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
  if (!(ms >= 0)) return () => of(left(invalidArgument('ms', `got ${ms}; takes milliseconds from 0, or Infinity`)))
  const budget = timer(ms, longTimers(scheduler))
  return (source) =>
    defer(() => {
      let expired = false
      const end = budget.pipe(
        tap(() => (expired = true)),
        map(() => END),
      )
      return concat(
        merge(source.pipe(endWith(END)), end).pipe(takeWhile((value): value is Result<A> => value !== END)),
        // Comes when the source has been left, so that nothing can follow it.
        defer(() => (expired ? of(left({ _tag: 'WaitTimeout', afterMs: ms } as const)) : EMPTY)),
      )
    })
}
