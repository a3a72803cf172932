import { type JobStatus, isOfKind, isOver } from '../codec/job-status.ts'
import type { TargetId } from '../codec/snapshots.ts'
import { isPermanent } from '../error.ts'
import { isDownloadId } from '../model/download.ts'
import { isAborted, isIdle, isTerminal } from '../model/snapshot.ts'
import { BOUNDS } from './bounds.ts'
import type { Case } from './case.ts'
import { isSentSince, type Attempt, type Times } from './evidence.ts'
import { hasParts, partsOf, type Goal } from './goal.ts'
import { icReportOf, lastIcTry, useOfIc } from './ic-report.ts'
import { patienceEndsMs } from './patience.ts'
import { nextRun, nextView, type RunView } from './view.ts'

// What makes the end of a run certain. Two sources report on a run: the Information Center (its status) and the targets
// (one part each). An end is certain once both agree, or once the time for a contradiction is over.
//
// - *Full status*: the reply to a request for the status of this run alone. Unlike a row of a list, it has errors.
// - *Doubt*: what must still be certain, such as whether a part is missing. A request *settles* a doubt only if it is
//   sent after the doubt arose.
// - *Confirmed*: the targets were queried after the Information Center had reported the end.
// - *The last round*: the requests that a wait sends once more if its budget ended while the machine slept.
//
// A reply counts only if its request was sent late enough. From when on, these functions say:
//
// - `reliesFromMs`: for a reply that raises no doubt: since the wait began.
// - `settlesFromMs`: for a reply that settles a doubt: since both the doubt arose and the wait began.
// - `confirmableFromMs`: for a reply of the targets that confirms an end.
// - `countsFromMs`: one of these times, or the beginning of the last round if that is earlier.

/**
 * The status of a run, as the Information Center last reported it. Once it shows an end, later replies do not replace
 * it. The status of a download has no errors, so it does not count (protocol T14). A wait for one target never requests
 * a status, so one that another stream has requested does not count either: it may hold the error of another target.
 */
export function statusOf({ goal }: Pick<Case, 'goal'>, { id, row, full }: RunView): JobStatus | undefined {
  if (isDownloadId(id) || goal.selection.target !== undefined) return undefined
  const status = lastStatus(row, full)
  return status !== undefined && isOfKind(goal.selection.kind, status) ? status : undefined
}

function lastStatus(row: RunView['row'], full: RunView['full']): JobStatus | undefined {
  if (row === undefined || full === undefined) return (full ?? row)?.value
  if (isOver(full.value)) return full.value
  return isOver(row.value) || row.sentMs > full.sentMs ? row.value : full.value
}

/**
 * Whether the full status of the run shows its end. A row of a list does not suffice, because rows have no `err`
 * (protocol T11). No status shows the end on one target.
 */
export function hasFullEnd({ goal: { selection } }: Pick<Case, 'goal'>, { full }: RunView): boolean {
  const { kind, target } = selection
  return target === undefined && full !== undefined && isOver(full.value) && isOfKind(kind, full.value)
}

/**
 * Whether the full status shows the end of a run, and the targets were queried about it afterwards, or the time for that
 * query is over.
 *
 * Until that time, a success needs their reply. A failure is certain already, so a wait gives the targets only a short
 * time to report the cause.
 */
export function isConfirmed(c: Case, run: RunView): boolean {
  if (!hasFullEnd(c, run)) return false
  const { targetsReply, snapshotsTry } = run
  const fromMs = countsFromMs(c.goal, confirmableFromMs(c, run))
  if (isSentSince(targetsReply, fromMs)) return true
  const error = isSentSince(snapshotsTry, fromMs) ? snapshotsTry.error : undefined
  if (error !== undefined && (isPermanent(error) || hasFullFailure(run))) return true
  return c.nowMs >= confirmationDeadlineMs(c, run)
}

/**
 * The time at which `isConfirmed` becomes true at the latest. In the last round, no success becomes confirmed by time
 * alone.
 */
export function confirmationDeadlineMs(c: Case, run: RunView): number {
  const { icEndSeenMs = -Infinity, endTookMs, snapshotsTry } = run
  const ownMs = settlesFromMs(c.goal, icEndSeenMs)
  if (hasFullFailure(run) && !awaitsParts(c)) return ownMs + BOUNDS.cause
  const fromMs = hasFullFailure(run) ? ownMs : confirmableFromMs(c, run)
  return c.goal.isLastRound === true ? Infinity : patienceEndsMs(c.view, c.goal, snapshotsTry, fromMs, endTookMs)
}

