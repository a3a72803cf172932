import { BOUNDS } from './bounds.ts'
import { alignedWithTick, dueSince, nextRunningMs, NOW } from './due-times.ts'
import { isSentSince } from './evidence.ts'
import { icReportOf, type IcReport } from './ic-report.ts'
import type { Pace } from './need.ts'
import type { RunNeeds } from './run-needs.ts'

// What a run needs with each tick, as long as no reply leaves a doubt.

/**
 * Adds the needs of a kind whose end reaches the Information Center in time: each tick polls the status, and the
 * targets are polled from time to time.
 */
export function pollIc(needs: RunNeeds, pace: Pace): void {
  const { c, run } = needs
  const report = icReportOf(c, run)
  const dueMs = report.state === 'none' ? NOW : report.atMs + pace.waitMs
  if (pace.unpaced !== true) needs.add('ic', dueMs)
  // If the Information Center does not know the run or does not answer, the targets are queried instead.
  if (report.state === 'unknown' || report.state === 'failed')
    needs.add('snapshots', dueSince(c.goal.sinceMs, run.snapshotsTry, pace))
  // A part can be found missing only after a reply has shown it (protocol T30).
  else if (run.targetsReply === undefined) needs.add('snapshots', dueSince(-Infinity, run.snapshotsTry, pace))
  else pollRunning(needs, pace)
}

/**
 * Adds the needs of a kind whose end only the targets show in time, or of a run whose kind is not known yet.
 *
 * @param byKind whether a need for the snapshots of the whole kind already covers the run
 */
export function pollTargets(needs: RunNeeds, pace: Pace, byKind: boolean): void {
  if (pace.unpaced === true) {
    pollRunning(needs, pace)
    return
  }
  if (byKind) return
  const { c, run, kind } = needs
  // If the kinds of many runs are unknown, one list shows most of them.
  const mayBeListed = kind === undefined && icReportOf(c, run).state === 'none' && c.goal.selection.target === undefined
  const source = mayBeListed && run.snapshotsTry === undefined ? 'any' : 'snapshots'
  needs.add(source, dueSince(c.goal.sinceMs, run.snapshotsTry, pace))
}

/**
 * Adds the need to poll whether the targets still run the job, because its end may never reach the Information Center
 * (protocol T9). The work list (the list of running jobs) shows that at the lowest cost, the snapshots in full.
 */
function pollRunning(needs: RunNeeds, pace: Pace): void {
  const { c, run } = needs
  const { goal, view } = c
  const { running } = view
  const snapshotsMs = run.targetsReply?.sentMs ?? -Infinity
  const isListNewer = isSentSince(running, Math.max(goal.sinceMs, snapshotsMs))
  // Only the snapshots can tell whether a run that the work list lacks has ended.
  if (isListNewer && !running.value.has(run.id)) {
    needs.add('snapshots', dueSince(running.sentMs, run.snapshotsTry, pace))
    return
  }
  if (pace.unpaced === true || pace.waitMs === Infinity) return
  // The work list cannot show that a part is missing, so the snapshots are requested too, but rarely.
  const report = icReportOf(c, run)
  const againMs = alignedWithTick(snapshotsMs + Math.max(BOUNDS.partsAtMost, pace.waitMs), report, pace)
  needs.add('snapshots', Math.max(againMs, dueSince(againMs, run.snapshotsTry, pace)))
  const seenMs = Math.max(goal.sinceMs, snapshotsMs, isListNewer ? running.sentMs : -Infinity)
  pollWorkList(needs, pace, report, seenMs)
}

/**
 * Adds the need for the next work list.
 *
 * @param seenMs when the last request was sent whose reply showed the run at work; the begin of the wait if there is none
 */
function pollWorkList(needs: RunNeeds, pace: Pace, report: IcReport, seenMs: number): void {
  const { c, run } = needs
  const { goal, view } = c
  const tickMs = seenMs + pace.waitMs
  // In the last seconds of the budget, each tick requests the work list.
  const lastSecondsMs = (goal.endsMs ?? Infinity) - BOUNDS.workAtMost
  const nextMs = nextRunningMs(goal.sinceMs, seenMs, report, pace)
  const dueMs = seenMs >= lastSecondsMs ? tickMs : Math.min(nextMs, Math.max(lastSecondsMs, tickMs))
  const { runningTry } = view
  const hasListFailed = isSentSince(runningTry, seenMs) && runningTry.error !== undefined
  // If the work list fails, the snapshots of the run replace it.
  if (hasListFailed) needs.add('snapshots', Math.max(dueMs, dueSince(seenMs, run.snapshotsTry, pace)))
  else needs.addRunning(dueMs)
}
