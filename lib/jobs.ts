import { EMPTY, concat, concatMap, defer, of, switchMap, tap, timer, type Observable } from 'rxjs'
import type { Cadence } from './cadence.ts'
import { isLeft, left, right } from './common/either.ts'
import type { ClusterLike, Environment } from './environment.ts'
import { invalidArgument, type JobError, type Result } from './error.ts'
import { followJobs, type Followed } from './streams/follow-jobs.ts'
import { selected } from './queries.ts'
import type { JobSelector, Selection } from './model/selection.ts'
import { isOver } from './model/job-state.ts'
import type { Case } from './view/case.ts'
import { endedRow, openRow, pastRow, reusedRow, tableOfRows, type JobRow, type JobTable } from './view/rows.ts'
import { SHORTEST_MS } from './view/pace.ts'
import { checkCadence } from './wait.ts'
import type { WatchOptions } from './watch.ts'

/**
 * Watches the jobs of a cluster as a live table.
 *
 * Endless and shared: the number of requests per tick does not grow with the number of jobs or subscribers. The table
 * has every job that runs, of every kind: those that the Information Center lists, and those that only the targets know
 * (`put-copies`, `archive`, `list` ...). A job that has not changed is the very same object in the next table, and a
 * table without a change is the very same table, so `distinctUntilChanged()` and the memo of a UI work. A job leaves
 * the table when the cluster forgets it, about three minutes after its end.
 *
 * A row learns how a job ended in the way a wait does, so the two never disagree: from the full status, once the
 * targets have confirmed it. What only the targets know is asked for every four seconds at most. If you name a kind
 * that the Information Center does not keep, or whose ends reach it late (`load-lom-cache`, `ec-encode`), each tick
 * asks for the snapshots of that kind instead of the list.
 *
 * @param cluster the cluster
 * @param selector which jobs: `id`, `kind`, `onlyRunning`; default all. The lists have no buckets and no targets: see
 * `watchDetails`
 * @param options `cadence`: how often to ask
 * @returns Right({@link JobTable}) with each list, and one more when a row changes in between (at most one per 100 ms);
 * a Left with each request for a list that failed; endless, but for Left(InvalidArgument)
 * @see docs/protocol.md#24-all-statuses; `ais show job`
 * @see docs/protocol.md#26-running-list
 * @example
 * import { createCluster, rights, watchJobs } from 'aistore-rx'
 * watchJobs(createCluster('http://localhost:8080'))
 *   .pipe(rights())
 *   .subscribe((jobs) => console.table(Object.values(jobs)))
 */
export function watchJobs(
  cluster: ClusterLike,
  selector?: JobSelector,
  options?: WatchOptions,
): Observable<Result<JobTable>> {
  return selected(cluster, selector, 'anything', (selection, env) => {
    const { bucket, target } = selection
    const { cadence = env.cadence } = options ?? {}
    const bad =
      checkCadence(cadence) ??
      (bucket === undefined && target === undefined
        ? undefined
        : invalidArgument(
            bucket === undefined ? 'target' : 'bucket',
            'a list of jobs names none; watchDetails() shows each target, and buckets',
          ))
    return bad === undefined ? tables(cluster, env, selection, cadence) : of(left(bad))
  })
}

function tables(
  cluster: ClusterLike,
  env: Environment,
  selection: Selection,
  cadence: Cadence | Observable<Cadence>,
): Observable<Result<JobTable>> {
  return defer(() => {
    const rows = new Map<string, JobRow>()
    let table = tableOfRows([])
    let shown: JobTable | undefined
    let shownMs = -Infinity
    const rowOf = (id: string, { tracker, observed }: Followed): JobRow | undefined => {
      const one = tracker.tracked.get(id)
      if (one === undefined || one.gone) return undefined
      const { run, past, result } = one
      const c = (): Case => tracker.caseOf(one, observed)
      const bare = result !== undefined ? endedRow(run, result) : past ? pastRow(c(), run) : openRow(c(), run)
      if (selection.onlyRunning && (bare.state === 'ended' || isOver(bare.state))) return undefined
      return reusedRow(rows.get(id), bare, run, observed.isWatched(id))
    }
    const take = (followed: Followed): void => {
      let isSame = true
      for (const id of new Set([...followed.touched, ...unwatched(rows, followed)])) {
        const row = rowOf(id, followed)
        if (row === rows.get(id)) continue
        isSame = false
        if (row === undefined) rows.delete(id)
        else rows.set(id, row)
      }
      if (!isSame) table = tableOfRows(rows.values())
    }
    const tell = (): Observable<Result<JobTable>> => {
      ;[shown, shownMs] = [table, env.now()]
      return of(right(table))
    }
    const list = ({ reply }: Followed): Observable<Result<JobTable>> => {
      if (reply === undefined) return EMPTY
      return isLeft(reply) && !isDenial(reply.left, selection) ? of(reply) : tell()
    }
    // Before the first list, a table would lack most jobs.
    const change = (): Observable<Result<JobTable>> => (shown === undefined || shown === table ? EMPTY : tell())
    // Many runs may end at once, and a table may be long: changes within 100 ms share one table.
    const changeInTime = (): Observable<Result<JobTable>> => {
      const waitMs = shownMs + SHORTEST_MS - env.now()
      return waitMs <= 0 ? change() : timer(waitMs, env.scheduler).pipe(concatMap(change))
    }
    return followJobs(cluster, env, selection, cadence, { isListed: true, keepsPast: false }).pipe(
      tap(take),
      switchMap((followed) => concat(list(followed), defer(changeInTime))),
    )
  })
}

/** Rows that still hold snapshots, although no stream watches these any more. */
function unwatched(rows: ReadonlyMap<string, JobRow>, { reply, observed }: Followed): readonly string[] {
  if (reply === undefined) return []
  return [...rows.values()].flatMap(({ id, snapshots }) =>
    snapshots === undefined || observed.isWatched(id) ? [] : [id],
  )
}

/**
 * Whether a Left says that no target knows the ids. That is an answer: the cluster has forgotten them, or does not know
 * them yet.
 */
export function isDenial({ _tag }: JobError, { ids }: Selection): boolean {
  return _tag === 'NotFound' && ids.length > 0
}
