import type { JobError, RequestInfo } from '../error.ts'

/** The outcome of one request to one endpoint. */
export interface Traffic {
  /** The time of the reply or failure, by the monotonic clock. */
  readonly atMs: number
  /** The same time by the wall clock, for display. */
  readonly wallMs: number
  /** How long the request took until its reply or failure. */
  readonly tookMs: number
  /** The base of the endpoint that got the request. */
  readonly endpoint: string
  /**
   * `first`: the request went to the endpoint that was given first; `other`: to another endpoint in its place; `ic`: to
   * an IC member, since only IC members can answer it.
   */
  readonly route: 'first' | 'other' | 'ic'
  readonly request: RequestInfo
  /** Absent after a successful reply. */
  readonly error?: JobError
  /** Whether this was the last endpoint that the query tried. */
  readonly isLast: boolean
}

/** A request in flight. */
export interface Flight {
  readonly request: RequestInfo
  /** When it was sent, by the monotonic clock. */
  readonly sentMs: number
}

/**
 * A request that takes this long indicates a problem. With a frozen target, a request takes 20 s; without problems, 2 s
 * at most (a 404 for a status).
 */
export const SLOW_MS = 5_000

/** Receives the recorded traffic, and then all later traffic. */
export interface TrafficListener {
  /** A request has ended with a reply or a failure. */
  readonly record: (traffic: Traffic) => void
  /** A request was sent. */
  readonly sent: () => void
  /**
   * A request has ended or was cancelled. `wasInFlight` is false if the listener has already removed it from
   * `inFlight`, as overdue.
   */
  readonly ended: (flight: Flight, wasInFlight: boolean) => void
}

/** The traffic of one cluster, from which its health is derived if a program subscribes to `health`. */
export interface TrafficLog {
  /** The requests in flight, in the order in which they were sent. */
  readonly inFlight: Set<Flight>
  /** Records the outcome of a request. */
  readonly record: (traffic: Traffic) => void
  /** Records that a request is sent now. Returns a function to call after its reply or cancellation. */
  readonly sent: (request: RequestInfo) => () => void
  /** Passes the recorded traffic to a listener at once, and later traffic when it comes. */
  readonly listen: (listener: TrafficListener) => void
}

/** How many outcomes are kept before there is a listener. There may never be a listener. */
const MOST_UNREAD = 256

/** Creates the log of a cluster without any traffic. */
export function trafficLog(now: () => number): TrafficLog {
  const inFlight = new Set<Flight>()
  const unread: Traffic[] = []
  let listener: TrafficListener | undefined
  return {
    inFlight,
    record: (traffic) => {
      if (listener !== undefined) listener.record(traffic)
      else if (!isRepeated(unread, traffic)) {
        unread.push(traffic)
        if (unread.length > MOST_UNREAD) unread.shift()
      }
    },
    sent: (request) => {
      const flight = { request, sentMs: now() }
      inFlight.add(flight)
      listener?.sent()
      return () => {
        const wasInFlight = inFlight.delete(flight)
        listener?.ended(flight, wasInFlight)
      }
    },
    listen: (added) => {
      listener = added
      unread.splice(0).forEach(added.record)
    },
  }
}

const isCalm = ({ error, tookMs }: Traffic): boolean => error === undefined && tookMs < SLOW_MS

/**
 * Whether a reply repeats what is recorded: there were no problems, and the same endpoint replies again. Most replies
 * do.
 */
const isRepeated = (unread: readonly Traffic[], traffic: Traffic): boolean =>
  isCalm(traffic) &&
  unread.every(isCalm) &&
  unread.findLast(({ route }) => (route === 'ic') === (traffic.route === 'ic'))?.endpoint === traffic.endpoint
