import { type JobStatus, isOver } from '../codec/job-status.ts'
import { isPermanent } from '../error.ts'
import { isAborted, isIdle, isTerminal } from '../model/snapshot.ts'
import { BOUNDS } from './bounds.ts'
import type { Case } from './case.ts'
import { hasFailed, type Attempt, type Times } from './evidence.ts'
import { hasParts, partsOf, untilOf, type Goal } from './goal.ts'
import { patienceMs } from './patience.ts'
import type { RunView } from './view.ts'

/** The status of a run, as the Information Center reported it; once it shows an end, it keeps it. */
export function statusOf({ goal }: Pick<Case, 'goal'>, { row, full }: RunView): JobStatus | undefined {
  const best =
    full === undefined
      ? row?.value
      : row === undefined || isOver(full.value) || (!isOver(row.value) && full.askedMs >= row.askedMs)
        ? full.value
        : row.value
  const { kind } = goal.selection
  return best === undefined || (kind !== undefined && kind !== best.kind) ? undefined : best
}

/** Whether the full status of the run shows its end; a row of a list has no `err` (T11). */
export function hasFullEnd({ goal: { selection } }: Pick<Case, 'goal'>, { full }: RunView): boolean {
  return full !== undefined && isOver(full.value) && (selection.kind ?? full.value.kind) === full.value.kind
}

/**
 * How the Information Center is used: in each tick, only if the replies of the targets leave a doubt, or never.
 *
 * It answers from memory, but takes two seconds for a job that it does not know, and does not keep every kind (protocol
 * 4).
 */
export function useOfIc({ goal, info }: Pick<Case, 'goal' | 'info'>): 'first' | 'in-doubt' | 'never' {
  if (goal.selection.target !== undefined) return 'never'
  if (info === undefined) return 'in-doubt'
  if (info.ic !== true) return 'never'
  // Only the targets can answer a question about single targets, and only they show that a job idles.
  const ofTargets = untilOf(goal, info) === 'idle' || OF_TARGETS.has(goal.until)
  return info.icLate === true || info.idles === true || ofTargets ? 'in-doubt' : 'first'
}

const OF_TARGETS: ReadonlySet<Goal['until']> = new Set<Goal['until']>(['single', 'started', 'view'])

/** The last report of the Information Center on a run, among the replies that were asked for since the wait began. */
export interface IcReport {
  readonly state: 'none' | 'open' | 'over' | 'unknown' | 'failed'
  readonly askedMs: number
  readonly atMs: number
}

const NO_REPORT: IcReport = { state: 'none', askedMs: -Infinity, atMs: -Infinity }

export function icReportOf({ view: { tableTry, table }, goal }: Pick<Case, 'view' | 'goal'>, run: RunView): IcReport {
  const asked = reportOfAttempt(goal, run.statusTry, run.full?.value)
  const listed = reportOfAttempt(goal, tableTry, table?.value.get(run.id))
  return listed.askedMs > asked.askedMs ? listed : asked
}

function reportOfAttempt(
  { sinceMs, selection }: Goal,
  attempt: Attempt | undefined,
  status: JobStatus | undefined,
): IcReport {
  if (attempt === undefined || attempt.askedMs < sinceMs) return NO_REPORT
  const { askedMs, atMs } = attempt
  if (hasFailed(attempt)) return { state: 'failed', askedMs, atMs }
  // A run of another kind is another job.
  const isKnown = attempt.error === undefined && status !== undefined && (selection.kind ?? status.kind) === status.kind
  return { state: !isKnown ? 'unknown' : isOver(status) ? 'over' : 'open', askedMs, atMs }
}

/**
 * Whether the targets were asked about a run since the Information Center reported its end. A success needs their
 * reply, unless the time for it is over; a failure is certain already, so it waits only for a moment for their cause.
 */
