import type { JobStatus } from '../../../../lib/codec/job-status.ts'
import { defined } from '../../../../lib/common/defined.ts'
import { isPermanent, type JobError } from '../../../../lib/error.ts'
import {
  hasEnded,
  isAborted,
  isPoll,
  isResting,
  lastIndex,
  partsOf,
  RepliesSoFar,
  showsEnd,
  type SeenPart,
} from './replies-so-far.ts'
import type { StoryGoal, StoryReply } from './stories.ts'

// The rules of a wait, written a second time as plain conditions over the whole list of replies: slow, stateless and
// independent of the view. The times of docs/bounds.md are written a second time too. Only the texts of errors are left
// out: if there are several, any of them is right.

export interface Expected {
  readonly outcome?: string
  readonly success?: boolean
  readonly aborted?: boolean
  readonly jobId?: string
  readonly kind?: string
  readonly endTime?: bigint
  readonly lostTargets?: readonly string[]
  /** Whether the result has an error text. */
  readonly hasError?: boolean
  readonly left?: JobError['_tag']
}

/** A job, or a late part of it, has this long to appear. */
const VISIBLE_MS = 10_000
/** If there may be other parts, a job stays open for this long. */
const SETTLED_MS = 35_000
/** Two replies prove that a job is idle or absent only if they are this far apart. */
const TWICE_MS = 2_000
/** A failure that the Information Center has reported counts after this time without a reply of the targets. */
const CAUSE_MS = 1_000
/** A part is lost after so many replies without it, over this time. */
const LOST_TIMES = 3
const LOST_MS = 60_000
/** How many replies in a row that cannot be decoded end a wait. */
const MOST_UNDECODABLE = 3

/**
 * How long the wait gives a source that must answer since `fromMs`: 10 s if the last request was sent 5 s after `fromMs`
 * or later, otherwise 35 s, because the wait possibly sends no other request within 10 s.
 */
const patienceMs = (lastTryMs: number | undefined, fromMs: number): number =>
  lastTryMs !== undefined && lastTryMs >= fromMs + 5_000 ? 10_000 : 35_000

/**
 * The expected outcome after these replies, if there was none before. Undefined if the wait goes on.
 */
export function verdictOf(goal: StoryGoal, replies: readonly StoryReply[]): Expected | undefined {
  const nowMs = replies.at(-1)?.atMs
  if (nowMs === undefined) return undefined
  return endOf(new RepliesSoFar(goal, replies, nowMs)) ?? faultOf(goal, replies)
}

/** A permanent error, or the third reply to one query since its last good one that is JSON but cannot be decoded. */
function faultOf(goal: StoryGoal, replies: readonly StoryReply[]): Expected | undefined {
  const last = replies.at(-1)!
  if (last.query === 'map' || last.result._tag === 'Right') return undefined
  const error = last.result.left
  const same = replies.filter((reply) => reply.query === last.query)
  const unreadable = same
    .slice(lastIndex(same, (reply) => reply.result._tag === 'Right' || isPoll(goal, reply)) + 1)
    .filter(
      (reply) =>
        reply.result._tag === 'Left' && reply.result.left._tag === 'DecodeError' && reply.result.left.notJson !== true,
    )
  return isPermanent(error) || unreadable.length >= MOST_UNDECODABLE ? { left: error._tag } : undefined
}

/** What a rule decides: an outcome, that the wait goes on (`open`), or nothing (undefined): then the next rule decides. */
type Verdict = Expected | 'open' | undefined

/** The outcome, unless a request failed permanently: the verdict of the first rule that decides. */
function endOf(shown: RepliesSoFar): Expected | undefined {
  if (shown.runs.length === 0) return undefined
  for (const rule of [byReportedEnd, byAbortedPart, byEndOfAllParts, byLostParts, byAbsence, byIdleness]) {
    const verdict: Verdict = rule(shown)
    if (verdict !== undefined) return verdict === 'open' ? undefined : verdict
  }
  return undefined
}

const baseOf = ({ runs, kind }: RepliesSoFar): Expected => ({
  jobId: [...runs].sort().join(','),
  ...defined({ kind }),
})

const hasAbort = ({ statuses, parts }: RepliesSoFar): boolean =>
  statuses.some(({ aborted }) => aborted) || parts.some(({ snap }) => isAborted(snap))

