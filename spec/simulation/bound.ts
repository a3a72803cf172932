import type { Job, Notice } from '../../lib/emulator/cluster/state.ts'
import { isDownloadType } from './downloads.ts'
import { areAllPartsMapped } from './parts.ts'
import { goalOf } from './goal.ts'
import type { Truth } from './oracle.ts'
import { shares, type PlannedUser, type SimPlan } from './plan.ts'
import type { Session } from './recording.ts'

// I10: how late an outcome may be. The bounds are those of docs/bounds.md, written down a second time on purpose: the oracle
// must not read the numbers of the library that it checks. A bound of `undefined` says that nothing is promised.

/** How long the cluster takes to reply that it does not know a status (404), as measured on real clusters. */
const UNKNOWN_STATUS_MS = 2_007
/** The shortest and the longest interval of the default cadence, without jitter. */
const SHORTEST_GAP_MS = 500
const LONGEST_GAP_MS = 10_000
/** The default cadence lengthens an interval by at most a fifth, at random. */
const JITTER = 1.2
/** The shortest interval between two requests to one source, whatever the cadence. */
const SHORTEST_PAUSE_MS = 100
/** The longest interval between two requests for the list of running jobs, for a stream about many jobs. */
const LONGEST_LIST_GAP_MS = 15_000
/** An idle job must be shown twice, so far apart (`twice`). */
const TWO_POLLS_MS = 2_000
/** How long the proxies keep a status, at least. */
const KEPT_MS = 170_000
/** After this time the known parts count as all parts (`settled`). */
const SETTLES_MS = 35_000
/** After this time a missing part counts as lost (`lost`). */
const LOST_MS = 60_000
/** The longest timeout of a request. */
const LONGEST_LIMIT_MS = 300_000
/** With such a latency, a record may be forgotten before a request for it is served. */
const VERY_SLOW_MS = 120_000
/** A job that nobody has shown for this time is unknown (`visible`). */
const VISIBLE_MS = 10_000
/** How soon a subscriber that joins others gets its first request. */
const JOIN_MS = 100
/** After this many failed requests in a row for the map, the next one waits this long (`MAP_TRIES`, `mapAgain`). */
const MAP_TRIES = 3
const MAP_AGAIN_MS = 10_000
/** The longest `Retry-After` that the library obeys. */
const LONGEST_RETRY_MS = 60_000
/** For times that the plan does not know exactly, as the start times of the emulator. */
const TOLERANCE_MS = 50

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
  const unknownMs = isUnknown(session) ? UNKNOWN_STATUS_MS : 0
  const redirectMs = plan.net.some(({ type }) => type === 'redirect') ? 2 * latencyMs : 0
  // A poll is at most three requests in a row: a list, the full status, and the snapshots that confirm an end.
  const roundMs = 3 * latencyMs + redirectMs + unknownMs
  const gapMs = gapOf(plan, user, session, roundMs)
  const boundMs =
    2 * gapMs +
    restMs(plan, session) +
    3 * roundMs +
    warmUpMs(plan, latencyMs + unknownMs, gapMs) +
    (user.gapMs === undefined ? retryAfterMs(plan) : 0) +
    TOLERANCE_MS
  // A subscriber that joins others waits for their next tick, and for the confirmation of a list.
  return { gapMs, roundMs, boundMs: shares(plan) ? boundMs + 2 * JOIN_MS : boundMs }
}

/** The longest interval between two polls of this user. */
function gapOf(plan: SimPlan, user: PlannedUser, session: Session, roundMs: number): number {
  if (user.gapMs !== undefined) return Math.max(SHORTEST_PAUSE_MS, user.gapMs)
  const { inFlightAtStart, exchanges, beganMs, overMs } = session
  const hasFailures = [...inFlightAtStart, ...exchanges].some(({ disturbed }) => disturbed)
  if (hasFailures || plan.jumps.length > 0) return LONGEST_GAP_MS
  // The default cadence waits an eleventh of the time waited so far. A fifth is certainly longer.
  return Math.min(LONGEST_GAP_MS, Math.max(SHORTEST_GAP_MS, roundMs, (overMs - beganMs) / 5) * JITTER)
}

