import {
  EMPTY,
  Subject,
  auditTime,
  buffer,
  concat,
  connect,
  defer,
  filter,
  map,
  merge,
  mergeMap,
  of,
  scan,
  type Observable,
} from 'rxjs'
import type { Cadence } from './cadence.ts'
import type { JobStatus } from './codec/job-status.ts'
import type { JobRef } from './codec/running.ts'
import type { Snapshots } from './codec/snapshots.ts'
import { isLeft, isRight, left, right } from './either.ts'
import type { Environment, Internals } from './environment.ts'
import { invalidArgument, type Result } from './error.ts'
import { gathered, isOfAll } from './hub/gathered.ts'
import { STATUSES, fullStatus, statusWays } from './hub/status-ways.ts'
import { NOTHING, withEnds, withTable, type End, type Seen } from './jobs/fold.ts'
import { jobsOfTargets } from './jobs/of-targets.ts'
import type { JobTable } from './jobs/row.ts'
import { findKind } from './kind.ts'
import { SHORTEST_MS } from './operators/poll.ts'
import { selected } from './queries.ts'
import type { Limit } from './request/send.ts'
import type { JobSelector, Selection } from './selection.ts'
import { NO_SNAPSHOTS } from './snapshot.ts'
import { isOver } from './table.ts'
import { checkCadence } from './wait.ts'
import { watchDetails, type WatchOptions } from './watch.ts'

/**
 * Watches the jobs of a cluster as a live table.
 *
 * Endless and shared: one question a tick to the Information Center, whatever the number of jobs and of those who watch or
 * wait. A job that has not changed is the very same object in the next table, and a table in which none has changed is
 * the very same table, so that `distinctUntilChanged()` and the memo of a UI work. A job leaves when the cluster forgets
 * it, some three minutes after its end.
 *
 * The Information Center lists the kinds that register there (protocol 4). Give a kind that does not (put-copies,
 * archive, list ...), or of whose ends it hears late (load-lom-cache, ec-encode), and the targets are asked for it instead.
 *
 * @param c the cluster
 * @param s which jobs: `id`, `kind`, `onlyRunning`; default all. Buckets and targets are not in that list: see `watchDetails`
 * @param o `cadence`: how often to ask
 * @returns a {@link JobTable} with each reply, and one more when it was learnt how jobs ended (the end of a job that was seen
 * at work, or that came and went, is asked for once: lists tell no errors, T11; what is learnt within 100 ms is told
 * together); a Left with each question that brought none; ends only with Left(InvalidArgument)
 * @see protocol 2.4; `ais show job`
 * @example
 * import { createCluster, rights, watchJobs } from 'aistore-rx'
 * watchJobs(createCluster('http://localhost:8080'))
 *   .pipe(rights())
 *   .subscribe((jobs) => console.table(Object.values(jobs)))
 */
export const watchJobs = (c: Environment, s?: JobSelector, o?: WatchOptions): Observable<Result<JobTable>> =>
  selected(c, s, 'anything', (selection, env) => {
    const { kind, bucket, target } = selection
    const { cadence = env.cadence } = o ?? {}
    const bad =
      checkCadence(cadence) ??
      (bucket === undefined && target === undefined
        ? undefined
        : invalidArgument(
            bucket === undefined ? 'target' : 'bucket',
            'a list of jobs names none; watchDetails() shows each target, and buckets',
          ))
    if (bad !== undefined) return of(left(bad))
    const info = kind === undefined ? undefined : findKind(kind, env.kinds)
    const listed = info === undefined || (info.ic === true && info.idles !== true && info.icLate !== true)
    return listed ? listedJobs(c, env, selection, cadence) : shownJobs(c, s, o)
  })

const shownJobs = (
  c: Environment,
  s: JobSelector | undefined,
  o: WatchOptions | undefined,
): Observable<Result<JobTable>> =>
  watchDetails(c, s, o).pipe(
    scan<Result<Snapshots>, { readonly jobs: JobTable; readonly said: Result<JobTable> }>(
      ({ jobs }, said) => {
        // That no target knows the ids is an answer: the cluster has forgotten them, or not heard of them yet.
        const shown = isLeft(said) && said.left._tag === 'NotFound' && s?.id !== undefined ? right(NO_SNAPSHOTS) : said
        if (isLeft(shown)) return { jobs, said: shown }
        const next = jobsOfTargets(jobs, shown.right)
        return { jobs: next, said: right(next) }
      },
      { jobs: NOTHING.jobs, said: right(NOTHING.jobs) },
    ),
    map(({ said }) => said),
  )

interface Step {
  readonly seen: Seen
  readonly said?: Result<JobTable>
  /** Whose end is to be asked for, once this was told. */
  readonly ask: readonly string[]
}

type Fold = (seen: Seen) => Step

function listedJobs(
  c: Environment,
  env: Internals,
  { ids, kind, onlyRunning }: Selection,
  cadence: Cadence | Observable<Cadence>,
): Observable<Result<JobTable>> {
  const isAsked = (status: JobStatus): boolean =>
    (ids.length === 0 || ids.includes(status.id)) &&
    (kind ?? status.kind) === status.kind &&
    !(onlyRunning && isOver(status))
  return defer(() => {
    const over = new Subject<JobRef>()
    const limit: Limit = { ms: env.requestTimeoutMs }
    const lists = gathered(env, STATUSES, undefined, () => statusWays(c, env), cadence, false).pipe(
      filter(isOfAll),
      map(({ result }): Fold => (seen) => {
        if (isLeft(result)) return { seen, said: result, ask: [] }
        const next = withTable(seen, result.right, isAsked, env.shared.looked)
        return { ...next, said: right(next.seen.jobs) }
      }),
    )
    const ends = over.pipe(
      mergeMap((job) => endOf(c, env, job, limit)),
      // Many may end at once, and a table is long: not one for each of them.
      connect((each) => each.pipe(buffer(each.pipe(auditTime(SHORTEST_MS, env.scheduler))))),
      map((told): Fold => (seen) => {
        const next = withEnds(seen, told)
        return { seen: next, ask: [], ...(next.jobs === seen.jobs ? {} : { said: right(next.jobs) }) }
      }),
    )
    return merge(ends, lists).pipe(
      scan<Fold, Step>(({ seen }, fold) => fold(seen), { seen: NOTHING, ask: [] }),
      // Told before anything is asked, so that no answer can overtake it.
      mergeMap(({ seen, said, ask }) =>
        concat(
          said === undefined ? EMPTY : of(said),
          defer(() => {
            for (const id of ask) over.next({ id, kind: seen.jobs[id]?.kind ?? '' })
            return EMPTY
          }),
        ),
      ),
    )
  })
}

const endOf = (c: Environment, env: Internals, { id, kind }: JobRef, limit: Limit): Observable<End> =>
  fullStatus(c, env, id, kind, limit).pipe(map((result) => [id, isRight(result) ? result.right : undefined]))
