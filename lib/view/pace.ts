import type { Cadence } from '../cadence.ts'
import { validInterval } from '../common/invalid-cadence.ts'
import type { JobError } from '../error.ts'
import { hasFailed, type Attempt } from './evidence.ts'
import type { Pace } from './need.ts'

/** The shortest wait, in milliseconds. */
export const SHORTEST_MS = 100

/**
 * The pace of one interest. Each interest has its own tick count and its own elapsed time, whatever requests others
 * send.
 */
export interface Paced extends Pace {
  /** The wait that its cadence returned last. */
  waitMs: number
  /** How many ticks it has had. */
  n: number
  /** When the last tick came; -Infinity before the first tick. */
  tickedMs: number
  // The next three are what a cadence gets (`Tick`).
  /** How long the request of the last tick took; before the first tick, how long that has been awaited. */
  tookMs: number
  /** How many ticks in a row were failures. */
  failures: number
  /** The Retry-After of the last tick, if it had one. */
  retryAfterMs: number | undefined
  /** When the interest joined. */
  readonly sinceMs: number
}

/**
 * The wait before the first tick; after it, the cadence returns the wait. If a doubt arises before the first tick, its
 * requests are repeated after this time.
 */
const FIRST_MS = 500

/** The pace of an interest that joins now. */
export function pacedFrom(sinceMs: number): Paced {
  return {
    sinceMs,
    waitMs: FIRST_MS,
    n: 0,
    tickedMs: -Infinity,
    tookMs: 0,
    failures: 0,
    retryAfterMs: undefined,
  }
}

/** Whether a reply is a tick of the interest: it came after the last tick, and the wait of the interest is over. */
export function isTick({ tickedMs, waitMs }: Paced, { atMs }: Attempt, nowMs: number): boolean {
  return atMs > tickedMs && (nowMs >= tickedMs + waitMs || waitMs === Infinity)
}

/** Counts a tick. The caller sets `waitMs` afterwards. */
export function ticked(pace: Paced, attempt: Attempt): void {
  pace.n += 1
  pace.tickedMs = attempt.atMs
  // The time before the interest began shows nothing about the cluster now: the machine may have slept.
  pace.tookMs = Math.max(0, attempt.atMs - Math.max(attempt.sentMs, pace.sinceMs))
  pace.failures = hasFailed(attempt) ? pace.failures + 1 : 0
  pace.retryAfterMs = retryAfterOf(attempt.error)
}

const retryAfterOf = (error: JobError | undefined): number | undefined =>
  error?._tag === 'HttpError' ? error.retryAfterMs : undefined

/** The wait that a cadence returns now. NaN and anything below the shortest wait mean the shortest wait. */
export function waitOf(pace: Paced, cadence: Cadence, nowMs: number, random: number): number {
  const { n, sinceMs, tookMs, failures, retryAfterMs } = pace
  const elapsedMs = nowMs - sinceMs
  const ms = validInterval(
    cadence(
      retryAfterMs === undefined
        ? { n, elapsedMs, tookMs, failures, random }
        : { n, elapsedMs, tookMs, failures, retryAfterMs, random },
    ),
  )
  return Math.max(SHORTEST_MS, ms) || SHORTEST_MS
}

/** The pace of an interest and its cadence. The cadence is undefined until an Observable has emitted one. */
export interface Timed extends Paced {
  cadence: Cadence | undefined
}

/**
 * Counts a reply if it is a tick of the interest, and sets the next wait. Throws what the cadence throws.
 *
 * The first reply may take half a minute, while other replies raise doubts. Until it comes, the time that has passed
 * counts as its duration, and the cadence is evaluated again each time that this duration has doubled.
 */
export function keepPace(pace: Timed, attempt: Attempt | undefined, nowMs: number, random: () => number): void {
  if (attempt !== undefined && isTick(pace, attempt, nowMs)) ticked(pace, attempt)
  else if (pace.n === 0 && nowMs - pace.sinceMs >= Math.max(FIRST_MS, 2 * pace.tookMs))
    pace.tookMs = nowMs - pace.sinceMs
  else return
  setWait(pace, nowMs, random)
}

/**
 * Sets the wait to what the cadence returns, once there was a tick or the first one is late. Throws what the cadence
 * throws.
 */
export function setWait(pace: Timed, nowMs: number, random: () => number): void {
  if (pace.n === 0 && pace.tookMs === 0) return
  pace.waitMs = pace.cadence === undefined ? Infinity : waitOf(pace, pace.cadence, nowMs, random())
}