export function isConfirmed(c: Case, run: RunView): boolean {
  const { icEndSeenMs, targetsReply, snapshotsTry } = run
  if (icEndSeenMs === undefined) return false
  const fromMs = countsFromMs(c.goal, confirmableFromMs(c, run))
  if (targetsReply !== undefined && targetsReply.askedMs >= fromMs) return true
  const tried = snapshotsTry !== undefined && snapshotsTry.askedMs >= fromMs ? snapshotsTry.error : undefined
  if (tried !== undefined && isPermanent(tried)) return true
  return (tried !== undefined && hasFullFailure(run)) || c.nowMs >= confirmationDeadlineMs(c, run)
}

/** When `isConfirmed` holds at the latest; in the last look, no success is confirmed by time. */
export function confirmationDeadlineMs(c: Case, run: RunView): number {
  const { icEndSeenMs = -Infinity, endTookMs, snapshotsTry } = run
  if (hasFullFailure(run)) return icEndSeenMs + BOUNDS.cause
  const fromMs = confirmableFromMs(c, run)
  return c.goal.isLastRound === true ? Infinity : fromMs + patienceMs(c.goal, snapshotsTry, fromMs, endTookMs)
}

/**
 * From when on a reply of the targets confirms the end that the Information Center has reported: since that report. A reply
 * that lacks parts proves their absence only to a wait that had begun when it was asked for: a target may show its part
 * late, with an error.
 */
export function confirmableFromMs(c: Case, run: RunView): number {
  const { icEndSeenMs = -Infinity } = run
  const ownMs = settlesFromMs(c.goal, icEndSeenMs)
  return ownMs > icEndSeenMs && !hasFullFailure(run) && mayLackParts(c, run) ? ownMs : icEndSeenMs
}

/**
 * From when on a reply settles a doubt that has arisen then, if it shows nothing: news that only a later reply shows may have
 * come since, so a wait asks for itself once more. Only a stream goes on with the end that other streams show.
 */
export function settlesFromMs({ sinceMs, beganMs = sinceMs, ofStream }: Goal, arisenMs: number): number {
  return ofStream === true ? arisenMs : Math.max(arisenMs, beganMs)
}

/** Whether no target has shown a part, or one of the map has not. */
function mayLackParts(c: Case, run: RunView): boolean {
  return !hasParts(c.goal, run) || lacksPart(c, run)
}

const hasFullFailure = ({ full }: RunView): boolean =>
  full !== undefined && (full.value.aborted || full.value.err !== '')

/** From when on a request counts that settles a doubt; the last look asks for everything at once, before doubts arise. */
const countsFromMs = ({ isLastRound, sinceMs }: Goal, arisenMs: number): number =>
  isLastRound === true ? Math.min(arisenMs, sinceMs) : arisenMs

/** Whether a request that was sent since then has been answered; a 404 is an answer. */
const isAnswered = (last: Attempt | undefined, fromMs: number): boolean =>
  last !== undefined && last.askedMs >= fromMs && !hasFailed(last)

/**
 * Whether the known parts of a run, all of them over, are all its parts, and the Information Center does not contradict.
 *
 * Always true if the job has failed anyway, or if the wait selects one target. Otherwise the Information Center counts even
 * where a job has no other parts: it may know of an error that no target shows.
 */
export function isWhole(c: Case, run: RunView): boolean {
  if (c.goal.selection.target !== undefined) return true
  if (partsOf(c.goal, run).some(({ snap }) => isAborted(snap) || snap.err !== '')) return true
  return hasAllParts(c, run) && hasIcAnswered(c, run)
}

/**
 * Whether no target can have a further part: a target may not have begun yet. A job that idles is not on each target, so
 * its known parts count as all.
 */
export function hasAllParts(c: Case, run: RunView): boolean {
  if (isOfOneTarget(c) || c.info?.idles === true) return true
  return c.view.mapTargets !== undefined && !lacksPart(c, run)
}

/** Whether a target of the map has not shown its part, although each target has one. */
export function lacksPart(c: Case, { parts }: RunView): boolean {
  const { mapTargets } = c.view
  if (mapTargets === undefined || isOfOneTarget(c)) return false
  for (const target of mapTargets.value) if (!parts.has(target)) return true
  return false
}

