import type { Health } from '../../lib/health.ts'
import type { Progress } from '../../lib/view/progress-of.ts'
import type { Run } from '../../lib/emulator/cluster/state.ts'
import { countsOf } from '../../lib/emulator/cluster/snapshot.ts'
import { arrivedOf, downloadOf } from './downloads.ts'
import type { Say } from './invariants.ts'
import { eventsHold } from './events.ts'
import { PAUSE_MS } from './first-poll.ts'
import type { Oracle, Truth } from './oracle.ts'
import { mappedParts } from './parts.ts'
import type { PlannedUser, SimPlan } from './plan.ts'
import type { Stay } from './probe.ts'
import { rowsHold } from './rows.ts'
import type { SimTime } from './time.ts'

/** Checks the values of an endless stream. */
export function watched(
  plan: SimPlan,
  time: Pick<SimTime, 'frame'>,
  stay: Stay,
  user: PlannedUser,
  oracle: Oracle,
  say: Say,
): void {
  if (stay.how !== 'left') say('I2', `an endless stream ended: ${stay.how}`)
  if (user.type === 'health') alternates(plan, stay, say)
  if (user.type === 'progress') progresses(plan, time, stay, user, oracle.truthOf(stay), say)
  if (user.type === 'watchJobs') rowsHold(plan, oracle, stay, user, say)
  if (user.type === 'jobEvents') eventsHold(plan, oracle, stay, user, say)
}

type Emission = { readonly _tag: 'Left' } | { readonly _tag: 'Right'; readonly right: Progress }

/**
 * I9: the counters of one run never decrease, rates and ratios are valid, and the values for a job that is over are
 * true.
 */
function progresses(
  plan: SimPlan,
  time: Pick<SimTime, 'frame'>,
  stay: Stay,
  user: PlannedUser,
  truth: Truth,
  say: Say,
): void {
  let before: Progress | undefined
  let last: { readonly atMs: number; readonly right: Progress } | undefined
  for (const { value, atMs } of stay.seen) {
    const emission = value as Emission
    if (emission._tag === 'Left') continue
    const { right } = emission
    const { objects, bytes, objectsPerSecond, bytesPerSecond, ratio, etaMs, elapsedMs } = right
    for (const [name, n] of Object.entries({ objects, bytes, objectsPerSecond, bytesPerSecond, etaMs, elapsedMs }))
      if (n !== undefined && !(Number.isFinite(n) && n >= 0)) say('I9', `${name} is ${n}`, atMs)
    if (ratio !== undefined && !(ratio >= 0 && ratio <= 1)) say('I9', `ratio is ${ratio}`, atMs)
    // By kind, another run may follow; an id has only one.
    if (user.byKind !== true && before !== undefined && (objects < before.objects || bytes < before.bytes))
      say('I9', `decreased from ${before.objects} objects to ${objects}`, atMs)
    before = right
    last = { atMs, right }
  }
  // A value that comes at once was already sent to others.
  if (last !== undefined && last.atMs > stay.beganMs && user.byKind !== true)
    agrees(plan, time, last, truth, { hindered: isHindered(stay, last.atMs), refused: isRefused(stay, last.atMs) }, say)
}

/**
 * Whether the targets permanently refused the poll for the last counters at that moment. The Information Center alone
 * then decides the end, as it does for a wait, and nobody can know the last counters.
 */
const isRefused = ({ exchanges, met }: Stay, atMs: number): boolean =>
  [...met, ...exchanges].some(
    ({ what, fault, endMs }) => what === 'snapshots' && fault === 'permanent' && endMs === atMs,
  )

/**
 * Whether a source was disturbed, or had not replied when the subscriber left. The subscriber shares requests that were
 * in flight when it started, because no query is sent twice at once. A reply may also come too late at the very moment
 * at which the subscriber leaves, for example when its machine wakes up. A status that was requested before the last
 * poll proves nothing about it, and is not requested again within a moment of its reply. Among several users, a list
 * replaces the first status request.
 */
const isHindered = ({ exchanges, met, overMs }: Stay, polledMs: number): boolean =>
  [...met, ...exchanges].some(
    ({ what, end, atMs, endMs, disturbed }) =>
      disturbed ||
      (what === 'map' && end !== 200) ||
      ((what === 'status' || what === 'list') &&
        (end === 'cut' || end === 'open' || endMs >= overMs || (atMs < polledMs && endMs + PAUSE_MS >= overMs))),
  )

/** Checks a poll that came after the end of a job with all its parts. */
function agrees(
  { net, latencyMs, faultClasses }: SimPlan,
  time: Pick<SimTime, 'frame'>,
  { atMs, right: { objects, state, ratio } }: { readonly atMs: number; readonly right: Progress },
  { jobs, fromMs, lost, gone, ended }: Truth,
  { hindered, refused }: { readonly hindered: boolean; readonly refused: boolean },
  say: Say,
): void {
  const [job] = jobs
  const lateMs = net.reduce((ms, { type, value = 0 }) => (type === 'late' ? ms + value : ms), 2 * latencyMs + 2)
  // The progress of a rebalance is what its targets have sent.
  if (job === undefined || job.kind === 'rebalance' || !ended || lost || gone || atMs - lateMs < fromMs) return
  const countOf = (run: Run): number =>
    downloadOf(job) === undefined ? countsOf(run, time.frame).loc : arrivedOf(run, time.frame)
  const done = job.runs.reduce((sum, run) => sum + countOf(run), 0)
  // A failure that the Information Center reports stands even if the targets cannot be polled for their last counters.
  // An aborted job may wind down for a while.
  const isCertain =
    (state === 'finished' && !refused) || (!hindered && !(state === 'aborted' && faultClasses.includes('winding-down')))
  if (objects !== done && isCertain) say('I9', `${objects} objects instead of ${done}`, atMs)
  // An end is certain only after replies with the map and from the Information Center, and if no target may still have
  // a part.
  if (!hindered && mappedParts(jobs) && !['finished', 'failed', 'aborted'].includes(state))
    say('I9', `${state}, but the job is over`, atMs)
  if (state === 'finished' && ratio !== 1) say('I9', `finished with a ratio of ${String(ratio)}`, atMs)
}

/** A request that takes longer indicates trouble, and so does one that times out. */
const QUICK_MS = 1_000

/** I12: each state differs from the previous one, and without faults there is only one. */
function alternates({ mode, latencyMs, requestTimeoutMs }: SimPlan, stay: Stay, say: Say): void {
  let before: Health | undefined
  for (const { value, atMs } of stay.seen) {
    const one = value as Health
    const same = one.state === before?.state && one.endpoint === before.endpoint && one.reason === before.reason
    if (same) say('I12', `${one.state} twice in a row`, atMs)
    if (before !== undefined && one.sinceMs < before.sinceMs)
      say('I12', `since ${one.sinceMs}, which is before ${before.sinceMs}`)
    if (mode === 'clean' && latencyMs <= QUICK_MS && requestTimeoutMs === undefined && one.state !== 'connected')
      say('I12', `${one.state} without a fault: ${one.reason ?? ''}`, atMs)
    before = one
  }
}
