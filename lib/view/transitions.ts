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
 * @param byList whether the stream polls lists; snapshots then arrive only to settle doubts, and cause no `progressed`
 */
export function eventsOf(
  tracked: TrackedRun,
  c: Case,
  before: Emitted | undefined,
  { atMs, byList }: { readonly atMs: number; readonly byList: boolean },
): { readonly emitted: Emitted; readonly events: readonly JobEvent[] } {
  const { run, isPast, result } = tracked
  const events: JobEvent[] = []
  const job = { id: run.id, kind: run.kind ?? '' }
  const emit = (type: EventType): void => void events.push({ type, job, atMs })
  // The id began a new run before the end of the old run was certain.
  if (before !== undefined && before.tracked !== tracked && !['unseen', 'over'].includes(before.phase)) {
    const end = resultOfReplaced(c, before.tracked)
    events.push({ type: typeOf(end), job, atMs, result: end })
  }
  const emitted: Emitted =
    before?.tracked === tracked
      ? before
      : { tracked, phase: isPast ? 'over' : 'unseen', done: isPast ? NO_WORK : doneBy(run) }
  if (emitted.phase === 'over') return { emitted, events }
  let phase: Emitted['phase'] = emitted.phase
  let { done } = emitted
  if (phase === 'unseen') {
    if (!hasBegun(c, run) && result === undefined) return { emitted, events }
    emit('started')
    phase = 'running'
    if (result === undefined && isIdling(c)) {
      phase = 'idle'
      emit('idle')
    }
  } else if (result === undefined) {
    const idles = isIdling(c)
    const grown = growth(done, run)
    const hasWorked = grown.size > 0
    // If two replies show the run idle and its counters changed in between, it was at work in between.
    if (phase === 'idle' && (!idles || hasWorked)) emit('resumed')
    if (hasWorked && !byList) emit('progressed')
    if (idles && (phase === 'running' || hasWorked)) emit('idle')
    phase = idles ? 'idle' : 'running'
    if (hasWorked) done = new Map([...done, ...grown])
  }
  if (result !== undefined) {
    events.push({ type: typeOf(result), job, atMs, result })
    phase = 'over'
    done = NO_WORK
  }
  return { emitted: { tracked, phase, done }, events }
}

const NO_WORK: ReadonlyMap<TargetId, bigint> = new Map()

/** The result of a run whose id began a new run before its own end was certain: lost, unless it showed an error. */
function resultOfReplaced(c: Case, { goal, standing, run }: TrackedRun): WaitResult {
  return lostResult({ ...c, goal, standing, runs: [run], parts: [...run.parts.values()] }, [])
}

const typeOf = ({ outcome }: WaitResult): EventType =>
  outcome === 'failed' || outcome === 'aborted' ? outcome : outcome === 'lost' ? 'vanished' : 'finished'

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

type Stats = RunView['parts'] extends ReadonlyMap<TargetId, { readonly snap: { readonly stats: infer S } }> ? S : never

/** The sum of all counters of a target, which increases with any work. */
const workOf = ({ objects, bytes, outBytes, inBytes }: Stats): bigint => objects + bytes + outBytes + inBytes

/** The work of the targets that have done more than before. */
function growth(done: ReadonlyMap<TargetId, bigint>, run: RunView): ReadonlyMap<TargetId, bigint> {
  return new Map([...doneBy(run)].filter(([target, work]) => work > (done.get(target) ?? 0n)))
}