const hasFailure = ({ statuses, parts }: RepliesSoFar): boolean =>
  [...statuses, ...parts.map(({ snap }) => snap)].some(({ err }) => err !== '')

/** The latest of these times; undefined if one is missing. */
const latestOf = (times: readonly (bigint | undefined)[]): bigint | undefined =>
  times.length === 0 || times.includes(undefined)
    ? undefined
    : (times as readonly bigint[]).reduce((a, b) => (a > b ? a : b))

/** The outcome of a job that has ended: aborted, failed or finished. */
function endedAs(shown: RepliesSoFar): Expected {
  const { parts, statuses } = shown
  const [aborted, failed] = [hasAbort(shown), hasFailure(shown)]
  const endTime = latestOf(parts.map(({ snap }) => snap.endTime)) ?? latestOf(statuses.map((status) => status.endTime))
  const outcome = failed ? 'failed' : 'finished'
  return {
    ...baseOf(shown),
    outcome: aborted ? 'aborted' : outcome,
    success: !aborted && !failed,
    aborted,
    hasError: aborted || failed,
    ...defined({ endTime }),
  }
}

/**
 * Rule 1. The Information Center reported the end, and the targets do not contradict it: an abort of one run suffices;
 * an end that is no abort is contradicted by a target that showed the job running since then, or at the same moment.
 */
function byReportedEnd(shown: RepliesSoFar): Verdict {
  const { runs } = shown
  const firstAborted = runs.find((run) => shown.statusOf(run)?.aborted === true)
  if (firstAborted !== undefined) return isConfirmed(shown, firstAborted) ? endedAs(shown) : undefined
  return runs.every((run) => isEndedByReport(shown, run)) ? endedAs(shown) : undefined
}

/** Whether the reported end of a run is certain, and no target has shown it running since then. */
function isEndedByReport(shown: RepliesSoFar, run: string): boolean {
  const denies = ({ snap, missedMs }: SeenPart): boolean => !hasEnded(snap) && missedMs.length === 0
  const wasPolledSince = shown.polledMs >= shown.endReportedMs(run)
  return isConfirmed(shown, run) && !(wasPolledSince && shown.parts.some((part) => part.run === run && denies(part)))
}

/**
 * Whether the targets can no longer contradict a reported end: they replied to a later request, or that request failed
 * permanently, or the time for it is over. A failure counts after one attempt.
 */
function isConfirmed(shown: RepliesSoFar, run: string): boolean {
  const { polls, nowMs } = shown
  const reportedMs = shown.endReportedMs(run)
  if (reportedMs === Infinity) return false
  if (polls.some(({ atMs }) => atMs >= reportedMs)) return true
  const tries = shown.triesSince(reportedMs)
  const last = tries.at(-1)
  if (last?.result._tag === 'Left' && isPermanent(last.result.left)) return true
  if (isFailure(shown.statusOf(run)!)) return tries.length > 0 || nowMs - reportedMs >= CAUSE_MS
  return nowMs - reportedMs >= patienceMs(last?.atMs, reportedMs)
}

const isFailure = ({ aborted, err }: JobStatus): boolean => aborted || err !== ''

/** Rule 2. A part was aborted, and the rest has ended or is missing, or the wait is for idleness, which can no longer come. */
function byAbortedPart(shown: RepliesSoFar): Verdict {
  const { parts, isForIdle } = shown
  if (!parts.some(({ snap }) => isAborted(snap))) return undefined
  const isRestOver = parts.every(({ snap, missedMs }) => hasEnded(snap) || missedMs.length > 0)
  return isForIdle || isRestOver ? endedAs(shown) : undefined
}

/**
 * Rule 3. Every part that was seen is over: the job has ended if these are all parts, or if late parts had enough time
 * to appear.
 */
function byEndOfAllParts(shown: RepliesSoFar): Verdict {
  const { parts, runs } = shown
  if (parts.length === 0 || !parts.every(({ run, snap }) => hasEnded(snap) || isEndedByReport(shown, run)))
    return undefined
  const isSettled = (run: string): boolean =>
    isWhole(shown, run) || isConfirmed(shown, run) || hadTimeToAppear(shown, run)
  return runs.every(isSettled) ? endedAs(shown) : 'open'
}

