import { defer, map, of, switchMap, tap, type Observable } from 'rxjs'
import { isLeft, left, right } from '../either.ts'
import { internalsOf, type Environment, type Internals } from '../environment.ts'
import type { JobError, RequestInfo, Result } from '../error.ts'
import { type Endpoint, pageOrigin } from './endpoint.ts'
import { membership } from './members.ts'
import { absolute, isDecent, keepsRequest, locationOf, named, resolve } from './redirect.ts'
import { readReply, type Decoder } from './reply.ts'
import { send, type Limit, type Sending, type Sent } from './send.ts'

/** One thing to ask or to command, and how its reply reads. */
export interface Asking<A> {
  readonly request: RequestInfo
  readonly body?: string
  readonly decode: Decoder<A>
}

const MAX_REDIRECTS = 3

/**
 * Failures before which nothing reached a server: even a command may try the next endpoint. (A route can be lost, with
 * EHOSTUNREACH, while a reply is waited for.)
 */
const NOTHING_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'])

/**
 * Asks the cluster, and tells what came of it as a Result.
 *
 * A question goes to each endpoint once, from the one that answered last; a command goes on only if nothing was sent.
 * A refused token is renewed once; redirects are followed within the cluster only.
 */
export function ask<A>(environment: Environment, asking: Asking<A>, limit?: Limit): Observable<Result<A>> {
  const internals = internalsOf(environment)
  if (isLeft(internals)) return of(internals)
  const env = internals.right
  return defer(() =>
    tryEndpoints(env, asking, limit ?? { ms: env.requestTimeoutMs }, env.shared.endpoint, env.endpoints.length),
  )
}

/** Asks one proxy and no other. */
export const askAt = <A>(env: Internals, asking: Asking<A>, endpoint: Endpoint): Observable<Result<A>> =>
  defer(() => exchange(env, asking, { ms: env.requestTimeoutMs }, endpoint))

function tryEndpoints<A>(
  env: Internals,
  asking: Asking<A>,
  limit: Limit,
  index: number,
  left: number,
): Observable<Result<A>> {
  const endpoint = env.endpoints[index] ?? env.endpoints[0]
  const next = (index + 1) % env.endpoints.length
  const { request } = asking
  return defer(() => {
    const startedAt = env.scheduler.now()
    return exchange(env, asking, limit, endpoint).pipe(
      tap((result) => {
        const atMs = env.scheduler.now()
        if (!isLeft(result)) env.shared.endpoint = index
        else
          env.log({
            type: 'failure',
            atMs,
            endpoint: endpoint.base,
            request,
            error: result.left,
            tookMs: atMs - startedAt,
          })
      }),
    )
  }).pipe(
    switchMap((result) => {
      if (!isLeft(result) || !blamesEndpoint(result.left)) return of(result)
      // The next question begins there, whether or not this one may go on.
      if (env.shared.endpoint === index) env.shared.endpoint = next
      if (left <= 1 || !mayGoOn(request, result.left)) return of(result)
      env.log({ type: 'retry', atMs: env.scheduler.now(), request, reason: 'next-endpoint' })
      return tryEndpoints(env, asking, limit, next, left - 1)
    }),
  )
}

const blamesEndpoint = (error: JobError): boolean =>
  error._tag === 'TransportError' ||
  error._tag === 'RequestTimeout' ||
  (error._tag === 'HttpError' && (error.status === 502 || error.status === 503))

// A question that ran into its clock has used up its time; the next one goes elsewhere.
const mayGoOn = (request: RequestInfo, error: JobError): boolean =>
  error._tag === 'TransportError'
    ? request.method === 'GET' || NOTHING_SENT.has(error.code)
    : error._tag === 'HttpError' && request.method === 'GET'

function exchange<A>(env: Internals, asking: Asking<A>, limit: Limit, endpoint: Endpoint): Observable<Result<A>> {
  const { request, body } = asking
  const url = `${endpoint.base}${request.path}${request.query === '' ? '' : `?${request.query}`}`
  const sending = { endpoint: endpoint.base, url, body, request, token: env.token.get() }
  return follow(env, limit, sending, endpoint, 0).pipe(
    switchMap((sent) => {
      if (isLeft(sent) || sent.right.response.status !== 401) return of(sent)
      // Refused before anything was done, so that even a command may go once more.
      const token = env.token.renew(sent.right.token)
      if (token === undefined) return of(sent)
      env.log({ type: 'retry', atMs: env.scheduler.now(), request, reason: 'new-token' })
      return follow(env, limit, { ...sending, token }, endpoint, 0)
    }),
    map((sent) => (isLeft(sent) ? sent : readReply(sent.right, request, env.scheduler.now(), asking.decode))),
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
    switchMap((sent) => {
      if (isLeft(sent)) return of(sent)
      const { response, token } = sent.right
      const location = locationOf(response)
      if (location === undefined) return of(sent)
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
