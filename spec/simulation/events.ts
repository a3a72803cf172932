import type { Job } from '../../lib/emulator/cluster/state.ts'
import type { JobEvent } from '../../lib/view/job-event.ts'
import { boundOf, showBoundOf } from './bound.ts'
import { whyEndIsFalse } from './claim.ts'
import { shownKind } from './downloads.ts'
import type { ReportViolation } from './invariants.ts'
import type { Oracle, Truth } from './oracle.ts'
import type { PlannedUser, SimPlan } from './plan.ts'
import type { Session } from './recording.ts'
import { quietSpan } from './quiet.ts'
import { isSelected } from './rows.ts'
import { isOver } from './runs.ts'

// I19: each event is emitted once, in order, and is true; no start and no end is missing.

/** An event, with its time. */
interface Emitted {
  readonly atMs: number
  readonly event: JobEvent
}

const END_TYPES: ReadonlySet<string> = new Set(['finished', 'failed', 'aborted', 'vanished'])

/** Whether an event reports the end of its job. */
export const isEnd = ({ type }: JobEvent): boolean => END_TYPES.has(type)

/** The events of a session, by job. */
export function eventsOf({ received }: Session): ReadonlyMap<string, readonly Emitted[]> {
  const byId = new Map<string, Emitted[]>()
  for (const { value, atMs } of received) {
    const emitted = value as { readonly _tag: 'Left' } | { readonly _tag: 'Right'; readonly right: JobEvent }
    if (emitted._tag === 'Left') continue
    const { id } = emitted.right.job
    const list = byId.get(id)
    if (list === undefined) byId.set(id, [{ atMs, event: emitted.right }])
    else list.push({ atMs, event: emitted.right })
  }
  return byId
}

/** What one user receives, and what it is compared with. */
interface Watched {
  readonly plan: SimPlan
  readonly oracle: Oracle
  readonly session: Session
  readonly user: PlannedUser
  readonly report: ReportViolation
}

/** I19 for one user. */
export function checkEvents(
  plan: SimPlan,
  oracle: Oracle,
  session: Session,
  user: PlannedUser,
  report: ReportViolation,
): void {
  const watched: Watched = { plan, oracle, session, user, report }
  const emitted = eventsOf(session)
  const jobs = oracle.jobs().filter((job) => isSelected(plan, user, job, oracle.idOf(user.job)))
  for (const [id, events] of emitted) {
    const job = jobs.find((one) => one.id === id)
    if (job === undefined || shownKind(job.kind) !== events[0]?.event.job.kind)
      report('I19', `unexpected events of ${events[0]?.event.job.kind ?? ''}[${id}]`, events[0]?.atMs)
    else checkOrder(watched, job, events)
  }
  for (const job of jobs) {
    const events = emitted.get(job.id) ?? []
    if (events.length === 0) checkStartIsEmitted(watched, job)
    checkEndIsEmitted(watched, job, events)
  }
}

type Phase = 'new' | 'running' | 'idle' | 'over'

/** The events that may follow in each phase. */
const MAY_FOLLOW: Readonly<Record<Phase, ReadonlySet<string>>> = {
  new: new Set(['started']),
  running: new Set(['progressed', 'idle', ...END_TYPES]),
  idle: new Set(['resumed', ...END_TYPES]),
  over: new Set(),
}

/** The phase after an event. */
function phaseAfter(event: JobEvent): Phase {
  if (isEnd(event)) return 'over'
  return event.type === 'idle' ? 'idle' : 'running'
}

/** Each event may follow the one before, and an end is true. */
function checkOrder({ plan, oracle, session, report }: Watched, job: Job, events: readonly Emitted[]): void {
  let phase: Phase = 'new'
  for (const { atMs, event } of events) {
    const { type, result } = event
    if (!MAY_FOLLOW[phase].has(type)) report('I19', `${type}, in phase ${phase}`, atMs)
    phase = phaseAfter(event)
    if (phase !== 'over') continue
    const outcome = type === 'vanished' ? 'lost' : type
    if (result === undefined || result.outcome !== outcome || result.success !== (type === 'finished'))
      report('I19', `${type} with a result of ${String(result?.outcome)}`, atMs)
    const wrong = whyEndIsFalse(plan, type, [job], oracle.truthOfJob(session, job, atMs), atMs)
    if (wrong !== undefined) report('I19', `${type}, but ${wrong}`, atMs)
  }
}

/** Reports that a job has no event although it ran for long enough. */
function checkStartIsEmitted({ plan, oracle, session, user, report }: Watched, job: Job): void {
  for (const { job: ran, fromMs, toMs } of oracle.runningSpans) {
    const bound = ran === job ? showBoundOf(plan, user, session, job) : undefined
    if (bound === undefined) continue
    const quiet = quietSpan(plan, session, Math.max(fromMs, session.beganMs), Math.min(toMs, session.overMs), bound)
    if (quiet !== undefined)
      report(
        'I19',
        `a ${job.kind} has been running since ${quiet.fromMs}, without an event for ${bound} ms`,
        quiet.toMs,
      )
  }
}

/** Reports that the end of a job is missing although it was observable for long enough. */
function checkEndIsEmitted(
  { plan, oracle, session, user, report }: Watched,
  job: Job,
  events: readonly Emitted[],
): void {
  const end = events.find(({ event }) => isEnd(event))
  if (end !== undefined && end.atMs <= session.overMs && events.length > 1) return
  const truth = oracle.truthOfJob(session, job)
  // With an id, this includes a job that was over in the first reply.
  const isById = user.all !== true && user.byKind !== true
  const isOverById =
    isById && !truth.isPartMissing && !truth.lost && job.runs.every((run) => isOver(run, session.overMs))
  if ((events.length === 0 && !isOverById) || truth.jobs.length === 0) return
  const bound = endBoundOf(plan, user, session, truth)
  if (bound === undefined) return
  const firstEventMs = isById ? 0 : (events[0]?.atMs ?? 0)
  const fromMs = Math.max(truth.fromMs, session.beganMs, firstEventMs)
  const quiet = quietSpan(plan, session, fromMs, session.overMs, bound)
  if (quiet !== undefined)
    report(
      'I19',
      `the end of a ${job.kind} was observable since ${quiet.fromMs} and due within ${bound} ms, but was not reported`,
      quiet.toMs,
    )
}

/** How late the end may be. */
function endBoundOf(plan: SimPlan, user: PlannedUser, session: Session, truth: Truth): number | undefined {
  const bound = boundOf(plan, user, session, truth)
  const shown = showBoundOf(plan, user, session, truth.jobs[0]!)
  return bound === undefined || shown === undefined ? undefined : Math.max(bound, shown)
}
