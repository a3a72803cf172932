import type { Job, Notice } from '../../lib/emulator/cluster/state.ts'
import { mappedParts } from './parts.ts'
import { goalOf } from './goal.ts'
import type { Truth } from './oracle.ts'
import { shares, type PlannedUser, type SimPlan } from './plan.ts'
import type { Exchange, Stay } from './probe.ts'

/** The contract's numbers (the limits that the library documents). */
const UNKNOWN_STATUS_MS = 2_007
const LONGEST_GAP_MS = 10_000
const LONGEST_LOOK_MS = 15_000
const TWO_LOOKS_MS = 2_000
/** The proxies throw a status away some time after so long. */
const KEPT_MS = 170_000
const SETTLES_MS = 35_000
const LOST_MS = 60_000
/** No request is waited for longer. */
const LONGEST_LIMIT_MS = 300_000
const VISIBLE_MS = 10_000
/** Who joins others is asked for as soon as that. */
const JOIN_MS = 100
const MAP_AGAIN_MS = 10_000

interface Pace {
  /** Until the next look, at most. */
  readonly gapMs: number
  /** What the questions of a look take. */
  readonly roundMs: number
  /** Two looks, with all that the net is granted. */
  readonly boundMs: number
}

function paceOf(plan: SimPlan, user: PlannedUser, stay: Stay): Pace {
  const latencyMs = plan.latencyMs + 1
  const unknown = isUnknown(stay)
  const roundMs =
    3 * latencyMs +
    (plan.net.some(({ type }) => type === 'redirect') ? 2 * latencyMs : 0) +
    (unknown ? UNKNOWN_STATUS_MS : 0)
  const failed = [...stay.met, ...stay.exchanges].some(({ disturbed }) => disturbed) || plan.jumps.length > 0
  const elapsed = stay.overMs - stay.beganMs
  const ownMs = Math.max(500, roundMs, elapsed / 5) * 1.2
  const gapMs =
    user.gapMs !== undefined ? Math.max(100, user.gapMs) : failed ? LONGEST_GAP_MS : Math.min(LONGEST_GAP_MS, ownMs)
  const retryMs = Math.max(
    0,
    ...plan.net.filter(({ type }) => type === 'retry-after').map(({ value = 0 }) => Math.min(60_000, value * 1_000)),
  )
  const boundMs =
    2 * gapMs +
    restMs(plan, stay) +
    3 * roundMs +
    warmUpMs(plan, latencyMs + (unknown ? UNKNOWN_STATUS_MS : 0), gapMs) +
    (user.gapMs === undefined ? retryMs : 0) +
    50
  // A subscriber in company joins the next tick of the others, and has a list confirmed.
  return { gapMs, roundMs, boundMs: shares(plan) ? boundMs + 2 * JOIN_MS : boundMs }
}

/**
 * Within how long a stream that lists jobs must show one that runs, if nothing disturbs it. Undefined where nothing is
 * promised.
 */
export function lookBoundOf(plan: SimPlan, user: PlannedUser, stay: Stay, { notice }: Job): number | undefined {
  if (plan.latencyMs >= 120_000) return undefined
  const { boundMs } = paceOf(plan, user, stay)
  // What only the targets know is looked for at a slower pace, unless it was asked for; so is what the others have forgotten.
  const isSlow =
    user.all === true || user.type === 'watchJobs'
      ? notice === undefined || isForgettable(plan)
      : plan.events.some(({ type }) => type === 'kill-proxy')
  return isSlow ? boundMs + LONGEST_LOOK_MS : boundMs
}

/**
 * Whether each proxy dies at some time, so that none may know of a job any more: a table learns of it from the list of what
 * runs, as of a kind that the proxies do not keep (docs/bounds.md). That list is empty while a proxy starts up.
 */
const isForgettable = ({ proxies, events }: SimPlan): boolean =>
  new Set(events.flatMap((event) => (event.type === 'kill-proxy' ? [event.proxy] : []))).size >= proxies

