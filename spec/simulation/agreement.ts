import { isAborted } from '../../lib/emulator/cluster/run.ts'
import type { Job } from '../../lib/emulator/cluster/state.ts'
import type { JobError } from '../../lib/error.ts'
import type { Progress } from '../../lib/view/progress-of.ts'
import type { WaitResult } from '../../lib/model/wait-result.ts'
import { goneMsOf } from './downloads.ts'
import { isDownloadId } from '../../lib/model/download.ts'
import { hasClockJumped } from './claim.ts'
import { eventsOf, isEnd } from './events.ts'
import { idlesOf } from './goal.ts'
import type { Oracle } from './oracle.ts'
import { isWatcher, type SimPlan } from './plan.ts'
import type { Exchange, Recording, Session } from './recording.ts'
import { tablesOf } from './rows.ts'
import { isOver, isOnTarget } from './runs.ts'
import type { SimTime } from './time.ts'
import { isRefusal } from './traffic.ts'

// I16: all streams agree about a run at each moment.
//
// What each stream receives becomes reports: for a time span, the stream reports one state of one run. Two reports of
// different users whose time spans overlap must not contradict each other. Each function that `checkAgreement` asks for a
// pair of reports is one reason for which they may: the newer one knows more, or the cluster itself has revised an end.

/** A table may be emitted once for all changes within this time. */
const GRACE_MS = 100

/** The state that one stream reports for one run, and the time for which it does so. */
interface Report {
  /** The index of the user, and its stream. */
  readonly user: number
  readonly what: string
  readonly fromMs: number
  /** Infinity for the result of a wait. */
  readonly toMs: number
  /** A state of the view, or `ended`, which agrees with every other end. `starting` counts as `running`. */
  readonly state: string
  readonly error: string | undefined
  /** Whether the report is a row of a table, which may come late. */
  readonly isRow: boolean
  /** When the stream began. */
  readonly beganMs: number
}

/** I16: at each moment, all reports about one run agree. */
export function checkAgreement(
  plan: SimPlan,
  time: Pick<SimTime, 'awake'>,
  oracle: Oracle,
  { sessions, exchanges }: Recording,
  report: (text: string, atMs: number) => void,
): void {
  const byJob = reportsOf(plan, sessions, oracle.idOf)
  for (const job of oracle.jobs()) {
    const isUnsettled = mayBeRevised(plan, job)
    for (const [one, other] of pairsOf(byJob.get(job.id) ?? [])) {
      if (one.user === other.user) continue
      const text = conflictOf(one, other, isUnsettled || isLostTooSoon(plan, one, other))
      if (text === undefined) continue
      if (isOfFirstReply(exchanges, one, other) || isPollRefused(exchanges, one, other)) continue
      if (isAbortedInPart(job, one, other) || isAbortedInPart(job, other, one)) continue
      if (isDeniedLater(job, one, other) || isDeniedLater(job, other, one)) continue
      const fromMs = Math.max(one.fromMs, other.fromMs)
      const toMs = Math.min(one.toMs, other.toMs)
      if (toMs > (one.isRow || other.isRow ? time.awake(fromMs + GRACE_MS) : fromMs))
        report(`${job.kind}: user ${one.user} (${one.what}) and user ${other.user} (${other.what}): ${text}`, fromMs)
    }
  }
}

/** Each report with each report after it. */
const pairsOf = (reports: readonly Report[]): readonly (readonly [one: Report, other: Report])[] =>
  reports.flatMap((one, at) => reports.slice(at + 1).map((other) => [one, other] as const))

/** Whether the cluster itself may revise the end of the job, so that a later reply reports another one. */
function mayBeRevised({ faultClasses }: SimPlan, { runs, notice }: Job): boolean {
  const isPartGone = runs.some((run) => run.lost || !isOnTarget(run))
  // The library does not always request the error that only the Information Center knows, and the Information Center
  // forgets it after three minutes.
  const isErrorOfIc = notice !== undefined && notice.ownErr !== ''
  // The same applies to an error that only a target with a late part knows.
  const isErrorOfLatePart = faultClasses.includes('late-part') && runs.some(({ unreportedErr }) => unreportedErr !== '')
  return isPartGone || notice?.missed !== undefined || isErrorOfIc || isErrorOfLatePart
}

/** Two reports, the earlier one first. */
const inOrder = (one: Report, other: Report): readonly [first: Report, then: Report] =>
  one.fromMs < other.fromMs ? [one, other] : [other, one]

/**
 * Whether one stream reported the job as lost after the clock jumped, and the other its outcome after the late part
 * appeared.
 */
