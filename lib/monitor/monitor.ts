import { Observable, Subject, type SchedulerLike, type Subscription } from 'rxjs'
import type { RequestInfo } from '../error.ts'
import {
  SLOW_MS,
  fold,
  initialCondition,
  withOverdue,
  withoutOverdue,
  type Condition,
  type Flight,
  type Health,
  type Traffic,
} from './condition.ts'

/** Derives the health of one cluster from its traffic, whether or not `health` has subscribers. */
export interface Monitor {
  /** Records the outcome of a request. */
  readonly record: (traffic: Traffic) => void
  /** Records that a request is sent now. Returns a function to call after its reply or cancellation. */
  readonly sent: (request: RequestInfo) => () => void
  /** Emits the newest health if there was any traffic, then each change. */
  readonly health: Observable<Health>
}

/** The clocks of a monitor. */
export interface MonitorClock {
  readonly scheduler: SchedulerLike
  /** A monotonic clock. */
  readonly now: () => number
}

/**
 * Creates a monitor. It has one timer for all requests, and only while it has a subscriber and a request is in flight.
 */
export function createMonitor(endpoints: readonly string[], { scheduler, now }: MonitorClock): Monitor {
  const changes = new Subject<Health>()
  const steps: ((before: Condition) => Condition)[] = []
  /** In the order in which they were sent; without those that are overdue. */
  const inFlight = new Set<Flight>()
  let condition = initialCondition(endpoints)
  let isNotifying = false
  let subscribers = 0
  let timer: Subscription | undefined

  const learn = (step: (before: Condition) => Condition): void => {
    // If a subscriber sends a request in a notification, the other subscribers must still get the changes in order.
    steps.push(step)
    if (isNotifying) return
    isNotifying = true
    for (let next = steps.shift(); next !== undefined; next = steps.shift()) {
      const { health } = condition
      condition = next(condition)
      if (condition.health !== undefined && condition.health !== health) changes.next(condition.health)
    }
    isNotifying = false
  }

  const disarm = (): void => {
    timer?.unsubscribe()
    timer = undefined
  }

  /** Records each request that is overdue, and sets the timer for the next one. */
  const check = (): void => {
    disarm()
    for (const flight of inFlight) {
      if (subscribers === 0) return
      const leftMs = SLOW_MS - (now() - flight.sentMs)
      if (leftMs > 0) {
        timer ??= scheduler.schedule(check, leftMs)
        return
      }
      inFlight.delete(flight)
      learn((before) => withOverdue(before, flight, now(), scheduler.now()))
    }
  }

  return {
    record: (traffic) => learn((before) => fold(before, traffic)),
    sent: (request) => {
      const flight = { request, sentMs: now() }
      inFlight.add(flight)
      if (timer === undefined && subscribers > 0) check()
      return () => {
        if (!inFlight.delete(flight)) learn((before) => withoutOverdue(before, flight))
        else if (inFlight.size === 0) disarm()
      }
    },
    health: new Observable((subscriber) => {
      subscribers += 1
      check()
      const { health } = condition
      subscriber.add(changes.subscribe(subscriber))
      if (health !== undefined) subscriber.next(health)
      return () => {
        subscribers -= 1
        if (subscribers === 0) disarm()
      }
    }),
  }
}
