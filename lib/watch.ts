import type { StatusList } from './codec/status-list.ts'
import { EMPTY, defer, merge, mergeMap, of, type Observable } from 'rxjs'
import type { Cadence } from './cadence.ts'
import { type JobStatus, isOver } from './codec/job-status.ts'
import type { Snapshots } from './codec/snapshots.ts'
import { isLeft, left, right } from './common/either.ts'
import type { ClusterLike } from './environment.ts'
import { invalidArgument, type Result } from './error.ts'
import { STATUS, allSnapshots, allStatuses, selected } from './queries.ts'
import { isLookAt, lookOf } from './streams/looks.ts'
import { replies, type Replies } from './streams/replies.ts'
import { selects, type JobSelector, type Selection } from './model/selection.ts'
import { buildSnapshots, filterSnapshots } from './model/snapshot.ts'
import { keyOf, type Query } from './view/evidence.ts'
import { runOf } from './view/view.ts'
import { checkCadence } from './wait.ts'
import { defined } from './common/defined.ts'

/** Settings of a live stream. */
export interface WatchOptions {
  /**
   * How often to ask; default: the cadence of the cluster. Of all streams that share a request, the fastest sets the
   * pace.
   */
  readonly cadence?: Cadence | Observable<Cadence> | undefined
}

/**
 * Watches the status of a job.
 *
 * Endless and shared: all subscribers of one job of one cluster value share one poll, which goes on after a Left and
 * stops when the last of them leaves. A new subscriber gets the newest status at once if it is not older than one wait.
 *
 * @param cluster the cluster
 * @param selector an id, or a kind
 * @param options `cadence`: how often to ask
 * @returns Right with the status with each reply, a Left with each request that failed; endless, but for
 * Left(InvalidArgument)
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
  return selected(cluster, selector, 'job', (selection, env) => {
    const { cadence = env.cadence } = options ?? {}
    const bad =
      selection.target === undefined
        ? checkCadence(cadence)
        : invalidArgument('target', 'a status is not kept by target; watchDetails() shows each target')
    if (bad !== undefined) return of(left(bad))
    const { ids } = selection
    if (ids.length === 0) return replies(cluster, env, newestStatus(selection), cadence)
    return together(
      ids.map((id) => replies(cluster, env, statusOfRun(id, selection), cadence)),
      allStatuses,
    )
  })
}

/**
 * Watches the snapshots of jobs.
 *
 * Endless and shared, as {@link watchStatus} is. Without a selector, it watches all jobs of the cluster.
 *
 * @param cluster the cluster
 * @param selector which jobs; default all
 * @param options `cadence`: how often to ask
 * @returns Right with the snapshots with each reply, a Left with each request that failed; endless, but for
 * Left(InvalidArgument)
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
  return selected(cluster, selector, 'anything', (selection, env) => {
    const { cadence = env.cadence } = options ?? {}
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

/** Joins several streams: emits each time all of them have a new value. */
function together<A>(
  each: readonly Observable<Result<A>>[],
  join: (results: readonly Result<A>[]) => Result<A>,
): Observable<Result<A>> {
  return defer(() => {
    const round = new Map<Observable<Result<A>>, Result<A>>()
    const one = (stream: Observable<Result<A>>): Observable<Result<A>> =>
      stream.pipe(
        mergeMap((result) => {
          round.set(stream, result)
          const results = each.flatMap((other) => round.get(other) ?? [])
          if (results.length < each.length) return EMPTY
          round.clear()
          return of(join(results))
        }),
      )
    return merge(...each.map(one))
  })
}

function newestStatus(selection: Selection): Replies<JobStatus> {
  const query: Query = { what: 'newest', selection }
  const key = keyOf(query)
  return {
    needs: (dueMs) => [{ of: 'query', query, dueMs }],
    wantsReply: (evidence) => evidence.query.what === 'newest' && keyOf(evidence.query) === key,
    read: ({ result }) => result as Result<JobStatus>,
  }
}

/** While the job is open, a row of the list is as good as a status; its end needs the full status (T11). */
function statusOfRun(id: string, selection: Selection): Replies<JobStatus> {
  return {
    ids: [id],
    needs: (dueMs, view) => {
      const run = runOf(view, id)
      const { table } = view
      const row = table?.value.get(id)
      const doubt = table !== undefined && (row === undefined || isOver(row))
      const asked = run?.statusTry?.askedMs ?? -Infinity
      const full = run?.full !== undefined && isOver(run.full.value)
      return doubt && !full && asked < table.askedMs
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
      if (query.what === 'statuses' && isOver(row))
        return full !== undefined && isOver(full) ? ofSelection(selection, full) : undefined
      return ofSelection(selection, row)
    },
  }
}

/** If an id is given, the server does not filter. */
function ofSelection({ kind, onlyRunning }: Selection, status: JobStatus): Result<JobStatus> {
  if (kind !== undefined && kind !== status.kind) return notFound('the cluster answered with another job')
  return onlyRunning && isOver(status) ? notFound('the job is not running') : right(status)
}

const notFound = (message: string): Result<never> => left({ _tag: 'NotFound', message, request: STATUS })

function snapshotsOfAll(selection: Selection): Replies<Snapshots> {
  const { kind, onlyRunning } = selection
  const query: Query = {
    what: 'snapshots',
    ...defined({ kind }),
    // Without a kind, the server would name one job of each kind.
    ...(onlyRunning && kind !== undefined ? { onlyRunning: true } : {}),
  }
  const key = keyOf(query)
  return {
    needs: (dueMs) => [{ of: 'query', query, dueMs }],
    wantsReply: (evidence) => evidence.query.what === 'snapshots' && keyOf(evidence.query) === key,
    read: ({ result }) => chosen(selection, result as Result<Snapshots>),
  }
}

/** The snapshots of a run, from a reply about it or about its kind. */
function snapshotsOfRun(id: string, selection: Selection): Replies<Snapshots> {
  const own: Selection = { ...selection, ids: [id] }
  return {
    ids: [id],
    needs: (dueMs, view) => [{ of: 'snapshots', id, kind: runOf(view, id)?.kind, dueMs }],
    wantsReply: ({ query }, view) => isLookAt(query, id, view),
    read: ({ query, result }) => {
      const all = chosen(own, result as Result<Snapshots>)
      if (isLeft(all) || (query as { id?: string }).id !== undefined) return all
      const shown = buildSnapshots(Object.entries(all.right).filter(([, snaps]) => snaps.length > 0))
      return lookOf(query, right(shown), [id])
    },
  }
}

const chosen = (selection: Selection, result: Result<Snapshots>): Result<Snapshots> =>
  isLeft(result) ? result : right(filterSnapshots(result.right, (target, snap) => selects(selection, target, snap)))
