import { BOUNDS } from './bounds.ts'
import type { Attempt } from './evidence.ts'
import type { Goal } from './goal.ts'
import { nextView, type View } from './view.ts'

// How long a wait relies on a source that is silent. After that, the other source decides alone (docs/bounds.md).

/** How long to wait in the last round. */
const SILENT_MS = 1_500
/**
 * A wait gives up on a source after 10 s (`BOUNDS.confirmed`) if the last request ended within this time before their
 * end, or later. A source is queried again within 4 s of a failure, and the request may take one more second.
 */
const RECENT_MS = 5_000

/** If a timer fires this much too late, the clock has leapt. */
const LEAP_MS = 5_000

/**
 * The view, with a leap of the clock recorded if the timer should have fired long ago. The silence of a source until
 * now then proves nothing.
 *
 * @param armedMs when the timer was to fire; -Infinity if at once, Infinity if it was not set
 */
export const withLeap = (view: View, armedMs: number, nowMs: number): View =>
  armedMs > -Infinity && nowMs - armedMs > LEAP_MS ? nextView(view, { leaptMs: nowMs }) : view

/**
 * Until when to wait for a source that does not answer, after a doubt that arose at `fromMs`.
 *
 * If the clock has leapt since, the wait starts again: nothing could answer during a leap.
 */
export function patienceEndsMs(
  { leaptMs }: View,
  goal: Goal,
  last: Attempt | undefined,
  fromMs: number,
  tookMs?: number,
): number {
  const sinceMs = goal.isLastRound === true ? fromMs : Math.max(fromMs, leaptMs)
  return sinceMs + patienceMs(goal, last, sinceMs, tookMs)
}

/**
 * Returns how long to wait for a source that does not answer, in milliseconds.
 *
 * - In the last round: 1.5 s, because there is no more time. The Information Center answers at once about a job that it
 * knows, and takes 2 s otherwise.
 * - If no request was sent since `fromMs`: 35 s, because a target that hangs delays a reply by that much. On a very
 * slow cluster: the time of two more replies, since the first may fail, and 10 s. If the goal sends no requests:
 * Infinity.
 * - If the last request ended at most 5 s before the end of the first 10 s, or later: 10 s.
 * - If the last request ended earlier: 35 s. No request can be sent while the event loop is blocked and the clock
 *   leaps, so the reply to the next request counts. With a cadence of Infinity, no request is sent.
 *
 * @param tookMs the duration of the reply that raised the doubt. If a request has timed out sooner than that, the
 * cluster is slow and the source is not silent. So the next request, which has more time, counts
 */
function patienceMs(
  { isLastRound, sendsNothing }: Goal,
  last: Attempt | undefined,
  fromMs: number,
  tookMs = 0,
): number {
  if (isLastRound === true) return SILENT_MS
  if (last === undefined || last.sentMs < fromMs)
    return sendsNothing === true ? Infinity : Math.max(BOUNDS.settled, 2 * tookMs + BOUNDS.confirmed)
  const { error } = last
  if (error?._tag === 'RequestTimeout' && error.afterMs < tookMs) return Infinity
  return last.atMs >= fromMs + BOUNDS.confirmed - RECENT_MS ? BOUNDS.confirmed : BOUNDS.settled
}
