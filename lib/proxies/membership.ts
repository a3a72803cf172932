import { defer, finalize, map, of, share, type Observable } from 'rxjs'
import { ClusterMap } from '../codec/cluster-map.ts'
import { isLeft, right } from '../common/either.ts'
import type { Environment } from '../environment.ts'
import type { JobError, RequestInfo, Result } from '../error.ts'
import { decodeAs } from '../request/decode-as.ts'
import { parsedUrl, type Endpoint } from '../request/endpoint.ts'
import { asksToComeBack, recordReply } from '../request/first-contact.ts'
import { learnMap } from './map-proxies.ts'
import { readReply, type Decoder } from '../request/reply.ts'
import { send, type Limit } from '../request/send.ts'
import type { Sent } from '../request/sent.ts'

export const CLUSTER_MAP: RequestInfo = Object.freeze({ method: 'GET', path: '/v1/cluster', query: 'what=smap' })

/** The request for the cluster map. */
export const MAP: { readonly request: RequestInfo; readonly decode: Decoder<ClusterMap> } = {
  request: CLUSTER_MAP,
  decode: decodeAs(ClusterMap),
}

/** Whether an origin belongs to the cluster. If the request for the map brought no map: its reply, a refusal. */
export type Membership = { readonly isMember: boolean } | { readonly refused: Sent }

/**
 * Emits whether requests may go to an origin: to the given endpoints, and to the nodes in the cluster map of one of them.
 *
 * The map is requested only for an origin that is not known yet. If the request for the map fails, the result is a Left,
 * so that a busy cluster is not mistaken for one that redirects to an unknown server.
 */
export function membership(
  env: Environment,
  limit: Limit,
  from: Endpoint,
  origin: string,
): Observable<Result<Membership>> {
  const byKnownMap = (): Result<Membership> => {
    const { map } = env.shared.roster
    const isOfMap = map !== undefined && originsOf(map).has(origin)
    return right({ isMember: isOfMap || env.endpoints.some((one) => one.origin === origin) })
  }
  if (isMember(byKnownMap()) || !env.discover) return of(byKnownMap())
  return requestMapOf(env, limit, from).pipe(
    map((sent): Result<Membership> => {
      if (isLeft(sent)) return sent
      if (sent.right.response.status === 401) return right({ refused: sent.right })
      const read = readReply(sent.right, env.scheduler.now(), MAP)
      if (isLeft(read) && !hasNoMap(read.left)) return right({ refused: { ...sent.right, failure: read.left } })
      // This request does not go through `exchange`, which records the other replies of the cluster.
      recordReply(env.shared.contact)
      if (isLeft(read)) return byKnownMap()
      learnMap(env, read.right, from)
      return byKnownMap()
    }),
  )
}

/**
 * Requests the map of an endpoint. Requests that are redirected at the same time and have the same limit share the reply,
 * so that a cluster which redirects several queries gets one request for the map.
 *
 * The reply is not shared with `requestMap`: a redirect of that request needs this reply, so it would wait for itself.
 */
function requestMapOf(env: Environment, limit: Limit, { base }: Endpoint): Observable<Result<Sent>> {
  return defer(() => {
    const { membershipRequests } = env.shared.roster
    const key = `${limit.ms} ${base}`
    const inFlight = membershipRequests.get(key)
    if (inFlight !== undefined) return inFlight
    const url = `${base}${CLUSTER_MAP.path}?${CLUSTER_MAP.query}`
    const reply = send(env, limit, { endpoint: base, url, body: undefined, request: CLUSTER_MAP }).pipe(
      // Deletes the entry before the reply is emitted, since a later caller needs a new request.
      map((sent) => {
        membershipRequests.delete(key)
        return sent
      }),
      finalize(() => {
        if (membershipRequests.get(key) === reply) membershipRequests.delete(key)
      }),
      share(),
    )
    membershipRequests.set(key, reply)
    return reply
  })
}

/** The origins of all nodes, by map. Few clusters redirect, so they are not computed when a map arrives. */
const origins = new WeakMap<ClusterMap, ReadonlySet<string>>()

function originsOf(map: ClusterMap): ReadonlySet<string> {
  let known = origins.get(map)
  if (known === undefined) {
    const nodes = [...Object.values(map.proxies), ...Object.values(map.targets)]
    known = new Set(nodes.flatMap(({ url }) => parsedUrl(url)?.origin ?? []))
    origins.set(map, known)
  }
  return known
}

const isMember = (result: Result<Membership>): boolean =>
  !isLeft(result) && 'isMember' in result.right && result.right.isMember

/**
 * Whether the error means that this server does not serve the map. A page from an intermediary does not mean
 * that: the intermediary could not reach the cluster.
 */
const hasNoMap = (error: JobError): boolean =>
  error._tag === 'NotFound' ||
  (error._tag === 'HttpError' && error.notJson !== true && error.status < 500 && !asksToComeBack(error.status))
