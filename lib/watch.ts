import type { StatusList } from './codec/status-list.ts'
import { EMPTY, defer, merge, mergeMap, of, type Observable } from 'rxjs'
import { DEFAULT_CADENCE, type Cadence } from './cadence.ts'
import { isOver, type JobStatus } from './codec/job-status.ts'
import type { Snapshots } from './codec/snapshots.ts'
import { isLeft, left, right } from './common/either.ts'
import type { ClusterLike } from './environment.ts'
import { invalidArgument, type Result } from './error.ts'
import {
  allSnapshots,
  allStatuses,
  withSelection,
  filteredSnapshots,
  statusInSnapshots,
  statusOfSelection,
} from './queries.ts'
import { isDownloadId } from './model/download.ts'
import { coversRun, notFoundIfAbsent } from './streams/covers-run.ts'
import { replies, type Replies } from './streams/replies.ts'
import type { JobSelector, Selection } from './model/selection.ts'
import { buildSnapshots } from './model/snapshot.ts'
import { keyOf, type Query } from './view/evidence.ts'
import { runOf } from './view/view.ts'
import { checkCadence } from './common/check-cadence.ts'
import { defined } from './common/defined.ts'

/** Settings of a live stream: `watchStatus`, `watchDetails`, `watchJobs`, `jobEvents`. */
export interface WatchOptions {
  /**
   * How long to wait between polls. Defaults to the cadence of the cluster. If streams share a request, the shortest
   * wait applies.
   */
  readonly cadence?: Cadence | Observable<Cadence> | undefined
}

/**
 * Watches the status of a job.
 *
 * All subscribers of one job and one cluster value share one poll. The poll goes on after a Left, and stops when the
 * last subscriber leaves. A new subscriber gets the newest status at once, unless it is older than one wait of the
 * cadence.
 *
 * @param cluster the cluster
 * @param selector an id, several separated by commas, or a kind
 * @param options `cadence`: how long to wait between polls
 * @returns shared poll; a Right with the status for each reply, a Left for each failed request; it never completes, except
 * after Left(InvalidArgument)
 * @see docs/protocol.md#23-one-status
 * @example
 * import { createCluster, takeUntilDone, watchStatus } from 'aistore-rx'
 * watchStatus(createCluster('http://localhost:8080'), { id: 'zOCwz4iJS' })
 *   .pipe(takeUntilDone(({ endTime }) => endTime !== undefined))
 *   .subscribe(console.log)
 */
export function watchStatus(
  cluster: ClusterLike,
  selector: JobSelector,
  options?: WatchOptions,
): Observable<Result<JobStatus>> {
  return withSelection(cluster, selector, 'job', (selection, env) => {
    const { cadence = env.cadence ?? DEFAULT_CADENCE } = options ?? {}
    const bad =
      selection.target === undefined
        ? checkCadence(cadence)
        : invalidArgument('target', 'a status is not kept by target; watchDetails() shows each target')
    if (bad !== undefined) return of(left(bad))
    const { ids } = selection
    if (ids.length === 0) return replies(cluster, env, newestStatus(selection), cadence)
    const ofOne = (id: string): Replies<JobStatus> =>
      isDownloadId(id) ? statusOfDownload(id, selection) : statusOfRun(id, selection)
    return together(
      ids.map((id) => replies(cluster, env, ofOne(id), cadence)),
      allStatuses,
    )
  })
}

/**
 * Watches the snapshots of jobs.
 *
 * Subscribers share one poll, as in {@link watchStatus}. Without a selector, it watches all jobs of the cluster.
 *
 * @param cluster the cluster
 * @param selector which jobs (default all)
 * @param options `cadence`: how long to wait between polls
 * @returns shared poll; a Right with the snapshots for each reply, a Left for each failed request; it never completes,
 * except after Left(InvalidArgument)
 * @see docs/protocol.md#25-snapshots
 * @example
 * import { createCluster, rights, watchDetails } from 'aistore-rx'
 * watchDetails(createCluster('http://localhost:8080'), { kind: 'rebalance' }).pipe(rights()).subscribe(console.log)
 */
export function watchDetails(
  cluster: ClusterLike,
  selector?: JobSelector,
  options?: WatchOptions,
): Observable<Result<Snapshots>> {
  return withSelection(cluster, selector, 'anything', (selection, env) => {
    const { cadence = env.cadence ?? DEFAULT_CADENCE } = options ?? {}
    const bad = checkCadence(cadence)
    if (bad !== undefined) return of(left(bad))
    const { ids } = selection
    if (ids.length === 0) return replies(cluster, env, snapshotsOfAll(selection), cadence)
    return together(
      ids.map((id) => replies(cluster, env, snapshotsOfRun(id, selection), cadence)),
      allSnapshots,
    )
  })
}

