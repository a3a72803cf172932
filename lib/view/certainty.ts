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
export interface Word {
  readonly said: 'nothing' | 'open' | 'over' | 'unknown' | 'failed'
  readonly askedMs: number
  readonly atMs: number
}

const NOTHING: Word = { said: 'nothing', askedMs: -Infinity, atMs: -Infinity }

export function wordOf({ view: { statuses, table }, goal }: Pick<Case, 'view' | 'goal'>, run: RunView): Word {
  const asked = wordOfAttempt(goal, run.asked, run.full?.value)
  const listed = wordOfAttempt(goal, statuses, table?.value.get(run.id))
  return listed.askedMs > asked.askedMs ? listed : asked
}

function wordOfAttempt(
  { sinceMs, selection }: Goal,
  attempt: Attempt | undefined,
  status: JobStatus | undefined,
): Word {
  if (attempt === undefined || attempt.askedMs < sinceMs) return NOTHING
  const { askedMs, atMs } = attempt
  if (hasFailed(attempt)) return { said: 'failed', askedMs, atMs }
  // A run of another kind is another job.
  const isKnown = attempt.error === undefined && status !== undefined && (selection.kind ?? status.kind) === status.kind
  return { said: !isKnown ? 'unknown' : isOver(status) ? 'over' : 'open', askedMs, atMs }
}

/**
 * Whether the targets were asked about a run since the Information Center reported its end. A success needs their
 * reply, unless the time for it is over; a failure is certain already, so it waits only for a moment for their cause.
 */
export function isConfirmed(c: Case, run: RunView): boolean {
  const { endHeardMs, shown, look } = run
  if (endHeardMs === undefined) return false
  const fromMs = countedFromMs(c.goal, doubtedFromMs(c, run))
  if (shown !== undefined && shown.askedMs >= fromMs) return true
  const tried = look !== undefined && look.askedMs >= fromMs ? look.error : undefined
  if (tried !== undefined && isPermanent(tried)) return true
  return (tried !== undefined && hasFullFailure(run)) || c.nowMs >= confirmedByMs(c, run)
}

/** When `isConfirmed` holds at the latest; in the last look, no success is confirmed by time. */
export function confirmedByMs(c: Case, run: RunView): number {
  const { endHeardMs = -Infinity, endTookMs, look } = run
  if (hasFullFailure(run)) return endHeardMs + BOUNDS.cause
  const fromMs = doubtedFromMs(c, run)
  return c.goal.isLastLook === true ? Infinity : fromMs + patienceMs(c.goal, look, fromMs, endTookMs)
}

/**
 * From when on a reply of the targets confirms the end that the Information Center has reported: since that report. A reply
 * that lacks parts proves their absence only to a wait that had begun when it was asked for: a target may show its part
 * late, with an error.
 */
export function doubtedFromMs(c: Case, run: RunView): number {
  const { endHeardMs = -Infinity } = run
  const ownMs = ownFromMs(c.goal, endHeardMs)
  return ownMs > endHeardMs && !hasFullFailure(run) && mayLackParts(c, run) ? ownMs : endHeardMs
}

/**
 * From when on a reply settles a doubt that has arisen then, if it shows nothing: news that only a later reply shows may have
 * come since, so a wait asks for itself once more. Only a stream goes on with the end that other streams show.
 */
export function ownFromMs({ sinceMs, beganMs = sinceMs, ofStream }: Goal, arisenMs: number): number {
  return ofStream === true ? arisenMs : Math.max(arisenMs, beganMs)
}

/** Whether no target has shown a part, or one of the map has not. */
function mayLackParts(c: Case, run: RunView): boolean {
  return !hasParts(c.goal, run) || lacksPart(c, run)
}

const hasFullFailure = ({ full }: RunView): boolean =>
  full !== undefined && (full.value.aborted || full.value.err !== '')

/** From when on a request counts that settles a doubt; the last look asks for everything at once, before doubts arise. */
const countedFromMs = ({ isLastLook, sinceMs }: Goal, arisenMs: number): number =>
  isLastLook === true ? Math.min(arisenMs, sinceMs) : arisenMs

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
  return hasAllParts(c, run) && hasIcSpoken(c, run)
}

