import { Subscription, type SchedulerAction, type SchedulerLike } from 'rxjs'

/** The longest delay that a JavaScript timer keeps; it fires at once for longer ones. */
export const MAX_TIMER_MS: number = 2 ** 31 - 1

/**
 * The same scheduler, right for delays beyond 2^31-1 ms (24.8 days).
 *
 * RxJS hands such a delay to `setTimeout`, which fires at once; here it is waited for in pieces, and one of
 * `Infinity` never comes. Work that schedules itself again does so on the scheduler beneath.
 */
export function longTimers(scheduler: SchedulerLike): SchedulerLike {
  return {
    now: () => scheduler.now(),
    schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delay = 0, state?: T): Subscription {
      if (delay === Infinity) return new Subscription()
      // Turned round, so that NaN goes through too: cut in pieces it would never come to an end.
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
