import type { JobSnap } from '../codec/job-snap.ts'
import { isAborted } from './snapshot.ts'

/**
 * The state of a job, as its targets show it.
 *
 * `starting`: no target has begun, or none shows it yet; `idle`: alive without work, and may wake; `failed`: ended with
 * an error; `aborted`: one target shows the abort, about a second before the job is over; `lost`: seen, and gone before
 * its end was certain.
 */
export type JobState = 'starting' | 'running' | 'idle' | 'finished' | 'failed' | 'aborted' | 'lost'

/**
 * Tells the state of one target's part of a job.
 *
 * An abort wins over an end, an end over everything else; an end with an error is a failure, though the server calls it
 * finished (T21).
 *
 * @param snap what the target says
 * @see docs/protocol.md#15-the-flags-of-a-life-cycle
 * @see docs/protocol.md#31-snapshot
 */
export function stateOf(snap: JobSnap): JobState {
  if (isAborted(snap)) return 'aborted'
  if (snap.endTime !== undefined) return snap.err === '' ? 'finished' : 'failed'
  if (snap.startTime === undefined) return 'starting'
  return snap.isIdle ? 'idle' : 'running'
}

/**
 * Tells the state of a job from the parts of its targets.
 *
 * One abort aborts the whole; it is over when every part is, failed if one part failed; it idles when every part that
 * goes on idles; and where some have begun and others have not, it runs.
 *
 * @param snaps the parts that are known; none at all is `starting`
 * @see docs/protocol.md#15-the-flags-of-a-life-cycle
 * @see docs/protocol.md#t22
 * @see docs/protocol.md#t30
 */
export function stateOfAll(snaps: readonly JobSnap[]): JobState {
  return stateOfStates(snaps.map(stateOf))
}

/** The state of a whole from the states of its parts, by the same rules; a part that is lost makes what is over lost. */
export function stateOfStates(all: readonly JobState[]): JobState {
  const states = new Set(all)
  if (states.has('aborted')) return 'aborted'
  if (states.has('running')) return 'running'
  const [waits, idles] = [states.has('starting') || states.size === 0, states.has('idle')]
  if (waits) return states.size > 1 ? 'running' : 'starting'
  return idles ? 'idle' : states.has('lost') ? 'lost' : states.has('failed') ? 'failed' : 'finished'
}

/** Whether the job is over; an aborted one may still be winding down. */
export const isOver = (state: JobState): boolean => ['finished', 'failed', 'aborted', 'lost'].includes(state)