/** The longest time for which a reply of the plan tells its user to wait. */
const retryAfterMs = ({ net }: SimPlan): number =>
  Math.max(
    0,
    ...net
      .filter(({ type }) => type === 'retry-after')
      .map(({ value: seconds = 0 }) => Math.min(LONGEST_RETRY_MS, seconds * 1_000)),
  )

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
  if (plan.latencyMs >= VERY_SLOW_MS) return undefined
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
  if (truth.jobs.length === 0) return boundOfUnknown(plan, user, { gapMs, roundMs, boundMs })
  const goal = goalOf(user, plan.jobs[user.job]?.kind)
  const isVerySlow = latencyMs >= VERY_SLOW_MS
  if (isVerySlow && (truth.isPartMissing || truth.lost)) return undefined
  const isQuiet = truth.jobs.some(({ notice }) => notice !== undefined && !isNotified(notice))
  const isDownload = truth.jobs.every(({ kind }) => isDownloadType(kind))

  let bound = boundMs
  // Each round queries only one of several runs.
  if (truth.jobs.length > 1) bound += truth.jobs.length * (gapMs + roundMs)
  if (isQuiet) bound += LONGEST_LIST_GAP_MS
  if (truth.lost) return bound + LOST_MS + 2 * gapMs + LONGEST_LIST_GAP_MS
  if (goal === 'idle') bound += TWO_POLLS_MS + gapMs
  // If records are gone, certainty takes longer, and longer still if the proxies keep reporting the job as open. A part
  // that was seen running is lost like one whose target died.
  // Other users may have seen the missing part of a download.
  const countsAsLost = isQuiet || truth.isSeenPartMissing || isDownload
  if (truth.isPartMissing) bound += (countsAsLost ? LOST_MS : SETTLES_MS) + gapMs
  if (goal !== 'end' && goal !== 'not-running') return bound

  // The rest is about an end, which must be certain.
  // One reply of the download API shows the whole end. A stream of many jobs requests it once a list shows the end, and
  // the proxies poll silent targets after 30 s.
  if (isDownload) return isQuiet && seesByList(user) ? bound + SETTLES_MS : bound
  // A status is forgotten before such a slow request is served.
  if (isVerySlow) return undefined
  if (isReportedByProxies(plan, session, truth) || user.type === 'waitSingleNode') return bound
  if (!areAllPartsMapped(truth.jobs) || truth.isPartMissing) return bound + SETTLES_MS + gapMs
  return hasMapFailed(session) ? bound + MAP_AGAIN_MS + gapMs : bound
}

/** The bound of a user whose id or kind matches no job. */
function boundOfUnknown(plan: SimPlan, user: PlannedUser, { gapMs, boundMs }: Pace): number | undefined {
  const isByKind = user.byKind === true && plan.jobs[user.job] !== undefined
  if (isByKind && goalOf(user, plan.jobs[user.job]?.kind) === 'not-running') return boundMs
  // A wait by kind waits for the next run as long as it takes.
  if (isByKind || user.type === 'start') return undefined
  const replyMs = plan.latencyMs + 1 + UNKNOWN_STATUS_MS
  return replyMs >= LONGEST_LIMIT_MS ? undefined : boundMs + VISIBLE_MS + gapMs
}

/** Whether the proxies report the end until the session is over. A proxy that dies forgets it, and all forget old reports. */
const isReportedByProxies = ({ events }: SimPlan, { overMs }: Session, { jobs, fromMs }: Truth): boolean =>
  jobs.every(({ notice }) => notice !== undefined && isNotified(notice)) &&
  events.every(({ type }) => type !== 'kill-proxy') &&
  overMs - fromMs < KEPT_MS

/** Whether so many requests for the map failed that the next one may have waited. */
const hasMapFailed = ({ exchanges }: Session): boolean =>
  exchanges.filter(({ what, end, disturbed }) => what === 'map' && (disturbed || end !== 200)).length >= MAP_TRIES

/** Whether the user polls lists, and not each job. */
const seesByList = ({ type, all, byKind }: PlannedUser): boolean =>
  type === 'watchJobs' || (type === 'jobEvents' && (all === true || byKind === true))

/** After a request that timed out, the next one waits about as long as that took, up to 10 s. */
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
