import type { Health } from '../../lib/health.ts'
import type { Progress } from '../../lib/view/progress-of.ts'
import type { Job } from '../../lib/emulator/cluster/state.ts'
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

// The promises of endless streams: I9 for `progress`, I12 for `health`; those of tables and events are in `rows.ts` and
// `events.ts`.

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

/** A progress, with the time at which the user received it. */
interface Emitted {
  readonly atMs: number
  readonly progress: Progress
}

/** I9: each progress is valid, the counters of one run never decrease, and the last progress after the end is true. */
function checkProgress(
  plan: SimPlan,
  time: Pick<SimTime, 'frame'>,
  session: Session,
  { byKind }: PlannedUser,
  truth: Truth,
  report: ReportViolation,
): void {
  const emitted = session.received.flatMap(({ value, atMs }): readonly Emitted[] => {
    const emission = value as Emission
    return emission._tag === 'Left' ? [] : [{ atMs, progress: emission.right }]
  })
  for (const one of emitted) checkNumbers(one, report)
  // By kind, another run may follow; an id has only one.
  if (byKind === true) return
  emitted.forEach((one, nth) => checkGrows(emitted[nth - 1], one, report))
  const last = emitted.at(-1)
  // A value that arrives at the moment of subscription is a replay of what other users have received.
  if (last === undefined || last.atMs <= session.beganMs) return
  const [job] = truth.jobs
  if (job === undefined || !hasFinalValue(plan, job, truth, last)) return
  checkFinalCounters(plan, session, last, { objects: objectsOf(job, time.frame), overFromMs: truth.fromMs }, report)
  checkFinalState(session, last, truth, report)
}

/** I9: numbers are not negative, and a ratio is at most 1. */
function checkNumbers({ atMs, progress }: Emitted, report: ReportViolation): void {
  const { objects, bytes, objectsPerSecond, bytesPerSecond, ratio, etaMs, elapsedMs } = progress
  for (const [name, n] of Object.entries({ objects, bytes, objectsPerSecond, bytesPerSecond, etaMs, elapsedMs }))
    if (n !== undefined && !(Number.isFinite(n) && n >= 0)) report('I9', `${name} is ${n}`, atMs)
  if (ratio !== undefined && !(ratio >= 0 && ratio <= 1)) report('I9', `ratio is ${ratio}`, atMs)
}

/** I9: counters never decrease. */
function checkGrows(previous: Emitted | undefined, { atMs, progress }: Emitted, report: ReportViolation): void {
  if (previous === undefined) return
  const { objects, bytes } = previous.progress
  if (progress.objects < objects || progress.bytes < bytes)
    report('I9', `decreased from ${objects} objects to ${progress.objects}`, atMs)
}

/** Whether the last progress must be the final one: the job had ended on all targets before its request left the cluster. */
function hasFinalValue({ net, latencyMs }: SimPlan, { kind }: Job, truth: Truth, last: Emitted): boolean {
  // The progress of a rebalance is what its targets have sent.
  if (kind === 'rebalance' || !truth.ended || truth.lost || truth.isPartMissing) return false
  const lateMs = net.reduce((ms, { type, value = 0 }) => (type === 'late' ? ms + value : ms), 0)
  // Two requests may follow each other, each of which takes a millisecond more than the latency.
  const newestMs = last.atMs - 2 * (latencyMs + 1) - lateMs
  return newestMs >= truth.fromMs
}

/** The objects that all targets have processed. */
const objectsOf = (job: Job, now: number): number =>
  job.runs.reduce((sum, run) => sum + (downloadOf(job) === undefined ? countsOf(run, now).loc : arrivedOf(run, now)), 0)

/** I9: the last progress after the end has all objects. */
function checkFinalCounters(
  { faultClasses }: SimPlan,
  session: Session,
  { atMs, progress: { objects, state, ratio } }: Emitted,
  final: { readonly objects: number; readonly overFromMs: number },
  report: ReportViolation,
): void {
  // A failure that the Information Center reports stands even if the targets cannot be polled for their last counters.
  // An aborted job may wind down for a while.
  const isWindingDown = state === 'aborted' && faultClasses.includes('winding-down')
  const isCertain =
    (state === 'finished' && !isRefused(session, atMs)) ||
    (!isHindered(session, atMs, final.overFromMs) && !isWindingDown)
  if (objects !== final.objects && isCertain) report('I9', `${objects} objects instead of ${final.objects}`, atMs)
  if (state === 'finished' && ratio !== 1) report('I9', `finished with a ratio of ${String(ratio)}`, atMs)
}

/**
 * I9: the last progress after the end has a final state. An end is certain only after replies with the map and from the
 * Information Center, and if no target may still have a part.
 */
function checkFinalState(
  session: Session,
  { atMs, progress: { state } }: Emitted,
  { jobs, fromMs }: Truth,
  report: ReportViolation,
): void {
  const isFinal = ['finished', 'failed', 'aborted'].includes(state)
  if (!isFinal && areAllPartsMapped(jobs) && !isHindered(session, atMs, fromMs))
    report('I9', `${state}, but the job is over`, atMs)
}

/**
 * Whether the targets refused the poll for the last counters with a permanent error. The end then comes from the Information
 * Center alone, and the last counters stay unknown.
 */
const isRefused = ({ exchanges, inFlightAtStart }: Session, polledMs: number): boolean =>
  [...inFlightAtStart, ...exchanges].some(
    ({ what, fault, endMs }) => what === 'snapshots' && fault === 'permanent' && endMs === polledMs,
  )

/**
 * Whether the subscriber could not yet know the end when it left: one of its requests met a hindrance. The requests include
 * those that were in flight when the subscriber started, because it shares them.
 *
 * @param polledMs when the last progress came, and so the last poll of the targets
 * @param overFromMs from when on the cluster shows the end
 */
const isHindered = ({ exchanges, inFlightAtStart, overMs }: Session, polledMs: number, overFromMs: number): boolean =>
  [...inFlightAtStart, ...exchanges].some((exchange) => {
    const { what, end, atMs, endMs, servedMs = Infinity, disturbed } = exchange
    // The last snapshots left the cluster before the end.
    const isOld = what === 'snapshots' && endMs === polledMs && servedMs < overFromMs
    const isMapUnknown = what === 'map' && end !== 200
    const isOfIc = what === 'status' || what === 'list'
    const isOpen = end === 'cut' || end === 'open' || endMs >= overMs
    // The reply is older than the last poll, and there was no time to request it again.
    const isOutdated = atMs < polledMs && endMs + PAUSE_MS >= overMs
    return disturbed || isOld || isMapUnknown || (isOfIc && (isOpen || isOutdated))
  })

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