/** Whether the parts that were seen are all parts of the run, or the run has failed anyway. */
function isWhole(shown: RepliesSoFar, run: string): boolean {
  const { goal, info, mapTargets, icTracksKind, nowMs } = shown
  const parts = shown.everyPartOf(run)
  if (goal.target !== undefined || info?.scope === 'target' || info?.idles === true) return true
  if (parts.some(({ snap }) => isAborted(snap) || snap.err !== '')) return true
  if (mapTargets?.every((target) => parts.some((part) => part.target === target)) !== true) return false
  // The map does not show a target that died before anybody saw its part; the Information Center does know it. If it
  // tracks the kind, it must have replied since all parts were over, have reported the end, or have forgotten this run.
  if (!icTracksKind || shown.endReportedMs(run) < Infinity || shown.isForgotten(run)) return true
  const overMs = shown.overSinceMs(run)
  if (nowMs - overMs >= patienceMs(shown.lastReport(run)?.atMs, overMs)) return true
  return (shown.lastGoodReport(run)?.atMs ?? -Infinity) >= overMs
}

/** Whether a late part of the run would have appeared by now. */
function hadTimeToAppear(shown: RepliesSoFar, run: string): boolean {
  const overMs = shown.overSinceMs(run)
  if (shown.polledMs - overMs < VISIBLE_MS) return false
  if (!shown.usesIc) return true
  const report = shown.lastGoodReport(run)
  // If the Information Center has not replied since the parts are over, a late reply of the targets counts.
  if (report === undefined || report.atMs < overMs) return shown.polledMs - overMs >= SETTLED_MS
  return report.atMs - overMs >= (report.state === 'unknown' ? VISIBLE_MS : SETTLED_MS)
}

/** The open parts that the last reply lacked. */
const missingParts = ({ parts }: RepliesSoFar): readonly SeenPart[] =>
  parts.filter(({ snap, missedMs }) => !hasEnded(snap) && missedMs.length > 0)

/** The outcome of a job that lost these parts; an abort or an error seen earlier stands. */
function lostWith(shown: RepliesSoFar, parts: readonly SeenPart[]): Expected {
  const targets = [...new Set(parts.map(({ target }) => target))].sort()
  const gone = targets.length === 0 ? {} : { lostTargets: targets }
  const ended = endedAs(shown)
  if (ended.outcome !== 'finished') return { ...ended, ...gone }
  return { ...baseOf(shown), outcome: 'lost', success: false, aborted: false, hasError: true, ...gone }
}

/**
 * Rule 4. An open part is gone if three replies over a minute lacked it. It is lost if the Information Center then knows no
 * end.
 */
function byLostParts(shown: RepliesSoFar): Verdict {
  const lost = missingParts(shown).filter(({ run, missedMs }) => {
    const goneMs = missedMs.find((ms, n) => n >= LOST_TIMES - 1 && ms - missedMs[0]! >= LOST_MS)
    return goneMs !== undefined && knowsIcNoEnd(shown, run, goneMs)
  })
  return lost.length > 0 ? lostWith(shown, lost) : undefined
}

/** Whether the Information Center, queried at this time or later, has reported no end, or has not replied for too long. */
function knowsIcNoEnd(shown: RepliesSoFar, run: string, fromMs: number): boolean {
  const { goal, icTracksKind, nowMs, isForIdle } = shown
  // A wait for idleness does not wait until no part contradicts the end, once that is confirmed.
  if (shown.endReportedMs(run) < Infinity) return isForIdle && isConfirmed(shown, run)
  if (goal.target !== undefined || !icTracksKind) return true
  if ((shown.lastGoodReport(run)?.atMs ?? -Infinity) >= fromMs) return true
  return nowMs - fromMs >= patienceMs(shown.lastReport(run)?.atMs, fromMs)
}

/**
 * Rule 5. The job is unknown: the targets lack it, and so does the Information Center if it tracks the kind. A job that
 * was seen before is lost.
 */
function byAbsence(shown: RepliesSoFar): Verdict {
  const { parts, statuses, runs } = shown
  const wasSeen = parts.length > 0 || statuses.length > 0
  const isGone = (run: string): boolean =>
    (isUnknown(shown, run, goneFromMs(shown, run)) && !mayComeBack(shown, run)) || isKnownToIcOnly(shown, run)
  if (wasSeen && runs.every(isGone)) return lostWith(shown, missingParts(shown))
  if (!wasSeen && runs.every((run) => isUnknown(shown, run, VISIBLE_MS))) return { left: 'NotFound' }
  return undefined
}

