import { EMPTY, Subject, concat, defer, filter, from, map, merge, mergeMap, of, type Observable } from 'rxjs'
import type { Cadence } from './cadence.ts'
import type { JobRef } from './codec/running.ts'
import { isLeft, left, right } from './either.ts'
import type { Environment, Internals } from './environment.ts'
import type { Result } from './error.ts'
import type { JobEvent } from './events/event.ts'
import { withEnd, withList, withSnapshots, type Happened } from './events/fold.ts'
import { unborn, type Lives } from './events/life.ts'
import { gathered, isOfAll } from './hub/gathered.ts'
import { STATUSES, statusWays } from './hub/status-ways.ts'
import { selected } from './queries.ts'
import { type JobSelector, type Selection } from './selection.ts'
import { NO_SNAPSHOTS } from './snapshot.ts'
import { checkCadence } from './wait.ts'
import { waitOne } from './wait/wait-one.ts'
import { watchDetails, type WatchOptions } from './watch.ts'

/**
 * Tells what happens to jobs, as it happens.
 *
 * Each event once for each job and run, in order, whatever polls failed or targets came and went in between: `started`
 * first, one of `finished`, `failed`, `aborted` last, or `vanished` for a job that was never seen to end and that the
 * cluster knows no more. A job that started and ended between two polls has both. The first poll tells `started` for what
 * runs, and nothing for what has ended.
 *
 * Without a selector it lives on the list of the Information Center, which knows of starts and ends of the kinds that
 * register there (protocol 4). With an id, a kind, a bucket or a target the targets are asked: that tells `progressed`,
 * `idle` and `resumed` too, and of all kinds. How a job ended is learnt as a wait learns it, on polls that all share.
 *
 * @param c the cluster
 * @param s which jobs; default all
 * @param o `cadence`: how often to ask
 * @returns Right({@link JobEvent}) for each event, a Left with each question that brought nothing; endless, but for
 * Left(InvalidArgument)
 * @see protocol 2.4, 2.5, 5
 * @example
 * import { createCluster, jobEvents, rights } from 'aistore-rx'
 * jobEvents(createCluster('http://localhost:8080'), { kind: 'rebalance' })
 *   .pipe(rights())
 *   .subscribe(({ type, job }) => console.log(job.id, type))
 */
export const jobEvents = (c: Environment, s?: JobSelector, o?: WatchOptions): Observable<Result<JobEvent>> =>
  selected(c, s, 'anything', (selection, env) => {
    const { cadence = env.cadence } = o ?? {}
    const bad = checkCadence(cadence)
    if (bad !== undefined) return of(left(bad))
    const { ids, kind, bucket, target } = selection
    const narrow = ids.length > 0 || kind !== undefined || bucket !== undefined || target !== undefined
    const replies = narrow ? shown(c, env, s, selection, o) : listed(c, env, cadence)
    return lived(env, replies, (job) => endOf(c, env, selection, job, cadence))
  })

/** What came of one reply, as far as that depends on what was known. */
type Reply = (lives: Lives) => Happened | Result<never>

const listed = (c: Environment, env: Internals, cadence: Cadence | Observable<Cadence>): Observable<Reply> =>
  gathered(env, STATUSES, undefined, () => statusWays(c, env), cadence, false).pipe(
    filter(isOfAll),
    map(
      ({ result }): Reply =>
        (lives) =>
          isLeft(result) ? result : withList(lives, result.right, env.scheduler.now()),
    ),
  )

const shown = (
  c: Environment,
  env: Internals,
  s: JobSelector | undefined,
  { ids }: Selection,
  o: WatchOptions | undefined,
): Observable<Reply> =>
  // Those too that have ended: of them, the ends are told.
  watchDetails(c, { ...s, onlyRunning: false }, o).pipe(
    map((result): Reply => (lives) => {
      if (!isLeft(result)) return withSnapshots(lives, result.right, env.scheduler.now())
      // That no target knows the ids is an answer: what shows later has begun later.
      return result.left._tag === 'NotFound' && ids.length > 0
        ? withSnapshots(lives, NO_SNAPSHOTS, env.scheduler.now())
        : result
    }),
  )

const endOf = (
  c: Environment,
  env: Internals,
  { target }: Selection,
  { id, kind }: JobRef,
  cadence: Cadence | Observable<Cadence>,
): ReturnType<typeof waitOne> => {
  const onTarget = target === undefined ? {} : { target }
  const selection: Selection = { ids: [], kind, onlyRunning: false, ...onTarget }
  return waitOne(c, env, selection, { until: 'end', kinds: env.kinds, id, kind, ...onTarget }, Infinity, cadence, true)
}

function lived(
  { scheduler }: Internals,
  replies: Observable<Reply>,
  endsOf: (job: JobRef) => ReturnType<typeof waitOne>,
): Observable<Result<JobEvent>> {
  return defer(() => {
    const lives = unborn()
    const begun = new Subject<JobRef>()
    const ends = begun.pipe(
      mergeMap((job) => endsOf(job).pipe(mergeMap((result) => withEnd(lives, job, result, scheduler.now())))),
      map((event) => right(event)),
    )
    const told = replies.pipe(
      mergeMap((reply): Observable<Result<JobEvent>> => {
        const came = reply(lives)
        if ('_tag' in came) return of(came)
        // Told before an end is waited for, so that no end can overtake its start.
        return concat(
          from(came.events).pipe(map((event) => right(event))),
          defer(() => {
            for (const job of came.watch) begun.next(job)
            return EMPTY
          }),
        )
      }),
    )
    return merge(ends, told)
  })
}
