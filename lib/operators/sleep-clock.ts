import type { SchedulerLike } from 'rxjs'
import { tellsWallTime } from './monotonic.ts'

/** What the sleep clock compares. All readings are in milliseconds. */
export interface SleepSources {
  /** The scheduler whose `now` is the wall clock, or a virtual one. */
  readonly scheduler: SchedulerLike
  /** A monotonic clock, which may stop while the machine sleeps. */
  readonly now: () => number
  /** The time since the machine started, which includes its sleep. Undefined where the runtime does not tell it. */
  readonly upMs?: () => number | undefined
}

/** A difference below this is not a sleep: time synchronization moves the wall clock by small steps all the time. */
const NOTABLE_MS = 500

/**
 * Creates a clock that returns how long the machine has slept since the first reading, in milliseconds. It counts only
 * the time that the monotonic clock has missed.
 *
 * Both a sleep and a step of the wall clock move the wall clock against the monotonic one. Only the time since the machine
 * started tells them apart; where it is unknown, as in a browser, a step forward counts as a sleep.
 */
export function sleepClock({ scheduler, now, upMs = uptimeMs }: SleepSources): () => number {
  let before: { readonly aheadMs: number; readonly bootAheadMs: number | undefined } | undefined
  let sleptMs = 0
  return () => {
    const aheadMs = scheduler.now() - now()
    if (before !== undefined && Math.abs(aheadMs - before.aheadMs) < NOTABLE_MS) return sleptMs
    const up = tellsWallTime(scheduler) ? upMs() : undefined
    const bootAheadMs = up === undefined ? undefined : up - now()
    if (before !== undefined) {
      const sleep =
        bootAheadMs === undefined || before.bootAheadMs === undefined
          ? aheadMs - before.aheadMs
          : bootAheadMs - before.bootAheadMs
      sleptMs += Math.max(0, sleep)
    }
    before = { aheadMs, bootAheadMs }
    return sleptMs
  }
}

interface Runtime {
  readonly process?: {
    readonly getBuiltinModule?: (name: string) => { readonly uptime?: () => number } | undefined
  }
}

/** The uptime of the machine in Node, Deno and Bun. `node:os` is not imported, since this file is also for browsers. */
function uptimeMs(): number | undefined {
  try {
    const seconds = (globalThis as Runtime).process?.getBuiltinModule?.('node:os')?.uptime?.()
    return seconds === undefined ? undefined : seconds * 1000
  } catch {
    // The runtime does not allow the call, such as Deno without --allow-sys.
    return undefined
  }
}
