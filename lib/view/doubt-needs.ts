import { BOUNDS } from './bounds.ts'
import {
  absentSince,
  confirmableFromMs,
  confirmationDeadlineMs,
  hasAllParts,
  hasIcReportedOnIdleOrHadTime,
  icDeadlineMs,
  idleFromMs,
  idleIcDeadlineMs,
  isFullyKnown,
  mayComeBack,
  settlesFromMs,
} from './certainty.ts'
import { dueSince, dueSoonSince, mapDueMs } from './due-times.ts'
import { partsOf, untilOf } from './goal.ts'
import { icReportOf, lastIcTry, useOfIc } from './ic-report.ts'
import { lostFromMs } from './loss.ts'
import type { Pace } from './need.ts'
import { isPartMissing } from './parts.ts'
import type { RunNeeds } from './run-needs.ts'

// What a run needs before its outcome is certain. A *doubt* is what must still be certain; only a request that is sent
// after the doubt arose settles it. `certainty.ts` decides when it is settled, or when the time for it is over.

/** Adds the need for the snapshots request that confirms the end which the full status shows. */
export function confirmEnd(needs: RunNeeds, pace: Pace): void {
  const { c, run } = needs
  const { goal, info } = c
  // While a target is still at work, the end does not count. Then only a reply to a request sent since the wait began
  // proves that the job has started or is idle.
  const needsOwnReply = goal.until === 'started' || untilOf(goal, info) === 'idle'
  const fromMs = Math.max(confirmableFromMs(c, run), needsOwnReply ? goal.sinceMs : -Infinity)
  needs.add('snapshots', dueSoonSince(fromMs, run.snapshotsTry, pace))
  needs.addWake(confirmationDeadlineMs(c, run))
}

/** Adds the needs that settle the doubt which the replies of the targets leave, if they leave one. */
export function settleDoubt(needs: RunNeeds, pace: Pace): void {
  const { c, run } = needs
  const { goal } = c
  if (run.overSinceMs !== undefined && partsOf(goal, run).length > 0) settleEnd(needs, run.overSinceMs, pace)
  else if (run.absent !== undefined || absentSince(c, run) !== undefined) settleAbsence(needs, pace)
  else if (isPartMissing(run)) {
    needs.add('snapshots', dueSince(goal.sinceMs, run.snapshotsTry, pace))
    if (useOfIc(c) !== 'never') pollIcAboutLoss(needs, goal.sinceMs, pace)
  } else if (untilOf(goal, c.info) === 'idle' && idleFromMs(c) < Infinity && !hasIcReportedOnIdleOrHadTime(c, run)) {
    // The job looks idle, but the Information Center may know of an abort. Its reply has 2 s to arrive, because the
    // targets must show the job idle a second time.
    needs.add('ic', dueSoonSince(goal.sinceMs, lastIcTry(c.view, run), pace))
    needs.addWake(idleIcDeadlineMs(c, run))
  }
}

/**
 * Adds the needs of a run whose known parts are all over: there may be other parts, and an error that only the
 * Information Center knows.
 */
function settleEnd(needs: RunNeeds, overSinceMs: number, pace: Pace): void {
  const { c, run } = needs
  const { goal, view } = c
  needs.add('snapshots', dueSince(goal.sinceMs, run.snapshotsTry, pace))
  if (!isFullyKnown(c, run)) {
    if (useOfIc(c) !== 'never') queryIcAboutEnd(needs, settlesFromMs(goal, overSinceMs), pace)
    if (view.mapTargets === undefined && !hasAllParts(c, run)) needs.addMap(mapDueMs(view, goal.sinceMs, pace))
  }
  needs.addWake(icDeadlineMs(c, run))
}

/**
 * Adds the need to query the Information Center about a run whose parts are all over: its full status may hold an error
 * that no target shows.
 */
function queryIcAboutEnd(needs: RunNeeds, fromMs: number, pace: Pace): void {
  const { c, run } = needs
  const report = icReportOf(c, run)
  if (report.state === 'none' || (report.state === 'unknown' && report.sentMs < fromMs))
    needs.add('ic', dueSince(fromMs, report, pace))
  else needs.add('status', dueSoonSince(fromMs, run.statusTry, pace))
}

/**
 * Adds the needs to query the Information Center about a run with missing parts: with each tick, and as soon as a part is
 * gone, because an end that it shows then decides.
 */
function pollIcAboutLoss(needs: RunNeeds, sinceMs: number, pace: Pace): void {
  const { c, run } = needs
  needs.add('ic', dueSince(sinceMs, icReportOf(c, run), pace))
  for (const part of run.parts.values()) {
    const fromMs = lostFromMs(c, part)
    const deadlineMs = icDeadlineMs(c, run, fromMs)
    if (fromMs <= c.nowMs && c.nowMs < deadlineMs) {
      // If a list has shown the end, only the full status suffices.
      if (run.icEndSeenMs === undefined) needs.add('ic', dueSoonSince(fromMs, lastIcTry(c.view, run), pace))
      else needs.add('status', dueSoonSince(fromMs, run.statusTry, pace))
      needs.addWake(deadlineMs)
    }
  }
}

/** Adds the needs of a run that no target shows: it may appear, come back, or be lost. */
function settleAbsence(needs: RunNeeds, pace: Pace): void {
  const { c, run } = needs
  const { goal, view } = c
  needs.add('snapshots', dueSince(goal.sinceMs, run.snapshotsTry, pace))
  const absentMs = absentSince(c, run)
  // No target has replied since the wait began.
  if (absentMs === undefined) return
  const usesIc = useOfIc(c) !== 'never'
  if (usesIc) pollIcAboutLoss(needs, absentMs, pace)
  if (run.parts.size > 0 && mayComeBack(c, run)) needs.addMap(dueSince(absentMs, view.mapTry, pace))
  // Usually the loop has fetched the cluster map before this time.
  else if (usesIc && run.icSeenMs !== undefined && view.mapTargets === undefined)
    needs.addMap(Math.max(absentMs + BOUNDS.visible, mapDueMs(view, goal.sinceMs, pace)))
}