/**
 * Within how long after it shows the wait must tell it, if nothing disturbs it: two gaps and what the questions take, and
 * for those cases in which one look is not enough, what the contract grants them. Undefined where nothing is promised.
 */
export function boundOf(plan: SimPlan, user: PlannedUser, stay: Stay, truth: Truth): number | undefined {
  const latencyMs = plan.latencyMs + 1
  const { gapMs, roundMs, boundMs } = paceOf(plan, user, stay)
  let bound = boundMs
  const planned = plan.jobs[user.job]
  const goal = goalOf(user, planned?.kind)
  if (truth.jobs.length === 0) {
    // Nobody knows the id; of a kind, a next run is waited for as long as it takes.
    const byKind = user.byKind === true && planned !== undefined
    if (byKind && goal === 'not-running') return bound
    if (user.type === 'start' || byKind) return undefined
    return latencyMs + UNKNOWN_STATUS_MS >= LONGEST_LIMIT_MS ? undefined : bound + VISIBLE_MS + gapMs
  }
  // Of several runs one is asked for in each round.
  if (truth.jobs.length > 1) bound += truth.jobs.length * (gapMs + roundMs)
  if (latencyMs >= 120_000 && (truth.gone || truth.lost)) return undefined
  const quiet = truth.jobs.some(({ notice }) => notice !== undefined && !isHeard(notice))
  if (quiet) bound += LONGEST_LOOK_MS
  if (truth.lost) return bound + LOST_MS + 2 * gapMs + LONGEST_LOOK_MS
  if (goal === 'idle') bound += TWO_LOOKS_MS + gapMs
  // Where records are gone, it takes longer to be sure, and longer still where the proxies go on to show the job as open. A
  // part that was seen at work is lost as one that died at work.
  if (truth.gone) bound += (quiet || truth.shownGone ? LOST_MS : SETTLES_MS) + gapMs
  if (goal !== 'end' && goal !== 'not-running') return bound
  // Proxies that die forget what they were told, and all forget in time.
  const told =
    truth.jobs.every(({ notice }) => notice !== undefined && isHeard(notice)) &&
    plan.events.every(({ type }) => type !== 'kill-proxy') &&
    stay.overMs - truth.fromMs < KEPT_MS
  const mapped = mappedParts(truth.jobs) && !truth.gone
  // Where a status takes that long, it is forgotten meanwhile.
  if (latencyMs >= 120_000) return undefined
  if (told || user.type === 'waitSingleNode') return bound
  if (!mapped) return bound + SETTLES_MS + gapMs
  // A map that could not be had three times in a row is not asked for at once.
  const failures = stay.exchanges.filter(({ what, end, disturbed }) => what === 'map' && (disturbed || end !== 200))
  return failures.length >= 3 ? bound + MAP_AGAIN_MS + gapMs : bound
}

/** After a request that ran into its limit, the next one waits up to 10 s (docs/bounds.md). */
function restMs({ requestTimeoutMs = 30_000 }: SimPlan, { exchanges }: Stay): number {
  const isTimeout = ({ end, atMs, endMs }: Exchange): boolean => end === 'cut' && endMs - atMs >= requestTimeoutMs
  return exchanges.some(isTimeout) ? Math.min(LONGEST_GAP_MS, requestTimeoutMs) : 0
}

/** A request's limit doubles with each round that ran into it, until it is beyond the latency; each question has its own. */
function warmUpMs({ requestTimeoutMs = 30_000 }: SimPlan, latencyMs: number, gapMs: number): number {
  let sum = 0
  for (let limit = requestTimeoutMs; limit <= latencyMs; limit *= 2) sum += 3 * limit + gapMs
  return sum
}

/** A status that nobody knows takes its time, for all who share the question. */
const isUnknown = ({ met, exchanges }: Stay): boolean =>
  [met, exchanges].some((list) => list.some(({ what, end }) => what === 'status' && end !== 200))

/** The proxies hear of the end when it comes. */
const isHeard = ({ notified, deaf }: Notice): boolean => notified && !deaf
