import {
  EMPTY,
  asyncScheduler,
  concat,
  distinctUntilChanged,
  endWith,
  map,
  of,
  startWith,
  switchMap,
  timer,
  type OperatorFunction,
  type SchedulerLike,
} from 'rxjs'
import { markedLike } from '../common/launches.ts'
import { longTimers } from './long-timer.ts'

const END = Symbol('end')

/**
 * Emits whether a stream is stalled: true when it has emitted nothing for `ms`, false when it emits again.
 *
 * Use it for a warning that something hangs. After `changes()`, it reports that nothing has changed for `ms`. The time
 * starts on subscribe, and the first value is false. A stalled stream is not unsubscribed, since it may go on.
 *
 * @param ms the longest silence in milliseconds, of any length; negative values and NaN mean 0, `Infinity` means never
 * @param scheduler the scheduler for the timer (default `asyncScheduler`)
 * @returns an operator; it emits whenever the state changes, and completes with the source; it errors only if the source
 * does
 * @example
 * import { changes, rights, stalled, watchDetails } from 'aistore-rx'
 * watchDetails(cluster, { id }).pipe(rights(), changes(), stalled(60_000)).subscribe(warn)
 * @example
 * import { stalled } from 'aistore-rx'
 * testScheduler.run(({ cold, expectObservable, time }) => {
 *   const ms = time('      ---|                 ')
 *   const source = cold(' --a-b---------c-|     ')
 *   const expected = '     f------t------f-|     '
 *   expectObservable(source.pipe(stalled(ms))).toBe(expected, { f: false, t: true })
 * })
 */
export function stalled(ms: number, scheduler: SchedulerLike = asyncScheduler): OperatorFunction<unknown, boolean> {
  const late = timer(ms > 0 ? ms : 0, longTimers(scheduler)).pipe(map(() => true))
  return (source) =>
    markedLike(
      source,
      source.pipe(
        startWith(undefined),
        endWith(END),
        // The end of the source cancels the timer, too.
        switchMap((value) => (value === END ? EMPTY : concat(of(false), late))),
        distinctUntilChanged(),
      ),
    )
}
