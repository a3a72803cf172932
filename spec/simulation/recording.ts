// What a simulation records.

/** One request, and what happened to it. */
export interface Exchange {
  /** The index of the user whose stream sent the request. */
  readonly user: number
  readonly what: 'status' | 'list' | 'running' | 'snapshots' | 'map' | 'start' | 'stop' | 'other'
  readonly atMs: number
  readonly body: string
  readonly host: string
  readonly token: string | undefined
  endMs: number
  /** `open` while in flight; `cut` if the subscriber cancelled it; the status if there was a reply. */
  end: 'open' | 'cut' | 'failed' | number
  /** Whether the request met more than the usual latency, or its reply was not the full truth. */
  disturbed: boolean
  /** The fault that the request met. */
  fault: string | undefined
  /** When the request reached the cluster. */
  servedMs: number | undefined
}

/** A value that one user received. */
export interface ReceivedValue {
  readonly value: unknown
  readonly atMs: number
}

/** One user's stream, from its subscription to its end: what it received, and the requests that it could use. */
export interface Session {
  readonly index: number
  /** When the user subscribed; -1 until then. */
  beganMs: number
  /** When the stream ended; Infinity until then. */
  overMs: number
  /** `left` if the user has unsubscribed. */
  state: 'waiting' | 'complete' | 'error' | 'left'
  error: unknown
  readonly received: ReceivedValue[]
  readonly exchanges: Exchange[]
  /**
   * Requests of other users that were in flight when the user started. The library does not send the same request before
   * they end.
   */
  readonly inFlightAtStart: Exchange[]
}

/** Everything that a simulation recorded. */
export interface Recording {
  readonly sessions: Session[]
  readonly exchanges: Exchange[]
  /** Texts that contain a secret. */
  readonly leaks: string[]
}
