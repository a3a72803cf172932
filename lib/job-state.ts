import type { JobSnap } from './codec/job-snap.ts'
import { isAborted } from './snapshot.ts'

/**
 * How far a job is, as its targets show it.
 *
 * `starting`: nobody has begun, or nobody shows it yet; `idle`: alive without work, and may wake; `failed`: ended, and
 * told of an error; `aborted`: from the moment on in which one target shows the abort, about a second before it is over.
 */
export type JobState = 'starting' | 'running' | 'idle' | 'finished' | 'failed' | 'aborted'

/**
 * Tells the state of one target's part of a job.
 *
 * An abort wins over an end, an end over everything else; an end with an error is a failure, though the server calls it
 * finished (T21).
 *
 * @param snap what the target says
 * @see protocol 1.5, 3.1
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
 * @see protocol 1.5, T22, T30
 */
export function stateOfAll(snaps: readonly JobSnap[]): JobState {
  const states = new Set(snaps.map(stateOf))
  if (states.has('aborted')) return 'aborted'
  if (states.has('running')) return 'running'
  const [waits, idles] = [states.has('starting') || states.size === 0, states.has('idle')]
  if (waits) return states.size > 1 ? 'running' : 'starting'
  return idles ? 'idle' : states.has('failed') ? 'failed' : 'finished'
}

/** Nothing more is to come of it; an aborted one may still be winding down. */
export const isOver = (state: JobState): boolean => state === 'finished' || state === 'failed' || state === 'aborted'
