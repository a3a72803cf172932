/** One request as it left, and what came of it. */
export interface Exchange {
  readonly user: number
  readonly what: 'status' | 'list' | 'running' | 'snapshots' | 'map' | 'start' | 'stop' | 'other'
  readonly atMs: number
  readonly body: string
  readonly host: string
  readonly token: string | undefined
  endMs: number
  /** `open` while it is; `cut` by who asked. */
  end: 'open' | 'cut' | 'failed' | number
  /** What it met was more than a good day's latency, or less than the truth. */
  disturbed: boolean
  /** The fault that it met. */
  fault: string | undefined
  /** It reached the cluster. */
  servedMs: number | undefined
}

/** What one user got. */
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
  /** What was under way for others when he came: he waits for it to end, if he asks the same. */
  readonly met: Exchange[]
}

/** Everything that was noticed in a simulation. */
export interface Probe {
  readonly stays: Stay[]
  readonly exchanges: Exchange[]
  /** Texts that hold what must not be told. */
  readonly leaks: string[]
}
