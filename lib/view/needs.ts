import { isOver } from '../codec/job-status.ts'
import { isDownloadId } from '../model/download.ts'
import { BOUNDS } from './bounds.ts'
import { caseOf, type Case } from './case.ts'
import {
  confirmationDeadlineMs,
  icDeadlineMs,
  absentSince,
  confirmableFromMs,
  hasAllParts,
  hasFullEnd,
  hasIcReportedOnIdle,
  idleFromMs,
  idleIcDeadlineMs,
  isFullyKnown,
  mayComeBack,
  settlesFromMs,
  statusOf,
} from './certainty.ts'
import { hasIcForgotten, icReportOf, lastIcTry, useOfIc } from './ic-report.ts'
import { addNeedOfDownload } from './download.ts'
import type { Query } from './evidence.ts'
import { partsOf, countsLaterRuns, untilOf, type Goal, type Standing } from './goal.ts'
import { isPartMissing } from './parts.ts'
import {
  alignedWithTick,
  dueRepeatedly,
  dueSince,
  dueSoonSince,
  dueUntilAnswered,
  mapDueMs,
  nextRunningMs,
  NOW,
} from './due-times.ts'
import type { RunView, View } from './view.ts'

// Which requests a wait needs next, and when. `c` is its case (see `case.ts`): the view, its goal, the runs that count
// for it and the time. Each function below appends to `needs`; `addSnapshots` appends a need for the snapshots of the
// run. `byKind` means that a need for the snapshots of the whole kind already covers the run.

/**
 * Something that an interest needs to learn, and the time from which it is due.
 *
 * `ic`: the status of a run, from a list or from a request for this run; `any`: its status or its snapshots; `status`:
 * its full status; `snapshots`: its snapshots, or those of a kind; `running`: whether the targets list it as running;
 * `map`: the cluster map; `query`: exactly this query; `wake`: no request, but time alone may change the answer.
 */
export type Need =
  | {
      readonly of: 'ic' | 'any' | 'status' | 'snapshots' | 'running' | 'map' | 'wake'
      readonly id?: string
      readonly kind?: string | undefined
      readonly dueMs: number
    }
  | { readonly of: 'query'; readonly query: Query; readonly dueMs: number }

/** How often an interest polls. */
export interface Pace {
  /** When it joined, and when its last tick came. The latter is -Infinity before the first tick. */
  readonly sinceMs?: number
  readonly tickedMs?: number
  /** The wait that its cadence returned last, in milliseconds. */
  readonly waitMs: number
  /**
   * Whether it has no ticks of its own. It then uses the replies to other requests, and sends requests only to settle a
   * doubt.
   */
  readonly unpaced?: boolean
}

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
  if (goal.isLastRound === true) needsOfLastRound(c, needs)
  else for (const run of c.runs) needsOfRun(c, run, pace, byKind, needs)
  return needs
}

/** The last round of a budget sends all requests at once, because there is no time to send one after the other. */
function needsOfLastRound(c: Case, needs: Need[]): void {
  const { sinceMs } = c.goal
  const usesIc = useOfIc(c) !== 'never'
  // One reply cannot prove that a job is idle.
  const idleMs = untilOf(c.goal, c.info) === 'idle' ? idleFromMs(c) : undefined
  for (const run of c.runs) {
    const { id, kind, snapshotsTry, statusTry } = run
    if (run.icEndSeenMs !== undefined) addWake(c, confirmationDeadlineMs(c, run), needs)
    if (run.overSinceMs !== undefined) addWake(c, icDeadlineMs(c, run), needs)
    const snapshotsMs =
      idleMs === undefined ? dueUntilAnswered(sinceMs, snapshotsTry) : dueRepeatedly(sinceMs, snapshotsTry, idleMs)
    needs.push({ of: 'snapshots', id, kind, dueMs: snapshotsMs })
    if (usesIc || run.icEndSeenMs !== undefined)
      needs.push({ of: 'status', id, kind, dueMs: dueUntilAnswered(sinceMs, statusTry) })
  }
  needs.push({ of: 'map', dueMs: dueUntilAnswered(sinceMs, c.view.mapTry) })
}

