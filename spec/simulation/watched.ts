import type { Health } from '../../lib/health.ts'
import type { Progress } from '../../lib/view/progress-of.ts'
import { countsOf } from '../../lib/emulator/cluster/snapshot.ts'
import type { Say } from './invariants.ts'
import { eventsHold } from './events.ts'
import { PAUSE_MS } from './first-look.ts'
import type { Oracle, Truth } from './oracle.ts'
import { mappedParts } from './parts.ts'
import type { PlannedUser, SimPlan } from './plan.ts'
import type { Stay } from './probe.ts'
import { rowsHold } from './rows.ts'
import type { SimTime } from './time.ts'

/** What those who watch were shown. */
export function watched(
  plan: SimPlan,
  time: Pick<SimTime, 'frame'>,
  stay: Stay,
  user: PlannedUser,
  oracle: Oracle,
  say: Say,
): void {
  if (stay.how !== 'left') say('I2', `a watcher's stream is without end; this one: ${stay.how}`)
  if (user.type === 'health') alternates(plan, stay, say)
  if (user.type === 'progress') progresses(plan, time, stay, user, oracle.truthOf(stay), say)
  if (user.type === 'watchJobs') rowsHold(plan, oracle, stay, user, say)
  if (user.type === 'jobEvents') eventsHold(plan, oracle, stay, user, say)
}

type Told = { readonly _tag: 'Left' } | { readonly _tag: 'Right'; readonly right: Progress }

/** I9: counters of one run never go back, rates and ratios are such, and what is told of a job that is over is true. */
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
    const told = value as Told
    if (told._tag === 'Left') continue
    const { right } = told
    const { objects, bytes, objectsPerSecond, bytesPerSecond, ratio, etaMs, elapsedMs } = right
    for (const [name, n] of Object.entries({ objects, bytes, objectsPerSecond, bytesPerSecond, etaMs, elapsedMs }))
      if (n !== undefined && !(Number.isFinite(n) && n >= 0)) say('I9', `${name} is ${n}`, atMs)
    if (ratio !== undefined && !(ratio >= 0 && ratio <= 1)) say('I9', `ratio is ${ratio}`, atMs)
    // Of a kind, another run may come; an id has one.
    if (user.byKind !== true && before !== undefined && (objects < before.objects || bytes < before.bytes))
      say('I9', `back from ${before.objects} objects to ${objects}`, atMs)
    before = right
    last = { atMs, right }
  }
  // What comes at once is what others were told before.
  if (last !== undefined && last.atMs > stay.beganMs && user.byKind !== true)
    agrees(plan, time, last, truth, isHindered(stay, last.atMs), say)
}

/**
 * A witness was disturbed, or had not answered when the subscriber left. What was in flight when he came, he waits for as
 * those do who sent it: nobody asks the same twice at once. In the instant in which he leaves, such as that in which his
 * machine wakes up, an answer may come after he has left. A status that was asked for before the last look proves nothing of
 * it, and none is asked for again within a moment of its answer. In company, a list carries the first question of a status.
 */
const isHindered = ({ exchanges, met, overMs }: Stay, lookedMs: number): boolean =>
  [...met, ...exchanges].some(
    ({ what, end, atMs, endMs, disturbed }) =>
      disturbed ||
      (what === 'map' && end !== 200) ||
      ((what === 'status' || what === 'list') &&
        (end === 'cut' || end === 'open' || endMs >= overMs || (atMs < lookedMs && endMs + PAUSE_MS >= overMs))),
  )

/** Where the last look came after the end of a job of which all is there. */
function agrees(
  { net, latencyMs, faultClasses }: SimPlan,
  time: Pick<SimTime, 'frame'>,
  { atMs, right: { objects, state, ratio } }: { readonly atMs: number; readonly right: Progress },
  { jobs, fromMs, lost, gone, ended }: Truth,
  hindered: boolean,
  say: Say,
): void {
  const [job] = jobs
  const lateMs = net.reduce((ms, { type, value = 0 }) => (type === 'late' ? ms + value : ms), 2 * latencyMs + 2)
  // What a rebalance has done is what its targets have sent.
  if (job === undefined || job.kind === 'rebalance' || !ended || lost || gone || atMs - lateMs < fromMs) return
  const done = job.runs.reduce((sum, run) => sum + countsOf(run, time.frame).loc, 0)
  // A failure that the Information Center tells of is told on even if the targets cannot be asked for their last counters.
  // What is aborted may wind down for a while.
  const isCertain =
    state === 'finished' || (!hindered && !(state === 'aborted' && faultClasses.includes('winding-down')))
  if (objects !== done && isCertain) say('I9', `${objects} objects of a job that has done ${done}`, atMs)
  // An end is certain only when the map and the Information Center have been heard, and no target may have a part still.
  if (!hindered && mappedParts(jobs) && !['finished', 'failed', 'aborted'].includes(state))
    say('I9', `${state}, but it is over`, atMs)
  if (state === 'finished' && ratio !== 1) say('I9', `finished at a ratio of ${String(ratio)}`, atMs)
}

/** A question that takes longer is a sign of trouble, and so is one that runs into its limit. */
const QUICK_MS = 1_000

/** I12: each state is another one than the one before, and where nothing goes wrong there is but one. */
function alternates({ mode, latencyMs, requestTimeoutMs }: SimPlan, stay: Stay, say: Say): void {
  let before: Health | undefined
  for (const { value, atMs } of stay.seen) {
    const one = value as Health
    const same = one.state === before?.state && one.endpoint === before.endpoint && one.reason === before.reason
    if (same) say('I12', `${one.state} twice in a row`, atMs)
    if (before !== undefined && one.sinceMs < before.sinceMs)
      say('I12', `since ${one.sinceMs}, after ${before.sinceMs}`)
    if (mode === 'clean' && latencyMs <= QUICK_MS && requestTimeoutMs === undefined && one.state !== 'connected')
      say('I12', `${one.state}, where nothing went wrong: ${one.reason ?? ''}`, atMs)
    before = one
  }
}
