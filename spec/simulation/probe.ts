/** One request, and what happened to it. */
export interface Exchange {
  readonly user: number
  readonly what: 'status' | 'list' | 'running' | 'snapshots' | 'map' | 'start' | 'stop' | 'other'
  readonly atMs: number
  readonly body: string
  readonly host: string
  readonly token: string | undefined
  endMs: number
  /** `open` while in flight; `cut` if the subscriber cancelled it. */
  end: 'open' | 'cut' | 'failed' | number
  /** Whether the request met more than the usual latency, or its reply was not the full truth. */
  disturbed: boolean
  /** The fault that the request met. */
  fault: string | undefined
  /** When the request reached the cluster. */
  servedMs: number | undefined
}

/** A value that one user received. */
export interface Seen {
  readonly value: unknown
  readonly atMs: number
}

/** One user's time with the library. */
export interface Stay {
  readonly index: number
  beganMs: number
  overMs: number
  how: 'waiting' | 'complete' | 'error' | 'left'
  error: unknown
  readonly seen: Seen[]
  readonly exchanges: Exchange[]
  /**
   * Requests of others that were in flight when the user started: it waits for their end before it sends the same
   * request.
   */
  readonly met: Exchange[]
}

/** Everything that a simulation recorded. */
export interface Probe {
  readonly stays: Stay[]
  readonly exchanges: Exchange[]
  /** Texts that contain a secret. */
  readonly leaks: string[]
}
