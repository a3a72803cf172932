import { BOUNDS, MAP_TRIES } from './bounds.ts'
import type { View } from './view.ts'
import { hasFailed, isSentSince, type Attempt, type Times } from './evidence.ts'

// When a source is due to be queried again. A *doubt* is something that must be certain before a job has an outcome. It
// arises with a reply, and only a request that is sent afterwards can settle it. In all functions, `last` is the last
// request to the source, and `sinceMs` is when the wait began or, in its last round, when that round began.

/** The wait that a cadence returned last, in milliseconds. */
interface Wait {
  readonly waitMs: number
}

/** Due at once. */
export const NOW: number = -Infinity

/** The longest wait of the default cadence. */
const LONGEST_WAIT_MS = 10_000
/** The shortest wait that the jitter of a cadence allows, as a share of its wait. */
const SHORTEST_SHARE = 0.8

/**
 * When to send a request about a doubt: at once if none was sent since the doubt arose, otherwise one wait after the
 * last reply.
 */
export function dueSince(
  arisenMs: number,
  last: Pick<Attempt, 'sentMs' | 'atMs' | 'error'> | undefined,
  { waitMs }: Wait,
): number {
  if (!isSentSince(last, arisenMs)) return NOW
  return last.atMs + Math.max(waitMs, timeoutPauseMs(last))
}

/**
 * After a timeout, the next request comes later, because a target that hangs delays every request to the targets.
 *
 * A cadence spreads its waits by a fifth to either side. A longer pause would synchronize the clients that timed out
 * together.
 */
const timeoutPauseMs = ({ sentMs, atMs, error }: Pick<Attempt, 'sentMs' | 'atMs' | 'error'>): number =>
  error?._tag === 'RequestTimeout' ? SHORTEST_SHARE * Math.min(LONGEST_WAIT_MS, atMs - sentMs) : 0

/**
 * The longest wait for a second request that must settle a doubt. One failed reply does not prove that the source is
 * silent, and ticks may be rare.
 */
const LONGEST_RETRY_MS = 4_000

/**
 * When to send a request that must settle a doubt about an end before its time is over. After a long timeout, it is
 * sent with the next tick.
 */
export function dueSoonSince(arisenMs: number, last: Attempt | undefined, pace: Wait): number {
  const { waitMs } = pace
  if (last === undefined || !hasFailed(last) || waitMs <= LONGEST_RETRY_MS || waitMs === Infinity)
    return dueSince(arisenMs, last, pace)
  // A fraction of the wait keeps the jitter of the wait.
  const soonMs = waitMs / Math.ceil(waitMs / LONGEST_RETRY_MS)
  return dueSince(arisenMs, last, timeoutPauseMs(last) > soonMs ? pace : { waitMs: soonMs })
}

/**
 * Moves a due time to the next tick. If the tick comes before the due time, the request waits for the likely reply to
 * the tick.
 *
 * A due time without jitter would be the same for all clients that began together, for ever.
 */
export function alignedWithTick(dueMs: number, { sentMs, atMs }: Times, { waitMs }: Wait): number {
  if (waitMs > LONGEST_WAIT_MS || atMs === -Infinity) return dueMs
  const tickMs = atMs + waitMs
  return tickMs >= dueMs ? tickMs : Math.max(dueMs, tickMs + atMs - sentMs)
}

/**
 * When to request the list of running jobs again.
 *
 * @param seenMs when the last request was sent whose reply showed the job at work
 * @param report the last report of the Information Center on the job
 */
export function nextRunningMs(sinceMs: number, seenMs: number, report: Times, pace: Wait): number {
  const restMs = Math.max(runningWaitMs(seenMs - sinceMs), pace.waitMs)
  return alignedWithTick(seenMs + restMs, report, pace)
}

/** How long the list of running jobs is not requested again: a third of the time waited so far, within bounds. */
const runningWaitMs = (waitedMs: number): number =>
  Math.min(BOUNDS.workAtMost, Math.max(BOUNDS.workAtLeast, Math.round(waitedMs / 3)))

/** When to request the cluster map. After three failed requests in a row, the next one waits longer. */
export function mapDueMs({ mapTry, mapFailures }: View, sinceMs: number, { waitMs }: Wait): number {
  if (!isSentSince(mapTry, sinceMs)) return NOW
  // Requests sent before the wait began do not count.
  const [thirdLastMs = -Infinity] = mapFailures.length < MAP_TRIES ? [] : mapFailures
  return mapTry.atMs + (thirdLastMs < sinceMs ? waitMs : Math.max(waitMs, BOUNDS.mapAgain))
}

// The last round is what a wait does if its budget ended while the machine slept: it sends all its requests once more.

/** In the last round, a request is repeated this long after each reply. */
const RETRY_MS = 500

/** When to send a request of the last round until one is answered; Infinity afterwards. */
export const dueUntilAnswered = (sinceMs: number, last: Attempt | undefined): number =>
  !isSentSince(last, sinceMs) || hasFailed(last) ? dueRepeatedly(sinceMs, last) : Infinity

/**
 * When to send a request of the last round that is repeated even after an answer: at once, and half a second after each
 * reply.
 *
 * @param fromMs from when on a request proves something. One is sent at this very time: if it were left to the regular
 * requests, the next one could come after the end of the round
 */
export const dueRepeatedly = (sinceMs: number, last: Attempt | undefined, fromMs: number = -Infinity): number => {
  if (!isSentSince(last, sinceMs)) return NOW
  return Math.min(last.atMs + RETRY_MS, last.sentMs < fromMs ? fromMs : Infinity)
}
