import { asyncScheduler, defer, map, scan, type OperatorFunction, type SchedulerLike } from 'rxjs'
import { emptyWindow, rateOf, withSample, type RateWindow } from '../common/rate-window.ts'
import { markedLike } from '../common/launches.ts'
import { monotonic } from './monotonic.ts'

/** A value, and how fast its counter grows. */
export interface Rated<A> {
  /** The value of the source. */
  readonly value: A
  /** The rate per second. Absent while it is not known. */
  readonly perSecond?: number
}

/** Settings of {@link rate}. */
export interface RateOptions {
  /** The length of the sliding window, in milliseconds. Defaults to 30,000. */
  readonly windowMs?: number | undefined
  /** Its `now` is the time of each value. Defaults to `asyncScheduler`. */
  readonly scheduler?: SchedulerLike | undefined
}

/**
 * Adds to each value how fast its counter grows, over a sliding window.
 *
 * Use it for your own counters. The rate is known after at least three values and three seconds. It is never negative
 * or infinite. If the counter goes back, or is NaN or infinite, the window starts again. If the window holds fewer than
 * three values, the last three values are used.
 *
 * @param count returns the counter of a value
 * @param options `windowMs`: the length of the window in milliseconds (default 30,000); `scheduler`: its `now` is the time
 * of each value (default `asyncScheduler`)
 * @returns an operator; it emits `{ value, perSecond }` for each value, without `perSecond` while that is not known; it
 * errors only if the source or `count` does
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
    markedLike(
      source,
      defer(() => {
        const { now } = monotonic(scheduler)
        return source.pipe(
          scan<A, Step<A>, Pick<Step<A>, 'window'>>(
            ({ window }, value) => ({ window: withSample(window, now(), count(value)), value }),
            { window: emptyWindow(windowMs) },
          ),
          map(({ window, value }) => {
            const perSecond = rateOf(window)
            return perSecond === undefined ? { value } : { value, perSecond }
          }),
        )
      }),
    )

interface Step<A> {
  readonly window: RateWindow
  readonly value: A
}