const isOfOneTarget = ({ goal: { selection, until }, info }: Case): boolean =>
  selection.target !== undefined || until === 'single' || info?.scope === 'target'

/**
 * When a run whose parts are over waits no longer for the Information Center. A list may have shown its end in the
 * meantime, but a list has no errors (T11).
 */
export function icDeadlineMs(goal: Goal, { statusTry, icEndSeenMs = 0, endTookMs, overSinceMs = 0 }: RunView): number {
  const fromMs = settlesFromMs(goal, Math.max(overSinceMs, icEndSeenMs))
  return fromMs + patienceMs(goal, statusTry, fromMs, endTookMs)
}

/**
 * Whether the Information Center had time to report on the run: a target that died before its part was seen is not in
 * the map, but the Information Center reports the end of such a job.
 */
function hasIcAnswered(c: Case, run: RunView): boolean {
  const { goal, info, nowMs } = c
  const { statusTry, overSinceMs = 0, unknown } = run
  if (info !== undefined && info.ic !== true) return true
  if (hasFullEnd(c, run)) return true
  if (unknown !== undefined && unknown.times >= 2 && isAnswered(statusTry, settlesFromMs(goal, -Infinity))) return true
  // Where a look has failed, a target may have died; in the last look, nobody has had the time to notice.
  if (nowMs >= icDeadlineMs(goal, run) && !(goal.isLastRound === true && run.targetFailed === true)) return true
  const fromMs = countsFromMs(goal, settlesFromMs(goal, overSinceMs))
  if (isAnswered(statusTry, fromMs)) return true
  const report = icReportOf(c, run)
  return report.state === 'unknown' && report.askedMs >= fromMs
}

/** Whether only a list has shown the end, and there is still time for the full status, which may hold an error. */
function awaitsFullStatus(c: Case, run: RunView): boolean {
  const { statusTry, icEndSeenMs } = run
  // Only the targets can answer for one target.
  if (icEndSeenMs === undefined || hasFullEnd(c, run) || c.goal.selection.target !== undefined) return false
  return !isAnswered(statusTry, settlesFromMs(c.goal, icEndSeenMs)) && c.nowMs < icDeadlineMs(c.goal, run)
}

/**
 * Whether the end was certain before a list showed it. The list then brings no doubt back: a stream that begins now must
 * not say less than the streams that emitted the end before.
 */
function wasCertain(c: Case, run: RunView): boolean {
  const { overSinceMs = Infinity, icEndSeenMs = -Infinity, targetsReply, statusTry } = run
  if (overSinceMs >= icEndSeenMs) return false
  // An abort that no target shows is news.
  if (statusOf(c, run)?.aborted === true && !partsOf(c.goal, run).some(({ snap }) => isAborted(snap))) return false
  // What came later proves nothing of that time.
  const known = <A extends Times>(fact: A | undefined): A | undefined =>
    fact !== undefined && fact.atMs < icEndSeenMs ? fact : undefined
  const view = { ...c.view, mapTargets: known(c.view.mapTargets) }
  const then = { ...run, icEndSeenMs: undefined, targetsReply: known(targetsReply), statusTry: known(statusTry) }
  return isComplete({ ...c, parts: c.parts, view, nowMs: icEndSeenMs }, then)
}

/** Whether all runs (their known parts are over) are whole, or have had time to show further parts. */
export function isSettled(c: Case): boolean {
  return c.runs.every((run) => (!awaitsFullStatus(c, run) && isComplete(c, run)) || wasCertain(c, run))
}

function isComplete(c: Case, run: RunView): boolean {
  if (isWhole(c, run) || (hasFullEnd(c, run) && isConfirmed(c, run))) return true
  const { overSinceMs = 0, targetsReply, statusTry } = run
  const ownMs = settlesFromMs(c.goal, -Infinity)
  if (targetsReply === undefined || targetsReply.askedMs < ownMs || targetsReply.atMs - overSinceMs < BOUNDS.visible)
    return false
  if (useOfIc(c) === 'never') return true
  if (statusTry === undefined || !isAnswered(statusTry, ownMs)) return false
  const needed = statusTry.error?._tag === 'NotFound' ? BOUNDS.visible : BOUNDS.settled
  return statusTry.atMs - overSinceMs >= needed
}

