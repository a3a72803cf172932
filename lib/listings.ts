import { queryIcIfEmpty } from '#platform/proxies/ic'
import { map, of, type Observable } from 'rxjs'
import { JobStatuses } from './codec/job-statuses.ts'
import { isOfKind, isOver, withKind, type JobStatus } from './codec/job-status.ts'
import { queryBody } from './codec/messages.ts'
import { Running, type JobRef } from './codec/running.ts'
import { isLeft, left, right, sequenceArray } from './common/either.ts'
import type { ClusterLike, Environment } from './environment.ts'
import { invalidArgument, type RequestInfo, type Result } from './error.ts'
import { detailsOf, forEachId, withSelection } from './queries.ts'
import { sendCall, type Call } from './request/fail-over.ts'
import { decodeAs } from './request/decode-as.ts'
import { refusedList } from './request/refused-list.ts'
import type { Limit } from './request/send.ts'
import type { JobSelector, Selection } from './model/selection.ts'
import { byId } from './codec/status-list.ts'
import { ofRunning, ofStatuses, publishEvidence, type ReplyEvidence } from './request/publish-evidence.ts'

// With `frc`, the Information Center queries the targets that have not reported recently, and fills in `err` (protocol
// T11). That is suitable for one request, but too expensive for a poll.
const STATUSES: RequestInfo = Object.freeze({ method: 'GET', path: '/v1/cluster', query: 'what=status_all&frc=true' })
const RUNNING: RequestInfo = Object.freeze({ method: 'GET', path: '/v1/cluster', query: 'what=running_all' })

/**
 * Requests the statuses of all jobs that the Information Center (IC) knows.
 *
 * The IC knows the jobs that run or have ended in the last three minutes or so, if it tracks their kind. A proxy
 * outside of the IC replies with an empty list (protocol T8), so an empty list counts only if it comes from a member of
 * the IC.
 *
 * @param cluster the cluster
 * @param selector which jobs (default all). A bucket selects only jobs that registered one (protocol 2.3); a target is
 * invalid
 * @returns cold; one Right with a status for each id, in no fixed order (if an id is listed twice, the status that has
 * ended: protocol T9), or one Left: InvalidArgument, HttpError 400 from a server before AIStore 3.16, which has no
 * lists, or an error that any request can have
 * @see docs/protocol.md#24-all-statuses; Python `Cluster.list_jobs_status`, Go `api.GetAllXactionStatus`
 * @example
 * import { createCluster, statuses } from 'aistore-rx'
 * statuses(createCluster('http://localhost:8080'), { kind: 'lru' }).subscribe(console.log)
 */
export function statuses(cluster: ClusterLike, selector?: JobSelector): Observable<Result<readonly JobStatus[]>> {
  return withSelection(cluster, selector, 'anything', (selection, env) => {
    if (selection.target !== undefined)
      return of(left(invalidArgument('target', 'a status is not kept by target; details() shows each target')))
    // The request has `frc`, so the rows of its list have errors: they count as full statuses.
    const evidenceOf = (result: Result<JobStatuses>): readonly ReplyEvidence[] =>
      isLeft(result) ? [] : ofStatuses([...byId(result.right).values()])
    return forEachId(selection, (one) => publishEvidence(env, queryStatuses(env, one), evidenceOf)).pipe(
      map(joined),
      map((all) => chosen(selection, all)),
    )
  })
}

/**
 * Requests the ids and kinds of the jobs that run now.
 *
 * This is the request with the smallest reply. Idle jobs count as running.
 *
 * @param cluster the cluster
 * @param selector which jobs (default all). With a bucket or a target, it requests snapshots instead
 * @returns cold; one Right (`[]` if no job runs, or from a proxy that is starting up), or one Left: HttpError with code
 * ErrFailedTo while a target is unreachable (protocol T27) or 400 from a server before AIStore 3.16, which has no
 * lists, InvalidArgument, or an error that any request can have
 * @see docs/protocol.md#26-running-list; Python `Cluster.list_running_jobs`, Go `api.GetAllRunningXactions`
 * @example
 * import { createCluster, running } from 'aistore-rx'
 * running(createCluster('http://localhost:8080')).subscribe(console.log)
 */
export function running(cluster: ClusterLike, selector?: JobSelector): Observable<Result<readonly JobRef[]>> {
  return withSelection(cluster, selector, 'anything', (selection, env) => {
    const { ids, kind, bucket, target } = selection
    if (bucket !== undefined || target !== undefined) return seenRunning(cluster, env, selection)
    // The server filters by kind only, and ignores a kind that it does not know (protocol T4).
    const isSelected = (job: JobRef): boolean =>
      (kind === undefined || job.kind === kind) && (ids.length === 0 || ids.includes(job.id))
    return publishEvidence(env, queryRunning(cluster, kind), (result) => ofRunning(kind, result)).pipe(
      map((result) => (isLeft(result) ? result : right(result.right.filter(isSelected)))),
    )
  })
}

/** @internal The running jobs of a kind, or all. */
export const queryRunning = (
  cluster: ClusterLike,
  kind: string | undefined,
  limit?: Limit,
): Observable<Result<Running>> =>
  sendCall(
    cluster,
    { request: RUNNING, body: queryBody({ kind }), decode: decodeAs(Running), refusal: refusedList },
    limit,
  )

/** The running jobs by their snapshots, because the list of running jobs has no buckets and no targets. */
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

/**
 * Requests the list of statuses.
 *
 * @internal
 * @param request by default with `frc`, so that the Information Center queries the targets that report late
 */
export function queryStatuses(
  env: Environment,
  { ids: [id], kind, bucket }: Selection,
  request: RequestInfo = STATUSES,
): Observable<Result<JobStatuses>> {
  const call: Call<JobStatuses> = {
    request,
    // With an id, a bucket could only hide the job. The request does not exclude ended jobs either: if an id is listed
    // twice, as running and as ended, a reply without ended jobs would have only the wrong row (protocol T9).
    body: queryBody({ id, kind, bck: id === undefined ? bucket : undefined }),
    decode: decodeAs(JobStatuses),
    refusal: refusedList,
  }
  return queryIcIfEmpty(env, call, (list) => list.length === 0).pipe(
    map((result) => (isLeft(result) ? result : right(result.right.value))),
  )
}

function joined(results: readonly Result<JobStatuses>[]): Result<JobStatuses> {
  const all = sequenceArray(results)
  return isLeft(all) ? all : right(all.right.flat())
}

/** The statuses that match the selection. */
function chosen({ ids, kind, onlyRunning }: Selection, result: Result<JobStatuses>): Result<readonly JobStatus[]> {
  if (isLeft(result)) return result
  return right(
    [...byId(result.right).values()]
      .filter(
        (status) =>
          (ids.length === 0 || ids.includes(status.id)) && isOfKind(kind, status) && !(onlyRunning && isOver(status)),
      )
      .map((status) => withKind(kind, status)),
  )
}
