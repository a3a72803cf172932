import { concat, defer, map, of, toArray, type Observable } from 'rxjs'
import { ClusterMap } from './codec/cluster-map.ts'
import { lastOf } from './codec/instant.ts'
import { JobStatus } from './codec/job-status.ts'
import { queryBody } from './codec/messages.ts'
import { Snapshots } from './codec/snapshots.ts'
import { isLeft, isRight, left, right, sequenceArray } from './common/either.ts'
import { environmentOf, type ClusterLike, type Environment } from './environment.ts'
import { invalidArgument, type RequestInfo, type Result } from './error.ts'
import { ask, type Asking } from './request/ask.ts'
import { askIc } from './proxies/ic.ts'
import { decodeAs } from './request/decode-as.ts'
import { CLUSTER_MAP } from './proxies/membership.ts'
import { ofMap, ofSnapshots, ofStatus, testify } from './request/testify.ts'
import type { Limit } from './request/send.ts'
import { select, selects, type JobSelector, type Selection } from './model/selection.ts'
import { filterSnapshots, mergeSnapshots } from './model/snapshot.ts'
import { defined } from './common/defined.ts'

/**
 * Asks the Information Center for the status of one job.
 *
 * The small record: kind, id, end, error. It has no counters, and exists only for kinds that register there (protocol
 * 4).
 *
 * @param cluster the cluster
 * @param selector an id, or a kind (then the running one is named if there is one, else the one that ended last: T7; with
 * `onlyRunning`, one that has ended is NotFound)
 * @returns cold; one Right with the status, or one Left: NotFound (a 404, which takes the server two seconds; ended jobs are
 * forgotten after three minutes), InvalidArgument, or what any request can bring (TransportError, RequestTimeout,
 * HttpError, Unauthorized, DecodeError, ReplyTooLarge, RedirectRefused). Of several ids, one status over all of them
 * @see docs/protocol.md#23-one-status; Python `Job.status`, Go `api.GetOneXactionStatus`
 * @example
 * import { createCluster, status } from 'aistore-rx'
 * status(createCluster('http://localhost:8080'), { id: 'zOCwz4iJS' }).subscribe(console.log)
 */
export function status(cluster: ClusterLike, selector: JobSelector): Observable<Result<JobStatus>> {
  return selected(cluster, selector, 'job', (selection, env) => {
    if (selection.target !== undefined)
      return of(left(invalidArgument('target', 'a status is not kept by target; details() shows each target')))
    return oneByOne(selection, (one) =>
      testify(env, askStatus(cluster, one), (result) => ofStatus(one, result)).pipe(
        map((result) => runningOnly(one, result)),
      ),
    ).pipe(map(allStatuses))
  })
}

/**
 * Asks every target for its snapshots of jobs.
 *
 * The full record, from the source of truth: times, counters, flags, target by target. Without a selector, it covers
 * all jobs.
 *
 * @param cluster the cluster
 * @param selector which jobs; the reply is filtered once more by it, since a server drops filters that it does not know (T4)
 * @returns cold; one Right (target id to snapshots; a target has `[]` where it has none, or is absent when one id was
 * asked for), or one Left: NotFound if no target knows the id, HttpError with code ErrFailedTo while a target cannot
 * be reached (T27), or what any request can bring
 * @see docs/protocol.md#25-snapshots; Python `Job.get_details`, Go `api.QueryXactionSnaps`
 * @example
 * import { createCluster, details } from 'aistore-rx'
 * details(createCluster('http://localhost:8080'), { kind: 'lru' }).subscribe(console.log)
 */
export function details(cluster: ClusterLike, selector?: JobSelector): Observable<Result<Snapshots>> {
  return selected(cluster, selector, 'anything', (selection, env) => detailsOf(cluster, env, selection))
}

/**
 * Asks for the map of the cluster.
 *
 * The map has the targets and proxies by id, the primary, and the members of the Information Center.
 *
 * @returns cold; one Right with the map, or one Left that any request can bring
 * @see docs/protocol.md#28-cluster-map; Python `Cluster.get_info`, Go `api.GetClusterMap`
 * @example
 * import { createCluster, clusterMap } from 'aistore-rx'
 * clusterMap(createCluster('http://localhost:8080')).subscribe(console.log)
 */
export function clusterMap(cluster: ClusterLike): Observable<Result<ClusterMap>> {
  return defer(() => {
    const internals = environmentOf(cluster)
    return isLeft(internals) ? of(internals) : testify(internals.right, askMap(cluster), ofMap)
  })
}

const askMap = (cluster: ClusterLike, limit?: Limit): Observable<Result<ClusterMap>> =>
  ask(cluster, { request: CLUSTER_MAP, decode: decodeAs(ClusterMap) }, limit)

// Frozen, since errors and log events carry them.
/** @internal */
export const STATUS: RequestInfo = Object.freeze({ method: 'GET', path: '/v1/cluster', query: 'what=status' })
/** @internal */
export const SNAPSHOTS: RequestInfo = Object.freeze({ method: 'GET', path: '/v1/cluster', query: 'what=qryxstats' })

/** @internal The snapshots of all ids. */
export const detailsOf = (
  cluster: ClusterLike,
  env: Environment,
  selection: Selection,
): Observable<Result<Snapshots>> =>
  oneByOne(selection, (one) => {
    const { ids, kind } = one
    // The reply shows more than is selected: all targets and buckets, and mostly what has ended too.
    const whole = { ids, ...defined({ kind }), onlyRunning: asksRunning(one) }
    return testify(env, askSnapshots(cluster, whole), (result) => ofSnapshots(whole, result)).pipe(
      map((result) => selectedOf(one, result)),
    )
  }).pipe(map(allSnapshots))