/** Joins several streams: emits the values of all of them whenever each has a new one. */
function together<A>(
  each: readonly Observable<Result<A>>[],
  join: (results: readonly Result<A>[]) => Result<A>,
): Observable<Result<A>> {
  return defer(() => {
    const round = new Map<Observable<Result<A>>, Result<A>>()
    const joined = (stream: Observable<Result<A>>): Observable<Result<A>> =>
      stream.pipe(
        mergeMap((result) => {
          round.set(stream, result)
          const results = each.flatMap((other) => round.get(other) ?? [])
          if (results.length < each.length) return EMPTY
          round.clear()
          return of(join(results))
        }),
      )
    return merge(...each.map(joined))
  })
}

/** The status of a kind. The Information Center chooses the run. */
function newestStatus(selection: Selection): Replies<JobStatus> {
  const query: Query = { what: 'newest', selection }
  const key = keyOf(query)
  return {
    needs: (dueMs) => [{ of: 'query', query, dueMs }],
    wantsReply: (evidence) => evidence.query.what === 'newest' && keyOf(evidence.query) === key,
    read: ({ result }) => result as Result<JobStatus>,
  }
}

/** While the job runs, a row of the list suffices. Only the full status shows how the job ended (protocol T11). */
function statusOfRun(id: string, selection: Selection): Replies<JobStatus> {
  return {
    ids: [id],
    needs: (dueMs, view) => {
      const run = runOf(view, id)
      const { list } = view
      const row = list?.value.get(id)
      const mayBeOver = list !== undefined && (row === undefined || isOver(row))
      const lastStatusMs = run?.statusTry?.sentMs ?? -Infinity
      const isEndKnown = run?.full !== undefined && isOver(run.full.value)
      return mayBeOver && !isEndKnown && lastStatusMs < list.sentMs
        ? [{ of: 'status', id, dueMs: -Infinity }]
        : [{ of: 'ic', id, kind: run?.kind, dueMs }]
    },
    wantsReply: ({ query }) => query.what === 'statuses' || (query.what === 'status' && query.id === id),
    read: (evidence, view) => {
      const { query, result } = evidence
      if (isLeft(result)) return result
      const row = query.what === 'statuses' ? (result.right as StatusList).get(id) : (result.right as JobStatus)
      const full = runOf(view, id)?.full?.value
      if (row === undefined) return undefined
      // A row of a list has no error, so an end waits for the full status.
      if (query.what === 'statuses' && isOver(row))
        return full !== undefined && isOver(full) ? statusOfSelection(selection, full) : undefined
      return statusOfSelection(selection, row)
    },
  }
}

/** The status of a download, from the replies of the download API. */
function statusOfDownload(id: string, selection: Selection): Replies<JobStatus> {
  const { read, ...snapshots } = snapshotsOfRun(id, { ...selection, onlyRunning: false })
  return {
    ...snapshots,
    read: (evidence, view) => {
      const shown = read(evidence, view)
      const status = shown === undefined ? undefined : statusInSnapshots(shown)
      return status === undefined || isLeft(status) ? status : statusOfSelection(selection, status.right)
    },
  }
}

/** The snapshots of all jobs, or of a kind. */
function snapshotsOfAll(selection: Selection): Replies<Snapshots> {
  const { kind, onlyRunning } = selection
  const query: Query = {
    what: 'snapshots',
    ...defined({ kind }),
    // Without a kind, the server would return one job of each kind only.
    ...(onlyRunning && kind !== undefined ? { onlyRunning: true } : {}),
  }
  const key = keyOf(query)
  return {
    needs: (dueMs) => [{ of: 'query', query, dueMs }],
    wantsReply: (evidence) => evidence.query.what === 'snapshots' && keyOf(evidence.query) === key,
    read: ({ result }) => filteredSnapshots(selection, result as Result<Snapshots>),
  }
}

/** The snapshots of a run, from a reply about this run, its kind or all jobs. */
function snapshotsOfRun(id: string, selection: Selection): Replies<Snapshots> {
  const own: Selection = { ...selection, ids: [id] }
  return {
    ids: [id],
    needs: (dueMs, view) => [{ of: 'snapshots', id, kind: runOf(view, id)?.kind, dueMs }],
    wantsReply: ({ query }, view) => coversRun(query, id, view),
    read: ({ query, result }) => {
      const all = filteredSnapshots(own, result as Result<Snapshots>)
      const isAboutRunOnly = (query as { id?: string }).id !== undefined
      if (isLeft(all) || isAboutRunOnly) return all
      const shown = buildSnapshots(Object.entries(all.right).filter(([, snaps]) => snaps.length > 0))
      return notFoundIfAbsent(query, right(shown), [id])
    },
  }
}
