import { BOUNDS } from './bounds.ts'
import type { Case } from './case.ts'
import { hasFullEnd, icDeadlineMs, isConfirmed } from './certainty.ts'
import { isSentSince } from './evidence.ts'
import { untilOf } from './goal.ts'
import { isLackedWhileOpen, useOfIc } from './ic-report.ts'
import type { Part, RunView } from './view.ts'

// When a part is lost that the targets no longer show. The targets prove that it is gone; but if the Information Center
// then shows how the run ended, that end counts.

/**
 * A part is lost only if a reply to a request sent at this time or later lacks it: since a reply proved that it is gone, and a
 * minute after the first reply to the wait. In the last round, no reply from before the machine slept counts. Infinity while
 * no reply has proved that the part is gone.
 */
export const lostFromMs = (
  { goal, standing: { firstReplyMs = Infinity } }: Case,
  { goneMs = Infinity }: Part,
): number => Math.max(goal.sinceMs, goneMs, firstReplyMs + BOUNDS.lost)

/** Whether a part is gone, and the Information Center has had the time to show how its run ended, and has not done so. */
export function isLost(c: Case, part: Part): boolean {
  const fromMs = lostFromMs(c, part)
  return c.runs.some(
    (run) => run.id === part.snap.id && isSentSince(run.targetsReply, fromMs) && !mayIcShowEnd(c, run, fromMs),
  )
}

/**
 * Whether the Information Center may still show how a run ended whose part is gone since `fromMs`. Its silence counts only if
 * requests for the status of the run fail: if a failed list counted, it would have to notify all waits for such runs.
 */
function mayIcShowEnd(c: Case, run: RunView, fromMs: number): boolean {
  // The end counts once it is confirmed and no part contradicts it. A wait for idleness does not wait for the latter.
  if (hasFullEnd(c, run)) return untilOf(c.goal, c.info) === 'end' || !isConfirmed(c, run)
  if (useOfIc(c) === 'never' || c.nowMs >= icDeadlineMs(c, run, fromMs)) return false
  if (run.icEndSeenMs !== undefined) return true
  const isDeniedByList = isSentSince(c.view.list, fromMs) && !isLackedWhileOpen(c.view, run)
  return !isDeniedByList && !isSentSince(run.statusReply, fromMs)
}
