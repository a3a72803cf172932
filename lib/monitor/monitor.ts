import { Observable, Subject, type SchedulerLike, type Subscription } from 'rxjs'
import { fold, initialCondition, withOverdue, withoutOverdue, type Condition, type Health } from './condition.ts'
import { SLOW_MS, type TrafficLog } from './traffic.ts'

/** The clocks of a monitor. */
export interface MonitorClock {
  readonly scheduler: SchedulerLike
  /** A monotonic clock. */
  readonly now: () => number
}

/**
 * Derives the health of one cluster from its traffic: emits the newest health if there was any traffic, then each change.
 *
 * It has one timer for all requests, and only while it has a subscriber and a request is in flight.
 */
export function monitor(
  traffic: TrafficLog,
  endpoints: readonly string[],
  { scheduler, now }: MonitorClock,
): Observable<Health> {
  const changes = new Subject<Health>()
  const steps: ((before: Condition) => Condition)[] = []
  const { inFlight } = traffic
  let condition = initialCondition(endpoints)
  let isNotifying = false
  let subscribers = 0
  let timer: Subscription | undefined

  const learn = (step: (before: Condition) => Condition): void => {
    // If a subscriber sends a request while it is notified, the other subscribers must still get the changes in order.
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

  traffic.listen({
    record: (piece) => learn((before) => fold(before, piece)),
    sent: () => {
      if (timer === undefined && subscribers > 0) check()
    },
    ended: (flight, wasInFlight) => {
      if (!wasInFlight) learn((before) => withoutOverdue(before, flight))
      else if (inFlight.size === 0) disarm()
    },
  })

  return new Observable((subscriber) => {
    subscribers += 1
    check()
    const { health } = condition
    subscriber.add(changes.subscribe(subscriber))
    if (health !== undefined) subscriber.next(health)
    return () => {
      subscribers -= 1
      if (subscribers === 0) disarm()
    }
  })
}
