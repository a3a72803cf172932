import { TestScheduler } from 'rxjs/testing'
import type { Bucket } from '../codec/bucket.ts'
import type { JobSnap } from '../codec/job-snap.ts'
import { NO_STATS } from '../codec/job-stats.ts'

/** States of a scripted job, a letter each. */
const STATES = 'priwafeg' as const

/**
 * `p` not to be seen yet, `r` running, `i` idle, `w` aborted and winding down, `a` aborted, `f` finished, `e` ended with
 * an error, `g` gone: forgotten by everybody.
 */
export type State = 'p' | 'r' | 'i' | 'w' | 'a' | 'f' | 'e' | 'g'

/** A state, from a virtual millisecond on. */
export interface Step {
  readonly atMs: number
  readonly state: State
}

/** What is told of a job over time. */
export type Timeline = readonly Step[]

/** Reads a marble string, time progression included: `r 10s i 5s f`. */
export function timelineOf(marbles: unknown): Timeline {
  if (typeof marbles !== 'string') throw notAState(marbles, marbles)
  // A caret would move time 0, and an exclamation mark has a message of RxJS's own that tells nothing of jobs.
  const special = /[\^!]/.exec(marbles)
  if (special !== null) throw notAState(special[0], marbles)
  return TestScheduler.parseMarbles(marbles, undefined, undefined, false, true).flatMap(({ frame, notification }) => {
    // The end of a diagram is none of a job.
    if (notification.kind === 'C') return []
    const state: unknown = notification.kind === 'E' ? '#' : notification.value
    if (!isState(state)) throw notAState(state, marbles)
    return [{ atMs: frame, state }]
  })
}

const isState = (value: unknown): value is State =>
  typeof value === 'string' && value.length === 1 && STATES.includes(value)

const notAState = (state: unknown, marbles: unknown): Error =>
  new Error(
    `a scripted job has the states ${Array.from(STATES).join(' ')}; got ${JSON.stringify(state)} in ${JSON.stringify(marbles)} (a time such as 10s has a space on each side)`,
  )

/** Where a timeline stands, `p` before its first step. */
const stepAt = (timeline: Timeline, atMs: number): Step =>
  timeline.findLast((step) => step.atMs <= atMs) ?? { atMs: 0, state: 'p' }

/** A stop turns what is not over yet into an abort: visible at once, complete a second later (protocol 1.5). */
export function stopped(timeline: Timeline, atMs: number): Timeline {
  if (!'pri'.includes(stepAt(timeline, atMs).state)) return timeline
  const gone = timeline.filter((step) => step.state === 'g' && step.atMs > atMs + 1000)
  return [
    ...timeline.filter((step) => step.atMs < atMs),
    { atMs, state: 'w' },
    { atMs: atMs + 1000, state: 'a' },
    ...gone,
  ]
}

const isOver = (state: State): boolean => 'afe'.includes(state)

/** Virtual time 0 on the wall clock of the scripted cluster: 2026-01-01T00:00:00Z, in nanoseconds. */
const ORIGIN_NS = 1_767_225_600_000_000_000n

const instantOf = (atMs: number): bigint => ORIGIN_NS + BigInt(Math.round(atMs * 1_000_000))

/** The steps as somebody knows them who forgets nothing. */
export const remembered = (timeline: Timeline): Timeline => timeline.filter(({ state }) => state !== 'g')

/** What one target says of its part, or nothing. */
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
    ...(isOver(state) ? { endTime: instantOf(sinceMs) } : {}),
    bck: job.bucket,
    // One object of a kibibyte in each millisecond at work.
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
