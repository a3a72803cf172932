/** The time of the cluster, and a way to wait for it. */
export interface Clock {
  /** Milliseconds since the cluster began. */
  readonly now: () => number
  /** Calls back after so many of them; the result calls it off. */
  readonly after: (ms: number, call: () => void) => () => void
}

const LONGEST_MS = 2_147_483_647

/** The real clock, `speed` times as fast. */
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
 * A clock that stands still until it is told, and then wakes whoever waits. For tests without waiting.
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

  /** Changes with `advance` only. */
  readonly now = (): number => this.nowMs

  /** Calls back within the `advance` that reaches the time. */
  readonly after = (ms: number, call: () => void): (() => void) => {
    const entry = { atMs: this.nowMs + ms, call }
    this.waiting = [...this.waiting, entry]
    return () => {
      this.waiting = this.waiting.filter((other) => other !== entry)
    }
  }

  /** How many wait. */
  get pending(): number {
    return this.waiting.length
  }

  /** Lets `ms` pass. */
  advance(ms: number): void {
    this.nowMs += ms
    const due = this.waiting.filter((entry) => entry.atMs <= this.nowMs)
    this.waiting = this.waiting.filter((entry) => entry.atMs > this.nowMs)
    for (const entry of due) entry.call()
  }
}
