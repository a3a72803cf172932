import type { Health } from '../../lib/health.ts'
import type { Progress } from '../../lib/view/progress-of.ts'
import type { Run } from '../../lib/emulator/cluster/state.ts'
import { countsOf } from '../../lib/emulator/cluster/snapshot.ts'
import { arrivedOf, downloadOf } from './downloads.ts'
import type { ReportViolation } from './invariants.ts'
import { checkEvents } from './events.ts'
import { PAUSE_MS } from './first-poll.ts'
import type { Oracle, Truth } from './oracle.ts'
import { areAllPartsMapped } from './parts.ts'
import type { PlannedUser, SimPlan } from './plan.ts'
import type { Session } from './recording.ts'
import { checkTables } from './rows.ts'
import type { SimTime } from './time.ts'

/** Checks the values of an endless stream. */
export function checkEndlessStream(
  plan: SimPlan,
  time: Pick<SimTime, 'frame'>,
  session: Session,
  user: PlannedUser,
  oracle: Oracle,
  report: ReportViolation,
): void {
  if (session.state !== 'left') report('I2', `an endless stream ended: ${session.state}`)
  if (user.type === 'health') checkHealth(plan, session, report)
  if (user.type === 'progress') checkProgress(plan, time, session, user, oracle.truthOf(session), report)
  if (user.type === 'watchJobs') checkTables(plan, oracle, session, user, report)
  if (user.type === 'jobEvents') checkEvents(plan, oracle, session, user, report)
}

type Emission = { readonly _tag: 'Left' } | { readonly _tag: 'Right'; readonly right: Progress }

/**
 * I9: the counters of one run never decrease, rates and ratios are valid, and the values for a job that is over are
 * true.
 */
function checkProgress(
  plan: SimPlan,
  time: Pick<SimTime, 'frame'>,
  session: Session,
  user: PlannedUser,
  truth: Truth,
  report: ReportViolation,
): void {
  let previous: Progress | undefined
  let last: { readonly atMs: number; readonly right: Progress } | undefined
  for (const { value, atMs } of session.received) {
    const emission = value as Emission
    if (emission._tag === 'Left') continue
    const { right } = emission
    const { objects, bytes, objectsPerSecond, bytesPerSecond, ratio, etaMs, elapsedMs } = right
    for (const [name, n] of Object.entries({ objects, bytes, objectsPerSecond, bytesPerSecond, etaMs, elapsedMs }))
      if (n !== undefined && !(Number.isFinite(n) && n >= 0)) report('I9', `${name} is ${n}`, atMs)
    if (ratio !== undefined && !(ratio >= 0 && ratio <= 1)) report('I9', `ratio is ${ratio}`, atMs)
    // By kind, another run may follow; an id has only one.
    if (user.byKind !== true && previous !== undefined && (objects < previous.objects || bytes < previous.bytes))
      report('I9', `decreased from ${previous.objects} objects to ${objects}`, atMs)
    previous = right
    last = { atMs, right }
  }
  // A value that arrives at the moment of subscription is a replay of what other users have received.
  if (last !== undefined && last.atMs > session.beganMs && user.byKind !== true)
    checkLastProgress(
      plan,
      time,
      last,
      truth,
      { hindered: isHindered(session, last.atMs, truth.fromMs), refused: isRefused(session, last.atMs) },
      report,
    )
}

/**
 * Whether the targets refused the poll for the last counters with a permanent error. The end then comes from the Information
 * Center alone, and the last counters stay unknown.
 */
const isRefused = ({ exchanges, inFlightAtStart }: Session, atMs: number): boolean =>
  [...inFlightAtStart, ...exchanges].some(
    ({ what, fault, endMs }) => what === 'snapshots' && fault === 'permanent' && endMs === atMs,
  )

/**
 * Whether the subscriber could not yet know the end when it left, for one of these reasons:
 *
 * - a reply was disturbed;
 * - the last snapshots left the cluster before the end;
 * - a request for the map failed;
 * - the status or the list had not arrived;
 * - it had been requested before the last poll, and there was no time to request it again.
 *
 * The requests include those that were in flight when the subscriber started, because it shares them.
 */
const isHindered = ({ exchanges, inFlightAtStart, overMs }: Session, polledMs: number, overFromMs: number): boolean =>
  [...inFlightAtStart, ...exchanges].some(
    ({ what, end, atMs, endMs, servedMs = Infinity, disturbed }) =>
      disturbed ||
      (what === 'snapshots' && endMs === polledMs && servedMs < overFromMs) ||
      (what === 'map' && end !== 200) ||
      ((what === 'status' || what === 'list') &&
        (end === 'cut' || end === 'open' || endMs >= overMs || (atMs < polledMs && endMs + PAUSE_MS >= overMs))),
  )

/** I9 for the last value after the end of a job of which no part is lost: it has the final counters and a final state. */
function checkLastProgress(
  { net, latencyMs, faultClasses }: SimPlan,
  time: Pick<SimTime, 'frame'>,
  { atMs, right: { objects, state, ratio } }: { readonly atMs: number; readonly right: Progress },
  { jobs, fromMs, lost, isPartMissing, ended }: Truth,
  { hindered, refused }: { readonly hindered: boolean; readonly refused: boolean },
  report: ReportViolation,
): void {
  const [job] = jobs
  const lateMs = net.reduce((ms, { type, value = 0 }) => (type === 'late' ? ms + value : ms), 2 * latencyMs + 2)
  // The progress of a rebalance is what its targets have sent.
  if (job === undefined || job.kind === 'rebalance' || !ended || lost || isPartMissing || atMs - lateMs < fromMs) return
  const countOf = (run: Run): number =>
    downloadOf(job) === undefined ? countsOf(run, time.frame).loc : arrivedOf(run, time.frame)
  const done = job.runs.reduce((sum, run) => sum + countOf(run), 0)
  // A failure that the Information Center reports stands even if the targets cannot be polled for their last counters.
  // An aborted job may wind down for a while.
  const isCertain =
    (state === 'finished' && !refused) || (!hindered && !(state === 'aborted' && faultClasses.includes('winding-down')))
  if (objects !== done && isCertain) report('I9', `${objects} objects instead of ${done}`, atMs)
  // An end is certain only after replies with the map and from the Information Center, and if no target may still have
  // a part.
  if (!hindered && areAllPartsMapped(jobs) && !['finished', 'failed', 'aborted'].includes(state))
    report('I9', `${state}, but the job is over`, atMs)
  if (state === 'finished' && ratio !== 1) report('I9', `finished with a ratio of ${String(ratio)}`, atMs)
}

/** A request that takes longer than this makes the cluster unhealthy, even without a fault. */
const QUICK_MS = 1_000

/** I12: each state differs from the previous one, and without faults there is only one. */
function checkHealth({ mode, latencyMs, requestTimeoutMs }: SimPlan, session: Session, report: ReportViolation): void {
  let previous: Health | undefined
  for (const { value, atMs } of session.received) {
    const one = value as Health
    const same = one.state === previous?.state && one.endpoint === previous.endpoint && one.reason === previous.reason
    if (same) report('I12', `${one.state} twice in a row`, atMs)
    if (previous !== undefined && one.sinceMs < previous.sinceMs)
      report('I12', `since ${one.sinceMs}, which is before ${previous.sinceMs}`)
    if (mode === 'clean' && latencyMs <= QUICK_MS && requestTimeoutMs === undefined && one.state !== 'connected')
      report('I12', `${one.state} without a fault: ${one.reason ?? ''}`, atMs)
    previous = one
  }
}