/**
 * A request to the targets confirms the end that the Information Center has reported only if it is sent at this time or
 * later. Usually this is the time of that report.
 *
 * A wait that began later sends a request of its own if the earlier ones failed, since the targets may reply now, or if the
 * reply lacks parts, since a target may show its part late, with an error.
 */
export function confirmableFromMs(c: Case, run: RunView): number {
  const { icEndSeenMs = -Infinity, targetsReply } = run
  const isOwn = !hasFullFailure(run) && (!isSentSince(targetsReply, icEndSeenMs) || mayLackParts(c, run))
  return isOwn ? settlesFromMs(c.goal, icEndSeenMs) : icEndSeenMs
}

/**
 * A wait relies on a reply only if its request was sent at this time or later.
 *
 * A reply from before the wait began does not suffice, because only a later one may show an error. So the wait sends one
 * more request of its own. A stream about many jobs uses the replies of other streams too.
 */
const reliesFromMs = ({ sinceMs, beganMs = sinceMs, ofStream }: Goal): number =>
  ofStream === true ? -Infinity : beganMs

/** A request can settle a doubt that arose at `arisenMs` only if it is sent at this time or later. */
export const settlesFromMs = (goal: Goal, arisenMs: number): number => Math.max(arisenMs, reliesFromMs(goal))

/**
 * Whether only the targets can tell what the wait is for, even if the job has failed. Other streams may know of the failure
 * earlier.
 */
const awaitsParts = ({ goal: { until } }: Case): boolean => until === 'started' || until === 'view'

/** Whether no target has shown a part, or some target of the cluster map has shown none. */
function mayLackParts(c: Case, run: RunView): boolean {
  return !hasParts(c.goal, run) || lacksPart(c, run)
}

const hasFullFailure = ({ full }: RunView): boolean =>
  full !== undefined && (full.value.aborted || full.value.err !== '')

/**
 * A request about a doubt counts if it is sent at this time or later: when the doubt arose or, in the last round, when
 * the round began, because that sends all its requests at once, before doubts arise.
 */
const countsFromMs = ({ isLastRound, sinceMs }: Goal, arisenMs: number): number =>
  isLastRound === true ? Math.min(arisenMs, sinceMs) : arisenMs

/**
 * Whether all of a run is known, once its known parts are over: it has no other parts, and the Information Center does
 * not contradict that.
 *
 * Always true if the job has failed anyway, or if the wait selects one target. Otherwise the Information Center must
 * have answered even if the job has no other parts, because it may know of an error that no target shows.
 */
export function isFullyKnown(c: Case, run: RunView): boolean {
  if (c.goal.selection.target !== undefined) return true
  if (partsOf(c.goal, run).some(({ snap }) => isAborted(snap) || snap.err !== '')) return true
  return hasAllParts(c, run) && hasIcAnsweredOrHadTime(c, run)
}

/**
 * Whether no target can have a further part, such as one that it has not started yet. A job of a kind that idles does
 * not run on every target, so its known parts count as all.
 */
export function hasAllParts(c: Case, run: RunView): boolean {
  if (isOfOneTarget(c) || c.info?.idles === true) return true
  return c.view.mapTargets !== undefined && !lacksPart(c, run)
}

/** The targets of the cluster map that have not shown their part, for a job that runs on every target. */
export const targetsWithoutPart = (c: Case, { parts }: RunView): readonly TargetId[] =>
  isOfOneTarget(c) ? [] : [...(c.view.mapTargets?.value ?? [])].filter((target) => !parts.has(target))

/** Whether a target of the cluster map has not shown its part. */
export const lacksPart = (c: Case, run: RunView): boolean => targetsWithoutPart(c, run).length > 0

const isOfOneTarget = ({ goal: { selection, until }, info }: Case): boolean =>
  selection.target !== undefined || until === 'single' || info?.scope === 'target'

/**
 * Until when to wait for the Information Center, for a run whose parts are all over. A list that shows the end in the
 * meantime does not suffice, because a list has no errors (protocol T11).
 *
 * @param arisenMs when another doubt about the run arose
 * @param last the last request that can settle the doubt
 */
export function icDeadlineMs(
  { view, goal }: Pick<Case, 'view' | 'goal'>,
  run: RunView,
  arisenMs: number = 0,
  last: Attempt | undefined = run.statusTry,
): number {
  const { icEndSeenMs = 0, endTookMs, overSinceMs = 0 } = run
  return patienceEndsMs(view, goal, last, settlesFromMs(goal, Math.max(overSinceMs, icEndSeenMs, arisenMs)), endTookMs)
}

/**
 * Whether the Information Center has reported on a run whose known parts are all over, or has had enough time to do so.
 *
 * A target that died before it showed its part is no longer in the cluster map, but the Information Center still
 * reports the end of its job.
 */