function isLostTooSoon(plan: SimPlan, one: Report, other: Report): boolean {
  const [first, then] = inOrder(one, other)
  return first.state === 'lost' && then.state !== 'lost' && hasClockJumped(plan, first.fromMs)
}

/**
 * Whether one stream reports an abort that `jobEvents` does not report yet. A row or a wait for idleness is `aborted` as
 * soon as one target shows the abort (protocol T22). `jobEvents` reports the end when every part is over, and the part of a
 * frozen target that missed the abort is not.
 */
function isAbortedInPart({ kind, runs }: Job, aborted: Report, open: Report): boolean {
  const atMs = Math.max(aborted.fromMs, open.fromMs)
  const showsFirstAbort =
    STATE_STREAMS.has(aborted.what) || aborted.what === 'waitForIdle' || (aborted.what === 'wait' && idlesOf(kind))
  return (
    showsFirstAbort &&
    aborted.state === 'aborted' &&
    open.what === 'jobEvents' &&
    !reportsEnd(open) &&
    runs.some((run) => isAborted(run, atMs)) &&
    !runs.every((run) => isOver(run, atMs))
  )
}

/**
 * Whether one stream shows an end because targets no longer know a download, and the other stream began after the targets had
 * forgotten it. The second stream counts only replies to its own requests (law 1), so it learns of the end a moment later.
 */
const isDeniedLater = (job: Job, end: Report, open: Report): boolean =>
  reportsEnd(end) && !reportsEnd(open) && open.beganMs >= goneMsOf(job)

/**
 * Whether a wait and a row show the same end, and differ only in its text, because two replies about the job came in one
 * millisecond: the wait answered the first reply, and the row shows both.
 */
function isOfFirstReply(exchanges: readonly Exchange[], one: Report, other: Report): boolean {
  if (one.state !== other.state || one.fromMs !== other.fromMs || one.isRow === other.isRow) return false
  const replies = exchanges.filter(
    ({ what, end, endMs }) => endMs === one.fromMs && end === 200 && (what === 'status' || what === 'snapshots'),
  )
  return replies.length > 1
}

/**
 * Whether the targets refused the first of two streams the poll that confirms the end, so that the report of the Information
 * Center stood, and the later poll of the other stream showed an error that only a target knows.
 */
function isPollRefused(exchanges: readonly Exchange[], one: Report, other: Report): boolean {
  const [first, then] = inOrder(one, other)
  const isEarlierRefusal = (exchange: Exchange): boolean =>
    exchange.what === 'snapshots' && isRefusal(exchange) && exchange.endMs <= first.fromMs
  return first.state === 'finished' && then.state === 'failed' && exchanges.some(isEarlierRefusal)
}

/** The streams that report a state. */
const STATE_STREAMS: ReadonlySet<string> = new Set(['watchJobs', 'progress'])

const END_STATES: ReadonlySet<string> = new Set(['finished', 'failed', 'aborted', 'lost'])
const reportsEnd = ({ state }: Report): boolean => END_STATES.has(state)

/** How two reports about one job contradict each other; undefined if they do not. */
function conflictOf(one: Report, other: Report, isUnsettled: boolean): string | undefined {
  const states = `${one.state}, and ${other.state}`
  // A list reports that a job has ended before its outcome is known.
  if (one.state === 'ended' || other.state === 'ended') return undefined
  if (reportsEnd(one) !== reportsEnd(other)) return mayEndForOne(one, other) ? undefined : states
  if (reportsEnd(one)) return conflictOfEnds(one, other, isUnsettled)
  return one.state === other.state ? undefined : states
}

/** Whether one of the two streams may report an end while the other one reports the job as open. */
const mayEndForOne = (one: Report, other: Report): boolean =>
  // A stream that begins after a wait has ended must first poll the end itself.
  isBefore(one, other) ||
  isBefore(other, one) ||
  // Other targets may still be running after a wait for one of them.
  [one, other].some(({ what }) => what === 'waitSingleNode') ||
  // What is lost for one stream may come back.
  [one, other].some(({ state }) => state === 'lost')

/** How two ends contradict each other. Each of them reflects what was known at its time. */
function conflictOfEnds(one: Report, other: Report, isUnsettled: boolean): string | undefined {
  const apartMs = Math.abs(one.fromMs - other.fromMs)
  // A table may be emitted late. It then shows what was known before the delay.
  if (isUnsettled && apartMs > 0) return undefined
  if (one.state !== other.state) return `${one.state}, and ${other.state}`
  const isAtOnce = apartMs <= (one.isRow || other.isRow ? GRACE_MS : 0)
  if (!isAtOnce || !hasText(one) || !hasText(other) || one.error === other.error) return undefined
  return `"${one.error}", and "${other.error}"`
}

