import { asyncScheduler, type SchedulerLike } from 'rxjs'

/** A clock whose readings never go back. */
export interface Clock {
  /** Milliseconds. */
  readonly now: () => number
  /** Tells that a timer has fired that was set for this reading: the clock may have stood still meanwhile. */
  readonly reached: (ms: number) => void
}

/**
 * A clock that never goes back; only differences between its readings mean anything.
 *
 * For `asyncScheduler` it is `performance.now()`, so a wall clock that is set back or forward changes no duration. The
 * `now` of any other scheduler is the clock, except that a step back stands still. Inside of `TestScheduler.run`,
 * `asyncScheduler` tells virtual time, and so does this clock.
 */
export function monotonic(scheduler: SchedulerLike): Clock {
  let elapsedMs: number | undefined
  let lastMs = 0
  let wasReal = false
  const now = (): number => {
    const isReal = scheduler === asyncScheduler && tellsWallTime(scheduler)
    // Whole milliseconds add up without an error of rounding.
    const nowMs = isReal ? Math.floor(performance.now()) : scheduler.now()
    if (elapsedMs === undefined) elapsedMs = nowMs
    // The two sources have nothing in common, so a change from one to the other takes no time.
    else if (isReal === wasReal && nowMs > lastMs) elapsedMs += nowMs - lastMs
    lastMs = nowMs
    wasReal = isReal
    return elapsedMs
  }
  return {
    now,
    reached: (ms) => {
      if (now() < ms) elapsedMs = ms
    },
  }
}

/** Holds even if the wall clock is set between two of the readings. */
function tellsWallTime(scheduler: SchedulerLike): boolean {
  const before = Date.now()
  const at = scheduler.now()
  const after = Date.now()
  return at >= Math.min(before, after) && at <= Math.max(before, after)
}
