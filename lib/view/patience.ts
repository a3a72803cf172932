import { BOUNDS } from './bounds.ts'
import type { Attempt } from './evidence.ts'
import type { Goal } from './goal.ts'

const SILENT_MS = 1_500
/** A source that is to settle a doubt is asked again within 4 s of a failed reply; one more second is for the request. */
const RECENT_MS = 5_000

/**
 * How long to wait for a source that does not answer: 10 s if the last request to it has ended shortly before they are over;
 * 35 s if none has since `fromMs`, since it may be slow, and a target that hangs delays a reply by that much. So too if the
 * last one ended earlier: nobody can ask while the clock leaps, as where the event loop is blocked, and the reply to the next
 * request counts; a cadence of Infinity sends none. The last look has no time for that: the Information Center answers at once
 * what it knows, and takes two seconds for what it does not know.
 *
 * @param tookMs how long the reply took that raised the doubt. If a request has timed out sooner than that, the cluster is
 * slow and the source is not silent: the next request has more time, and counts
 */
export function patienceMs(
  { isLastRound, sendsNothing }: Goal,
  last: Attempt | undefined,
  fromMs: number,
  tookMs = 0,
): number {
  if (isLastRound === true) return SILENT_MS
  if (last === undefined || last.askedMs < fromMs)
    return sendsNothing === true ? Infinity : Math.max(BOUNDS.settled, tookMs + BOUNDS.confirmed)
  const { error } = last
  if (error?._tag === 'RequestTimeout' && error.afterMs < tookMs) return Infinity
  return last.atMs >= fromMs + BOUNDS.confirmed - RECENT_MS ? BOUNDS.confirmed : BOUNDS.settled
}
