import type { Observer, Subscriber } from 'rxjs'
import type { Result } from '../error.ts'
import type { Evidence, Query } from '../view/evidence.ts'

/**
 * A request in flight, and the observer of its reply.
 *
 * It is a class and not an object literal because of the memory that many requests need: when many waits start at once,
 * V8 learns that the objects of a literal live long, and then allocates all of them in the old generation. Only a full
 * garbage collection frees them there, with everything that they refer to.
 */
export class Flight implements Observer<Result<unknown>> {
  readonly query: Query
  readonly sentMs: number
  /** Its index among the requests in flight; -1 when it is no longer among them. */
  place = -1
  private readonly subscriber: Subscriber<Evidence>
  private readonly landed: (flight: Flight) => number

  /** @param landed called when the reply arrives; returns the present time */
  constructor(query: Query, sentMs: number, subscriber: Subscriber<Evidence>, landed: (flight: Flight) => number) {
    this.query = query
    this.sentMs = sentMs
    this.subscriber = subscriber
    this.landed = landed
  }

  next(result: Result<unknown>): void {
    const { query, sentMs } = this
    this.subscriber.next({ query, sentMs, atMs: this.landed(this), result } as Evidence)
  }

  error(defect: unknown): void {
    this.subscriber.error(defect)
  }

  complete(): void {
    this.subscriber.complete()
  }
}

/** The requests in flight. */
export interface Flights {
  readonly add: (flight: Flight) => void
  /** Returns whether the request was still in flight. */
  readonly remove: (flight: Flight) => boolean
  readonly all: () => readonly Flight[]
}

/**
 * They are in an array, because a `Set` that grows leaves its old table in memory, with all members, until a full
 * garbage collection.
 */
export function flightsOf(): Flights {
  const flights: Flight[] = []
  return {
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
