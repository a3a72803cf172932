import { concatMap, from, last, map, of, startWith, switchMap, takeWhile, type Observable } from 'rxjs'
import type { ClusterMap } from './codec/cluster-map.ts'
import { JobStatuses } from './codec/job-statuses.ts'
import type { JobStatus } from './codec/job-status.ts'
import { queryBody } from './codec/messages.ts'
import { Running, type JobRef } from './codec/running.ts'
import { isLeft, left, right, sequenceArray } from './either.ts'
import type { Environment, Internals } from './environment.ts'
import { invalidArgument, type RequestInfo, type Result } from './error.ts'
import { askMap, detailsOf, oneByOne, selected } from './queries.ts'
import { ask, askAt, type Asking } from './request/ask.ts'
import { decodeAs } from './request/decode-as.ts'
import { pageOrigin, parseEndpoint, type Endpoint } from './request/endpoint.ts'
import { absolute, isDecent } from './request/redirect.ts'
import type { JobSelector, Selection } from './selection.ts'

// With frc, tardy targets are asked and `err` is filled (T11): right for one question, too dear for a poll.
const STATUSES: RequestInfo = Object.freeze({ method: 'GET', path: '/v1/cluster', query: 'what=status_all&frc=true' })
const RUNNING: RequestInfo = Object.freeze({ method: 'GET', path: '/v1/cluster', query: 'what=running_all' })

/**
 * Asks the Information Center for the statuses of all jobs that it knows.
 *
 * Those that run, and those that ended in the last three minutes or so, of the kinds that register there. A proxy outside
 * of the IC answers as if there were none (T8), so that an empty list is believed from a member only.
 *
 * @param c the cluster
 * @param s which jobs; default all. A bucket finds only jobs that registered one (protocol 2.3); a target cannot be asked for
 * @returns cold; one Right with a status for each id (where an id is listed twice, the one that ended: T9), in no fixed
 * order, or one Left: InvalidArgument, or what any request can bring
 * @see protocol 2.4; Python `Cluster.list_jobs_status`, Go `api.GetAllXactionStatus`
 * @example
 * import { createCluster, statuses } from 'aistore-rx'
 * statuses(createCluster('http://localhost:8080'), { kind: 'lru' }).subscribe(console.log)
 */
export const statuses = (c: Environment, s?: JobSelector): Observable<Result<readonly JobStatus[]>> =>
  selected(c, s, 'anything', (selection, env) => {
    if (selection.target !== undefined)
      return of(left(invalidArgument('target', 'a status is not kept by target; details() shows each target')))
    return oneByOne(selection, (one) => askStatuses(c, env, one)).pipe(
      map(joined),
      map((all) => chosen(selection, all)),
    )
  })

/**
 * Asks what runs now, as pairs of id and kind.
 *
 * The cheapest look at a cluster; idle jobs count as running.
 *
 * @param c the cluster
 * @param s which jobs; default all. With a bucket or a target, the snapshots are asked instead
 * @returns cold; one Right, `[]` where nothing runs (also from a proxy that starts up just now), or one Left: HttpError with
 * code ErrFailedTo while a target cannot be reached (T27), InvalidArgument, or what any request can bring
 * @see protocol 2.6; Python `Cluster.list_running_jobs`, Go `api.GetAllRunningXactions`
 * @example
 * import { createCluster, running } from 'aistore-rx'
 * running(createCluster('http://localhost:8080')).subscribe(console.log)
 */
