import { asyncScheduler, type SchedulerLike } from 'rxjs'

/** A monotonic clock: its readings never decrease. */
export interface Clock {
  /** The present reading, in milliseconds. */
  readonly now: () => number
  /**
   * Moves the clock forward to this reading. Call it when a timer that was set for this reading has fired, because the
   * clock may have stopped meanwhile.
   */
  readonly reached: (ms: number) => void
}

/**
 * Creates a monotonic clock. Only differences between its readings have a meaning.
 *
 * For `asyncScheduler` and the other schedulers of RxJS that tell the wall time, the clock uses `performance.now()`, so a
 * change of the wall clock does not affect durations. For any other scheduler, it uses the scheduler's `now`, and stops while
 * that goes back. Inside `TestScheduler.run`, both `asyncScheduler` and this clock use virtual time.
 */
export function monotonic(scheduler: SchedulerLike): Clock {
  let elapsedMs: number | undefined
  let lastMs = 0
  let wasReal = false
  const now = (): number => {
    const isReal = tellsWallTime(scheduler)
    // Whole milliseconds add up without rounding errors.
    const nowMs = isReal ? Math.floor(performance.now()) : scheduler.now()
    if (elapsedMs === undefined) elapsedMs = nowMs
    // Readings of the two sources cannot be compared, so a change from one to the other counts as no time.
    else if (isReal === wasReal && nowMs > lastMs) elapsedMs += nowMs - lastMs
    lastMs = nowMs
    wasReal = isReal
    return elapsedMs
  }
  return {
    now,
    reached: (ms) => {
      if (now() < ms) elapsedMs = asInteger(ms)
    },
  }
}

/**
 * Returns the same number; if it is whole, in V8's form of an integer. V8 may also hold a whole number in
 * floating-point form. A single such number among the readings would change the shape of every object that holds a
 * time, and so discard all code that was optimized for these objects.
 */
function asInteger(ms: number): number {
  const whole = Math.floor(ms)
  return whole === ms ? whole : ms
}

/**
 * Whether the scheduler uses the wall clock and not virtual time; also right if the wall clock is set meanwhile. A scheduler
 * with a `now` of its own is the only source of time, so `Date` is not read for it.
 */
export function tellsWallTime(scheduler: SchedulerLike): boolean {
  if (scheduler.now !== asyncScheduler.now) return false
  const before = Date.now()
  const at = scheduler.now()
  // Nearly always, both readings are of the same millisecond.
  if (at === before) return true
  const after = Date.now()
  return at >= Math.min(before, after) && at <= Math.max(before, after)
}
