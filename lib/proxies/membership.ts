import { defer, finalize, map, of, share, tap, type Observable } from 'rxjs'
import { ClusterMap } from '../codec/cluster-map.ts'
import { isLeft, left, right } from '../common/either.ts'
import type { Environment } from '../environment.ts'
import type { JobError, RequestInfo, Result } from '../error.ts'
import { decodeAs } from '../request/decode-as.ts'
import type { Endpoint } from '../request/endpoint.ts'
import { learnMap } from './candidates.ts'
import { readReply, type Decoder } from '../request/reply.ts'
import { send, type Limit } from '../request/send.ts'
import type { Sent } from '../request/sent.ts'

export const CLUSTER_MAP: RequestInfo = Object.freeze({ method: 'GET', path: '/v1/cluster', query: 'what=smap' })

/** Asks for the cluster map. */
export const MAP: { readonly request: RequestInfo; readonly decode: Decoder<ClusterMap> } = {
  request: CLUSTER_MAP,
  decode: decodeAs(ClusterMap),
}

/** Whether an origin belongs to the cluster; or the reply to the request for the map, if that refused the token. */
export type Membership = { readonly known: boolean } | { readonly refused: Sent }

/**
 * Tells whether requests may go to an origin: to those that the user gave, and to those in the cluster map of one of them.
 *
 * The map is requested only for an origin that is not known yet. If the map cannot be had, the result is a Left: a cluster
 * that is busy must not look like one that redirects to a stranger.
 */
export function membership(
  env: Environment,
  limit: Limit,
  from: Endpoint,
  origin: string,
): Observable<Result<Membership>> {
  const known = (): Result<Membership> =>
    right({
      known: env.endpoints.some((one) => one.origin === origin) || env.shared.members?.has(origin) === true,
    })
  if (isKnown(known()) || !env.discover) return of(known())
  return vouch(env, limit, from).pipe(
    map((sent): Result<Membership> => {
      if (isLeft(sent)) return sent
      if (sent.right.response.status === 401) return right({ refused: sent.right })
      const read = readReply(sent.right, CLUSTER_MAP, env.scheduler.now(), MAP.decode)
      if (isLeft(read)) return hasNoMap(read.left) ? known() : left(read.left)
      learnMap(env, read.right, from)
      return known()
    }),
  )
}

/**
 * Requests the map of an endpoint. Requests that are redirected at the same time share the reply, so a cluster that redirects
 * the list and what runs is asked for the map once; only those of one limit, so that none waits longer than its own.
 *
 * Not shared with `requestMap`, whose request may be redirected itself: it would wait for its own reply.
 */
function vouch(env: Environment, limit: Limit, { base }: Endpoint): Observable<Result<Sent>> {
  return defer(() => {
    const { vouching } = env.shared.roster
    const key = `${limit.ms} ${base}`
    const inFlight = vouching.get(key)
    if (inFlight !== undefined) return inFlight
    const url = `${base}${CLUSTER_MAP.path}?${CLUSTER_MAP.query}`
    const asked = send(env, limit, { endpoint: base, url, body: undefined, request: CLUSTER_MAP }).pipe(
      // Before the reply is emitted: a caller that arrives after it needs a request of its own.
      tap(() => vouching.delete(key)),
      finalize(() => vouching.get(key) === asked && vouching.delete(key)),
      share(),
    )
    vouching.set(key, asked)
    return asked
  })
}

const isKnown = (result: Result<Membership>): boolean =>
  !isLeft(result) && 'known' in result.right && result.right.known

/** These statuses pass by themselves (too slow, too early, too many), so they do not tell that a path is not served. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429])

/**
 * Whether the error means that this server does not serve the map. A 404 that is no NotFound does not: it is the page of
 * a server in between that cannot reach the cluster.
 */
const hasNoMap = (error: JobError): boolean =>
  error._tag === 'NotFound' ||
  (error._tag === 'HttpError' && error.status < 500 && error.status !== 404 && !PASSING.has(error.status))
