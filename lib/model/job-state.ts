import type { JobSnap } from '../codec/job-snap.ts'
import { isAborted } from './snapshot.ts'

/**
 * The state of a job, derived from its targets.
 *
 * `starting`: no target has begun, or no target reports the job yet. `idle`: the job has no work, and may resume.
 * `failed`: it ended with an error. `aborted`: at least one target reports the abort, about a second before the job
 * ends. `lost`: the cluster forgot the job before its end was certain.
 */
export type JobState = 'starting' | 'running' | 'idle' | 'finished' | 'failed' | 'aborted' | 'lost'

/**
 * Returns the state of a job on one target.
 *
 * An abort wins over an end, and an end over all other states. An end with an error counts as a failure, although the
 * server calls it finished (protocol T21).
 *
 * @param snap the snapshot of the target
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
 * Returns the state of a job from the snapshots of its targets.
 *
 * A job is aborted if it is aborted on one target. It has ended when it has ended on every target, and has failed if it
 * failed on one of them. It is idle when it is idle on every target where it has not ended. If it has begun on some
 * targets but not on others, it is running.
 *
 * @param snaps the known snapshots; without any, the job is `starting`
 * @see docs/protocol.md#15-the-flags-of-a-life-cycle
 * @see docs/protocol.md#t22
 * @see docs/protocol.md#t30
 */
export function stateOfAll(snaps: readonly JobSnap[]): JobState {
  return stateOfStates(snaps.map(stateOf))
}

/**
 * The state of a job from its states on the targets, by the rules of {@link stateOfAll}. If all of them are ends and
 * one of them is `lost`, the job is `lost`, unless it was aborted.
 */
export function stateOfStates(all: readonly JobState[]): JobState {
  const states = new Set(all)
  if (states.has('aborted')) return 'aborted'
  if (states.has('running')) return 'running'
  if (states.has('starting') && states.size > 1) return 'running'
  if (states.has('starting') || states.size === 0) return 'starting'
  if (states.has('idle')) return 'idle'
  if (states.has('lost')) return 'lost'
  return states.has('failed') ? 'failed' : 'finished'
}

/** Whether the job has ended. An aborted job counts as ended, although it may still be stopping. */
export const isOver = (state: JobState): boolean => ['finished', 'failed', 'aborted', 'lost'].includes(state)