function hasIcAnsweredOrHadTime(c: Case, run: RunView): boolean {
  const { goal, info, nowMs } = c
  const { overSinceMs = 0, unknown } = run
  if (info !== undefined && info.ic !== true) return true
  if (hasFullEnd(c, run)) return true
  if (unknown !== undefined && unknown.times >= 2 && isSentSince(run.statusReply, reliesFromMs(goal))) return true
  // If a snapshots request has failed, a target may have died. In the last round, the cluster has not had the time to
  // notice that.
  if (nowMs >= icDeadlineMs(c, run) && !(goal.isLastRound === true && run.targetFailed === true)) return true
  const fromMs = countsFromMs(goal, settlesFromMs(goal, overSinceMs))
  if (isSentSince(run.statusReply, fromMs)) return true
  const report = icReportOf(c, run)
  return report.state === 'unknown' && isSentSince(report, fromMs)
}

/**
 * Whether, since the wait began, the Information Center has reported on an idle run, or has had enough time to do so.
 *
 * It may know of an abort that no target shows: a target that has restarted no longer knows its part.
 */
export function hasIcReportedOnIdleOrHadTime(c: Case, run: RunView): boolean {
  if (useOfIc(c) === 'never' || hasFullEnd(c, run)) return true
  const fromMs = reliesFromMs(c.goal)
  if (isSentSince(run.statusReply, fromMs) || isSentSince(c.view.list, fromMs)) return true
  return c.goal.isLastRound !== true && c.nowMs >= idleIcDeadlineMs(c, run)
}

/**
 * Until when to wait for the Information Center, for a run that is idle. The wait begins with the first reply that
 * showed it idle: `BOUNDS.twice` before `idleFromMs`, for a job without pages.
 */
export const idleIcDeadlineMs = (c: Case, run: RunView): number =>
  icDeadlineMs(c, run, idleFromMs(c) - BOUNDS.twice, lastIcTry(c.view, run))

/** Whether only a list has shown the end, and there is still time for the full status, which may hold an error. */
function awaitsFullStatus(c: Case, run: RunView): boolean {
  const { icEndSeenMs } = run
  // Only the targets can report on one target.
  if (icEndSeenMs === undefined || hasFullEnd(c, run) || c.goal.selection.target !== undefined) return false
  return !isSentSince(run.statusReply, settlesFromMs(c.goal, icEndSeenMs)) && c.nowMs < icDeadlineMs(c, run)
}

/**
 * Whether the end was certain before a list showed it. In that case the list raises no new doubt: a stream that begins
 * now must agree with the streams that emitted the end before.
 */
function wasCertain(c: Case, run: RunView): boolean {
  const { overSinceMs = Infinity, icEndSeenMs = -Infinity, targetsReply, statusTry, statusReply } = run
  if (overSinceMs > icEndSeenMs) return false
  // An abort that no target shows is a new fact.
  if (statusOf(c, run)?.aborted === true && !partsOf(c.goal, run).some(({ snap }) => isAborted(snap))) return false
  // Facts that arrived later prove nothing about that time.
  const known = <A extends Times>(fact: A | undefined): A | undefined =>
    fact !== undefined && fact.atMs < icEndSeenMs ? fact : undefined
  const view = nextView(c.view, { mapTargets: known(c.view.mapTargets) })
  const before = {
    full: undefined,
    icEndSeenMs: undefined,
    targetsReply: known(targetsReply),
    statusTry: known(statusTry),
    statusReply: known(statusReply),
  }
  return isComplete({ ...c, parts: c.parts, view, nowMs: icEndSeenMs }, nextRun(run, before))
}

/** Whether each run, whose known parts are all over, has no further parts, or has had enough time to show them. */
export function isSettled(c: Case): boolean {
  return c.runs.every((run) => (!awaitsFullStatus(c, run) && isComplete(c, run)) || wasCertain(c, run))
}

/**
 * Whether the run counts as complete: it has no further parts, or the time to show them is over. Only a reply to a
 * request sent after that time proves anything, because the clock may have leapt in between.
 *
 * If the Information Center has not answered since the known parts are over, and its time is over too, the replies of the
 * targets suffice.
 */
function isComplete(c: Case, run: RunView): boolean {
  if (isFullyKnown(c, run) || isConfirmed(c, run)) return true
  const { overSinceMs = 0, targetsReply, statusReply, unknown } = run
  const fromMs = reliesFromMs(c.goal)
  if (!isSentSince(targetsReply, fromMs)) return false
  const shownForMs = targetsReply.sentMs - overSinceMs
  if (shownForMs < BOUNDS.visible) return false
  if (useOfIc(c) === 'never') return true
  if (!isSentSince(statusReply, overSinceMs)) return shownForMs >= BOUNDS.settled && c.nowMs >= icDeadlineMs(c, run)
  // An Information Center that does not know the run polls no target for it, so less time suffices.
  const neededMs = unknown === undefined ? BOUNDS.settled : BOUNDS.visible
  return isSentSince(statusReply, Math.max(fromMs, overSinceMs + neededMs))
}

