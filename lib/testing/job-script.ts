import { TestScheduler } from 'rxjs/testing'
import type { Bucket } from '../codec/bucket.ts'
import type { JobSnap } from '../codec/job-snap.ts'
import { defined } from '../common/defined.ts'
import { NO_STATS } from '../codec/job-stats.ts'

/** The letters of the states of a scripted job. */
const STATES = 'priwafeg' as const

/**
 * State of a scripted job: `p` not visible yet, `r` running, `i` idle, `w` aborted and winding down, `a` aborted,
 * `f` finished, `e` ended with an error, `g` forgotten by the whole cluster.
 */
export type State = 'p' | 'r' | 'i' | 'w' | 'a' | 'f' | 'e' | 'g'

/** A state and the virtual millisecond at which it begins. */
export interface Step {
  /** Since when, from the start of the job. */
  readonly atMs: number
  /** The state that the job has from then on. */
  readonly state: State
}

/** The states of a job over time. */
export type Timeline = readonly Step[]

/** Parses a marble string with time progression, such as `r 10s i 5s f`. */
export function timelineOf(marbles: unknown): Timeline {
  if (typeof marbles !== 'string') throw invalidState(marbles, marbles)
  // Reject these here: a caret would move time 0, and RxJS's own error for an exclamation mark does not mention jobs.
  const special = /[\^!]/.exec(marbles)
  if (special !== null) throw invalidState(special[0], marbles)
  return TestScheduler.parseMarbles(marbles, undefined, undefined, false, true).flatMap(({ frame, notification }) => {
    // The end of the diagram does not end the job.
    if (notification.kind === 'C') return []
    const state: unknown = notification.kind === 'E' ? '#' : notification.value
    if (!isState(state)) throw invalidState(state, marbles)
    return [{ atMs: frame, state }]
  })
}

const isState = (value: unknown): value is State =>
  typeof value === 'string' && value.length === 1 && STATES.includes(value)

const invalidState = (state: unknown, marbles: unknown): Error =>
  new Error(
    `the states of a scripted job are ${Array.from(STATES).join(' ')}; got ${JSON.stringify(state)} in ${JSON.stringify(marbles)} (put a space on each side of a time such as 10s)`,
  )

/** The current step of a timeline; `p` before its first step. */
const stepAt = (timeline: Timeline, atMs: number): Step =>
  timeline.findLast((step) => step.atMs <= atMs) ?? { atMs: 0, state: 'p' }

/** The timeline after a stop. A job that has not ended is aborted at once and ends a second later (protocol 1.5). */
export function afterStop(timeline: Timeline, atMs: number): Timeline {
  const { state } = stepAt(timeline, atMs)
  if (state !== 'p' && state !== 'r' && state !== 'i') return timeline
  const forgetting = timeline.filter((step) => step.state === 'g' && step.atMs > atMs + 1000)
  return [
    ...timeline.filter((step) => step.atMs < atMs),
    { atMs, state: 'w' },
    { atMs: atMs + 1000, state: 'a' },
    ...forgetting,
  ]
}

const isOver = (state: State): boolean => 'afe'.includes(state)

/** Virtual time 0 on the wall clock of the scripted cluster: 2026-01-01T00:00:00Z, in nanoseconds. */
const ORIGIN_NS = 1_767_225_600_000_000_000n

const instantOf = (atMs: number): bigint => ORIGIN_NS + BigInt(Math.round(atMs * 1_000_000))

/** The timeline without the state `g`. */
export const withoutForgetting = (timeline: Timeline): Timeline => timeline.filter(({ state }) => state !== 'g')

/** A target's snapshot of the job; undefined if the target does not know the job. */
export function snapAt(
  job: { readonly id: string; readonly kind: string; readonly bucket: Bucket },
  timeline: Timeline,
  atMs: number,
): JobSnap | undefined {
  const { state, atMs: sinceMs } = stepAt(timeline, atMs)
  if (state === 'p' || state === 'g') return undefined
  const startedAt = timeline.find((step) => step.state !== 'p')?.atMs ?? 0
  const objects = BigInt(Math.floor(workedMs(timeline, atMs)))
  return {
    id: job.id,
    kind: job.kind,
    startTime: instantOf(startedAt),
    ...defined({ endTime: isOver(state) ? instantOf(sinceMs) : undefined }),
    bck: job.bucket,
    // A target processes one object of 1 KiB per millisecond in state `r`.
    stats: { ...NO_STATS, objects, bytes: objects * 1024n },
    aborted: state === 'a' || state === 'w',
    abortErr: state === 'a' || state === 'w' ? 'user abort' : '',
    err: state === 'e' ? 'scripted error' : '',
    isIdle: state === 'i' || isOver(state),
    ext: null,
    joggers: 0,
    workers: 0,
    chanFull: 0,
  }
}

function workedMs(timeline: Timeline, atMs: number): number {
  let ms = 0
  for (const [i, step] of timeline.entries()) {
    if (step.state === 'r' && step.atMs <= atMs) ms += Math.min(atMs, timeline[i + 1]?.atMs ?? atMs) - step.atMs
  }
  return ms
}
