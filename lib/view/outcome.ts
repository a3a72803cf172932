import type { TargetId } from '../codec/snapshots.ts'
import { left, right } from '../common/either.ts'
import { isPermanent, type JobError, type NotFound, type Result } from '../error.ts'
import { selects } from '../model/selection.ts'
import { isAborted, isTerminal } from '../model/snapshot.ts'
import type { WaitResult } from '../model/wait-result.ts'
import { BOUNDS } from './bounds.ts'
import { caseOf, type Case } from './case.ts'
import {
  confirmableFromMs,
  hasFullEnd,
  hasIcReportedOnIdleOrHadTime,
  icDeadlineMs,
  idleFromMs,
  isConfirmed,
  isSettled,
  mayBeSuccess,
  isKnownToIcOnly,
  isUnknownEverywhere,
  mayComeBack,
  statusOf,
} from './certainty.ts'
import { isSentSince, MOST_DECODE_FAILURES, type Attempt } from './evidence.ts'
import { partsOf, untilOf, type Goal, type Standing } from './goal.ts'
import { isLost } from './loss.ts'
import { idleResult, lostResult, endResult, resultSoFar } from './result.ts'
import type { Part, RunView, View } from './view.ts'

// The argument `c` of the functions below is the case of one wait: the view, its goal, the runs that count for it, and
// the time. A *part* is what one target shows of a run. `certainty.ts` decides what is certain, `result.ts` builds the
// results.

/**
 * Decides how the job ended, or that it reached the state that the wait is for. Undefined while that is not certain.
 *
 * A pure function of the view, the goal and the time: other waits make no difference. The status of the Information
 * Center and the snapshots of the targets are two sources about one job. Each can be late, wrong or silent, so an end
 * counts only if neither source contradicts it.
 */
export function outcomeOf(view: View, goal: Goal, standing: Standing, nowMs: number): Result<WaitResult> | undefined {
  const c = caseOf(view, goal, standing, nowMs)
  return answerOf(c) ?? fatalErrorOf(c)
}

/** The same as {@link outcomeOf} for a goal that is an end. It saves a bundle the code of the other goals. */
export function endOutcomeOf(
  view: View,
  goal: Goal,
  standing: Standing,
  nowMs: number,
): Result<WaitResult> | undefined {
  const c = caseOf(view, goal, standing, nowMs)
  return endOf(c) ?? fatalErrorOf(c)
}

/** The answer for each type of goal. `started` and `not-running` build on how the job ended. */
function answerOf(c: Case): Result<WaitResult> | undefined {
  switch (c.goal.until) {
    case 'started':
      return startOf(c)
    case 'not-running': {
      const ended = endOf(c)
      if (ended !== undefined) return answerToEnd(c, ended)
      return showsNoRun(c) ? right({ ...endResult(c), outcome: 'not-running' }) : undefined
    }
    default:
      return endOf(c)
  }
}

/** That the job has started on each target that shows it, or how it ended. Undefined while neither is certain. */
function startOf(c: Case): Result<WaitResult> | undefined {
  const { parts } = c
  if (parts.length === 0 || !parts.every(({ snap }) => snap.startTime !== undefined)) return answerToEnd(c, endOf(c))
  const started: WaitResult = { ...resultSoFar(c), outcome: 'started' }
  // An end that is certain counts at once, even if only other waits have requested the replies that prove it.
  return isCertainSoFar(c, started) || endOf(c) !== undefined ? right(started) : undefined
}

/** Whether no fact about a job that has started can still be missing from its result so far. */
function isCertainSoFar(c: Case, { success, aborted }: WaitResult): boolean {
  // Only a reply to a request sent since the wait began proves that nothing has failed so far.
  const hasReply = c.standing.firstReplyMs !== undefined
  if (success) return hasReply && mayBeSuccess(c)
  return hasReply || aborted || c.parts.every(({ snap }) => isTerminal(snap))
}

/**
 * The answer of a wait with any goal to the end of its job. A job that finished, failed or idled has started; an aborted
 * one may never have started. A lost job stays lost.
 */
function answerToEnd(c: Case, ended: Result<WaitResult> | undefined): Result<WaitResult> | undefined {
  if (ended?._tag !== 'Right' || ended.right.outcome === 'lost') return ended
  const { until } = c.goal
  if (until === 'not-running') return showsNextRun(c) ? undefined : right({ ...ended.right, outcome: until })
  if (until === 'started' && ended.right.outcome !== 'aborted') return right({ ...ended.right, outcome: until })
  return ended
}

