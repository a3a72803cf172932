/** The time of the cluster, and timers. */
export interface Clock {
  /** Milliseconds since the cluster started. */
  readonly now: () => number
  /** Calls `call` after `ms` milliseconds of the cluster's time. The returned function cancels the timer. */
  readonly after: (ms: number, call: () => void) => () => void
}

const LONGEST_MS = 2_147_483_647

/** A clock that runs `speed` times as fast as the real one. */
export const realClock = (speed: number): Clock => {
  const began = performance.now()
  return {
    now: () => (performance.now() - began) * speed,
    after: (ms, call) => {
      const timer = setTimeout(call, Math.min(ms / speed, LONGEST_MS))
      return () => clearTimeout(timer)
    },
  }
}

/**
 * A clock for tests without waiting. It moves only when `advance` is called, and then fires the timers that are due.
 *
 * @example
 * ```ts
 * import { ManualClock, startEmulator } from 'aistore-rx/emulator'
 *
 * const clock = new ManualClock()
 * const emulator = await startEmulator({}, clock)
 * clock.advance(60_000) // a minute has passed in the cluster
 * await emulator.close()
 * ```
 */
export class ManualClock implements Clock {
  private nowMs = 0
  private waiting: readonly { readonly atMs: number; readonly call: () => void }[] = []

  /** Milliseconds since the clock was created. Only `advance` changes it. */
  readonly now = (): number => this.nowMs

  /** Calls `call` during the `advance` that reaches the time. The returned function cancels the timer. */
  readonly after = (ms: number, call: () => void): (() => void) => {
    const entry = { atMs: this.nowMs + ms, call }
    this.waiting = [...this.waiting, entry]
    return () => {
      this.waiting = this.waiting.filter((other) => other !== entry)
    }
  }

  /** Number of timers that have not fired yet. */
  get pending(): number {
    return this.waiting.length
  }

  /** Moves the clock `ms` milliseconds forward and fires the timers that are due. */
  advance(ms: number): void {
    this.nowMs += ms
    const due = this.waiting.filter((entry) => entry.atMs <= this.nowMs)
    this.waiting = this.waiting.filter((entry) => entry.atMs > this.nowMs)
    for (const entry of due) entry.call()
  }
}
