import { BOUNDS } from './bounds.ts'
import type { IcReport } from './certainty.ts'
import { hasFailed, type Attempt } from './evidence.ts'

/** The wait that a cadence gave last, in milliseconds. */
interface Wait {
  readonly waitMs: number
}

/** Due at once. */
export const NOW: number = -Infinity

export const LONGEST_WAIT_MS = 10_000
const LEAST_SHARE = 0.8

/** When to ask about a doubt: at once if nothing was asked since it arose, else one wait after the last reply. */
export function dueSince(
  arisenMs: number,
  last: Pick<Attempt, 'askedMs' | 'atMs' | 'error'> | undefined,
  { waitMs }: Wait,
): number {
  if (last === undefined || last.askedMs < arisenMs) return NOW
  return last.atMs + Math.max(waitMs, timeoutPauseMs(last))
}

/**
 * A target that hangs delays every request to the targets: after a timeout, the next one comes later. A cadence spreads its
 * waits by a fifth to either side; a longer rest would bring clients that timed out together back together.
 */
const timeoutPauseMs = ({ askedMs, atMs, error }: Pick<Attempt, 'askedMs' | 'atMs' | 'error'>): number =>
  error?._tag === 'RequestTimeout' ? LEAST_SHARE * Math.min(LONGEST_WAIT_MS, atMs - askedMs) : 0

/** One failed reply is no silence: where ticks are rare, a source that is to settle a doubt is asked again so soon. */
const DOUBTED_MS = 4_000

/** When to ask what must settle a doubt about an end before the time for it is over; after a long timeout, with the tick. */
export function dueSoonSince(arisenMs: number, last: Attempt | undefined, pace: Wait): number {
  const { waitMs } = pace
  if (last === undefined || !hasFailed(last) || waitMs <= DOUBTED_MS || waitMs === Infinity)
    return dueSince(arisenMs, last, pace)
  // A part of the wait is spread as the wait is.
  const soonMs = waitMs / Math.ceil(waitMs / DOUBTED_MS)
  return dueSince(arisenMs, last, timeoutPauseMs(last) > soonMs ? pace : { waitMs: soonMs })
}

/**
 * A time that no draw has spread is the same for all clients that began together, for ever: what is due then goes with the
 * next tick, or comes after the reply to the last one.
 */
export function alignedWithTick(dueMs: number, { askedMs, atMs }: IcReport, { waitMs }: Wait): number {
  if (waitMs > LONGEST_WAIT_MS || atMs === NOW) return dueMs
  const tickMs = atMs + waitMs
  return tickMs >= dueMs ? tickMs : Math.max(dueMs, tickMs + atMs - askedMs)
}

/** How long what the targets run is not asked again: a third of the time waited so far, within bounds. */
export const runningWaitMs = (waitedMs: number): number =>
  Math.min(BOUNDS.workAtMost, Math.max(BOUNDS.workAtLeast, Math.round(waitedMs / 3)))
