import { asyncScheduler, map, scan, type OperatorFunction, type SchedulerLike } from 'rxjs'
import { emptyWindow, rateOf, withSample, type RateWindow } from '../common/rate-window.ts'

/** A value, and how fast what is counted in it grows. */
export interface Rated<A> {
  /** As the source emitted it. */
  readonly value: A
  /** Absent while it is not known. */
  readonly perSecond?: number
}

/** Settings of {@link rate}. */
export interface RateOptions {
  /** Over how much time, in milliseconds; default 30,000. */
  readonly windowMs?: number | undefined
  /** Tells when a value comes; default `asyncScheduler`. */
  readonly scheduler?: SchedulerLike | undefined
}

/**
 * Adds to each value how fast a counter in it grows, over a sliding window.
 *
 * For counters of one's own; it takes at least three values and three seconds before it says anything, and it never says
 * anything negative or infinite.
 *
 * A counter or a clock that goes back begins anew, and so does one that is NaN or infinite. Where values are rarer than
 * the window is long, the last three count.
 *
 * @param count reads the counter of a value
 * @param o `windowMs`: over how much time, in milliseconds (default 30,000); `scheduler`: tells the time
 * @returns an operator that emits `{ value, perSecond }` for each value, `perSecond` absent while it is not known; errors
 * only if the source or `count` does
 * @example
 * import { details, poll, constant, rate, rights } from 'aistore-rx'
 * details(cluster, { id }).pipe(poll(constant(2000)), rights(), rate(bytesOf)).subscribe(({ perSecond }) => show(perSecond))
 * @example
 * import { map } from 'rxjs'
 * import { rate } from 'aistore-rx'
 * testScheduler.run(({ cold, expectObservable }) => {
 *   const count = { a: 0, b: 10, c: 80, d: 90, e: 5 }
 *   const perSecond = { n: undefined, x: 20, y: 18 }
 *   const counter = cold(' a 999ms b 2999ms c 999ms d 999ms e|', count)
 *   const expected = '     n 999ms n 2999ms x 999ms y 999ms n|'
 *   const result = counter.pipe(
 *     rate((value) => value),
 *     map((rated) => rated.perSecond),
 *   )
 *   expectObservable(result).toBe(expected, perSecond)
 * })
 */
export const rate =
  <A>(
    count: (value: A) => number,
    { windowMs, scheduler = asyncScheduler }: RateOptions = {},
  ): OperatorFunction<A, Rated<A>> =>
  (source) =>
    source.pipe(
      scan<A, Step<A>, Pick<Step<A>, 'window'>>(
        ({ window }, value) => ({ window: withSample(window, scheduler.now(), count(value)), value }),
        { window: emptyWindow(windowMs) },
      ),
      map(({ window, value }) => {
        const perSecond = rateOf(window)
        return perSecond === undefined ? { value } : { value, perSecond }
      }),
    )

interface Step<A> {
  readonly window: RateWindow
  readonly value: A
}
