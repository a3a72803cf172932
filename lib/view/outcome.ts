import type { TargetId } from '../codec/snapshots.ts'
import { left, right } from '../common/either.ts'
import { isPermanent, type JobError, type NotFound, type Result } from '../error.ts'
import { selects } from '../model/selection.ts'
import { isAborted, isTerminal } from '../model/snapshot.ts'
import type { WaitResult } from '../model/wait-result.ts'
import { BOUNDS, LOST_TIMES } from './bounds.ts'
import { caseOf, type Case } from './case.ts'
import {
  doubtedFromMs,
  hasFullEnd,
  idleFromMs,
  isConfirmed,
  isSettled,
  mayHaveGoneWell,
  isShownByIcAlone,
  isUnknownEverywhere,
  mayComeBack,
  statusOf,
} from './certainty.ts'
import { MOST_DECODE_FAILURES, type Attempt } from './evidence.ts'
import { untilOf, type Goal, type Standing } from './goal.ts'
import { patienceMs } from './patience.ts'
import { idle, lost, over, soFar } from './result.ts'
import type { Part, RunView, View } from './view.ts'

/**
 * Decides how the job ended, or whether it is in the state that was waited for; undefined while that is not certain.
 *
 * A pure function of the view, the goal and the time; the number of other waits makes no difference. Status and
 * snapshots are two sources about one job. Each can be late, wrong or silent, so only an end that neither contradicts
 * counts.
 */
export function outcomeOf(view: View, goal: Goal, standing: Standing, nowMs: number): Result<WaitResult> | undefined {
  const c = caseOf(view, goal, standing, nowMs)
  const told = toldOf(c)
  return told === undefined ? faultOf(c) : told
}

function toldOf(c: Case): Result<WaitResult> | undefined {
  switch (c.goal.until) {
    case 'started': {
      const { parts } = c
      if (parts.length === 0 || !parts.every(({ snap }) => snap.startTime !== undefined)) return begun(endOf(c))
      const started: WaitResult = { ...soFar(c), outcome: 'started' }
      // Only a reply that was asked for since the wait began shows that nothing more has gone wrong. An end is known already.
      const isFresh = c.standing.firstLookMs !== undefined
      const isSure = started.success
        ? isFresh && mayHaveGoneWell(c)
        : isFresh || started.aborted || parts.every(({ snap }) => isTerminal(snap))
      // An end that is certain counts at once, even if only other waits requested the replies that show it.
      return isSure || endOf(c) !== undefined ? right(started) : undefined
    }
    case 'not-running': {
      const ended = endOf(c)
      if (ended === undefined) return runsNowhere(c) ? right({ ...over(c), outcome: 'not-running' }) : undefined
      if (ended._tag === 'Left' || ended.right.outcome === 'lost') return ended
      return worksNowhere(c) ? right({ ...ended.right, outcome: 'not-running' }) : undefined
    }
    default:
      return endOf(c)
  }
}

/** What has ended has begun before. */
function begun(ended: Result<WaitResult> | undefined): Result<WaitResult> | undefined {
  return ended?._tag === 'Right' && ['finished', 'failed', 'idle'].includes(ended.right.outcome)
    ? right({ ...ended.right, outcome: 'started' })
    : ended
}

/** The last reply about the kind came, was asked for since the wait began, and showed no run of it. */
function runsNowhere({ goal, view, parts }: Case): boolean {
  const look = view.kinds.get(goal.selection.kind ?? '')?.look
  return (
    goal.id === undefined &&
    look !== undefined &&
    look.askedMs >= goal.sinceMs &&
    look.error === undefined &&
    parts.length === 0
  )
}

/**
 * Whether the last reply about the kind shows no run of it at work; an aborted one may wind down. While one run ends, the
 * next may begin, and replies about the one that ended do not show it.
 */
function worksNowhere({ goal, view, runs }: Case): boolean {
  if (goal.id !== undefined) return true
  const shown = view.kinds.get(goal.selection.kind ?? '')?.shown
  if (shown === undefined || shown.askedMs < goal.sinceMs) return false
  const hasEnded = (id: string): boolean =>
    runs.some((run) => run.id === id && run.endHeardMs !== undefined && run.endHeardMs <= shown.askedMs)
  return Object.entries(shown.value).every(([target, snaps]) =>
    snaps.every((snap) => isTerminal(snap) || !selects(goal.selection, target, snap) || hasEnded(snap.id)),
  )
}

/** For replies that are valid and hold no run, or that of another job. */
const NOWHERE: NotFound = Object.freeze({
  _tag: 'NotFound',
  message: 'no target shows the job',
  request: Object.freeze({ method: 'GET', path: '/v1/cluster', query: 'what=qryxstats' }),
})

function endOf(c: Case): Result<WaitResult> | undefined {
  const { goal, info, runs } = c
  if (runs.length === 0) return undefined
  if (endsByIc(c)) return right(over(c))
  const waitsForIdle = untilOf(goal, info) === 'idle'
  if (!waitsForIdle && runs.every((run) => isUndisputed(goal, run))) return undefined
  const { parts } = c
  if (parts.some(({ snap }) => isAborted(snap)) && (waitsForIdle || parts.every(isOverOrAway))) return right(over(c))
  if (parts.length > 0 && parts.every(({ snap }) => isTerminal(snap))) return isSettled(c) ? right(over(c)) : undefined
  const gone = missingTargets(parts, (part) => isLost(c, part))
  if (gone.length > 0) return right(lost(c, gone))
  const seen = parts.length > 0 || runs.some((run) => statusOf(c, run) !== undefined)
  if (seen && runs.every((run) => isGone(c, run)))
    return right(
      lost(
        c,
        missingTargets(parts, () => true),
      ),
    )
  if (!seen && runs.every((run) => isUnknownEverywhere(c, run, goal.sinceMs + BOUNDS.visible)))
    return left(notFoundOf(runs))
  return waitsForIdle && rests(c) ? right(idle(c)) : undefined
}

