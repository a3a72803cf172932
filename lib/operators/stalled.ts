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
import { longTimers } from './long-timer.ts'

const END = Symbol('end')

/**
 * Tells whether a stream has been silent for too long: true when nothing has come for `ms`, false when something comes.
 *
 * For a sign that something is stuck; with `changes()` before it, silence means that nothing has changed.
 *
 * The time runs from subscribe, and the first value is false. It ends nothing: a stream that stalls may wake.
 *
 * @param ms how long is too long, in milliseconds, as long as one likes; below 0 and NaN mean 0, `Infinity` never
 * @param scheduler default `asyncScheduler`
 * @returns an operator that emits each time the answer changes, and completes with the source; errors only if the source does
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
    source.pipe(
      startWith(undefined),
      endWith(END),
      // The end of the source ends the wait for more, too.
      switchMap((value) => (value === END ? EMPTY : concat(of(false), late))),
      distinctUntilChanged(),
    )
}
