import type { Job, Notice } from '../../lib/emulator/cluster/state.ts'
import { isDownloadType } from './downloads.ts'
import { areAllPartsMapped } from './parts.ts'
import { goalOf } from './goal.ts'
import type { Truth } from './oracle.ts'
import { shares, type PlannedUser, type SimPlan } from './plan.ts'
import type { Session } from './recording.ts'

/** The numbers that the library documents (docs/bounds.md). */
const UNKNOWN_STATUS_MS = 2_007
/** The longest interval of the default cadence. */
const LONGEST_GAP_MS = 10_000
const LONGEST_LIST_GAP_MS = 15_000
/** An idle job must be shown twice, so far apart. */
const TWO_POLLS_MS = 2_000
/** How long the proxies keep a status, at least. */
const KEPT_MS = 170_000
/** After this time the known parts count as all parts. */
const SETTLES_MS = 35_000
/** After this time a missing part counts as lost. */
const LOST_MS = 60_000
/** The longest timeout of a request. */
const LONGEST_LIMIT_MS = 300_000
/** A job that nobody has shown for this time is unknown. */
const VISIBLE_MS = 10_000
/** How soon a subscriber that joins others gets its first request. */
const JOIN_MS = 100
const MAP_AGAIN_MS = 10_000

interface Pace {
  /** The longest wait until the next poll. */
  readonly gapMs: number
  /** How long the requests of a poll take. */
  readonly roundMs: number
  /** Two polls, with all delays that the net may cause. */
  readonly boundMs: number
}

/** How fast a user can learn something: its requests, their latency and the gaps between them. */
function paceOf(plan: SimPlan, user: PlannedUser, session: Session): Pace {
  const latencyMs = plan.latencyMs + 1
  const unknown = isUnknown(session)
  const roundMs =
    3 * latencyMs +
    (plan.net.some(({ type }) => type === 'redirect') ? 2 * latencyMs : 0) +
    (unknown ? UNKNOWN_STATUS_MS : 0)
  const failed =
    [...session.inFlightAtStart, ...session.exchanges].some(({ disturbed }) => disturbed) || plan.jumps.length > 0
  const elapsed = session.overMs - session.beganMs
  const ownMs = Math.max(500, roundMs, elapsed / 5) * 1.2
  const gapMs =
    user.gapMs !== undefined ? Math.max(100, user.gapMs) : failed ? LONGEST_GAP_MS : Math.min(LONGEST_GAP_MS, ownMs)
  const retryMs = Math.max(
    0,
    ...plan.net.filter(({ type }) => type === 'retry-after').map(({ value = 0 }) => Math.min(60_000, value * 1_000)),
  )
  const boundMs =
    2 * gapMs +
    restMs(plan, session) +
    3 * roundMs +
    warmUpMs(plan, latencyMs + (unknown ? UNKNOWN_STATUS_MS : 0), gapMs) +
    (user.gapMs === undefined ? retryMs : 0) +
    50
  // A subscriber that joins others waits for their next tick, and for the confirmation of a list.
  return { gapMs, roundMs, boundMs: shares(plan) ? boundMs + 2 * JOIN_MS : boundMs }
}

/**
 * The time within which a stream that lists jobs must show a running one if nothing disturbs it. Undefined if nothing
 * is promised.
 */
export function showBoundOf(
  plan: SimPlan,
  user: PlannedUser,
  session: Session,
  { kind, notice }: Job,
): number | undefined {
  if (plan.latencyMs >= 120_000) return undefined
  // Only the proxies list downloads, and a proxy that dies forgets them.
  if (isDownloadType(kind) && plan.events.some(({ type }) => type === 'kill-proxy')) return undefined
  const { boundMs } = paceOf(plan, user, session)
  // Jobs that only the targets know are polled at a slower pace unless they are selected; so are jobs that the proxies
  // have forgotten.
  const isSlow =
    user.all === true || user.type === 'watchJobs'
      ? notice === undefined || isForgettable(plan)
      : plan.events.some(({ type }) => type === 'kill-proxy')
  return isSlow ? boundMs + LONGEST_LIST_GAP_MS : boundMs
}

/**
 * Whether each proxy dies at some time, so that all may have forgotten a job. A table then learns of it from the list
 * of running jobs, like of a kind that the proxies do not track (docs/bounds.md). A proxy that is starting up returns
 * an empty list of running jobs.
 */
const isForgettable = ({ proxies, events }: SimPlan): boolean =>
  new Set(events.flatMap((event) => (event.type === 'kill-proxy' ? [event.proxy] : []))).size >= proxies

/**
 * The time within which a wait must emit its outcome after it becomes observable, if nothing disturbs the wait: two
 * gaps, the duration of the requests, and what the documented bounds add if one poll is not enough. Undefined if
 * nothing is promised.
 */