export const running = (c: Environment, s?: JobSelector): Observable<Result<readonly JobRef[]>> =>
  selected(c, s, 'anything', (selection) => {
    const { ids, kind, bucket, target } = selection
    if (bucket !== undefined || target !== undefined) return seenRunning(c, selection)
    // The server knows the filter by kind only, and drops a kind that it does not know (T4).
    return ask(c, { request: RUNNING, body: queryBody({ kind }), decode: decodeAs(Running) }).pipe(
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

function seenRunning(c: Environment, selection: Selection): Observable<Result<readonly JobRef[]>> {
  return detailsOf(c, { ...selection, onlyRunning: true }).pipe(
    map((result) => {
      if (isLeft(result)) return result.left._tag === 'NotFound' && selection.ids.length > 0 ? right([]) : result
      const found = new Map<string, JobRef>()
      for (const { id, kind } of Object.values(result.right).flat()) found.set(`${kind}[${id}]`, { id, kind })
      return right([...found.values()])
    }),
  )
}

function askStatuses(
  c: Environment,
  env: Internals,
  { ids: [id], kind, bucket }: Selection,
): Observable<Result<JobStatuses>> {
  const asking: Asking<JobStatuses> = {
    request: STATUSES,
    // With an id, a bucket could only hide the job. Nor is the server to leave out what has ended: of an id that is listed
    // twice, running and ended, it would then show the wrong one (T9).
    body: queryBody({ id, kind, bck: id === undefined ? bucket : undefined }),
    decode: decodeAs(JobStatuses),
  }
  return ask(c, asking).pipe(
    switchMap((result) => {
      if (isLeft(result) || result.right.length > 0 || !env.discover) return of(result)
      // Now, since the next question may already be answered by another endpoint.
      return confirmedEmpty(c, env, asking, env.endpoints[env.shared.endpoint] ?? env.endpoints[0])
    }),
  )
}

/** Nothing, from somebody: asks who is in the IC, and one after the other of them if it was somebody else. */
function confirmedEmpty(
  c: Environment,
  env: Internals,
  asking: Asking<JobStatuses>,
  answered: Endpoint,
): Observable<Result<JobStatuses>> {
  return askMap(c).pipe(
    switchMap((map): Observable<Result<JobStatuses>> => {
      if (isLeft(map)) return of(map)
      const ic = icOf(map.right, answered)
      if (ic.some(({ origin }) => origin === answered.origin)) return of(right([]))
      return from(ic).pipe(
        concatMap((endpoint) => askAt(env, asking, endpoint)),
        startWith(NO_MEMBER),
        takeWhile(isLeft, true),
        last(),
      )
    }),
  )
}

const NO_MEMBER: Result<never> = left({
  _tag: 'TransportError',
  code: 'NO_IC',
  message: 'no member of the Information Center can be asked',
  permanent: false,
  request: STATUSES,
})

/** The members as they may be asked, the token included: never over a weaker scheme. The primary always is one of them. */
const icOf = ({ ic, proxies, primary }: ClusterMap, answered: Endpoint): readonly Endpoint[] =>
  (ic.length === 0 ? [primary] : ic).flatMap((id) => {
    const endpoint = parseEndpoint(proxies[id]?.url, false)
    if (isLeft(endpoint)) return []
    const from = absolute(answered.base, pageOrigin())
    return isDecent(new URL(endpoint.right.origin), from) ? [endpoint.right] : []
  })

function joined(results: readonly Result<JobStatuses>[]): Result<JobStatuses> {
  const all = sequenceArray(results)
  return isLeft(all) ? all : right(all.right.flat())
}

function chosen({ ids, kind, onlyRunning }: Selection, result: Result<JobStatuses>): Result<readonly JobStatus[]> {
  if (isLeft(result)) return result
  const byId = new Map<string, JobStatus>()
  for (const status of result.right) {
    // An id may be listed twice, running and ended (T9): it has ended.
    const other = byId.get(status.id)
    if (other === undefined || !isOver(other)) byId.set(status.id, status)
  }
  return right(
    [...byId.values()].filter(
      (status) =>
        (ids.length === 0 || ids.includes(status.id)) &&
        (kind ?? status.kind) === status.kind &&
        !(onlyRunning && isOver(status)),
    ),
  )
}

const isOver = ({ endTime, aborted }: JobStatus): boolean => endTime !== undefined || aborted