/** Whether the last request for the kind was sent since the wait began, succeeded, and showed no run of it. */
function showsNoRun({ goal, view, parts }: Case): boolean {
  const kindTry = view.kinds.get(goal.selection.kind ?? '')?.snapshotsTry
  return (
    goal.id === undefined && isSentSince(kindTry, goal.sinceMs) && kindTry.error === undefined && parts.length === 0
  )
}

/**
 * Whether another run of the kind is at work, as far as a wait for the whole kind knows. While one run ends, the next one
 * may start, and only replies about the kind show it: without such a reply since the wait began, the answer is true.
 */
function showsNextRun({ goal, view, runs }: Case): boolean {
  if (goal.id !== undefined) return false
  const shown = view.kinds.get(goal.selection.kind ?? '')?.snapshots
  if (!isSentSince(shown, goal.sinceMs)) return true
  // A target may show an aborted run as open for a while after the Information Center has reported its end.
  const hasEnded = (id: string): boolean =>
    runs.some((run) => run.id === id && run.icEndSeenMs !== undefined && run.icEndSeenMs <= shown.sentMs)
  return Object.entries(shown.value).some(([target, snaps]) =>
    snaps.some((snap) => !isTerminal(snap) && selects(goal.selection, target, snap) && !hasEnded(snap.id)),
  )
}

/** The error for a valid reply that holds no run, or only runs of other jobs. */
const NOT_SHOWN: NotFound = Object.freeze({
  _tag: 'NotFound',
  message: 'no target shows the job',
  request: Object.freeze({ method: 'GET', path: '/v1/cluster', query: 'what=qryxstats' }),
})

/** How the job ended, or that it is idle if the wait is for that. Undefined while neither is certain. */
function endOf(c: Case): Result<WaitResult> | undefined {
  const { goal, info, runs } = c
  if (runs.length === 0) return undefined
  if (endsByIc(c)) return right(resultByIc(c))
  const waitsForIdle = untilOf(goal, info) === 'idle'
  if (!waitsForIdle && runs.every((run) => looksOpen(goal, run))) return undefined
  const { parts } = c
  // One aborted part means that the job was aborted. Only a wait for its end also waits for the parts still at work.
  if (parts.some(({ snap }) => isAborted(snap)) && (waitsForIdle || parts.every(isOverOrMissing)))
    return right(endResult(c))
  if (parts.length > 0 && parts.every((part) => isPartOver(c, part)))
    return isSettled(c) ? right(endResult(c)) : undefined
  const lostTargets = missingTargets(parts.filter((part) => isLost(c, part)))
  if (lostTargets.length > 0) return right(lostResult(c, lostTargets))
  const wasSeen = parts.length > 0 || runs.some((run) => statusOf(c, run) !== undefined)
  // The cluster no longer knows the job.
  if (wasSeen && runs.every((run) => isGone(c, run))) return right(lostResult(c, missingTargets(parts)))
  // The cluster has never known the job.
  if (!wasSeen && runs.every((run) => isUnknownEverywhere(c, run, goal.sinceMs + BOUNDS.visible)))
    return left(notFoundOf(runs))
  if (!waitsForIdle || !isIdleConfirmed(c)) return undefined
  const idle = idleResult(c)
  // Only a success needs the Information Center: it may know of an abort that no target shows.
  return !idle.success || runs.every((run) => hasIcReportedOnIdleOrHadTime(c, run)) ? right(idle) : undefined
}

/** Whether no fact suggests that the run has ended. This is the usual case, and it saves all further checks. */
function looksOpen({ selection: { kind, target, bucket } }: Goal, { overSinceMs, absent, parts }: RunView): boolean {
  if (overSinceMs !== undefined || absent !== undefined || target !== undefined || bucket !== undefined) return false
  for (const { missing, snap } of parts.values())
    if (missing !== undefined || (kind !== undefined && kind !== snap.kind)) return false
  return true
}

/** Whether no source knows the run any more, or only the Information Center does because it missed the end. */
const isGone = (c: Case, run: RunView): boolean =>
  (isUnknownEverywhere(c, run, goneFromMs(run)) && !mayComeBack(c, run)) || isKnownToIcOnly(c, run)

/**
 * From when on replies of the targets can show that a run is gone. A run that only the Information Center has shown may
 * be new: in its first 10 s, its absence from the targets is not a loss.
 */
const goneFromMs = ({ parts, icSeenMs = Infinity }: RunView): number =>
  parts.size > 0 ? -Infinity : icSeenMs + BOUNDS.visible

/** A missing part does not hold up an abort, or an end that the Information Center reports. */
const isOverOrMissing = ({ snap, missing }: Part): boolean => isTerminal(snap) || missing !== undefined

/** Whether a part is over, or the Information Center reports the end of its run and that end counts. */
const isPartOver = (c: Case, { snap }: Part): boolean =>
  isTerminal(snap) || c.runs.some((run) => run.id === snap.id && isRunEndedByIc(c, run))

