import { isAborted } from '../../lib/emulator/cluster/run.ts'
import type { Job } from '../../lib/emulator/cluster/state.ts'
import type { JobError } from '../../lib/error.ts'
import type { Progress } from '../../lib/view/progress-of.ts'
import type { WaitResult } from '../../lib/model/wait-result.ts'
import { hasLeapt } from './claim.ts'
import { eventsOf, isEnd } from './events.ts'
import { idlesOf } from './goal.ts'
import type { Oracle } from './oracle.ts'
import { isWatcher, type SimPlan } from './plan.ts'
import type { Probe, Stay } from './probe.ts'
import { tablesOf } from './rows.ts'
import { isOver, isThere } from './runs.ts'
import type { SimTime } from './time.ts'

/** A table may be built once for all that ends within so long. */
const GRACE_MS = 100

/** What one stream says of one run, from an instant on until it says something else. */
interface Word {
  readonly user: number
  readonly what: string
  readonly fromMs: number
  readonly toMs: number
  /** `ended` fits all others. */
  readonly state: string
  readonly error: string | undefined
  /** A row. */
  readonly late: boolean
  /** When its stream began. */
  readonly beganMs: number
}

/** I16: at every instant all that is said of one run fits together. */
export function mouthsAgree(
  plan: SimPlan,
  time: Pick<SimTime, 'awake'>,
  oracle: Oracle,
  { stays }: Probe,
  say: (text: string, atMs: number) => void,
): void {
  const byJob = wordsOf(plan, stays, oracle.idOf)
  for (const job of oracle.jobs()) {
    const words = byJob.get(job.id)
    if (words === undefined) continue
    // Where the cluster itself changes its mind on an end, a later reader is told another one.
    const isUnsettled =
      job.runs.some((run) => run.lost || !isThere(run)) ||
      job.notice?.missed !== undefined ||
      // What the Information Center alone knows, it is not always asked for, and it forgets it after three minutes.
      (job.notice !== undefined && job.notice.ownErr !== '') ||
      // So is what a target alone knows that shows its part late.
      (plan.faultClasses.includes('late-part') && job.runs.some(({ unreportedErr }) => unreportedErr !== ''))
    for (const [at, one] of words.entries())
      for (const other of words.slice(at + 1)) {
        if (one.user === other.user) continue
        const text = conflictOf(one, other, isUnsettled || isLostTooSoon(plan, one, other))
        if (text === undefined || isCutInPart(job, one, other) || isCutInPart(job, other, one)) continue
        const fromMs = Math.max(one.fromMs, other.fromMs)
        const toMs = Math.min(one.toMs, other.toMs)
        if (toMs > (one.late || other.late ? time.awake(fromMs + GRACE_MS) : fromMs))
          say(`${job.kind}: user ${one.user} (${one.what}) and user ${other.user} (${other.what}): ${text}`, fromMs)
      }
  }
}

/** One was told that the job is lost after a leap of the clock, the other how it ended once its late part had shown. */
function isLostTooSoon(plan: SimPlan, one: Word, other: Word): boolean {
  const [first, then] = one.fromMs < other.fromMs ? [one, other] : [other, one]
  return first.state === 'lost' && then.state !== 'lost' && hasLeapt(plan, first.fromMs)
}

/**
 * A state is `aborted` as soon as one target shows the abort, and a wait for rest ends then (T22). The events tell of an end
 * only when each part is over: where a frozen target has missed the abort, its part goes on.
 */
function isCutInPart({ kind, runs }: Job, cut: Word, open: Word): boolean {
  const atMs = Math.max(cut.fromMs, open.fromMs)
  const isAhead = STATES.has(cut.what) || cut.what === 'waitForIdle' || (cut.what === 'wait' && idlesOf(kind))
  return (
    isAhead &&
    cut.state === 'aborted' &&
    open.what === 'jobEvents' &&
    !ENDS.has(open.state) &&
    runs.some((run) => isAborted(run, atMs)) &&
    !runs.every((run) => isOver(run, atMs))
  )
}

const STATES: ReadonlySet<string> = new Set(['watchJobs', 'progress'])
const ENDS: ReadonlySet<string> = new Set(['finished', 'failed', 'aborted', 'lost'])

