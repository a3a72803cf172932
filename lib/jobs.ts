import { EMPTY, concat, concatMap, defer, of, switchMap, tap, timer, type Observable } from 'rxjs'
import { DEFAULT_CADENCE, type Cadence } from './cadence.ts'
import { isLeft, left, right } from './common/either.ts'
import type { ClusterLike, Environment } from './environment.ts'
import { invalidArgument, type JobError, type Result } from './error.ts'
import { followJobs, type Followed } from './streams/follow-jobs.ts'
import { withSelection } from './queries.ts'
import type { JobSelector, Selection } from './model/selection.ts'
import { isOver } from './model/job-state.ts'
import {
  endedRow,
  markedRow,
  openRow,
  pastRow,
  reusedRow,
  tableOfRows,
  type JobRow,
  type JobTable,
} from './view/rows.ts'
import { same } from './common/same.ts'
import { isDownloadId } from './model/download.ts'
import { SHORTEST_MS } from './view/pace.ts'
import { checkCadence } from './common/check-cadence.ts'
import type { WatchOptions } from './watch.ts'

/**
 * Watches the jobs of a cluster as a live table.
 *
 * The table has every running job of every kind: those that the Information Center lists, and those that only the
 * targets know (such as `put-copies`, `archive` and `list`). A job that has not changed is the same object in the next
 * table, and a table that has not changed is the same table, so `distinctUntilChanged()` and the memoization of a UI
 * work. A job leaves the table when the cluster forgets it, about three minutes after its end. The job of the targets
 * that all downloads share has `carrier` while the table has a download.
 *
 * The poll is shared: the number of requests per poll does not grow with the number of jobs or subscribers. Rows and
 * waits never disagree about how a job ended: both use the full status, after the targets have confirmed it. The list
 * of jobs that only the targets know is requested at most every four seconds. If you select a kind that the Information
 * Center does not track, or whose ends it learns late (`load-lom-cache`, `ec-encode`), each poll requests the snapshots
 * of that kind instead of the list.
 *
 * @param cluster the cluster
 * @param selector which jobs: `id`, `kind`, `onlyRunning` (default all). The lists have no buckets and no targets; use
 * `watchDetails` to select by them
 * @param options `cadence`: how long to wait between polls
 * @returns shared poll; a Right({@link JobTable}) for each list, and one more when a row changes in between (at most one
 * per 100 ms); a Left for each failed request for a list; it never completes, except after Left(InvalidArgument)
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
  return withSelection(cluster, selector, 'anything', (selection, env) => {
    const { bucket, target } = selection
    const { cadence = env.cadence ?? DEFAULT_CADENCE } = options ?? {}
    const bad =
      checkCadence(cadence) ??
      (bucket === undefined && target === undefined
        ? undefined
        : invalidArgument(
            bucket === undefined ? 'target' : 'bucket',
            'a list of jobs has no targets and no buckets; use watchDetails()',
          ))
    return bad === undefined ? tables(cluster, env, selection, cadence) : of(left(bad))
  })
}

/** The stream of tables. Keeps each row, and replaces only those that a reply changes. */
function tables(
  cluster: ClusterLike,
  env: Environment,
  selection: Selection,
  cadence: Cadence | Observable<Cadence>,
): Observable<Result<JobTable>> {
  return defer(() => {
    const rows = new Map<string, JobRow>()
    let table = tableOfRows([])
    let downloadCount = 0
    let emitted: JobTable | undefined
    let emittedMs = -Infinity
    const rowOf = (id: string, { tracker, observed }: Followed): JobRow | undefined => {
      const one = tracker.tracked.get(id)
      if (one === undefined || one.isReleased) return undefined
      const { run, isPast, result } = one
      const rowWithoutResult = isPast ? pastRow : openRow
      const bare = result === undefined ? rowWithoutResult(tracker.caseOf(one, observed), run) : endedRow(run, result)
      if (selection.onlyRunning && (bare.state === 'ended' || isOver(bare.state))) return undefined
      return reusedRow(rows.get(id), markedRow(bare, downloadCount > 0), run, observed.isWatched(id))
    }
    /** Sets or removes a row. Returns whether that changes the table. */
    const update = (id: string, row: JobRow | undefined): boolean => {
      const before = rows.get(id)
      if (row === before) return false
      if (isDownloadId(id)) downloadCount += Number(row !== undefined) - Number(before !== undefined)
      if (row === undefined) rows.delete(id)
      else rows.set(id, row)
      return true
    }
    /** Adds `carrier` to rows when the first download appears, and removes it when the last one has left. */
    const markAgain = (): void => {
      for (const [id, row] of rows) {
        const marked = markedRow(row, downloadCount > 0)
        if (!same(row, marked)) rows.set(id, marked)
      }
    }
    const applyReply = (followed: Followed): void => {
      const ids = new Set([...followed.touched, ...unwatched(rows, followed)])
      const hadDownloads = downloadCount > 0
      const changed = [...ids].filter((id) => update(id, rowOf(id, followed)))
      if (changed.length === 0) return
      if (hadDownloads !== downloadCount > 0) markAgain()
      table = tableOfRows(rows.values())
    }
    const emitTable = (): Observable<Result<JobTable>> => {
      emitted = table
      emittedMs = env.now()
      return of(right(table))
    }
    const onReply = ({ reply }: Followed): Observable<Result<JobTable>> => {
      if (reply === undefined) return EMPTY
      return isLeft(reply) && !isDenial(reply.left, selection) ? of(reply) : emitTable()
    }
    // Emits nothing before the first list, since most jobs would be missing.
    const onChange = (): Observable<Result<JobTable>> =>
      emitted === undefined || emitted === table ? EMPTY : emitTable()
    // Many runs may end at once, and a table may be long, so changes within 100 ms share one table.
    const onChangeThrottled = (): Observable<Result<JobTable>> => {
      const waitMs = emittedMs + SHORTEST_MS - env.now()
      return waitMs <= 0 ? onChange() : timer(waitMs, env.timers).pipe(concatMap(onChange))
    }
    return followJobs(cluster, env, selection, cadence, { isListed: true, keepsPast: false }).pipe(
      tap(applyReply),
      switchMap((followed) => concat(onReply(followed), defer(onChangeThrottled))),
    )
  })
}

/** The ids of the rows that still have snapshots, although no other stream polls these snapshots any more. */
function unwatched(rows: ReadonlyMap<string, JobRow>, { reply, observed }: Followed): readonly string[] {
  if (reply === undefined) return []
  return [...rows.values()].flatMap(({ id, snapshots }) =>
    snapshots === undefined || observed.isWatched(id) ? [] : [id],
  )
}

/**
 * Whether a Left means that no target knows the ids. Such a Left is an answer, not a failure: the cluster has forgotten
 * the jobs, or does not know them yet.
 */
export function isDenial({ _tag }: JobError, { ids }: Selection): boolean {
  return _tag === 'NotFound' && ids.length > 0
}