/**
 * Whether an end has a text that can be compared. Progress has no error text, what is lost has no cause, and a table does
 * not request the text of a job that had ended before the table began.
 */
const hasText = ({ error, state, what }: Report): boolean =>
  error !== undefined && state !== 'lost' && what !== 'progress'

/** What each user last received about each job, and for how long that was the last report. */
function reportsOf(
  { users }: SimPlan,
  sessions: readonly Session[],
  idOf: (job: number) => string,
): ReadonlyMap<string, readonly Report[]> {
  const byJob = new Map<string, Report[]>()
  for (const session of sessions) {
    const { type, byKind, job, timeoutMs } = users[session.index]!
    const add: Add = (id, report) => {
      const list = byJob.get(id) ?? []
      byJob.set(id, list)
      list.push({ user: session.index, what: type, isRow: type === 'watchJobs', beganMs: session.beganMs, ...report })
    }
    if (type === 'watchJobs') reportsOfTables(session, add)
    else if (type === 'jobEvents') reportsOfEvents(session, add)
    else if (type === 'progress' && byKind !== true) reportsOfProgress(session, idOf(job), add)
    // At the end of its budget, a wait reports what it knows at that time, so it may contradict other streams.
    else if (!isWatcher({ type }) && type !== 'abort' && session.overMs < session.beganMs + (timeoutMs ?? Infinity))
      reportOfWait(session, add)
  }
  return byJob
}

/** Adds a report of one stream about the job with this id. */
type Add = (id: string, report: Pick<Report, 'state' | 'error' | 'fromMs' | 'toMs'>) => void

/** `starting` counts as `running`. */
const mergedState = (state: string): string => (state === 'starting' ? 'running' : state)

interface Piecewise {
  /** At this time, the stream emitted this state of the job with this id. */
  readonly at: (atMs: number, id: string, state: string, error?: string) => void
  /** The session is over. */
  readonly end: () => void
}

/** Turns the values of an endless stream into reports: each one lasts until a value differs from it. */
function piecewise(session: Session, add: Add): Piecewise {
  const current = new Map<string, Pick<Report, 'fromMs' | 'state' | 'error'>>()
  const close = (id: string, toMs: number): void => {
    const one = current.get(id)
    if (one !== undefined && toMs > one.fromMs) add(id, { ...one, toMs })
  }
  return {
    at: (atMs, id, state, error) => {
      const one = current.get(id)
      if (one?.state === state && one.error === error) return
      close(id, atMs)
      current.set(id, { fromMs: atMs, state, error })
    },
    end: () => {
      for (const id of current.keys()) close(id, session.overMs)
    },
  }
}

/** The outcome of a wait. */
function reportOfWait({ received: [last] }: Session, add: Add): void {
  const result = last?.value as { _tag: 'Left'; left: JobError } | { _tag: 'Right'; right: WaitResult } | undefined
  if (last === undefined || result?._tag !== 'Right') return
  const { jobId, kind, outcome, error } = result.right
  if (jobId === undefined || jobId.includes(',') || !END_STATES.has(outcome)) return
  // An idle job with an error is a failure for a wait for idleness, and may still continue.
  if (outcome === 'failed' && idlesOf(kind) && !isDownloadId(jobId)) return
  add(jobId, { state: outcome, error, fromMs: last.atMs, toMs: Infinity })
}

/** The state after each event. */
function reportsOfEvents(session: Session, add: Add): void {
  for (const [id, emitted] of eventsOf(session)) {
    const reports = piecewise(session, add)
    for (const { atMs, event } of emitted) {
      const { type, result } = event
      if (!isEnd(event)) reports.at(atMs, id, type === 'idle' ? 'idle' : 'running')
      else reports.at(atMs, id, type === 'vanished' ? 'lost' : type, result?.error)
    }
    reports.end()
  }
}

/** The state of each row of each table. */
function reportsOfTables(session: Session, add: Add): void {
  const reports = piecewise(session, add)
  for (const { atMs, table } of tablesOf(session))
    for (const { id, state, error } of Object.values(table)) reports.at(atMs, id, mergedState(state), error)
  reports.end()
}

/** The state of each progress. */
function reportsOfProgress(session: Session, id: string, add: Add): void {
  const reports = piecewise(session, add)
  for (const { value, atMs } of session.received) {
    const emitted = value as { readonly _tag: 'Left' } | { readonly _tag: 'Right'; readonly right: Progress }
    if (emitted._tag === 'Right') reports.at(atMs, id, mergedState(emitted.right.state))
  }
  reports.end()
}

/** Whether the wait had its final result before the other stream began. */
const isBefore = (answered: Report, other: Report): boolean =>
  answered.toMs === Infinity && answered.fromMs <= other.beganMs
