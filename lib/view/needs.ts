import { isOver } from '../codec/job-status.ts'
import { isDownloadId } from '../model/download.ts'
import { caseOf, type Case } from './case.ts'
import { confirmationDeadlineMs, hasFullEnd, icDeadlineMs, idleFromMs, settlesFromMs, statusOf } from './certainty.ts'
import { confirmEnd, settleDoubt } from './doubt-needs.ts'
import { addNeedOfDownload } from './download.ts'
import { dueRepeatedly, dueSince, dueSoonSince, dueUntilAnswered } from './due-times.ts'
import { countsLaterRuns, untilOf, type Goal, type Standing } from './goal.ts'
import { hasIcForgotten, useOfIc } from './ic-report.ts'
import { lostFromMs } from './loss.ts'
import type { Need, Pace } from './need.ts'
import { pollIc, pollTargets } from './poll-needs.ts'
import { RunNeeds } from './run-needs.ts'
import type { RunView, View } from './view.ts'

// Which requests a wait needs next, and when. This file chooses the cases; `poll-needs.ts` holds the needs of each tick,
// `doubt-needs.ts` those that settle a doubt. `byKind` means that a need for the snapshots of the whole kind already
// covers the run.

/**
 * Returns what is due for a wait, and when: a pure function of the view, the goal and the pace.
 *
 * Other waits make no difference here. They only decide which query carries the answer (see `coalesce`).
 */
export function needsOf(view: View, goal: Goal, standing: Standing, pace: Pace, nowMs: number): readonly Need[] {
  const c = caseOf(view, goal, standing, nowMs)
  const needs: Need[] = []
  const { kind } = goal.selection
  const byKind = goal.id === undefined && (standing.runs.length !== 1 || countsLaterRuns(goal, c.info))
  if (byKind)
    needs.push({ of: 'snapshots', kind, dueMs: dueSince(goal.sinceMs, view.kinds.get(kind ?? '')?.snapshotsTry, pace) })
  if (goal.isLastRound === true) addNeedsOfLastRound(c, needs)
  else for (const run of c.runs) addNeedsOfRun(new RunNeeds(c, run, needs), pace, byKind)
  return needs
}

/** The last round of a budget sends all requests at once, because there is no time to send one after the other. */
function addNeedsOfLastRound(c: Case, all: Need[]): void {
  const { sinceMs } = c.goal
  const usesIc = useOfIc(c) !== 'never'
  // One reply cannot prove that a job is idle.
  const idleMs = untilOf(c.goal, c.info) === 'idle' ? idleFromMs(c) : undefined
  for (const run of c.runs) {
    const needs = new RunNeeds(c, run, all)
    const { snapshotsTry, statusTry } = run
    if (run.icEndSeenMs !== undefined) needs.addWake(confirmationDeadlineMs(c, run))
    if (run.overSinceMs !== undefined) needs.addWake(icDeadlineMs(c, run))
    for (const part of run.parts.values()) needs.addWake(icDeadlineMs(c, run, lostFromMs(c, part)))
    const snapshotsMs =
      idleMs === undefined ? dueUntilAnswered(sinceMs, snapshotsTry) : dueRepeatedly(sinceMs, snapshotsTry, idleMs)
    needs.add('snapshots', snapshotsMs)
    if (usesIc || run.icEndSeenMs !== undefined) needs.add('status', dueUntilAnswered(sinceMs, statusTry))
  }
  all.push({ of: 'map', dueMs: dueUntilAnswered(sinceMs, c.view.mapTry) })
}

/** Adds the needs of one run, unless it is the last round. */
function addNeedsOfRun(needs: RunNeeds, pace: Pace, byKind: boolean): void {
  const { c, run } = needs
  if (isDownloadId(run.id)) {
    addNeedOfDownload(needs, pace)
    return
  }
  const icUse = useOfIc(c)
  // The full status shows the end.
  if (hasFullEnd(c, run)) {
    confirmEnd(needs, pace)
    return
  }
  if (isEndListed(c, run)) {
    const { icEndSeenMs = -Infinity } = run
    needs.add('status', dueSoonSince(settlesFromMs(c.goal, icEndSeenMs), run.statusTry, pace))
    // If one list shows many ends, one reply about their kind confirms them all.
    if (icUse !== 'never') needs.add('snapshots', dueSince(icEndSeenMs, run.snapshotsTry, pace))
    needs.addWake(icDeadlineMs(c, run))
    // No further list is needed.
    if (icUse !== 'first') pollTargets(needs, pace, byKind)
  } else if (icUse === 'first' && !byKind && !hasIcForgotten(run)) pollIc(needs, pace)
  else pollTargets(needs, pace, byKind)
  settleDoubt(needs, pace)
}

/** Whether the last status of the run shows its end. */
function isEndListed(c: Case, run: RunView): boolean {
  const status = statusOf(c, run)
  return status !== undefined && isOver(status)
}
