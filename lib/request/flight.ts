import type { Observer, Subscriber } from 'rxjs'
import type { Result } from '../error.ts'
import type { Evidence, Query } from '../view/evidence.ts'

/**
 * A request that is in flight, and the observer of its reply.
 *
 * A class, since there is one for each request: in the burst at the start of many waits, V8 learns that the objects of a
 * literal live long. From then on it allocates all of them where only a full collection frees them, with everything to
 * which they refer.
 */
export class Flight implements Observer<Result<unknown>> {
  readonly query: Query
  readonly askedMs: number
  /** Its place among all that are in flight; -1 once it has left. */
  place = -1
  private readonly subscriber: Subscriber<Evidence>
  private readonly landed: (flight: Flight) => number

  /** @param landed called when its reply comes; returns the time */
  constructor(query: Query, askedMs: number, subscriber: Subscriber<Evidence>, landed: (flight: Flight) => number) {
    this.query = query
    this.askedMs = askedMs
    this.subscriber = subscriber
    this.landed = landed
  }

  next(result: Result<unknown>): void {
    const { query, askedMs } = this
    this.subscriber.next({ query, askedMs, atMs: this.landed(this), result } as Evidence)
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
  /** False if it had left already. */
  readonly remove: (flight: Flight) => boolean
  readonly all: () => readonly Flight[]
}

/** In an array, since each table that a `Set` outgrows keeps what it held until a full collection. */
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
