import { map, of, type Observable } from 'rxjs'
import { JobStatuses } from './codec/job-statuses.ts'
import { type JobStatus, isOver } from './codec/job-status.ts'
import { queryBody } from './codec/messages.ts'
import { Running, type JobRef } from './codec/running.ts'
import { isLeft, left, right, sequenceArray } from './common/either.ts'
import type { ClusterLike, Environment } from './environment.ts'
import { invalidArgument, type RequestInfo, type Result } from './error.ts'
import { detailsOf, oneByOne, selected } from './queries.ts'
import { ask, type Asking } from './request/ask.ts'
import { decodeAs } from './request/decode-as.ts'
import { askIcIfEmpty } from './proxies/ic.ts'
import type { Limit } from './request/send.ts'
import type { JobSelector, Selection } from './model/selection.ts'
import { byId } from './codec/status-list.ts'
import { ofRunning, ofStatuses, testify, type Testimony } from './request/testify.ts'

// With frc, the Information Center asks targets that report late, and fills in `err` (T11): right for one request, too
// expensive for a poll.
const STATUSES: RequestInfo = Object.freeze({ method: 'GET', path: '/v1/cluster', query: 'what=status_all&frc=true' })
const RUNNING: RequestInfo = Object.freeze({ method: 'GET', path: '/v1/cluster', query: 'what=running_all' })

/**
 * Asks the Information Center for the statuses of all jobs that it knows.
 *
 * These are the jobs that run, and those that ended in the last three minutes or so, of the kinds that register there. A
 * proxy outside of the IC answers as if there were none (T8), so only a member's empty list is believed.
 *
 * @param cluster the cluster
 * @param selector which jobs; default all. A bucket finds only jobs that registered one (protocol 2.3); a target cannot be asked for
 * @returns cold; one Right with a status for each id (where an id is listed twice, the one that ended: T9), in no fixed
 * order, or one Left: InvalidArgument, or what any request can bring
 * @see docs/protocol.md#24-all-statuses; Python `Cluster.list_jobs_status`, Go `api.GetAllXactionStatus`
 * @example
 * import { createCluster, statuses } from 'aistore-rx'
 * statuses(createCluster('http://localhost:8080'), { kind: 'lru' }).subscribe(console.log)
 */
export function statuses(cluster: ClusterLike, selector?: JobSelector): Observable<Result<readonly JobStatus[]>> {
  return selected(cluster, selector, 'anything', (selection, env) => {
    if (selection.target !== undefined)
      return of(left(invalidArgument('target', 'a status is not kept by target; details() shows each target')))
    // With frc, these are full statuses.
    const taught = (result: Result<JobStatuses>): readonly Testimony[] =>
      isLeft(result) ? [] : ofStatuses([...byId(result.right).values()])
    return oneByOne(selection, (one) => testify(env, askStatuses(env, one), taught)).pipe(
      map(joined),
      map((all) => chosen(selection, all)),
    )
  })
}

/**
 * Asks which jobs run now, as pairs of id and kind.
 *
 * The cheapest request about a cluster; idle jobs count as running.
 *
 * @param cluster the cluster
 * @param selector which jobs; default all. With a bucket or a target, the snapshots are asked instead
 * @returns cold; one Right, `[]` if nothing runs (also from a proxy that is starting up), or one Left: HttpError with
 * code ErrFailedTo while a target cannot be reached (T27), InvalidArgument, or what any request can bring
 * @see docs/protocol.md#26-running-list; Python `Cluster.list_running_jobs`, Go `api.GetAllRunningXactions`
 * @example
 * import { createCluster, running } from 'aistore-rx'
 * running(createCluster('http://localhost:8080')).subscribe(console.log)
 */
export function running(cluster: ClusterLike, selector?: JobSelector): Observable<Result<readonly JobRef[]>> {
  return selected(cluster, selector, 'anything', (selection, env) => {
    const { ids, kind, bucket, target } = selection
    if (bucket !== undefined || target !== undefined) return seenRunning(cluster, env, selection)
    // The server knows the filter by kind only, and drops a kind that it does not know (T4).
    return testify(env, askRunning(cluster, kind), (result) => ofRunning(kind, result)).pipe(
      map((result) =>
        isLeft(result)
          ? result
          : right(
              result.right.filter(
                (job) => (kind ?? job.kind) === job.kind && (ids.length === 0 || ids.includes(job.id)),
              ),
            ),
      ),
    )
  })
}

/** @internal */
export const askRunning = (
  cluster: ClusterLike,
  kind: string | undefined,
  limit?: Limit,
): Observable<Result<Running>> =>
  ask(cluster, { request: RUNNING, body: queryBody({ kind }), decode: decodeAs(Running) }, limit)

function seenRunning(
  cluster: ClusterLike,
  env: Environment,
  selection: Selection,
): Observable<Result<readonly JobRef[]>> {
  return detailsOf(cluster, env, { ...selection, onlyRunning: true }).pipe(
    map((result) => {
      if (isLeft(result)) return result.left._tag === 'NotFound' && selection.ids.length > 0 ? right([]) : result
      const found = new Map<string, JobRef>()
      for (const { id, kind } of Object.values(result.right).flat()) found.set(`${kind}[${id}]`, { id, kind })
      return right([...found.values()])
    }),
  )
}

function askStatuses(env: Environment, { ids: [id], kind, bucket }: Selection): Observable<Result<JobStatuses>> {
  const asking: Asking<JobStatuses> = {
    request: STATUSES,
    // With an id, a bucket could only hide the job. The server must not leave out ended jobs either: if an id is listed
    // twice, running and ended, it would then show the wrong row (T9).
    body: queryBody({ id, kind, bck: id === undefined ? bucket : undefined }),
    decode: decodeAs(JobStatuses),
  }
  return askIcIfEmpty(env, asking, (list) => list.length === 0).pipe(
    map((result) => (isLeft(result) ? result : right(result.right.value))),
  )
}

function joined(results: readonly Result<JobStatuses>[]): Result<JobStatuses> {
  const all = sequenceArray(results)
  return isLeft(all) ? all : right(all.right.flat())
}

function chosen({ ids, kind, onlyRunning }: Selection, result: Result<JobStatuses>): Result<readonly JobStatus[]> {
  if (isLeft(result)) return result
  return right(
    [...byId(result.right).values()].filter(
      (status) =>
        (ids.length === 0 || ids.includes(status.id)) &&
        (kind ?? status.kind) === status.kind &&
        !(onlyRunning && isOver(status)),
    ),
  )
}
