import { snapshotsIn } from '#platform/codec/snapshots-in'
import { queryIc } from '#platform/proxies/ic'
import { concat, defer, map, of, toArray, type Observable } from 'rxjs'
import { ClusterMap } from './codec/cluster-map.ts'
import { lastOf } from './codec/instant.ts'
import { isOfKind, isOver, JobStatus, withKind } from './codec/job-status.ts'
import type { ErrorBody } from './codec/error-body.ts'
import { queryBody } from './codec/messages.ts'
import { statusInRefusal } from './codec/refused-status.ts'
import type { Snapshots } from './codec/snapshots.ts'
import { isLeft, isRight, left, right } from './common/either.ts'
import { environmentOf, type ClusterLike, type Environment } from './environment.ts'
import { invalidArgument, type RequestInfo, type Result } from './error.ts'
import { queryDownload } from './download/requests.ts'
import { downloadOf, isDownloadId, snapshotsOfDownload, statusOfDownload } from './model/download.ts'
import { sendCall, sendCallAndRead, type Call } from './request/fail-over.ts'
import { decodeAs, decodeBy } from './request/decode-as.ts'
import { CLUSTER_MAP } from './proxies/membership.ts'
import { ofMap, ofSnapshots, ofStatus, publishEvidence } from './request/publish-evidence.ts'
import type { Limit } from './request/send.ts'
import { select, selects, type JobSelector, type Selection } from './model/selection.ts'
import { filterSnapshots, mergeSnapshots } from './model/snapshot.ts'
import { defined } from './common/defined.ts'

/**
 * Requests the status of one job from the Information Center.
 *
 * A status has the kind, id, end time and error, but no counters. It exists only for kinds that the Information Center
 * tracks (protocol 4).
 *
 * @param cluster the cluster
 * @param selector an id; several separated by commas (one status over all of them); or a kind: its running job or, if
 * there is none, the one that ended last (protocol T7). With `onlyRunning`, a job that has ended is NotFound
 * @returns cold; one Right with the status, or one Left: NotFound (a 404, which takes the server two seconds; it forgets
 * a job three minutes after its end), InvalidArgument, or an error that any request can have (TransportError,
 * RequestTimeout, HttpError, Unauthorized, DecodeError, ReplyTooLarge, RedirectRefused)
 * @see docs/protocol.md#23-one-status; Python `Job.status`, Go `api.GetOneXactionStatus`
 * @example
 * import { createCluster, status } from 'aistore-rx'
 * status(createCluster('http://localhost:8080'), { id: 'zOCwz4iJS' }).subscribe(console.log)
 */
export function status(cluster: ClusterLike, selector: JobSelector): Observable<Result<JobStatus>> {
  return withSelection(cluster, selector, 'job', (selection, env) => {
    if (selection.target !== undefined)
      return of(left(invalidArgument('target', 'a status is not kept by target; details() shows each target')))
    return forEachId(selection, (one) => {
      const [id] = one.ids
      const status$ = isDownload(id)
        ? publishEvidence(env, queryDownloadAsSnapshots(cluster, one, id), (result) => ofSnapshots(one, result)).pipe(
            map(statusInSnapshots),
          )
        : publishEvidence(env, queryStatus(cluster, one), (result) => ofStatus(one, result))
      return status$.pipe(map((result) => filteredStatus(one, result)))
    }).pipe(map(allStatuses))
  })
}

/**
 * Requests the snapshots of jobs from every target.
 *
 * A snapshot is the full record of a job on one target: times, counters and flags. Without a selector, the result has
 * the snapshots of all jobs.
 *
 * @param cluster the cluster
 * @param selector which jobs (default all); the library filters the reply again, since a server ignores filters that it
 * does not know (protocol T4)
 * @returns cold; one Right with the snapshots by target id (a target without a matching job has `[]`, or is absent if
 * you select by id), or one Left: NotFound (no target knows the id), HttpError with code ErrFailedTo while a target is
 * unreachable (protocol T27), InvalidArgument, or an error that any request can have
 * @see docs/protocol.md#25-snapshots; Python `Job.get_details`, Go `api.QueryXactionSnaps`
 * @example
 * import { createCluster, details } from 'aistore-rx'
 * details(createCluster('http://localhost:8080'), { kind: 'lru' }).subscribe(console.log)
 */
export function details(cluster: ClusterLike, selector?: JobSelector): Observable<Result<Snapshots>> {
  return withSelection(cluster, selector, 'anything', (selection, env) => detailsOf(cluster, env, selection))
}

/**
 * Requests the cluster map.
 *
 * The map has the targets and proxies by id, the primary, and the members of the Information Center.
 *
 * @param cluster the cluster
 * @returns cold; one Right with the map, or one Left: an error that any request can have
 * @see docs/protocol.md#28-cluster-map; Python `Cluster.get_info`, Go `api.GetClusterMap`
 * @example
 * import { createCluster, clusterMap } from 'aistore-rx'
 * clusterMap(createCluster('http://localhost:8080')).subscribe(console.log)
 */
