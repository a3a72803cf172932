import { Subscription, type SchedulerAction, type SchedulerLike } from 'rxjs'

type Work<T> = (this: SchedulerAction<T>, state?: T) => void

/**
 * The same scheduler, in which everything that is due at the same millisecond shares one timer.
 *
 * Ten thousand waits that begin together have a budget each; a timer for each would cost as much memory as all else that a
 * wait keeps in RxJS. What shares a timer runs in the order in which it was scheduled, as with timers of its own.
 *
 * @param now a clock that never goes back: after a step of the wall clock, one reading would mean two times
 */
export function sharedTimers(scheduler: SchedulerLike, now: () => number): SchedulerLike {
  const timers = new Map<number, SharedTimer>()

  function timerAt(dueMs: number, delay: number): SharedTimer {
    // Such a clock may stand still when the wall clock goes back: one reading means one time only if both clocks agree.
    const wallMs = scheduler.now() + delay
    const same = timers.get(dueMs)
    if (same?.wallMs === wallMs) return same
    const timer = new SharedTimer(wallMs, () => {
      if (timers.get(dueMs) === timer) timers.delete(dueMs)
    })
    timers.set(dueMs, timer)
    timer.add(scheduler.schedule(() => timer.fire(), delay))
    return timer
  }

  const shared: SchedulerLike = {
    now: () => scheduler.now(),
    schedule<T>(work: Work<T>, delay = 0, state?: T): Subscription {
      // What is due at once, or never, is left to the scheduler.
      if (!(delay > 0 && delay < Infinity)) return scheduler.schedule(work, delay, state)
      return timerAt(now() + delay, delay).share(shared, work, state)
    },
  }
  return shared
}

class SharedTimer extends Subscription {
  readonly wallMs: number
  private readonly actions: SharedAction<unknown>[] = []
  /** How many of the actions are not cancelled. */
  private open = 0

  constructor(wallMs: number, teardown: () => void) {
    super(teardown)
    this.wallMs = wallMs
  }

  share<T>(scheduler: SchedulerLike, work: Work<T>, state: T | undefined): Subscription {
    const action = new SharedAction(scheduler, work, state, this)
    this.actions.push(action as SharedAction<unknown>)
    this.open++
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
    // One that throws must not keep the others from running; as with timers of their own, the engine reports it.
    if (defects.length > 0) throw defects[0]
  }

  left(): void {
    if (--this.open === 0) this.unsubscribe()
  }
}

class SharedAction<T> extends Subscription implements SchedulerAction<T> {
  private readonly timer: SharedTimer
  private readonly scheduler: SchedulerLike
  private readonly state: T | undefined
  /** Undefined once it is cancelled: the timer may keep the action for long. */
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
    this.timer.left()
  }
}
