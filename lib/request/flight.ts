import type { Observable, Observer, Subscription } from 'rxjs'
import type { Result } from '../error.ts'
import type { Evidence, Query } from '../view/evidence.ts'
import type { Queue } from './queue.ts'

/**
 * A request in flight, and the observer of its reply.
 *
 * Its form limits the memory that many requests need. When many waits start at once, V8 learns that the objects of a
 * literal live long, and then allocates all of them in the old generation. Only a full garbage collection frees them
 * there, with everything that they refer to. So a flight is a class and not an object literal.
 */
export class Flight implements Observer<Result<unknown>> {
  readonly query: Query
  readonly sentMs: number
  /** Its index among the requests in flight; -1 when it is no longer among them. */
  place = -1
  private readonly queue: Queue
  private readonly flights: Flights
  /** The subscription of the request. */
  private source: Subscription | undefined = undefined
  private isOver = false

  constructor(query: Query, queue: Queue, flights: Flights) {
    this.query = query
    this.queue = queue
    this.flights = flights
    this.sentMs = flights.now()
  }

  start(reply: Observable<Result<unknown>>): void {
    this.flights.add(this)
    const source = reply.subscribe(this)
    if (this.isOver) source.unsubscribe()
    else this.source = source
  }

  next(result: Result<unknown>): void {
    const { query, sentMs, flights } = this
    flights.remove(this)
    flights.replied({ query, sentMs, atMs: flights.now(), result } as Evidence)
  }

  error(defect: unknown): void {
    this.complete()
    this.flights.failed(defect)
  }

  /** Cancels the request, unless the reply has come. */
  complete(): void {
    if (this.isOver) return
    this.isOver = true
    // After its reply, the same query may be in flight again.
    if (this.flights.remove(this)) this.flights.cancelled(this.query)
    this.source?.unsubscribe()
    this.queue.ended()
  }
}

/** What a flight calls. */
export interface FlightEvents {
  readonly now: () => number
  readonly replied: (evidence: Evidence) => void
  /** Called with each query whose request was cancelled. */
  readonly cancelled: (query: Query) => void
  readonly failed: (defect: unknown) => void
}

/** The requests in flight. */
export interface Flights extends FlightEvents {
  readonly add: (flight: Flight) => void
  /** Removes a request. Returns whether it was still in flight. */
  readonly remove: (flight: Flight) => boolean
  /** The requests in flight, in no particular order. */
  readonly all: () => readonly Flight[]
}

/**
 * The flights are in an array, because a `Set` that grows leaves its old table in memory, with all members, until a
 * full garbage collection.
 */
export function flightsOf({ now, replied, cancelled, failed }: FlightEvents): Flights {
  const flights: Flight[] = []
  return {
    now,
    replied,
    cancelled,
    failed,
    add: (flight) => {
      flight.place = flights.push(flight) - 1
    },
    remove: (flight) => {
      const { place } = flight
      if (place < 0) return false
      const last = flights.pop()
      if (last !== undefined && last !== flight) {
        flights[place] = last
        last.place = place
      }
      flight.place = -1
      return true
    },
    all: () => [...flights],
  }
}