/** @internal The status of a kind, or of one id. */
export const statusOf = (cluster: ClusterLike, one: Selection, limit?: Limit): Observable<Result<JobStatus>> =>
  askStatus(cluster, one, limit).pipe(map((result) => runningOnly(one, result)))

/** @internal One id at most. */
export function askStatus(cluster: ClusterLike, selection: Selection, limit?: Limit): Observable<Result<JobStatus>> {
  return ask(cluster, statusAsking(selection), limit).pipe(map((result) => ofTheJob(selection, result)))
}

/** @internal The same, from the member of the Information Center that has the list, as long as the members differ. */
export function askStatusOfIc(env: Environment, selection: Selection, limit: Limit): Observable<Result<JobStatus>> {
  return askIc(env, statusAsking(selection), limit).pipe(
    map((result) => ofTheJob(selection, isLeft(result) ? result : right(result.right.value))),
  )
}

function statusAsking({ ids: [id], kind, bucket, onlyRunning }: Selection): Asking<JobStatus> {
  // With an id, a bucket could only hide the job: most jobs register without one (protocol 2.3).
  const byKind = id === undefined
  const body = queryBody({
    id,
    kind,
    bck: byKind ? bucket : undefined,
    show_active: byKind && onlyRunning ? true : undefined,
  })
  return { request: STATUS, body, decode: decodeAs(JobStatus), isEmpty: isNoStatus }
}

/** A proxy outside of the Information Center forwards the question, so any answer is that of a member. */
const isNoStatus = (): boolean => false

function ofTheJob({ ids: [id], kind }: Selection, result: Result<JobStatus>): Result<JobStatus> {
  if (isLeft(result)) return result
  const { right: status } = result
  return (id ?? status.id) === status.id && (kind ?? status.kind) === status.kind
    ? result
    : left({ _tag: 'NotFound', message: 'the cluster answered with another job', request: STATUS })
}

/** @internal One id at most. */
export function askSnapshots(cluster: ClusterLike, selection: Selection, limit?: Limit): Observable<Result<Snapshots>> {
  const {
    ids: [id],
    kind,
  } = selection
  // No bucket: the server compares it with one bucket of a job, so that a copy is not found by its source.
  const body = queryBody({ id, kind, show_active: asksRunning(selection) ? true : undefined })
  return ask(cluster, { request: SNAPSHOTS, body, decode: decodeAs(Snapshots) }, limit).pipe(
    map((result) => selectedOf(selection, result)),
  )
}

/** Without a kind, the server would name one job of each kind; with an id, it would say 404 of an ended one. */
const asksRunning = ({ ids, kind, onlyRunning }: Selection): boolean =>
  onlyRunning && ids.length === 0 && kind !== undefined

const selectedOf = (selection: Selection, result: Result<Snapshots>): Result<Snapshots> =>
  isLeft(result) ? result : right(filterSnapshots(result.right, (target, snap) => selects(selection, target, snap)))

/** @internal Checks the arguments on subscribe; a wrong one gives one Left. */
export function selected<A>(
  cluster: ClusterLike,
  selector: JobSelector | undefined,
  need: 'anything' | 'job',
  f: (selection: Selection, internals: Environment) => Observable<Result<A>>,
): Observable<Result<A>> {
  return defer(() => {
    const internals = environmentOf(cluster)
    if (isLeft(internals)) return of(internals)
    const selection = select(selector, internals.right.kinds, need, internals.right.ids)
    return isLeft(selection) ? of(selection) : f(selection.right, internals.right)
  })
}

/**
 * @internal The server answers a list of ids with the first that it finds, so each id is asked alone (protocol 1.3).
 */
export const oneByOne = <A>(selection: Selection, f: (one: Selection) => Observable<A>): Observable<readonly A[]> =>
  concat(
    ...(selection.ids.length < 2 ? [selection] : selection.ids.map((id) => ({ ...selection, ids: [id] }))).map(f),
  ).pipe(toArray())

/** The server does not filter if an id is given, and may not do so otherwise. */
const runningOnly = ({ onlyRunning }: Selection, result: Result<JobStatus>): Result<JobStatus> =>
  onlyRunning && isRight(result) && (result.right.endTime !== undefined || result.right.aborted)
    ? left({ _tag: 'NotFound', message: 'the job is not running', request: STATUS })
    : result

/** @internal One status over several. */
export function allStatuses(results: readonly Result<JobStatus>[]): Result<JobStatus> {
  const [only] = results
  if (only !== undefined && results.length === 1) return only
  const all = sequenceArray(results)
  if (isLeft(all)) return all
  const statuses = all.right
  const endTime = lastOf(statuses.map((status) => status.endTime))
  return right({
    id: statuses.map(({ id }) => id).join(','),
    kind: [...new Set(statuses.map(({ kind }) => kind))].join(','),
    err: statuses.find(({ err }) => err !== '')?.err ?? '',
    ...defined({ endTime }),
    aborted: statuses.some(({ aborted }) => aborted),
  })
}

/** @internal The snapshots of several ids as if they had been one reply. */
export function allSnapshots(results: readonly Result<Snapshots>[]): Result<Snapshots> {
  const found = results.filter(isRight).map(({ right: snapshots }) => snapshots)
  const missed = results
    .filter(isLeft)
    .sort((a, b) => Number(a.left._tag === 'NotFound') - Number(b.left._tag === 'NotFound'))[0]
  // One unknown id among several does not hide the others; any other error does.
  return missed !== undefined && (found.length === 0 || missed.left._tag !== 'NotFound')
    ? missed
    : right(mergeSnapshots(found))
}
