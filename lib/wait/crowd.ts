import {
  connect,
  defer,
  exhaustMap,
  filter,
  isObservable,
  map,
  merge,
  of,
  repeat,
  takeWhile,
  tap,
  type Observable,
} from 'rxjs'
import type { Cadence } from '../cadence.ts'
import type { JobStatus } from '../codec/job-status.ts'
import { isLeft, left, right } from '../either.ts'
import type { NotFound } from '../error.ts'
import { gathered, type Look } from '../hub/gathered.ts'
import { STATUSES, statusWays } from '../hub/status-ways.ts'
import { isOver, type Table } from '../table.ts'
import { runOf, type Listed, type Memory, type Reading } from '../verdict/memory.ts'
import { nextQuestion, restsUntil } from '../verdict/next-question.ts'
import { statusRunOf } from '../verdict/witness.ts'
import {
  askShared,
  isOfTheReply,
  snapshotsKey,
  snapshotsReading,
  snapshotsWays,
  statusIn,
  statusOnce,
} from './shared-questions.ts'
import { round, thorough, type Waiting } from './waiting.ts'

/**
 * The readings of a wait that is not the only one: it lives on the answers to questions that are asked for all.
 *
 * Each tick brings the first reading of a round; where that leaves doubt, the rest of the round follows, in lanes that
 * are shared too. What later ticks tell comes through meanwhile: a question that hangs must not hide an end.
 */
export const inCrowd = (waiting: Waiting, cadence: Cadence | Observable<Cadence>): Observable<Reading | Listed> => {
  const paced = ownTime(waiting, cadence)
  return defer(() =>
    ticksOf(waiting, paced).pipe(
      connect((readings) =>
        merge(
          readings,
          readings.pipe(
            exhaustMap(({ question }) => thorough(waiting, round(waiting, askShared(waiting), [question]))),
          ),
        ),
      ),
    ),
  ).pipe(repeat())
}

/** What one wait makes of the time is its own, whenever the others began, and whichever polls it has been through. */
function ownTime(waiting: Waiting, cadence: Cadence | Observable<Cadence>): Cadence | Observable<Cadence> {
  const paced =
    (c: Cadence): Cadence =>
    (tick) =>
      c({ ...tick, n: waiting.answered, elapsedMs: waiting.now() })
  return isObservable(cadence) ? cadence.pipe(map(paced)) : paced(cadence)
}

const ticksOf = (waiting: Waiting, cadence: Cadence | Observable<Cadence>): Observable<Reading> => {
  const { c, env } = waiting
  const source = sourceOf(waiting)
  let memory = waiting.memory
  let same = true
  const stays = (): boolean => {
    // Of all waits, few have learnt anything since the last tick.
    if (memory !== waiting.memory) same = sourceOf(waiting) === source
    memory = waiting.memory
    return same
  }
  const answered = (): void => {
    waiting.answered += 1
  }
  const run = statusRunOf(waiting.memory)
  if (source.startsWith(STATUSES) && run !== undefined)
    return gathered(env, STATUSES, run, () => statusWays(c, env), cadence, true).pipe(
      tap(answered),
      takeWhile(stays),
      filter(newsOf(waiting, run)),
      exhaustMap((look) => statusReading(waiting, run, look)),
    )
  const one = runOf(waiting.memory)
  return gathered(env, source, one, () => snapshotsWays(waiting, one), cadence, true).pipe(
    tap(answered),
    takeWhile(stays),
    exhaustMap((look) => snapshotsReading(waiting, one, look)),
  )
}

/** Which of the questions that are asked for all tells this wait most. */
const sourceOf = (waiting: Waiting): string => {
  const { memory, now } = waiting
  const run = statusRunOf(memory)
  // The table of the Information Center tells the kind too, and costs one question however many want to know.
  const isOfTargets = ['single', 'started', 'idle'].includes(memory.aim.until)
  const isNew =
    memory.kind === undefined &&
    !isOfTargets &&
    run !== undefined &&
    memory.aim.target === undefined &&
    !memory.words.has(run)
  return isNew || nextQuestion(memory, [], now()) === 'status' ? `${STATUSES} ${run}` : snapshotsKey(waiting)
}

/** Many who wait ask for a list of what runs at different times, so that each does so half as often as it would alone. */
const nextListMs = (lookedAtMs: number): number => lookedAtMs + Math.min(15_000, Math.max(7_500, lookedAtMs))

/** Tells what this wait need not look at: a job that is open as it was, while no look at its targets is due. */
function newsOf(waiting: Waiting, run: string): (look: Look<JobStatus, Table>) => boolean {
  let memory: Memory | undefined
  let restMs: number | undefined
  return (look) => {
    const said = statusIn(look, run)
    if (isLeft(said) || said.right === undefined || isOver(said.right)) return true
    if (memory !== waiting.memory) {
      memory = waiting.memory
      restMs = restsUntil(memory, nextListMs)
    }
    return restMs === undefined || waiting.now() >= restMs
  }
}

/** A row has no `err` (T11), so that an end is asked for in full: never success from a row. */
function statusReading(waiting: Waiting, run: string, look: Look<JobStatus, Table>): Observable<Reading> {
  const { now, memory } = waiting
  const said = statusIn(look, run)
  const reading = { question: 'status', run, atMs: now() } as const
  if (isLeft(said)) {
    const own = look.about === undefined ? isOfTheReply(said.left) : false
    return own ? statusOnce(waiting, run) : of({ ...reading, result: said })
  }
  const status = said.right
  if (status === undefined) return of({ ...reading, result: left(UNLISTED) })
  const isOther = memory.aim.kind !== undefined && memory.aim.kind !== status.kind
  const isEnd = look.about === undefined && isOver(status)
  // Once is enough: while the targets are asked, which may take long, each tick would bring the same end.
  const known = memory.words.get(run)?.status
  if (isEnd && known?.endTime !== undefined && known.aborted === status.aborted)
    return of({ ...reading, result: right(known) })
  return isOther || isEnd ? statusOnce(waiting, run) : of({ ...reading, result: right(status) })
}

const UNLISTED: NotFound = Object.freeze({
  _tag: 'NotFound',
  message: 'the Information Center does not list the job',
  request: Object.freeze({ method: 'GET', path: '/v1/cluster', query: 'what=status_all' }),
})