/** Adds the needs of one run, unless it is the last round. */
function needsOfRun(c: Case, run: RunView, pace: Pace, byKind: boolean, needs: Need[]): void {
  const { id, kind = c.goal.selection.kind } = run
  const addSnapshots = (dueMs: number): unknown => needs.push({ of: 'snapshots', id, kind, dueMs })
  if (isDownloadId(id)) {
    addNeedOfDownload(c, run, pace, addSnapshots)
    return
  }
  const icUse = useOfIc(c)
  const usesIc = icUse !== 'never'
  const hasEnded = hasFullEnd(c, run)
  const status = statusOf(c, run)
  const isEndListed = !hasEnded && status !== undefined && isOver(status)
  if (isEndListed) {
    const { icEndSeenMs = NOW } = run
    needs.push({ of: 'status', id, kind, dueMs: dueSoonSince(settlesFromMs(c.goal, icEndSeenMs), run.statusTry, pace) })
    // If one list shows many ends, one reply about their kind confirms them all.
    if (usesIc) addSnapshots(dueSince(icEndSeenMs, run.snapshotsTry, pace))
  }
  if (hasEnded) confirmEnd(c, run, pace, addSnapshots, needs)
  // Once a list shows the end, no further list is needed.
  else if (isEndListed && icUse === 'first') addWake(c, icDeadlineMs(c, run), needs)
  else if (icUse === 'first' && !byKind && !hasIcForgotten(run)) pollIc(c, run, pace, addSnapshots, needs)
  else pollTargets(c, run, pace, byKind, needs)
  if (!hasEnded) settleDoubts(c, run, pace, usesIc, addSnapshots, needs)
}

/**
 * The full status shows an end: adds the need for the snapshots request that confirms it.
 *
 * If the end does not count, because a target is still at work, only a reply to a request sent since the wait began
 * proves that the job has started or is idle.
 */
function confirmEnd(c: Case, run: RunView, pace: Pace, addSnapshots: (dueMs: number) => unknown, needs: Need[]): void {
  const { goal, info } = c
  const isOfTargets = goal.until === 'started' || untilOf(goal, info) === 'idle'
  const fromMs = Math.max(confirmableFromMs(c, run), isOfTargets ? goal.sinceMs : NOW)
  addSnapshots(dueSoonSince(fromMs, run.snapshotsTry, pace))
  addWake(c, confirmationDeadlineMs(c, run), needs)
}

/**
 * Adds the needs of a kind whose end reaches the Information Center in time: each tick polls the status, and the
 * targets are polled from time to time.
 */
function pollIc(c: Case, run: RunView, pace: Pace, addSnapshots: (dueMs: number) => unknown, needs: Need[]): void {
  const { id } = run
  const { goal } = c
  const report = icReportOf(c, run)
  const dueMs = report.state === 'none' ? NOW : report.atMs + pace.waitMs
  if (pace.unpaced !== true) needs.push({ of: 'ic', id, kind: goal.selection.kind, dueMs })
  // If the Information Center does not know the run or does not answer, the targets are queried instead.
  if (report.state === 'unknown' || report.state === 'failed') {
    addSnapshots(dueSince(goal.sinceMs, run.snapshotsTry, pace))
    return
  }
  // A part can be found missing only after a reply has shown it (protocol T30).
  if (run.targetsReply === undefined) addSnapshots(dueSince(NOW, run.snapshotsTry, pace))
  else pollRunning(c, run, pace, addSnapshots, needs)
}

/**
 * Adds the need to poll whether the targets still run the job, because its end may never reach the Information Center
 * (protocol T9).
 */
function pollRunning(c: Case, run: RunView, pace: Pace, addSnapshots: (dueMs: number) => unknown, needs: Need[]): void {
  const { goal, view } = c
  const { running, runningTry } = view
  const shownMs = run.targetsReply?.sentMs ?? NOW
  const isListNewer = running !== undefined && running.sentMs >= Math.max(goal.sinceMs, shownMs)
  if (isListNewer && !running.value.has(run.id)) {
    addSnapshots(dueSince(running.sentMs, run.snapshotsTry, pace))
    return
  }
  if (pace.unpaced === true || pace.waitMs === Infinity) return
  const report = icReportOf(c, run)
  const againMs = alignedWithTick(shownMs + Math.max(BOUNDS.partsAtMost, pace.waitMs), report, pace)
  addSnapshots(Math.max(againMs, dueSince(againMs, run.snapshotsTry, pace)))
  const seenMs = Math.max(goal.sinceMs, shownMs, isListNewer ? running.sentMs : NOW)
  // In the last seconds of the budget, each tick sends the request.
  const lastSecondsMs = (goal.endsMs ?? Infinity) - BOUNDS.workAtMost
  const tickMs = seenMs + pace.waitMs
  const nextMs = nextRunningMs(goal.sinceMs, seenMs, report, pace)
  const dueMs = seenMs >= lastSecondsMs ? tickMs : Math.min(nextMs, Math.max(lastSecondsMs, tickMs))
  // If that list fails, the snapshots of the run replace it.
  if (runningTry !== undefined && runningTry.sentMs >= seenMs && runningTry.error !== undefined)
    addSnapshots(Math.max(dueMs, dueSince(seenMs, run.snapshotsTry, pace)))
  else needs.push({ of: 'running', id: run.id, dueMs })
}