export function clusterMap(cluster: ClusterLike): Observable<Result<ClusterMap>> {
  return defer(() => {
    const environment = environmentOf(cluster)
    return isLeft(environment) ? of(environment) : publishEvidence(environment.right, queryMap(cluster), ofMap)
  })
}

const queryMap = (cluster: ClusterLike, limit?: Limit): Observable<Result<ClusterMap>> =>
  sendCall(cluster, { request: CLUSTER_MAP, decode: decodeAs(ClusterMap) }, limit)

// Frozen, since errors and log events expose them to users.
const STATUS: RequestInfo = Object.freeze({ method: 'GET', path: '/v1/cluster', query: 'what=status' })
/** @internal */
export const SNAPSHOTS: RequestInfo = Object.freeze({ method: 'GET', path: '/v1/cluster', query: 'what=qryxstats' })

/** @internal The snapshots of all ids. */
export const detailsOf = (
  cluster: ClusterLike,
  env: Environment,
  selection: Selection,
): Observable<Result<Snapshots>> =>
  forEachId(selection, (one) => {
    const { ids, kind } = one
    // The reply may have more than the selection: other targets and buckets and, unless only running jobs are
    // requested, jobs that have ended.
    const whole = { ids, ...defined({ kind }), onlyRunning: requestsRunningOnly(one) }
    return publishEvidence(env, querySnapshots(cluster, whole), (result) => ofSnapshots(whole, result)).pipe(
      map((result) => filteredSnapshots(one, result)),
    )
  }).pipe(map(allSnapshots))

/** @internal The status of a kind, or of one id. */
export const statusOf = (cluster: ClusterLike, one: Selection, limit?: Limit): Observable<Result<JobStatus>> =>
  queryStatus(cluster, one, limit).pipe(map((result) => filteredStatus(one, result)))

/** @internal The status of a kind, or of one id, whether the job runs or has ended. */
export function queryStatus(cluster: ClusterLike, selection: Selection, limit?: Limit): Observable<Result<JobStatus>> {
  return sendCallAndRead(cluster, statusCall(selection), limit, (result) => ofTheJob(selection, result))
}

/** @internal Sends the same query as `queryStatus`, to the member of the Information Center that sends the lists. */
export function queryStatusAtIc(env: Environment, selection: Selection, limit: Limit): Observable<Result<JobStatus>> {
  return queryIc(env, statusCall(selection), limit).pipe(
    map((result) => ofTheJob(selection, isLeft(result) ? result : right(result.right.value))),
  )
}

const decodeStatus = decodeAs(JobStatus)

/** The request for the status of one id or kind. */
function statusCall({ ids: [id], kind, bucket, onlyRunning }: Selection): Call<JobStatus> {
  // With an id, a bucket could only hide the job: most jobs register without a bucket (protocol 2.3).
  const byKind = id === undefined
  const body = queryBody({
    id,
    kind,
    bck: byKind ? bucket : undefined,
    show_active: byKind && onlyRunning ? true : undefined,
  })
  return { request: STATUS, body, decode: decodeStatus, isEmpty: isNoStatus, valueInRefusal: refusedStatus }
}

const refusedStatus = ({ message }: ErrorBody, wallMs: number): JobStatus | undefined =>
  statusInRefusal(message, wallMs)

/** A proxy outside of the Information Center forwards this request, so every reply comes from a member. */
const isNoStatus = (): boolean => false

/** Replaces the status of another job than the selected one by NotFound. */
function ofTheJob({ ids: [id], kind }: Selection, result: Result<JobStatus>): Result<JobStatus> {
  if (isLeft(result)) return result
  const { right: status } = result
  return (id ?? status.id) === status.id ? statusOfSelection({ kind, onlyRunning: false }, status) : anotherJob()
}

/** @internal Filters a status by kind and `onlyRunning`: the server does not filter if an id is given. */
export function statusOfSelection(
  { kind, onlyRunning }: Pick<Selection, 'kind' | 'onlyRunning'>,
  status: JobStatus,
): Result<JobStatus> {
  if (!isOfKind(kind, status)) return anotherJob()
  return onlyRunning && isOver(status) ? notFound('the job is not running') : right(withKind(kind, status))
}

const notFound = (message: string): Result<never> => left({ _tag: 'NotFound', message, request: STATUS })
const anotherJob = (): Result<never> => notFound('the cluster answered with another job')

/** @internal The status of a download, from its snapshots. */
export function statusInSnapshots(result: Result<Snapshots>): Result<JobStatus> {
  if (isLeft(result)) return result
  for (const snaps of Object.values(result.right))
    for (const snap of snaps) {
      const download = downloadOf(snap)
      if (download !== undefined) return right(statusOfDownload(download))
    }
  return notFound('no target shows the download')
}