function conflictOf(one: Word, other: Word, isUnsettled: boolean): string | undefined {
  const [a, b] = [one.state, other.state]
  // A list tells that a job has ended before anybody can tell how.
  if (a === 'ended' || b === 'ended') return undefined
  const [isEndA, isEndB] = [ENDS.has(a), ENDS.has(b)]
  // A stream that begins after a wait is over learns of the end anew.
  if (isEndA !== isEndB && (isBefore(one, other) || isBefore(other, one))) return undefined
  // Other targets may still work where a wait asked for one of them.
  if (isEndA !== isEndB && [one, other].some(({ what }) => what === 'waitSingleNode')) return undefined
  if (isEndA !== isEndB) return a === 'lost' || b === 'lost' ? undefined : `${a}, and ${b}`
  if (!isEndA) return a === b ? undefined : `${a}, and ${b}`
  // Of two answers that are given once, each holds what was known at its time.
  const atOnce = Math.abs(one.fromMs - other.fromMs) <= (one.late || other.late ? GRACE_MS : 0)
  if (isUnsettled && !atOnce) return undefined
  if (a !== b) return `${a}, and ${b}`
  // Counters show no text.
  // A table asks for no text of what was over before it began.
  const isTold = one.error !== undefined && other.error !== undefined
  return isTold &&
    a !== 'lost' &&
    atOnce &&
    one.what !== 'progress' &&
    other.what !== 'progress' &&
    one.error !== other.error
    ? `"${one.error}", and "${other.error}"`
    : undefined
}

function wordsOf(
  { users }: SimPlan,
  stays: readonly Stay[],
  idOf: (job: number) => string,
): ReadonlyMap<string, readonly Word[]> {
  const byJob = new Map<string, Word[]>()
  for (const stay of stays) {
    const { type, byKind, job, timeoutMs } = users[stay.index]!
    const add = (id: string, word: Omit<Word, 'user' | 'what' | 'late' | 'beganMs'>): void => {
      const list = byJob.get(id) ?? []
      byJob.set(id, list)
      list.push({ user: stay.index, what: type, late: type === 'watchJobs', beganMs: stay.beganMs, ...word })
    }
    if (type === 'watchJobs') rows(stay, add)
    else if (type === 'jobEvents') events(stay, add)
    else if (type === 'progress' && byKind !== true) counters(stay, idOf(job), add)
    // At the end of its budget, a wait takes what is known by then.
    else if (!isWatcher({ type }) && type !== 'abort' && stay.overMs < stay.beganMs + (timeoutMs ?? Infinity))
      answer(stay, add)
  }
  return byJob
}

type Add = (id: string, word: Omit<Word, 'user' | 'what' | 'late' | 'beganMs'>) => void

const stateOf = (state: string): string => (state === 'starting' ? 'running' : state)

/** Of a stream that says something new now and then: each word holds until the next that differs. */
function piecewise(
  stay: Stay,
  add: Add,
): { readonly at: (atMs: number, id: string, state: string, error?: string) => void; readonly end: () => void } {
  const current = new Map<
    string,
    { readonly fromMs: number; readonly state: string; readonly error: string | undefined }
  >()
  const close = (id: string, toMs: number): void => {
    const one = current.get(id)
    if (one !== undefined && toMs > one.fromMs) add(id, { ...one, toMs })
  }
  return {
    at: (atMs, id, state, error) => {
      const one = current.get(id)
      if (one?.state === state && one.error === error) return
      close(id, atMs)
      current.set(id, { fromMs: atMs, state, error })
    },
    end: () => {
      for (const id of current.keys()) close(id, stay.overMs)
    },
  }
}

function answer({ seen: [last] }: Stay, add: Add): void {
  const result = last?.value as { _tag: 'Left'; left: JobError } | { _tag: 'Right'; right: WaitResult } | undefined
  if (last === undefined || result?._tag !== 'Right') return
  const { jobId, kind, outcome, error } = result.right
  if (jobId === undefined || jobId.includes(',') || !ENDS.has(outcome)) return
  // What is at rest with an error has failed whoever waits for rest, and may go on all the same.
  if (outcome === 'failed' && idlesOf(kind)) return
  add(jobId, { state: outcome, error, fromMs: last.atMs, toMs: Infinity })
}

function events(stay: Stay, add: Add): void {
  for (const [id, told] of eventsOf(stay)) {
    const words = piecewise(stay, add)
    for (const { atMs, event } of told) {
      const { type, result } = event
      if (!isEnd(event)) words.at(atMs, id, type === 'idle' ? 'idle' : 'running')
      else words.at(atMs, id, type === 'vanished' ? 'lost' : type, result?.error)
    }
    words.end()
  }
}

function rows(stay: Stay, add: Add): void {
  const words = piecewise(stay, add)
  for (const { atMs, table } of tablesOf(stay))
    for (const { id, state, error } of Object.values(table)) words.at(atMs, id, stateOf(state), error)
  words.end()
}

function counters(stay: Stay, id: string, add: Add): void {
  const words = piecewise(stay, add)
  for (const { value, atMs } of stay.seen) {
    const told = value as { readonly _tag: 'Left' } | { readonly _tag: 'Right'; readonly right: Progress }
    if (told._tag === 'Right') words.at(atMs, id, stateOf(told.right.state))
  }
  words.end()
}

/** An answer that was given before the other stream began. */
const isBefore = (answered: Word, other: Word): boolean =>
  answered.toMs === Infinity && answered.fromMs <= other.beganMs