/**
 * Whether the job may be a success: it still runs, or the Information Center does not contradict a success.
 *
 * If all known parts are over, a part that was aborted may have left with its target, and then only the Information
 * Center knows of the abort.
 */
export const mayBeSuccess = (c: Case): boolean =>
  c.runs.every((run) => run.overSinceMs === undefined || isFullyKnown(c, run) || hasIcAnsweredOrHadTime(c, run))

/** Since when no target shows the run, in milliseconds. Undefined while a target shows it. */
export function absentSince({ goal, standing }: Pick<Case, 'goal' | 'standing'>, run: RunView): number | undefined {
  const { firstReplyMs } = standing
  // Until the targets have replied to a request sent since the wait began, the wait cannot know of an absence.
  if (firstReplyMs === undefined) return undefined
  if (run.absent !== undefined) return Math.max(run.absent.sinceMs, firstReplyMs)
  // The targets show the id, but no part that the selection includes.
  return run.parts.size > 0 && !hasParts(goal, run) ? firstReplyMs : undefined
}

/**
 * A request for the snapshots proves that the job is idle only if it is sent at this time or later. Infinity while a
 * part is at work or missing, or no part is idle.
 *
 * It is 2 s after the first reply in a row that shows every part idle or over. For a job that gets its work page by
 * page, it is half a minute after that reply.
 */
export function idleFromMs({
  parts,
  goal: { paged },
  standing: { firstReplyMs = Infinity },
}: Pick<Case, 'parts' | 'goal' | 'standing'>): number {
  let sinceMs = firstReplyMs
  for (const { snap, missing, inactiveSinceMs } of parts) {
    if (inactiveSinceMs === undefined || (missing !== undefined && !isTerminal(snap))) return Infinity
    sinceMs = Math.max(sinceMs, inactiveSinceMs)
  }
  return parts.some(({ snap }) => isIdle(snap)) ? sinceMs + (paged === true ? BOUNDS.page : BOUNDS.twice) : Infinity
}

/**
 * Whether two replies 2 s apart show that no target has the run, and the Information Center, if it keeps the kind, does
 * not know it either.
 *
 * @param notBeforeMs replies to requests sent before this time do not count
 */
export function isUnknownEverywhere(c: Case, run: RunView, notBeforeMs: number): boolean {
  const sinceMs = absentSince(c, run)
  if (sinceMs === undefined) return false
  if (!isSentSince(run.targetsReply, Math.max(sinceMs + BOUNDS.twice, notBeforeMs))) return false
  if (useOfIc(c) === 'never') return true
  const report = icReportOf(c, run)
  return report.state === 'unknown' && report.atMs >= Math.max(sinceMs, notBeforeMs)
}

/**
 * Whether only the Information Center shows the run, and has shown it as open for long enough to poll the targets
 * twice. It has then missed the end, and the targets have dropped their parts.
 *
 * Never true without a cluster map, because only the map names the targets that should show the run. Never true for an
 * unknown kind either, because the targets may never show it.
 */
export function isKnownToIcOnly(c: Case, run: RunView): boolean {
  const sinceMs = absentSince(c, run)
  const { icSeenMs, parts, targetsReply } = run
  if (sinceMs === undefined || icSeenMs === undefined || parts.size > 0) return false
  if (c.info?.ic !== true || useOfIc(c) === 'never' || c.view.mapTargets === undefined) return false
  const fromMs = Math.max(sinceMs, icSeenMs) + BOUNDS.lost
  const report = icReportOf(c, run)
  return report.state === 'open' && isSentSince(report, fromMs) && isSentSince(targetsReply, fromMs)
}

/**
 * Whether a target that has left the cluster map may come back with its part. Only a target in the map can prove that
 * it has no part.
 */
export function mayComeBack(c: Case, run: RunView): boolean {
  const { mapTargets, mapTry } = c.view
  const sinceMs = absentSince(c, run)
  if (sinceMs === undefined || run.parts.size === 0 || isDownloadId(run.id)) return false
  if (mapTry === undefined || mapTry.atMs < sinceMs) return true
  if (mapTry.error !== undefined) return false
  const parts = [...run.parts.values()]
  return parts.some(({ target, snap }) => !isTerminal(snap) && mapTargets?.value.has(target) === false)
}