export function boundOf(plan: SimPlan, user: PlannedUser, session: Session, truth: Truth): number | undefined {
  const latencyMs = plan.latencyMs + 1
  const { gapMs, roundMs, boundMs } = paceOf(plan, user, session)
  let bound = boundMs
  const planned = plan.jobs[user.job]
  const goal = goalOf(user, planned?.kind)
  if (truth.jobs.length === 0) {
    // The id is unknown. A wait by kind waits for the next run as long as it takes.
    const byKind = user.byKind === true && planned !== undefined
    if (byKind && goal === 'not-running') return bound
    if (user.type === 'start' || byKind) return undefined
    return latencyMs + UNKNOWN_STATUS_MS >= LONGEST_LIMIT_MS ? undefined : bound + VISIBLE_MS + gapMs
  }
  // Each round queries only one of several runs.
  if (truth.jobs.length > 1) bound += truth.jobs.length * (gapMs + roundMs)
  if (latencyMs >= 120_000 && (truth.isPartMissing || truth.lost)) return undefined
  const quiet = truth.jobs.some(({ notice }) => notice !== undefined && !isNotified(notice))
  if (quiet) bound += LONGEST_LIST_GAP_MS
  if (truth.lost) return bound + LOST_MS + 2 * gapMs + LONGEST_LIST_GAP_MS
  if (goal === 'idle') bound += TWO_POLLS_MS + gapMs
  // If records are gone, certainty takes longer, and longer still if the proxies keep reporting the job as open. A part
  // that was seen running is lost like one whose target died.
  // Other users may have seen the missing part of a download.
  const isDownload = truth.jobs.every(({ kind }) => isDownloadType(kind))
  if (truth.isPartMissing) bound += (quiet || truth.isSeenPartMissing || isDownload ? LOST_MS : SETTLES_MS) + gapMs
  if (goal !== 'end' && goal !== 'not-running') return bound
  // One reply of the download API shows the whole end. A stream of many jobs requests it once a list shows the end, and
  // the proxies poll silent targets after 30 s.
  if (isDownload) return quiet && seesByList(user) ? bound + SETTLES_MS : bound
  // A proxy that dies forgets its reports, and all proxies forget old reports.
  const isReported =
    truth.jobs.every(({ notice }) => notice !== undefined && isNotified(notice)) &&
    plan.events.every(({ type }) => type !== 'kill-proxy') &&
    session.overMs - truth.fromMs < KEPT_MS
  const mapped = areAllPartsMapped(truth.jobs) && !truth.isPartMissing
  // A status is forgotten before such a slow request is served.
  if (latencyMs >= 120_000) return undefined
  if (isReported || user.type === 'waitSingleNode') return bound
  if (!mapped) return bound + SETTLES_MS + gapMs
  // After three failed requests in a row, the map is not requested at once.
  const failures = session.exchanges.filter(({ what, end, disturbed }) => what === 'map' && (disturbed || end !== 200))
  return failures.length >= 3 ? bound + MAP_AGAIN_MS + gapMs : bound
}

/** Whether the user polls lists, and not each job. */
const seesByList = ({ type, all, byKind }: PlannedUser): boolean =>
  type === 'watchJobs' || (type === 'jobEvents' && (all === true || byKind === true))

/** After a request that timed out, the next one waits about as long as that took, up to 10 s (docs/bounds.md). */
function restMs({ requestTimeoutMs = 30_000, jumps }: SimPlan, { exchanges, inFlightAtStart }: Session): number {
  const timeouts = [...exchanges, ...inFlightAtStart].flatMap(({ end, atMs, endMs }) => {
    // By a clock that is set forward meanwhile, a request that is slow may have used up its time.
    const aheadMs = Math.max(0, ...jumps.filter((one) => one.atMs >= atMs && one.atMs <= endMs).map(({ byMs }) => byMs))
    const tookMs = endMs - atMs + aheadMs
    return end === 'cut' && tookMs >= requestTimeoutMs ? [tookMs] : []
  })
  return Math.min(LONGEST_GAP_MS, Math.max(0, ...timeouts))
}

/**
 * The timeout of a request doubles in each round that timed out, until it exceeds the latency; each query has its own.
 */
function warmUpMs({ requestTimeoutMs = 30_000 }: SimPlan, latencyMs: number, gapMs: number): number {
  let sum = 0
  for (let limit = requestTimeoutMs; limit <= latencyMs; limit *= 2) sum += 3 * limit + gapMs
  return sum
}

/** Whether a status request found nothing. That takes longer, for all subscribers that share the request. */
const isUnknown = ({ inFlightAtStart, exchanges }: Session): boolean =>
  [inFlightAtStart, exchanges].some((list) => list.some(({ what, end }) => what === 'status' && end !== 200))

/** Whether the proxies receive the notification of the end. */
const isNotified = ({ notified, deaf }: Notice): boolean => notified && !deaf