const decodeSnapshots = decodeBy((text) => snapshotsIn(text))

/** @internal The snapshots of one id, of a kind, or of all jobs. */
export function querySnapshots(
  cluster: ClusterLike,
  selection: Selection,
  limit?: Limit,
): Observable<Result<Snapshots>> {
  const {
    ids: [id],
    kind,
  } = selection
  if (isDownload(id)) return queryDownloadAsSnapshots(cluster, selection, id, limit)
  // The request has no bucket: the server compares it with only one bucket of a job, so it would not find a copy by the
  // source bucket.
  const body = queryBody({ id, kind, show_active: requestsRunningOnly(selection) ? true : undefined })
  const decode = (text: string, request: RequestInfo): Result<Snapshots> =>
    filteredSnapshots(selection, decodeSnapshots(text, request))
  return sendCall(cluster, { request: SNAPSHOTS, body, decode }, limit)
}

const isDownload = (id: string | undefined): id is string => id !== undefined && isDownloadId(id)

const queryDownloadAsSnapshots = (
  cluster: ClusterLike,
  selection: Selection,
  id: string,
  limit?: Limit,
): Observable<Result<Snapshots>> =>
  queryDownload(cluster, id, limit).pipe(
    map((result) => filteredSnapshots(selection, isLeft(result) ? result : right(snapshotsOfDownload(result.right)))),
  )

/**
 * Whether the request excludes ended jobs. Without a kind, the server would return one job of each kind only; with an
 * id, it would reply with 404 for an ended job.
 */
const requestsRunningOnly = ({ ids, kind, onlyRunning }: Selection): boolean =>
  onlyRunning && ids.length === 0 && kind !== undefined

/** @internal Filters snapshots, since a server ignores filters that it does not know (protocol T4). */
export const filteredSnapshots = (selection: Selection, result: Result<Snapshots>): Result<Snapshots> =>
  isLeft(result) ? result : right(filterSnapshots(result.right, (target, snap) => selects(selection, target, snap)))

/**
 * @internal Checks the cluster and the selector on subscribe. Emits one Left if one of them is invalid; otherwise goes on
 * with `f`.
 * @param need what the selector must contain: anything (an empty one selects all jobs), or an id or a kind
 */
export function withSelection<A>(
  cluster: ClusterLike,
  selector: JobSelector | undefined,
  need: 'anything' | 'job',
  f: (selection: Selection, environment: Environment) => Observable<Result<A>>,
): Observable<Result<A>> {
  return defer(() => {
    const environment = environmentOf(cluster)
    if (isLeft(environment)) return of(environment)
    const selection = select(selector, environment.right.kinds, need, environment.right.ids)
    return isLeft(selection) ? of(selection) : f(selection.right, environment.right)
  })
}

/**
 * @internal Sends one request for each id, since the server replies to a list of ids with the first match only
 * (protocol 1.3).
 */
export function forEachId<A>(selection: Selection, f: (one: Selection) => Observable<A>): Observable<readonly A[]> {
  const { ids } = selection
  const selections = ids.length < 2 ? [selection] : ids.map((id) => ({ ...selection, ids: [id] }))
  return concat(...selections.map(f)).pipe(toArray())
}

const filteredStatus = (selection: Selection, result: Result<JobStatus>): Result<JobStatus> =>
  isLeft(result) ? result : statusOfSelection(selection, result.right)

/** @internal Joins several statuses into one. */
export function allStatuses(results: readonly Result<JobStatus>[]): Result<JobStatus> {
  const [only] = results
  if (only !== undefined && results.length === 1) return only
  const missed = results.find(isLeft)
  if (missed !== undefined) return missed
  const statuses = results.filter(isRight).map(({ right: status }) => status)
  const endTime = lastOf(statuses.map((status) => status.endTime))
  return right({
    id: statuses.map(({ id }) => id).join(','),
    kind: [...new Set(statuses.map(({ kind }) => kind))].join(','),
    err: statuses.find(({ err }) => err !== '')?.err ?? '',
    ...defined({ endTime }),
    aborted: statuses.some(({ aborted }) => aborted),
  })
}

/** @internal Joins the snapshots of several ids, as if they had come in one reply. */
export function allSnapshots(results: readonly Result<Snapshots>[]): Result<Snapshots> {
  const found = results.filter(isRight).map(({ right: snapshots }) => snapshots)
  const missed = results.filter(isLeft)
  const failure = missed.find(({ left: error }) => error._tag !== 'NotFound')
  if (failure !== undefined) return failure
  // If some ids are unknown, the result has the others.
  const [unknown] = missed
  return unknown !== undefined && found.length === 0 ? unknown : right(mergeSnapshots(found))
}
