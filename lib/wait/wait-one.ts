import {
  EMPTY,
  NEVER,
  ReplaySubject,
  concat,
  defer,
  finalize,
  ignoreElements,
  isObservable,
  map,
  merge,
  of,
  scan,
  share,
  takeLast,
  takeWhile,
  tap,
  timeout,
  type Observable,
} from 'rxjs'
import type { Cadence } from '../cadence.ts'
import { isLeft, left, right } from '../either.ts'
import type { Environment, Internals } from '../environment.ts'
import type { Result } from '../error.ts'
import { longTimers } from '../operators/long-timer.ts'
import { poll } from '../operators/poll.ts'
import type { Selection } from '../selection.ts'
import { fold } from '../verdict.ts'
import { begin, type Aim, type Listed, type Memory, type Reading } from '../verdict/memory.ts'
import { over } from '../verdict/result.ts'
import { isVouched } from '../verdict/witness.ts'
import type { WaitResult } from '../wait-result.ts'
import { askAlone } from './alone.ts'
import { inCrowd } from './crowd.ts'
import { limitsOf, round, stopwatch, thorough, type Waiting } from './waiting.ts'

const LATE_MS = 1_000
const LAST_LOOK_MS = 2_000

/**
 * One wait for one job, or for the next run of one kind.
 *
 * @param withOthers never asks for itself alone, since somebody asks for all in any case
 */
export function waitOne(
  c: Environment,
  env: Internals,
  selection: Selection,
  aim: Aim,
  timeoutMs: number,
  cadence: Cadence | Observable<Cadence>,
  withOthers = false,
): Observable<Result<WaitResult>> {
  return defer(() => {
    const { scheduler } = env
    const now = stopwatch(scheduler)
    const limits = limitsOf(env.requestTimeoutMs)
    const waiting: Waiting = { c, env, selection, limits, now, memory: begin(aim), answered: 0, isUnlisted: false }
    const paces = kept(cadence)
    const verdict = (readings: Observable<Reading | Listed>): Observable<Result<WaitResult>> =>
      readings.pipe(
        scan(fold, waiting.memory),
        tap((seen) => (waiting.memory = seen)),
        takeWhile(({ outcome }) => outcome === undefined, true),
        takeLast(1),
        map((seen) => seen.outcome ?? expired(seen, timeoutMs)),
      )
    const readings = defer(() => {
      const others = inCrowd(waiting, paces)
      return withOthers || env.shared.waits > 1 ? others : concat(alone(waiting, paces), others)
    })
    const waited = counted(env, verdict(merge(heldBy(paces), readings)))
    if (timeoutMs === Infinity) return waited
    return waited.pipe(
      timeout({
        first: timeoutMs,
        scheduler: longTimers(scheduler),
        with: () => {
          const otherwise = defer(() => of(expired(waiting.memory, timeoutMs)))
          if (now() - timeoutMs <= LATE_MS) return otherwise
          // The timer slept too (a suspended machine, a blocked loop): an end that is there now must not be missed. The
          // targets first, since a status that is forgotten by now would take all of the time to say so; they get half.
          const clocks = { ...limitsOf(LAST_LOOK_MS), snapshots: { ms: LAST_LOOK_MS / 2 } }
          return verdict(round(waiting, askAlone(waiting, clocks), [], 'snapshots')).pipe(
            timeout({
              first: LAST_LOOK_MS,
              scheduler,
              // What the targets have shown counts then, also where the IC could not add to it in time.
              with: () => {
                const seen = fold(waiting.memory, { question: 'unheard', atMs: now() })
                return of(seen.outcome ?? expired(seen, timeoutMs))
              },
            }),
          )
        },
      }),
    )
  })
}

/** One subscription for the whole wait, whichever polls it goes through: what a cadence has told must not be lost. */
const kept = (cadence: Cadence | Observable<Cadence>): Cadence | Observable<Cadence> =>
  isObservable(cadence)
    ? concat(cadence, NEVER).pipe(share({ connector: () => new ReplaySubject<Cadence>(1) }))
    : cadence

const heldBy = (cadence: Cadence | Observable<Cadence>): Observable<never> =>
  isObservable(cadence) ? cadence.pipe(ignoreElements()) : EMPTY

/** Knows of the others. */
const counted = <A>(env: Internals, source: Observable<A>): Observable<A> =>
  defer(() => {
    env.shared.waits += 1
    return source.pipe(finalize(() => (env.shared.waits -= 1)))
  })

const CROWD = Symbol('crowd')

/** The readings of a wait as long as it is the only one. */
const alone = (waiting: Waiting, cadence: Cadence | Observable<Cadence>): Observable<Reading | Listed> => {
  const { scheduler, random, shared } = waiting.env
  return defer((): Observable<Reading | Listed | typeof CROWD> =>
    shared.waits > 1
      ? of(CROWD)
      : thorough(waiting, round(waiting, askAlone(waiting))).pipe(tap({ complete: () => (waiting.answered += 1) })),
  ).pipe(
    poll(cadence, { scheduler, random, resultOf: weighed }),
    takeWhile((reading): reading is Reading | Listed => reading !== CROWD),
  )
}

/** A 404 is an answer, and the usual one of a job that is young: no reason to ask less often. */
const weighed = (reading: Reading | Listed | typeof CROWD): unknown =>
  reading === CROWD || !('result' in reading) || (isLeft(reading.result) && reading.result.left._tag === 'NotFound')
    ? undefined
    : reading.result

/** The budget has ended: what can be told of the job by then. */
function expired(memory: Memory, afterMs: number): Result<WaitResult> {
  if (isVouched(memory) !== 'no') return right(over(memory))
  const { status, snapshots, error } = memory
  const last = {
    ...(status === undefined ? {} : { status }),
    ...(snapshots === undefined ? {} : { snapshots }),
    ...(error === undefined ? {} : { error }),
  }
  return left({ _tag: 'WaitTimeout', afterMs, ...(Object.keys(last).length === 0 ? {} : { last }) })
}
