import { concat, defer, map, of, toArray, type Observable } from 'rxjs'
import { ClusterMap } from './codec/cluster-map.ts'
import { lastOf } from './codec/instant.ts'
import { JobStatus } from './codec/job-status.ts'
import { queryBody } from './codec/messages.ts'
import { Snapshots } from './codec/snapshots.ts'
import { isLeft, isRight, left, right, sequenceArray } from './either.ts'
import { internalsOf, type Environment, type Internals } from './environment.ts'
import { invalidArgument, type RequestInfo, type Result } from './error.ts'
import { ask } from './request/ask.ts'
import { decodeAs } from './request/decode-as.ts'
import { CLUSTER_MAP } from './request/members.ts'
import type { Limit } from './request/send.ts'
import { select, selects, type JobSelector, type Selection } from './selection.ts'
import { filterSnapshots, mergeSnapshots } from './snapshot.ts'

/**
 * Asks the Information Center for the status of one job.
 *
 * The small record: kind, id, end, error. It knows no counters, and only the kinds that register there (protocol 4).
 *
 * @param c the cluster
 * @param s an id, or a kind (then the running one is named if there is one, else the one that ended last: T7; with
 * `onlyRunning`, one that has ended is NotFound)
 * @returns cold; one Right with the status, or one Left: NotFound (a 404, which takes the server two seconds; ended jobs are
 * forgotten after three minutes), InvalidArgument, or what any request can bring (TransportError, RequestTimeout,
 * HttpError, Unauthorized, DecodeError, ReplyTooLarge, RedirectRefused). Of several ids, one status over all of them
 * @see protocol 2.3; Python `Job.status`, Go `api.GetOneXactionStatus`
 * @example
 * import { createCluster, status } from 'aistore-rx'
 * status(createCluster('http://localhost:8080'), { id: 'zOCwz4iJS' }).subscribe(console.log)
 */
export const status = (c: Environment, s: JobSelector): Observable<Result<JobStatus>> =>
  selected(c, s, 'job', (selection) => {
    if (selection.target !== undefined)
      return of(left(invalidArgument('target', 'a status is not kept by target; details() shows each target')))
    return statusOf(c, selection)
  })

/**
 * Asks every target for its snapshots of jobs.
 *
 * The full record, from the source of truth: times, counters, flags, target by target. Without a selector, of all jobs.
 *
 * @param c the cluster
 * @param s which jobs; the reply is filtered once more by it, since a server drops filters that it does not know (T4)
 * @returns cold; one Right (target id to snapshots; a target has `[]` where it has none, or is absent when one id was
 * asked for), or one Left: NotFound if no target knows the id, HttpError with code ErrFailedTo while a target cannot
 * be reached (T27), or what any request can bring
 * @see protocol 2.5; Python `Job.get_details`, Go `api.QueryXactionSnaps`
 * @example
 * import { createCluster, details } from 'aistore-rx'
 * details(createCluster('http://localhost:8080'), { kind: 'lru' }).subscribe(console.log)
 */
export const details = (c: Environment, s?: JobSelector): Observable<Result<Snapshots>> =>
  selected(c, s, 'anything', (selection) => detailsOf(c, selection))

/**
 * Asks for the map of the cluster.
 *
 * Who belongs to it: targets and proxies by id, the primary, the members of the Information Center.
 *
 * @returns cold; one Right with the map, or one Left that any request can bring
 * @see protocol 2.8; Python `Cluster.get_info`, Go `api.GetClusterMap`
 * @example
 * import { createCluster, clusterMap } from 'aistore-rx'
 * clusterMap(createCluster('http://localhost:8080')).subscribe(console.log)
 */
export const clusterMap = (c: Environment): Observable<Result<ClusterMap>> => askMap(c)

/** @internal */
export const askMap = (c: Environment, limit?: Limit): Observable<Result<ClusterMap>> =>
  ask(c, { request: CLUSTER_MAP, decode: decodeAs(ClusterMap) }, limit)

// Frozen, since errors and log events hand them out.
const STATUS: RequestInfo = Object.freeze({ method: 'GET', path: '/v1/cluster', query: 'what=status' })
const SNAPSHOTS: RequestInfo = Object.freeze({ method: 'GET', path: '/v1/cluster', query: 'what=qryxstats' })