/**
 * Whether no target can have a further part: a target may not have begun yet. A job that idles is not on each target, so
 * its known parts count as all.
 */
export function hasAllParts(c: Case, run: RunView): boolean {
  if (isOfOneTarget(c) || c.info?.idles === true) return true
  return c.view.members !== undefined && !lacksPart(c, run)
}

/** Whether a target of the map has not shown its part, although each target has one. */
export function lacksPart(c: Case, { parts }: RunView): boolean {
  const { members } = c.view
  if (members === undefined || isOfOneTarget(c)) return false
  for (const target of members.value) if (!parts.has(target)) return true
  return false
}

const isOfOneTarget = ({ goal: { selection, until }, info }: Case): boolean =>
  selection.target !== undefined || until === 'single' || info?.scope === 'target'

/**
 * When a run whose parts are over waits no longer for the Information Center. A list may have shown its end in the
 * meantime, but a list has no errors (T11).
 */
export function spokenByMs(goal: Goal, { asked, endHeardMs = 0, endTookMs, overSinceMs = 0 }: RunView): number {
  const fromMs = ownFromMs(goal, Math.max(overSinceMs, endHeardMs))
  return fromMs + patienceMs(goal, asked, fromMs, endTookMs)
}

/**
 * Whether the Information Center had time to report on the run: a target that died before its part was seen is not in
 * the map, but the Information Center reports the end of such a job.
 */
function hasIcSpoken(c: Case, run: RunView): boolean {
  const { goal, info, nowMs } = c
  const { asked, overSinceMs = 0, unknown } = run
  if (info !== undefined && info.ic !== true) return true
  if (hasFullEnd(c, run)) return true
  if (unknown !== undefined && unknown.times >= 2 && isAnswered(asked, ownFromMs(goal, -Infinity))) return true
  // Where a look has failed, a target may have died; in the last look, nobody has had the time to notice.
  if (nowMs >= spokenByMs(goal, run) && !(goal.isLastLook === true && run.targetFailed === true)) return true
  const fromMs = countedFromMs(goal, ownFromMs(goal, overSinceMs))
  if (isAnswered(asked, fromMs)) return true
  const word = wordOf(c, run)
  return word.said === 'unknown' && word.askedMs >= fromMs
}

/** Whether only a list has shown the end, and there is still time for the full status, which may hold an error. */
function isHalfTold(c: Case, run: RunView): boolean {
  const { asked, endHeardMs } = run
  // Only the targets can answer for one target.
  if (endHeardMs === undefined || hasFullEnd(c, run) || c.goal.selection.target !== undefined) return false
  return !isAnswered(asked, ownFromMs(c.goal, endHeardMs)) && c.nowMs < spokenByMs(c.goal, run)
}

/**
 * Whether the end was certain before a list showed it. The list then brings no doubt back: a stream that begins now must
 * not say less than the streams that emitted the end before.
 */
function wasCertain(c: Case, run: RunView): boolean {
  const { overSinceMs = Infinity, endHeardMs = -Infinity, shown, asked } = run
  if (overSinceMs >= endHeardMs) return false
  // An abort that no target shows is news.
  if (statusOf(c, run)?.aborted === true && !partsOf(c.goal, run).some(({ snap }) => isAborted(snap))) return false
  // What came later proves nothing of that time.
  const known = <A extends Times>(fact: A | undefined): A | undefined =>
    fact !== undefined && fact.atMs < endHeardMs ? fact : undefined
  const view = { ...c.view, members: known(c.view.members) }
  const then = { ...run, endHeardMs: undefined, shown: known(shown), asked: known(asked) }
  return isComplete({ ...c, parts: c.parts, view, nowMs: endHeardMs }, then)
}

/** Whether all runs (their known parts are over) are whole, or have had time to show further parts. */
export function isSettled(c: Case): boolean {
  return c.runs.every((run) => (!isHalfTold(c, run) && isComplete(c, run)) || wasCertain(c, run))
}

