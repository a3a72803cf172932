import { Subscription, type SchedulerAction, type SchedulerLike } from 'rxjs'

type Work<T> = (this: SchedulerAction<T>, state?: T) => void

/**
 * Wraps a scheduler so that all work that is due at the same millisecond shares one timer.
 *
 * Ten thousand waits that start together have a time limit each. One timer for each would need as much memory as all
 * other RxJS objects of a wait. Work that shares a timer runs in the order in which it was scheduled, as it would with
 * separate timers.
 *
 * @param now a monotonic clock. After a step back, the wall clock would show the same time twice
 */
export function sharedTimers(scheduler: SchedulerLike, now: () => number): SchedulerLike {
  // In the order of their due times. Not a `Map`: when timers come and go, V8 keeps its older tables, with the timers that
  // were in them, until a full garbage collection.
  const timers: SharedTimer[] = []

  function timerAt(dueMs: number, delay: number): SharedTimer {
    // A monotonic clock may stop while the wall clock goes back. Two equal readings of it are therefore the same time
    // only if the readings of the wall clock are equal too.
    const wallMs = scheduler.now() + delay
    const place = placeAfter(timers, dueMs)
    const same = timers[place - 1]
    if (same?.dueMs === dueMs && same.wallMs === wallMs) return same
    const timer = new SharedTimer(dueMs, wallMs, () =>
      timers.splice(timers.indexOf(timer, placeAfter(timers, dueMs - 1)), 1),
    )
    timers.splice(place, 0, timer)
    timer.add(scheduler.schedule(() => timer.fire(), delay))
    return timer
  }

  const shared: SchedulerLike = {
    now: () => scheduler.now(),
    schedule<T>(work: Work<T>, delay = 0, state?: T): Subscription {
      // Work that is due at once or never goes to the wrapped scheduler.
      if (!(delay > 0 && delay < Infinity)) return scheduler.schedule(work, delay, state)
      return timerAt(now() + delay, delay).share(shared, work, state)
    },
  }
  return shared
}

/** The index after all timers that are due at a time or earlier. */
function placeAfter(timers: readonly SharedTimer[], dueMs: number): number {
  let [from, to] = [0, timers.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if ((timers[middle]?.dueMs ?? Infinity) > dueMs) to = middle
    else from = middle + 1
  }
  return from
}

class SharedTimer extends Subscription {
  /** When the timer fires, by the monotonic clock. */
  readonly dueMs: number
  /** When the timer fires, by the wall clock. */
  readonly wallMs: number
  private readonly actions: SharedAction<unknown>[] = []
  /** The number of actions that are not cancelled. */
  private openCount = 0

  constructor(dueMs: number, wallMs: number, teardown: () => void) {
    super(teardown)
    this.dueMs = dueMs
    this.wallMs = wallMs
  }

  share<T>(scheduler: SchedulerLike, work: Work<T>, state: T | undefined): Subscription {
    const action = new SharedAction(scheduler, work, state, this)
    this.actions.push(action as SharedAction<unknown>)
    this.openCount++
    return action
  }

  fire(): void {
    this.unsubscribe()
    const defects: unknown[] = []
    for (const action of this.actions) {
      try {
        action.run()
      } catch (defect) {
        defects.push(defect)
      }
    }
    // An action that throws must not prevent the other actions from running. The engine reports the first error, as for
    // a separate timer.
    if (defects.length > 0) throw defects[0]
  }

  release(): void {
    if (--this.openCount === 0) this.unsubscribe()
  }
}

class SharedAction<T> extends Subscription implements SchedulerAction<T> {
  private readonly timer: SharedTimer
  private readonly scheduler: SchedulerLike
  private readonly state: T | undefined
  /** Undefined after cancellation, to free its memory: the timer may keep the action for a long time. */
  private work: Work<T> | undefined

  constructor(scheduler: SchedulerLike, work: Work<T>, state: T | undefined, timer: SharedTimer) {
    super()
    this.scheduler = scheduler
    this.work = work
    this.state = state
    this.timer = timer
  }

  run(): void {
    this.work?.call(this, this.state)
  }

  schedule(state?: T, delay = 0): Subscription {
    if (this.work !== undefined) this.add(this.scheduler.schedule(this.work, delay, state))
    return this
  }

  override unsubscribe(): void {
    if (this.closed) return
    super.unsubscribe()
    this.work = undefined
    this.timer.release()
  }
}