/** @internal One status over all ids. */
export const statusOf = (c: Environment, selection: Selection, limit?: Limit): Observable<Result<JobStatus>> =>
  oneByOne(selection, (one) => askStatus(c, one, limit).pipe(map((result) => runningOnly(one, result)))).pipe(
    map(allStatuses),
  )

/** @internal The snapshots of all ids. */
export const detailsOf = (c: Environment, selection: Selection, limit?: Limit): Observable<Result<Snapshots>> =>
  oneByOne(selection, (one) => askSnapshots(c, one, limit)).pipe(map(allSnapshots))

/** @internal One id at most. */
export function askStatus(
  c: Environment,
  { ids: [id], kind, bucket, onlyRunning }: Selection,
  limit?: Limit,
): Observable<Result<JobStatus>> {
  // With an id, a bucket could only hide the job: most jobs register without one (protocol 2.3).
  const byKind = id === undefined
  const body = queryBody({
    id,
    kind,
    bck: byKind ? bucket : undefined,
    show_active: byKind && onlyRunning ? true : undefined,
  })
  return ask(c, { request: STATUS, body, decode: decodeAs(JobStatus) }, limit).pipe(
    map((result) =>
      isLeft(result) ||
      ((id ?? result.right.id) === result.right.id && (kind ?? result.right.kind) === result.right.kind)
        ? result
        : left({ _tag: 'NotFound', message: 'the cluster answered with another job', request: STATUS }),
    ),
  )
}

/** @internal One id at most. */
export function askSnapshots(c: Environment, selection: Selection, limit?: Limit): Observable<Result<Snapshots>> {
  const { ids, kind, onlyRunning } = selection
  const [id] = ids
  // Only running: without a kind, the server would name one job of each kind; with an id, it would say 404 of an ended one.
  const filtersRunning = onlyRunning && id === undefined && kind !== undefined
  // No bucket: the server compares it with one bucket of a job, so that a copy is not found by its source.
  const body = queryBody({ id, kind, show_active: filtersRunning ? true : undefined })
  return ask(c, { request: SNAPSHOTS, body, decode: decodeAs(Snapshots) }, limit).pipe(
    map((result) =>
      isLeft(result)
        ? result
        : right(filterSnapshots(result.right, (target, snap) => selects(selection, target, snap))),
    ),
  )
}

/** @internal Checks the arguments on subscribe; what is wrong with them is the one Left. */
export function selected<A>(
  c: Environment,
  s: JobSelector | undefined,
  need: 'anything' | 'job',
  f: (selection: Selection, internals: Internals) => Observable<Result<A>>,
): Observable<Result<A>> {
  return defer(() => {
    const internals = internalsOf(c)
    if (isLeft(internals)) return of(internals)
    const selection = select(s, internals.right.kinds, need, internals.right.ids)
    return isLeft(selection) ? of(selection) : f(selection.right, internals.right)
  })
}

/** @internal A list of ids is tried by the server until one is found, so that each is asked alone (protocol 1.3). */
export const oneByOne = <A>(selection: Selection, f: (one: Selection) => Observable<A>): Observable<readonly A[]> =>
  concat(
    ...(selection.ids.length < 2 ? [selection] : selection.ids.map((id) => ({ ...selection, ids: [id] }))).map(f),
  ).pipe(toArray())

/** With an id the server does not filter, and without one it may not. */
const runningOnly = ({ onlyRunning }: Selection, result: Result<JobStatus>): Result<JobStatus> =>
  onlyRunning && isRight(result) && (result.right.endTime !== undefined || result.right.aborted)
    ? left({ _tag: 'NotFound', message: 'the job is not running', request: STATUS })
    : result

function allStatuses(results: readonly Result<JobStatus>[]): Result<JobStatus> {
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
    ...(endTime === undefined ? {} : { endTime }),
    aborted: statuses.some(({ aborted }) => aborted),
  })
}

function allSnapshots(results: readonly Result<Snapshots>[]): Result<Snapshots> {
  const found = results.filter(isRight).map(({ right: snapshots }) => snapshots)
  const missed = results
    .filter(isLeft)
    .sort((a, b) => Number(a.left._tag === 'NotFound') - Number(b.left._tag === 'NotFound'))[0]
  // One unknown id among several is no reason to hide the others; anything else could not be learnt.
  return missed !== undefined && (found.length === 0 || missed.left._tag !== 'NotFound')
    ? missed
    : right(mergeSnapshots(found))
}