/** Whether two replies two seconds apart and all between them lack the run, and the last report of the IC does too. */
function isUnknown(shown: RepliesSoFar, run: string, notBeforeMs: number): boolean {
  const { polledMs, usesIc } = shown
  const sinceMs = shown.absentSinceMs(run)
  if (sinceMs === undefined || polledMs - sinceMs < TWICE_MS || polledMs < notBeforeMs) return false
  const report = shown.lastReport(run)
  return !usesIc || (report?.state === 'unknown' && report.atMs >= Math.max(sinceMs, notBeforeMs))
}

/** A target that left the map may come back with its part, unless a later reply with the map shows otherwise. */
function mayComeBack(shown: RepliesSoFar, run: string): boolean {
  const { lastMap, mapTargets } = shown
  const sinceMs = shown.absentSinceMs(run)
  const parts = shown.everyPartOf(run)
  if (sinceMs === undefined || parts.length === 0) return false
  if (lastMap === undefined || lastMap.atMs < sinceMs) return true
  if (lastMap.result._tag === 'Left') return false
  return parts.some(({ snap, target }) => !hasEnded(snap) && mapTargets?.includes(target) === false)
}

/** A job that only the Information Center has shown may be young: the targets must still lack it ten seconds later. */
const goneFromMs = (shown: RepliesSoFar, run: string): number =>
  shown.everyPartOf(run).length > 0 ? 0 : VISIBLE_MS + (shown.statusesOf(run)[0]?.atMs ?? Infinity)

/**
 * Whether the Information Center shows the job as open while the targets lack it, for so long that the Information
 * Center must have queried them.
 */
function isKnownToIcOnly(shown: RepliesSoFar, run: string): boolean {
  const { usesIc, info, mapTargets, polledMs } = shown
  const sinceMs = shown.absentSinceMs(run)
  const first = shown.statusesOf(run)[0]
  const report = shown.lastReport(run)
  if (sinceMs === undefined || first === undefined || report === undefined || !usesIc) return false
  // Both must be known: that the Information Center tracks this kind, and which targets there are.
  if (info?.ic !== true || mapTargets === undefined) return false
  const fromMs = Math.max(sinceMs, first.atMs) + LOST_MS
  const isOpen = report.state === 'known' && !showsEnd(shown.statusOf(run)!)
  return shown.everyPartOf(run).length === 0 && isOpen && report.atMs >= fromMs && polledMs >= fromMs
}

/**
 * Rule 6. Idle: two replies two seconds apart and all between them show every known part as idle or over; the last one
 * shows a part as idle.
 */
function byIdleness(shown: RepliesSoFar): Verdict {
  const { isForIdle, parts, polls, polledMs, runs, goal, icTracksKind, nowMs } = shown
  if (!isForIdle || !parts.some(({ snap }) => isResting(snap))) return undefined
  /** Whether the poll with this index, with what those before it have shown, shows all parts and none at work. */
  const allRestAt = (n: number): boolean => {
    const partsAt = runs.flatMap((run) => partsOf(run, polls.slice(0, n + 1)).filter((part) => shown.counts(part)))
    return (
      partsAt.length === parts.length &&
      partsAt.every(({ snap, missedMs }) => hasEnded(snap) || (missedMs.length === 0 && isResting(snap)))
    )
  }
  const firstOfRest = polls[lastIndex(polls, (_, n) => !allRestAt(n)) + 1]
  if (firstOfRest === undefined || polledMs - firstOfRest.atMs < TWICE_MS) return undefined
  const outcomeWithoutAbort = hasFailure(shown) ? 'failed' : 'idle'
  const outcome = hasAbort(shown) ? 'aborted' : outcomeWithoutAbort
  // Only the Information Center may know of an abort, so a success needs its reply.
  const hasReported = (run: string): boolean =>
    shown.lastGoodReport(run) !== undefined ||
    nowMs - firstOfRest.atMs >= patienceMs(shown.lastReport(run)?.atMs, firstOfRest.atMs)
  const mayKnowMore = goal.target === undefined && icTracksKind
  if (outcome === 'idle' && mayKnowMore && !runs.every(hasReported)) return undefined
  const success = outcome === 'idle'
  return { ...baseOf(shown), outcome, success, aborted: outcome === 'aborted', hasError: !success }
}