/**
 * Whether the end that the Information Center reports counts.
 *
 * It counts if the full status shows it, and the targets were queried afterwards or did not answer in time. While a
 * target still works on the job, only an abort counts.
 */
function endsByIc(c: Case): boolean {
  const { runs } = c
  const isAbortedByIc = (run: RunView): boolean => statusOf(c, run)?.aborted === true
  if (runs.some(isAbortedByIc)) return runs.some((run) => isAbortedByIc(run) && isAbortConfirmed(c, run))
  return runs.every((run) => isRunEndedByIc(c, run))
}

/** Whether the reported end of a run is confirmed, and no reply of the targets since then shows it at work. */
const isRunEndedByIc = (c: Case, run: RunView): boolean =>
  isConfirmed(c, run) &&
  (partsOf(c.goal, run).every(isOverOrMissing) || !isSentSince(run.targetsReply, run.icEndSeenMs ?? Infinity))

/**
 * The result of a job whose end the Information Center has reported.
 *
 * A server before AIStore 3.16 sends statuses without a kind. Such a status may be that of a download, and then lacks
 * its errors (protocol T14). So it proves no success unless a target shows the job.
 */
const resultByIc = (c: Case): WaitResult =>
  c.parts.length === 0 && c.runs.some((run) => statusOf(c, run)?.kind === '') ? lostResult(c, []) : endResult(c)

/** Whether the full status shows the abort and the targets were queried afterwards, or the time for both is over. */
const isAbortConfirmed = (c: Case, run: RunView): boolean => isConfirmed(c, run) || c.nowMs >= icDeadlineMs(c, run)

/** The targets of those parts that the last reply lacked and that are not over, sorted. */
const missingTargets = (parts: readonly Part[]): readonly TargetId[] =>
  [
    ...new Set(parts.flatMap(({ target, missing, snap }) => (missing === undefined || isTerminal(snap) ? [] : target))),
  ].sort()

/**
 * Whether two replies 2 s apart, and all replies between them, show every part idle or over, and at least one of them
 * idle.
 */
function isIdleConfirmed(c: Case): boolean {
  const fromMs = idleFromMs(c)
  return c.runs.every(({ targetsReply }) => isSentSince(targetsReply, fromMs))
}

const notFoundOf = (runs: readonly RunView[]): NotFound =>
  runs
    .flatMap(({ statusTry, snapshotsTry }) => [snapshotsTry?.error, statusTry?.error])
    .find((error) => error?._tag === 'NotFound') ?? NOT_SHOWN

/** The error that ends the wait, because retries cannot help. */
function fatalErrorOf(c: Case): Result<never> | undefined {
  const { goal, view, runs } = c
  const kind = goal.id === undefined ? view.kinds.get(goal.selection.kind ?? '')?.snapshotsTry : undefined
  const fault = runs.reduce(
    (found, { statusTry, snapshotsTry }) => found ?? fatalError(statusTry, goal) ?? fatalError(snapshotsTry, goal),
    fatalError(kind, goal),
  )
  return fault === undefined ? undefined : left(fault)
}

/** The error of a request that ends the wait: a permanent one, or the third reply in a row that cannot be decoded. */
function fatalError(attempt: Attempt | undefined, { sinceMs }: Goal): JobError | undefined {
  if (!isSentSince(attempt, sinceMs) || attempt.error === undefined) return undefined
  const { error, decodeFailures } = attempt
  const [thirdLastMs = -Infinity] = decodeFailures.length < MOST_DECODE_FAILURES ? [] : decodeFailures
  return isPermanent(error) || thirdLastMs >= sinceMs ? error : undefined
}

/**
 * The result when the budget ends: the end that the full status of the Information Center shows, if it shows one.
 *
 * A success counts only if the targets had 2 s to contradict it and did not answer. On a slow cluster, they have twice
 * the time that the reply with the end took.
 */
export function expired(view: View, goal: Goal, standing: Standing, nowMs: number): Result<WaitResult> | undefined {
  const c = caseOf(view, goal, standing, nowMs)
  if (c.runs.length === 0 || !c.runs.every((run) => hasFullEnd(c, run))) return undefined
  const result = resultByIc(c)
  const targetsAreSilent = c.runs.every((run) => {
    const fromMs = confirmableFromMs(c, run)
    const enoughMs = Math.max(BOUNDS.twice, 2 * (run.endTookMs ?? 0))
    return !isSentSince(run.targetsReply, fromMs) && nowMs - fromMs >= enoughMs
  })
  return targetsAreSilent || !result.success ? answerToEnd(c, right(result)) : undefined
}
