import type { Observable, Observer, Subscriber, Subscription, Unsubscribable } from 'rxjs'
import type { Result } from '../error.ts'
import type { Evidence, Query } from '../view/evidence.ts'

/**
 * A request in flight, the observer of its reply, and what cancels it.
 *
 * Its form limits the memory that many requests need. When many waits start at once, V8 learns that the objects of a
 * literal live long, and then allocates all of them in the old generation. Only a full garbage collection frees them
 * there, with everything that they refer to. So a flight is a class and not an object literal. RxJS keeps the teardowns
 * of a subscription in such a literal, so a flight removes itself from there when it is over.
 */
export class Flight implements Observer<Result<unknown>>, Unsubscribable {
  readonly query: Query
  readonly sentMs: number
  /** Its index among the requests in flight; -1 when it is no longer among them. */
  place = -1
  private readonly flights: Flights
  private readonly subscriber: Subscriber<Evidence>
  /** The subscription of the request. */
  private source: Subscription | undefined = undefined

  constructor(query: Query, sentMs: number, flights: Flights, subscriber: Subscriber<Evidence>) {
    this.query = query
    this.sentMs = sentMs
    this.flights = flights
    this.subscriber = subscriber
  }

  start(reply: Observable<Result<unknown>>): void {
    this.flights.add(this)
    this.subscriber.add(this)
    const source = reply.subscribe(this)
    if (this.subscriber.closed) source.unsubscribe()
    else this.source = source
  }

  unsubscribe(): void {
    this.flights.cancel(this)
    this.source?.unsubscribe()
  }

  next(result: Result<unknown>): void {
    const { query, sentMs } = this
    this.subscriber.next({ query, sentMs, atMs: this.flights.landed(this), result } as Evidence)
  }

  error(defect: unknown): void {
    this.subscriber.error(defect)
  }

  complete(): void {
    this.subscriber.remove(this)
    this.unsubscribe()
    this.subscriber.complete()
  }
}

/** The requests in flight. */
export interface Flights {
  readonly add: (flight: Flight) => void
  /** Records the reply to a request, and returns the present time. */
  readonly landed: (flight: Flight) => number
  /** Records that a request is over. If it had no reply, it was cancelled. */
  readonly cancel: (flight: Flight) => void
  /** The requests in flight, in no particular order. */
  readonly all: () => readonly Flight[]
}

/**
 * The flights are in an array, because a `Set` that grows leaves its old table in memory, with all members, until a
 * full garbage collection.
 *
 * @param cancelled called with each query whose request was cancelled
 */
export function flightsOf(now: () => number, cancelled: (query: Query) => void): Flights {
  const flights: Flight[] = []
  /** Returns whether the request was still in flight. */
  const remove = (flight: Flight): boolean => {
    const { place } = flight
    if (place < 0) return false
    const last = flights.pop()
    if (last !== undefined && last !== flight) {
      flights[place] = last
      last.place = place
    }
    flight.place = -1
    return true
  }
  return {
    add: (flight) => {
      flight.place = flights.push(flight) - 1
    },
    landed: (flight) => {
      remove(flight)
      return now()
    },
    // After its reply, the same query may be in flight again.
    cancel: (flight) => {
      if (remove(flight)) cancelled(flight.query)
    },
    all: () => [...flights],
  }
}
