import { EMPTY, defer, map, of, switchMap, type Observable } from 'rxjs'
import type { JobRef } from '../codec/running.ts'
import type { JobStatus } from '../codec/job-status.ts'
import type { Snapshots } from '../codec/snapshots.ts'
import { isLeft, right } from '../either.ts'
import { isPermanent, type JobError, type Result } from '../error.ts'
import { gatheredOnce, type Look, type Ways } from '../hub/gathered.ts'
import { inLane } from '../hub/lane.ts'
import { fullStatus } from '../hub/status-ways.ts'
import { askRunning } from '../lists.ts'
import { askMap, askSnapshots } from '../queries.ts'
import { selects } from '../selection.ts'
import { filterSnapshots } from '../snapshot.ts'
import { runOf, type Listed, type Question, type Reading } from '../verdict/memory.ts'
import { isPartMissing, restsUntil } from '../verdict/next-question.ts'
import { isVouched, statusRunOf } from '../verdict/witness.ts'
import { askAlone, selectionOf } from './alone.ts'
import { snapshotsOfRun } from './by-run.ts'
import type { Waiting } from './waiting.ts'

/** Asks for all who have the same doubt at the same time: one question at a time of each sort. */
export const askShared =
  (waiting: Waiting) =>
  (question: Question): Observable<Reading | Listed> => {
    const { c, env, limits, now } = waiting
    switch (question) {
      case 'status':
        return statusOnce(waiting, statusRunOf(waiting.memory) ?? '')
      case 'snapshots':
        if (isToldTwice(waiting)) return of({ question: 'spared', atMs: now() })
        return isRoutine(waiting) && !waiting.isUnlisted ? listed(waiting) : snapshotsOnce(waiting)
      case 'map':
        return inLane(env, 'map', askMap(c, limits.map)).pipe(map((result) => ({ question, atMs: now(), result })))
    }
  }

/** The status of one job, its `err` included, for all who want that one. */
export function statusOnce(waiting: Waiting, run: string): Observable<Reading> {
  const { c, env, limits, now, selection } = waiting
  return fullStatus(c, env, run, selection.kind, limits.status).pipe(
    map((result) => ({ question: 'status', run, atMs: now(), result })),
  )
}

/**
 * Whether the targets are to be asked for no other reason than that they have not been heard for long. The first look is
 * none of these (a part that has never been seen could not be missed: T30), and later one in each minute is none.
 */
const isRoutine = ({ memory, now, env, shownAtMs }: Waiting): boolean => {
  const nowMs = now()
  const shown = shownAtMs !== undefined && minuteOf(shownAtMs) === minuteOf(env.scheduler.now())
  return shown && (restsUntil({ ...memory, lookedAtMs: nowMs }) ?? 0) > nowMs
}

/**
 * A list of what runs does not tell where: that a target has gone with its part, only a look at all parts can show. By
 * the minute of the clock, so that all who wait do so together.
 */
const minuteOf = (ms: number): number => Math.floor(ms / 60_000)

/**
 * Whether the Information Center has told twice that it ended well, by its list and in full. One who waits alone takes one
 * more look at targets that were at work when they were seen last; for thousands that would be as many looks.
 */
const isToldTwice = ({ memory }: Waiting): boolean =>
  memory.lookSinceEnd === 'unasked' && isVouched(memory) === 'untried' && !isPartMissing(memory)

/**
 * A job that is among those that run leaves no doubt. One that is not has most likely just ended, which the next tick
 * tells; only if it is still open then, its targets are asked what has become of it (T9).
 */
const listed = (waiting: Waiting): Observable<Reading | Listed> => {
  const { c, env, limits, now } = waiting
  const run = runOf(waiting.memory) ?? ''
  return inLane(env, 'running', askRunning(c, undefined, limits.snapshots)).pipe(
    switchMap((result): Observable<Reading | Listed> => {
      // It may have ended meanwhile, by what the Information Center says: then this is not the look that is needed.
      if (isLeft(result) || !isRoutine(waiting)) return snapshotsOnce(waiting)
      waiting.isUnlisted = !idsOf(result.right).has(run)
      return waiting.isUnlisted ? EMPTY : of({ question: 'running', atMs: now() })
    }),
  )
}

const sets = new WeakMap<readonly JobRef[], ReadonlySet<string>>()

const idsOf = (jobs: readonly JobRef[]): ReadonlySet<string> => {
  const ids = sets.get(jobs) ?? new Set(jobs.map(({ id }) => id))
  sets.set(jobs, ids)
  return ids
}

const snapshotsOnce = (waiting: Waiting): Observable<Reading> =>
  defer(() => {
    const run = runOf(waiting.memory)
    const key = snapshotsKey(waiting)
    const ended = waiting.memory.lookSinceEnd !== undefined
    return gatheredOnce(waiting.env, key, run, snapshotsWays(waiting, run)).pipe(
      switchMap((look) =>
        // What was asked before the end was heard of is no look since the end.
        !ended && waiting.memory.lookSinceEnd === 'unasked' && !isLeft(look.result)
          ? snapshotsOnce(waiting)
          : snapshotsReading(waiting, run, look),
      ),
    )
  })

/** What can be asked for at once: all jobs of a kind. */
export const snapshotsKey = (waiting: Waiting): string => {
  const { memory, selection } = waiting
  const run = runOf(memory)
  return run === undefined ? `snapshots ${JSON.stringify(selection)}` : `snapshots of ${memory.kind ?? `#${run}`}`
}

export const snapshotsWays = (
  { c, memory: { kind }, selection, limits }: Waiting,
  run: string | undefined,
): Ways<Snapshots, Snapshots> => {
  const all = run === undefined ? selection : { ids: [], onlyRunning: false, ...(kind === undefined ? {} : { kind }) }
  return {
    one: (id) => askSnapshots(c, { ...all, ids: [id] }, limits.snapshots),
    all: () => askSnapshots(c, all, limits.snapshots),
  }
}

export function snapshotsReading(
  waiting: Waiting,
  run: string | undefined,
  { about, result }: Look<Snapshots, Snapshots>,
): Observable<Reading> {
  const { now } = waiting
  const question = 'snapshots'
  if (isLeft(result))
    return about === undefined && run !== undefined && isOfTheReply(result.left)
      ? waiting.env.shared.gate(askAlone(waiting)(question))
      : of({ question, atMs: now(), result })
  waiting.isUnlisted = false
  waiting.shownAtMs = waiting.env.scheduler.now()
  const selection = selectionOf(waiting, run)
  const shown = run === undefined ? result.right : snapshotsOfRun(result.right, run)
  return of({
    question,
    atMs: now(),
    result: right(filterSnapshots(shown, (target, snap) => selects(selection, target, snap))),
  })
}

/** What is wrong with the reply about all need not be wrong with the one about this job: it is asked for alone. */
export const isOfTheReply = (error: JobError): boolean =>
  ['DecodeError', 'ReplyTooLarge', 'NotFound', 'RedirectRefused'].includes(error._tag) ||
  (error._tag === 'HttpError' && isPermanent(error))

/** What the Information Center says of one job: by its row where all were asked for, else in full. */
export const statusIn = (
  { about, result }: Look<JobStatus, ReadonlyMap<string, JobStatus>>,
  run: string,
): Result<JobStatus | undefined> =>
  isLeft(result) ? result : right(about === undefined ? result.right.get(run) : result.right)
