import { BOUNDS } from './bounds.ts'
import { hasFailed, type Attempt, type Times } from './evidence.ts'

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
  if (last === undefined || last.sentMs < arisenMs) return NOW
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
  if (waitMs > LONGEST_WAIT_MS || atMs === NOW) return dueMs
  const tickMs = atMs + waitMs
  return tickMs >= dueMs ? tickMs : Math.max(dueMs, tickMs + atMs - sentMs)
}

/** When to request the list of running jobs again after a request that showed the job at work. */
export function nextRunningMs(sinceMs: number, seenMs: number, report: Times, pace: Wait): number {
  const restMs = Math.max(runningWaitMs(seenMs - sinceMs), Math.min(pace.waitMs, LONGEST_WAIT_MS))
  return alignedWithTick(seenMs + restMs, report, pace)
}

/** How long the list of running jobs is not requested again: a third of the time waited so far, within bounds. */
const runningWaitMs = (waitedMs: number): number =>
  Math.min(BOUNDS.workAtMost, Math.max(BOUNDS.workAtLeast, Math.round(waitedMs / 3)))

const RETRY_MS = 500

/** When to send a request in the last round; Infinity once one was answered. */
export const untilAnswered = (sinceMs: number, last: Attempt | undefined): number =>
  last === undefined || last.sentMs < sinceMs || hasFailed(last) ? repeatedly(sinceMs, last) : Infinity

/**
 * When to send a request in the last round: at once, and again half a second after each reply.
 *
 * @param fromMs a reply counts only if its request was sent at this time or later. So a request is sent at exactly this
 * time: the next regular one could come after the end of the last round
 */
export const repeatedly = (sinceMs: number, last: Attempt | undefined, fromMs: number = NOW): number => {
  if (last === undefined || last.sentMs < sinceMs) return NOW
  return Math.min(last.atMs + RETRY_MS, last.sentMs < fromMs ? fromMs : Infinity)
}