/** Adds the needs of a kind whose end only the targets show in time, or of a run whose kind is not known yet. */
function pollTargets(c: Case, run: RunView, pace: Pace, byKind: boolean, needs: Need[]): void {
  const { id, kind = c.goal.selection.kind } = run
  if (pace.unpaced === true)
    pollRunning(c, run, pace, (dueMs) => needs.push({ of: 'snapshots', id, kind, dueMs }), needs)
  else if (!byKind) {
    const dueMs = dueSince(c.goal.sinceMs, run.snapshotsTry, pace)
    // If the kinds of many runs are unknown, one list shows most of them.
    const mayBeListed =
      kind === undefined && icReportOf(c, run).state === 'none' && c.goal.selection.target === undefined
    needs.push({ of: mayBeListed && run.snapshotsTry === undefined ? 'any' : 'snapshots', id, kind, dueMs })
  }
}

/** Adds the needs that settle a doubt which the replies of the targets leave. */
function settleDoubts(
  c: Case,
  run: RunView,
  pace: Pace,
  usesIc: boolean,
  addSnapshots: (dueMs: number) => unknown,
  needs: Need[],
): void {
  const { id, kind = c.goal.selection.kind, overSinceMs } = run
  const { mapTargets, mapTry } = c.view
  const absentMs = absentSince(c, run)
  // All known parts are over. There may be others, and an error that only the Information Center knows.
  if (overSinceMs !== undefined && partsOf(c.goal, run).length > 0) {
    addSnapshots(dueSince(c.goal.sinceMs, run.snapshotsTry, pace))
    const isKnown = isFullyKnown(c, run)
    if (usesIc && !isKnown) settleByIc(c, run, settlesFromMs(c.goal, overSinceMs), pace, needs)
    if (mapTargets === undefined && !isKnown && !hasAllParts(c, run))
      needs.push({ of: 'map', dueMs: mapDueMs(c.view, c.goal.sinceMs, pace) })
    addWake(c, icDeadlineMs(c, run), needs)
    // No target shows the run.
  } else if (absentMs !== undefined || run.absent !== undefined) {
    addSnapshots(dueSince(c.goal.sinceMs, run.snapshotsTry, pace))
    if (absentMs === undefined) return
    if (usesIc) needs.push({ of: 'ic', id, kind, dueMs: dueSince(absentMs, icReportOf(c, run), pace) })
    if (run.parts.size > 0 && mayComeBack(c, run)) needs.push({ of: 'map', dueMs: dueSince(absentMs, mapTry, pace) })
    // Usually the loop has fetched the cluster map before this time.
    else if (usesIc && run.icSeenMs !== undefined && mapTargets === undefined)
      needs.push({ of: 'map', dueMs: Math.max(absentMs + BOUNDS.visible, mapDueMs(c.view, c.goal.sinceMs, pace)) })
  } else if (isPartMissing(run)) {
    addSnapshots(dueSince(c.goal.sinceMs, run.snapshotsTry, pace))
    if (usesIc) needs.push({ of: 'ic', id, kind, dueMs: dueSince(c.goal.sinceMs, icReportOf(c, run), pace) })
  } else if (usesIc && untilOf(c.goal, c.info) === 'idle' && idleFromMs(c) < Infinity && !hasIcReportedOnIdle(c, run)) {
    // The reply has 2 s to arrive, because the targets must show the job idle a second time.
    needs.push({ of: 'ic', id, kind, dueMs: dueSoonSince(c.goal.sinceMs, lastIcTry(c.view, run), pace) })
    addWake(c, idleIcDeadlineMs(c, run), needs)
  }
}

/**
 * Adds the need to query the Information Center about a run whose parts are all over: its full status may hold an error
 * that no target shows.
 */
function settleByIc(c: Case, run: RunView, fromMs: number, pace: Pace, needs: Need[]): void {
  const { id, kind = c.goal.selection.kind, statusTry } = run
  const report = icReportOf(c, run)
  if (report.state === 'none' || (report.state === 'unknown' && report.sentMs < fromMs))
    needs.push({ of: 'ic', id, kind, dueMs: dueSince(fromMs, report, pace) })
  else needs.push({ of: 'status', id, kind, dueMs: dueSoonSince(fromMs, statusTry, pace) })
}

function addWake({ nowMs }: Case, dueMs: number, needs: Need[]): void {
  if (dueMs > nowMs) needs.push({ of: 'wake', dueMs })
}