/**
 * Whether the Information Center had time to contradict, if all known parts are over: a part that was aborted may be gone with
 * its target, and then nobody else knows of it.
 */
export const mayBeSuccess = (c: Case): boolean =>
  c.runs.every((run) => run.overSinceMs === undefined || isWhole(c, run) || hasIcAnswered(c, run))

/** Since when no target shows the run, in milliseconds; undefined while one does. */
export function absentSince({ goal, standing }: Pick<Case, 'goal' | 'standing'>, run: RunView): number | undefined {
  const { firstReplyMs } = standing
  // Before its first look, a wait knows of no absence.
  if (firstReplyMs === undefined) return undefined
  if (run.absent !== undefined) return Math.max(run.absent.sinceMs, firstReplyMs)
  // The targets show the id, but no part that the selection includes.
  return run.parts.size > 0 && !hasParts(goal, run) ? firstReplyMs : undefined
}

/**
 * From when on a request for the snapshots shows that the job idles: two seconds after the first reply from which on every
 * part has been idle or over, at least one of them idle. Infinity while that is not so.
 */
export function idleFromMs({ parts, standing: { firstReplyMs = Infinity } }: Pick<Case, 'parts' | 'standing'>): number {
  let sinceMs = firstReplyMs
  for (const { snap, missing, inactiveSinceMs } of parts) {
    if (inactiveSinceMs === undefined || (missing !== undefined && !isTerminal(snap))) return Infinity
    sinceMs = Math.max(sinceMs, inactiveSinceMs)
  }
  return parts.some(({ snap }) => isIdle(snap)) ? sinceMs + BOUNDS.twice : Infinity
}

/**
 * Whether two replies two seconds apart show that no target has the run, and the Information Center does not know it
 * either, where it keeps the kind.
 *
 * @param notBeforeMs replies that were asked for earlier do not count
 */
export function isUnknownEverywhere(c: Case, run: RunView, notBeforeMs: number): boolean {
  const sinceMs = absentSince(c, run)
  const askedMs = run.targetsReply?.askedMs ?? -Infinity
  if (sinceMs === undefined || askedMs - sinceMs < BOUNDS.twice || askedMs < notBeforeMs) return false
  if (useOfIc(c) === 'never') return true
  const report = icReportOf(c, run)
  return report.state === 'unknown' && report.atMs >= Math.max(sinceMs, notBeforeMs)
}

/**
 * Whether the Information Center alone shows the run, as open, and for so long that it must have asked the targets twice: it
 * has missed the end, and the targets have dropped their parts since. Without a map, nobody knows which targets should
 * show it; and of a kind that is not known, they may never do.
 */
export function isKnownToIcOnly(c: Case, run: RunView): boolean {
  const sinceMs = absentSince(c, run)
  const { icSeenMs, parts, targetsReply } = run
  if (sinceMs === undefined || icSeenMs === undefined || parts.size > 0) return false
  if (c.info?.ic !== true || useOfIc(c) === 'never' || c.view.mapTargets === undefined) return false
  const fromMs = Math.max(sinceMs, icSeenMs) + BOUNDS.lost
  const report = icReportOf(c, run)
  return report.state === 'open' && report.askedMs >= fromMs && (targetsReply?.askedMs ?? -Infinity) >= fromMs
}

/**
 * Whether a target that has left the map may come back with its part: only a target in the map can deny that it has
 * one.
 */
export function mayComeBack(c: Case, run: RunView): boolean {
  const { mapTargets, mapTry } = c.view
  const sinceMs = absentSince(c, run)
  if (sinceMs === undefined || run.parts.size === 0) return false
  if (mapTry === undefined || mapTry.atMs < sinceMs) return true
  if (mapTry.error !== undefined) return false
  for (const { target, snap } of run.parts.values())
    if (!isTerminal(snap) && mapTargets?.value.has(target) === false) return true
  return false
}