/** A reply that was asked for before the time was over says nothing of what came after: the clock may have leapt meanwhile. */
function isComplete(c: Case, run: RunView): boolean {
  if (isWhole(c, run) || (hasFullEnd(c, run) && isConfirmed(c, run))) return true
  const { overSinceMs = 0, shown, asked } = run
  const ownMs = ownFromMs(c.goal, -Infinity)
  if (shown === undefined || shown.askedMs < ownMs || shown.askedMs - overSinceMs < BOUNDS.visible) return false
  if (useOfIc(c) === 'never') return true
  if (asked === undefined || !isAnswered(asked, ownMs)) return false
  const needed = asked.error?._tag === 'NotFound' ? BOUNDS.visible : BOUNDS.settled
  return asked.askedMs - overSinceMs >= needed
}

/**
 * Whether the Information Center had time to contradict, if all known parts are over: a part that was aborted may be gone with
 * its target, and then nobody else knows of it.
 */
export const mayHaveGoneWell = (c: Case): boolean =>
  c.runs.every((run) => run.overSinceMs === undefined || isWhole(c, run) || hasIcSpoken(c, run))

/** Since when no target shows the run, in milliseconds; undefined while one does. */
export function deniedSince({ goal, standing }: Pick<Case, 'goal' | 'standing'>, run: RunView): number | undefined {
  const { firstLookMs } = standing
  // Before its first look, a wait knows of no absence.
  if (firstLookMs === undefined) return undefined
  if (run.denied !== undefined) return Math.max(run.denied.sinceMs, firstLookMs)
  // The targets show the id, but no part that the selection includes.
  return run.parts.size > 0 && !hasParts(goal, run) ? firstLookMs : undefined
}

/**
 * From when on a request for the snapshots shows that the job idles: two seconds after the first reply from which on every
 * part has been idle or over, at least one of them idle. Infinity while that is not so.
 */
export function idleFromMs({ parts, standing: { firstLookMs = Infinity } }: Pick<Case, 'parts' | 'standing'>): number {
  let sinceMs = firstLookMs
  for (const { snap, missing, restsSinceMs } of parts) {
    if (restsSinceMs === undefined || (missing !== undefined && !isTerminal(snap))) return Infinity
    sinceMs = Math.max(sinceMs, restsSinceMs)
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
  const sinceMs = deniedSince(c, run)
  const askedMs = run.shown?.askedMs ?? -Infinity
  if (sinceMs === undefined || askedMs - sinceMs < BOUNDS.twice || askedMs < notBeforeMs) return false
  if (useOfIc(c) === 'never') return true
  const word = wordOf(c, run)
  return word.said === 'unknown' && word.atMs >= Math.max(sinceMs, notBeforeMs)
}

/**
 * Whether the Information Center alone shows the run, as open, and for so long that it must have asked the targets twice: it
 * has missed the end, and the targets have dropped their parts since. Without a map, nobody knows which targets should
 * show it; and of a kind that is not known, they may never do.
 */
export function isShownByIcAlone(c: Case, run: RunView): boolean {
  const sinceMs = deniedSince(c, run)
  const { heardMs, parts, shown } = run
  if (sinceMs === undefined || heardMs === undefined || parts.size > 0) return false
  if (c.info?.ic !== true || useOfIc(c) === 'never' || c.view.members === undefined) return false
  const fromMs = Math.max(sinceMs, heardMs) + BOUNDS.lost
  const word = wordOf(c, run)
  return word.said === 'open' && word.askedMs >= fromMs && (shown?.askedMs ?? -Infinity) >= fromMs
}

/**
 * Whether a target that has left the map may come back with its part: only a target in the map can deny that it has
 * one.
 */
export function mayComeBack(c: Case, run: RunView): boolean {
  const { members, mapTry } = c.view
  const sinceMs = deniedSince(c, run)
  if (sinceMs === undefined || run.parts.size === 0) return false
  if (mapTry === undefined || mapTry.atMs < sinceMs) return true
  if (mapTry.error !== undefined) return false
  for (const { target, snap } of run.parts.values())
    if (!isTerminal(snap) && members?.value.has(target) === false) return true
  return false
}
