import type { JobStats } from '../codec/job-stats.ts'
import type { TargetId } from '../codec/snapshots.ts'
import { isIdle } from '../model/snapshot.ts'
import type { WaitResult } from '../model/wait-result.ts'
import type { Case } from './case.ts'
import type { TrackedRun } from './tracker.ts'
import type { EventType, JobEvent } from './job-event.ts'
import { lostResult } from './result.ts'
import type { RunView } from './view.ts'

// The events of a run: what has changed between two replies.

/** Which events of one run were emitted. */
export interface Emitted {
  /** The run itself, because one id may have several runs. */
  readonly tracked: TrackedRun
  /** What the last event means for the run; `unseen` before the first one. */
  readonly phase: 'unseen' | 'running' | 'idle' | 'over'
  /** The work that each target has shown. A target that is missing for a while keeps its value. */
  readonly done: ReadonlyMap<TargetId, bigint>
}

/**
 * Returns what happened to a run since the last reply, in order.
 *
 * @param c the run as its stream sees it
 * @param before which events were emitted until now
 * @param byList whether the stream polls lists; snapshots then arrive only to settle doubts, and cause no `progressed`
 */
export function eventsOf(
  tracked: TrackedRun,
  c: Case,
  before: Emitted | undefined,
  { atMs, byList }: { readonly atMs: number; readonly byList: boolean },
): { readonly emitted: Emitted; readonly events: readonly JobEvent[] } {
  const { run, result } = tracked
  const events: JobEvent[] = []
  const job = { id: run.id, kind: run.kind ?? '' }
  const emit = (type: EventType): void => {
    events.push({ type, job, atMs })
  }
  const emitEnd = (end: WaitResult): void => {
    events.push({ type: typeOf(end), job, atMs, result: end })
  }

  const isSameRun = before?.tracked === tracked
  // The id began a new run before the end of the old run was certain.
  if (before !== undefined && !isSameRun && before.phase !== 'unseen' && before.phase !== 'over')
    emitEnd(resultOfReplaced(c, before.tracked))

  const last = isSameRun ? before : beforeFirstEvent(tracked)
  if (last.phase === 'over') return { emitted: last, events }
  if (result !== undefined) {
    if (last.phase === 'unseen') emit('started')
    emitEnd(result)
    return { emitted: { tracked, phase: 'over', done: NO_WORK }, events }
  }
  if (last.phase === 'unseen' && !hasBegun(c, run)) return { emitted: last, events }
  const phase = isIdling(c) ? 'idle' : 'running'
  if (last.phase === 'unseen') {
    emit('started')
    if (phase === 'idle') emit('idle')
    return { emitted: { tracked, phase, done: last.done }, events }
  }
  const grown = growth(last.done, run)
  const hasWorked = grown.size > 0
  // If two replies show the run idle and its counters changed in between, it was at work in between.
  if (last.phase === 'idle' && (phase === 'running' || hasWorked)) emit('resumed')
  if (hasWorked && !byList) emit('progressed')
  if (phase === 'idle' && (last.phase === 'running' || hasWorked)) emit('idle')
  return { emitted: { tracked, phase, done: hasWorked ? new Map([...last.done, ...grown]) : last.done }, events }
}

/** What is known of the events of a run before the first one. A run that was over at the first reply has none. */
const beforeFirstEvent = (tracked: TrackedRun): Emitted =>
  tracked.isPast ? { tracked, phase: 'over', done: NO_WORK } : { tracked, phase: 'unseen', done: doneBy(tracked.run) }

const NO_WORK: ReadonlyMap<TargetId, bigint> = new Map()

/** The result of a run whose id began a new run before its own end was certain: lost, unless it showed an error. */
function resultOfReplaced(c: Case, { goal, standing, run }: TrackedRun): WaitResult {
  return lostResult({ ...c, goal, standing, runs: [run], parts: [...run.parts.values()] }, [])
}

/** The type of the event for an end. */
function typeOf({ outcome }: WaitResult): EventType {
  switch (outcome) {
    case 'failed':
    case 'aborted':
      return outcome
    case 'lost':
      return 'vanished'
    default:
      return 'finished'
  }
}

/** Whether a list shows the run, or a target has started it. */
function hasBegun({ view, parts }: Case, { id, row, full }: RunView): boolean {
  return (
    row !== undefined ||
    full !== undefined ||
    view.running?.value.has(id) === true ||
    parts.some(({ snap }) => snap.startTime !== undefined)
  )
}

/** Whether every part that is not over is idle, and there is at least one such part. */
function isIdling({ parts }: Case): boolean {
  let idles = false
  for (const { snap, missing } of parts) {
    if (snap.endTime !== undefined) continue
    if (missing !== undefined || !isIdle(snap)) return false
    idles = true
  }
  return idles
}

function doneBy({ parts }: RunView): ReadonlyMap<TargetId, bigint> {
  return new Map([...parts.values()].map(({ target, snap }) => [target, workOf(snap.stats)]))
}

/** The sum of all counters of a target, which increases with any work. */
const workOf = ({ objects, bytes, outBytes, inBytes }: JobStats): bigint => objects + bytes + outBytes + inBytes

/** The work of the targets that have done more than before. */
function growth(done: ReadonlyMap<TargetId, bigint>, run: RunView): ReadonlyMap<TargetId, bigint> {
  return new Map([...doneBy(run)].filter(([target, work]) => work > (done.get(target) ?? 0n)))
}
