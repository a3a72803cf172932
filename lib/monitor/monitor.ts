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

/** Judges the traffic of one cluster, whether or not anybody subscribes to its health. */
export interface Monitor {
  readonly record: (traffic: Traffic) => void
  /** Takes note of a request that is sent now; returns the function to call when it has been answered or cut. */
  readonly sent: (request: RequestInfo) => () => void
  /** Emits the newest health if there was any traffic, then each change. */
  readonly health: Observable<Health>
}

/** The clocks of a monitor. */
export interface MonitorClock {
  readonly scheduler: SchedulerLike
  /** A clock that never goes back. */
  readonly now: () => number
}

/**
 * Makes a monitor. It has one timer for all requests, and only while it has a subscriber and a request is in flight.
 */
export function createMonitor(endpoints: readonly string[], { scheduler, now }: MonitorClock): Monitor {
  const changes = new Subject<Health>()
  const steps: ((before: Condition) => Condition)[] = []
  /** In the order in which they were sent, without those that are overdue. */
  const inFlight = new Set<Flight>()
  let condition = initialCondition(endpoints)
  let isTelling = false
  let watchers = 0
  let timer: Subscription | undefined

  const learn = (step: (before: Condition) => Condition): void => {
    // A caller that sends a request inside of a notification must not make others hear the changes in the wrong order.
    steps.push(step)
    if (isTelling) return
    isTelling = true
    for (let next = steps.shift(); next !== undefined; next = steps.shift()) {
      const { health } = condition
      condition = next(condition)
      if (condition.health !== undefined && condition.health !== health) changes.next(condition.health)
    }
    isTelling = false
  }

  const disarm = (): void => {
    timer?.unsubscribe()
    timer = undefined
  }

  /** Takes each request that is overdue for evidence, and sets the timer for the next one. */
  const check = (): void => {
    disarm()
    for (const flight of inFlight) {
      if (watchers === 0) return
      const leftMs = SLOW_MS - (now() - flight.askedMs)
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
      const flight = { request, askedMs: now() }
      inFlight.add(flight)
      if (timer === undefined && watchers > 0) check()
      return () => {
        if (!inFlight.delete(flight)) learn((before) => withoutOverdue(before, flight))
        else if (inFlight.size === 0) disarm()
      }
    },
    health: new Observable((subscriber) => {
      watchers += 1
      check()
      const { health } = condition
      subscriber.add(changes.subscribe(subscriber))
      if (health !== undefined) subscriber.next(health)
      return () => {
        watchers -= 1
        if (watchers === 0) disarm()
      }
    }),
  }
}