/** Whether nothing speaks against a run: most often so, and then nothing else need be looked at. */
function isUndisputed({ selection: { kind, target, bucket } }: Goal, { overSinceMs, denied, parts }: RunView): boolean {
  if (overSinceMs !== undefined || denied !== undefined || target !== undefined || bucket !== undefined) return false
  for (const { missing, snap } of parts.values())
    if (missing !== undefined || (kind !== undefined && kind !== snap.kind)) return false
  return true
}

/** Whether no source knows the run any more, or only the Information Center does, which has missed its end. */
const isGone = (c: Case, run: RunView): boolean =>
  (isUnknownEverywhere(c, run, goneFromMs(run)) && !mayComeBack(c, run)) || isShownByIcAlone(c, run)

/** A run that only the Information Center has shown may be young: for ten seconds, its absence on the targets is no loss. */
function goneFromMs({ parts, row, full }: RunView): number {
  if (parts.size > 0) return -Infinity
  return Math.min(row?.atMs ?? Infinity, full?.atMs ?? Infinity) + BOUNDS.visible
}

/** An aborted job does not wait for a target that is gone. */
const isOverOrAway = ({ snap, missing }: Part): boolean => isTerminal(snap) || missing !== undefined

/**
 * Whether the end that the Information Center reports counts: its full status shows it, and the targets were asked
 * since, or could not be asked in time. While a target still works it does not count, unless it is an abort.
 */
function endsByIc(c: Case): boolean {
  const { runs } = c
  const isAbortedByIc = (run: RunView): boolean => statusOf(c, run)?.aborted === true
  if (runs.some(isAbortedByIc)) return runs.some((run) => isAbortedByIc(run) && isTold(c, run))
  if (!runs.every((run) => hasFullEnd(c, run) && isConfirmed(c, run))) return false
  return c.parts.every(({ snap, missing }) => isTerminal(snap) || missing !== undefined || !isShownSinceEnd(c))
}

/** Whether its full status shows the end and the targets were asked since, or the time for that is over. */
const isTold = (c: Case, run: RunView): boolean =>
  (hasFullEnd(c, run) && isConfirmed(c, run)) ||
  c.nowMs - (run.endHeardMs ?? c.nowMs) >= patienceMs(c.goal, run.asked, run.endHeardMs ?? Infinity, run.endTookMs)

const isShownSinceEnd = ({ runs }: Case): boolean =>
  runs.every(({ shown, endHeardMs = Infinity }) => shown !== undefined && shown.askedMs >= endHeardMs)

const missingTargets = (parts: readonly Part[], counts: (part: Part) => boolean): readonly TargetId[] =>
  [
    ...new Set(
      parts.flatMap((part) =>
        part.missing !== undefined && !isTerminal(part.snap) && counts(part) ? [part.target] : [],
      ),
    ),
  ].sort()

function isLost({ runs, standing }: Case, { missing, snap }: Part): boolean {
  const run = runs.find(({ id }) => id === snap.id)
  if (missing === undefined || missing.times < LOST_TIMES) return false
  const sinceMs = Math.max(missing.sinceMs, standing.firstLookMs ?? Infinity)
  return (run?.shown?.askedMs ?? -Infinity) - sinceMs >= BOUNDS.lost
}

/** Whether two replies two seconds apart, and all between them, show every part idle or over, and at least one idle. */
function rests(c: Case): boolean {
  const fromMs = idleFromMs(c)
  return c.runs.every(({ shown }) => shown !== undefined && shown.askedMs >= fromMs)
}

function notFoundOf(runs: readonly RunView[]): NotFound {
  for (const { asked, look } of runs)
    for (const error of [look?.error, asked?.error]) if (error?._tag === 'NotFound') return error
  return NOWHERE
}

/** The error that ends the wait, since time cannot heal it. */
function faultOf(c: Case): Result<never> | undefined {
  const { goal, view, runs } = c
  const kind = goal.id === undefined ? view.kinds.get(goal.selection.kind ?? '')?.look : undefined
  const fault = runs.reduce(
    (found, { asked, look }) => found ?? endingError(asked, goal) ?? endingError(look, goal),
    endingError(kind, goal),
  )
  return fault === undefined ? undefined : left(fault)
}

function endingError(attempt: Attempt | undefined, { sinceMs }: Goal): JobError | undefined {
  if (attempt?.error === undefined || attempt.askedMs < sinceMs) return undefined
  const { error, decodeFailures } = attempt
  const [third = -Infinity] = decodeFailures.length < MOST_DECODE_FAILURES ? [] : decodeFailures
  return isPermanent(error) || third >= sinceMs ? error : undefined
}

/**
 * The result when the budget ends: the end in the full status of the Information Center. If that is a success, the
 * targets must have had two seconds to contradict it.
 */
export function expired(view: View, goal: Goal, standing: Standing, nowMs: number): Result<WaitResult> | undefined {
  const c = caseOf(view, goal, standing, nowMs)
  if (c.runs.length === 0 || !c.runs.every((run) => hasFullEnd(c, run))) return undefined
  const told = over(c)
  const asked = c.runs.every((run) => {
    const fromMs = doubtedFromMs(c, run)
    return (run.shown?.askedMs ?? -Infinity) < fromMs && nowMs - fromMs >= BOUNDS.twice
  })
  return asked || !told.success ? right(told) : undefined
}
