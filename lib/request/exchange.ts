import { defer, finalize, map, of, switchMap, type Observable } from 'rxjs'
import { ClusterMap } from '../codec/cluster-map.ts'
import { isLeft, left, right } from '../common/either.ts'
import type { Internals } from '../environment.ts'
import type { RequestInfo, Result } from '../error.ts'
import { detour } from '../operators/detour.ts'
import { pageOrigin, type Endpoint } from './endpoint.ts'
import { CLUSTER_MAP, membership } from './members.ts'
import { learnMap } from './proxies.ts'
import { absolute, isDecent, keepsRequest, locationOf, named, resolve } from './redirect.ts'
import { readReply, type Decoder } from './reply.ts'
import { send, type Limit, type Sending, type Sent } from './send.ts'

/** One question or command, and how its reply is decoded. */
export interface Asking<A> {
  readonly request: RequestInfo
  readonly body?: string
  readonly decode: Decoder<A>
}

/** The outcome of one request to one endpoint. */
export interface Said<A> {
  readonly endpoint: Endpoint
  /** The base of the one that answered, to which the endpoint may have redirected the request. */
  readonly from: string
  readonly result: Result<A>
  /** When the reply or the failure came, by the clock that never goes back. */
  readonly atMs: number
  /** The same by the wall clock, to be shown. */
  readonly wallMs: number
  readonly tookMs: number
}

const MAX_REDIRECTS = 3

/** Sends a request as {@link exchange} does, and lets the monitor of the health know while it is in flight. */
export function watchedExchange<A>(
  env: Internals,
  asking: Asking<A>,
  limit: Limit,
  endpoint: Endpoint,
): Observable<Said<A>> {
  return defer(() => exchange(env, asking, limit, endpoint).pipe(finalize(env.shared.monitor.sent(asking.request))))
}

/** Sends a request to one endpoint. A refused token is renewed once, and redirects are followed within the cluster. */
export function exchange<A>(env: Internals, asking: Asking<A>, limit: Limit, endpoint: Endpoint): Observable<Said<A>> {
  return defer(() => {
    const { request } = asking
    const startedMs = env.now()
    return sentTo(env, asking, limit, endpoint).pipe(
      map((sent) => {
        const atMs = env.now()
        const wallMs = env.scheduler.now()
        const tookMs = atMs - startedMs
        const result = isLeft(sent) ? sent : readReply(sent.right, request, wallMs, asking.decode)
        const from = isLeft(sent) ? endpoint.base : sent.right.endpoint
        const said = { endpoint, from, result, atMs, wallMs, tookMs }
        if (isLeft(result)) {
          const { base } = endpoint
          env.log({ type: 'failure', atMs: wallMs, endpoint: base, request, error: result.left, tookMs })
          // Every reply with a map passes here, so each is learnt.
        } else if (request === CLUSTER_MAP && ClusterMap.is(result.right)) learnMap(env, result.right, endpoint)
        return said
      }),
    )
  })
}

function sentTo(
  env: Internals,
  { request, body }: Asking<unknown>,
  limit: Limit,
  endpoint: Endpoint,
): Observable<Result<Sent>> {
  const url = `${endpoint.base}${request.path}${request.query === '' ? '' : `?${request.query}`}`
  const sending = { endpoint: endpoint.base, url, body, request }
  return follow(env, limit, sending, endpoint, 0).pipe(
    detour((sent) => {
      if (isLeft(sent) || sent.right.response.status !== 401) return undefined
      // The refusal came before anything was done, so even a command may be sent once more.
      const renewed = env.token.renew(sent.right.token)
      if (renewed === undefined) return undefined
      env.log({ type: 'retry', atMs: env.scheduler.now(), request, reason: 'new-token' })
      return follow(env, limit, { ...sending, renewed }, endpoint, 0)
    }),
  )
}

function follow(
  env: Internals,
  limit: Limit,
  sending: Sending,
  endpoint: Endpoint,
  hops: number,
): Observable<Result<Sent>> {
  const { request, url } = sending
  return send(env, limit, sending).pipe(
    detour((sent) => {
      if (isLeft(sent)) return undefined
      const { response, token } = sent.right
      const location = locationOf(response)
      if (location === undefined) return undefined
      const from = absolute(url, pageOrigin())
      const to = resolve(location, from)
      const refused = left({ _tag: 'RedirectRefused', location: named(to, token.value), request } as const)
      if (to === undefined || !isDecent(to, from) || !keepsRequest(response) || hops >= MAX_REDIRECTS)
        return of(refused)
      return membership(env, limit, endpoint, to.origin).pipe(
        switchMap((member) => {
          if (isLeft(member)) return of(member)
          if ('refused' in member.right) return of(right(member.right.refused))
          if (!member.right.known) return of(refused)
          env.log({ type: 'retry', atMs: env.scheduler.now(), request, reason: 'redirect' })
          return follow(env, limit, { ...sending, endpoint: to.origin, url: to.href }, endpoint, hops + 1)
        }),
      )
    }),
  )
}
