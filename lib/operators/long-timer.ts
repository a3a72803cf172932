import { Subscription, type SchedulerAction, type SchedulerLike } from 'rxjs'

/** The longest delay that a JavaScript timer supports; with a longer one, it fires at once. */
export const MAX_TIMER_MS: number = 2 ** 31 - 1

/**
 * Wraps a scheduler so that it supports delays of more than 2^31-1 ms (24.8 days).
 *
 * RxJS passes such a delay to `setTimeout`, which then fires at once. This scheduler splits it into several timers, and
 * never runs work with a delay of `Infinity`. Work that reschedules itself uses the wrapped scheduler.
 */
export function longTimers(scheduler: SchedulerLike): SchedulerLike {
  return {
    now: () => scheduler.now(),
    schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delay = 0, state?: T): Subscription {
      if (delay === Infinity) return new Subscription()
      // Negated, so that NaN goes to the wrapped scheduler: splitting it would never end.
      if (!(delay > MAX_TIMER_MS)) return scheduler.schedule(work, delay, state)
      const whole = new Subscription()
      const wait = (leftMs: number): void => {
        const piece = Math.min(leftMs, MAX_TIMER_MS)
        whole.add(
          leftMs <= MAX_TIMER_MS
            ? scheduler.schedule(work, leftMs, state)
            : scheduler.schedule(() => wait(leftMs - piece), piece),
        )
      }
      wait(delay)
      return whole
    },
  }
}
