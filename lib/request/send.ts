import { catchError, defer, defaultIfEmpty, map, of, switchMap, take, tap, timeout, type Observable } from 'rxjs'
import type { Internals } from '../environment.ts'
import { isLeft, left, right } from '../either.ts'
import type { RequestInfo, Result } from '../error.ts'
import { longTimers } from '../operators/long-timer.ts'
import type { HttpResponse } from '../transport/transport.ts'
import { failureOf } from './failure.ts'
import type { Token, TokenHolder } from './token.ts'

/** How long one request may take; grows with each that ran into it, or a cluster that is slow would never be heard. */
export interface Limit {
  ms: number
}

const LONGEST_LIMIT_MS = 300_000

/** One request as it goes to one address. */
export interface Sending {
  /** The endpoint, or the member that a redirect named. */
  readonly endpoint: string
  readonly url: string
  readonly body: string | undefined
  readonly request: RequestInfo
  /** Where a token may go. */
  readonly token: ReturnType<TokenHolder['get']>
}

/** A reply, with the token that was sent with it. */
export interface Sent {
  readonly response: HttpResponse
  readonly token: Token
}

/** Sends once; the clock covers the token, the head and the body. */
export function send(env: Internals, limit: Limit, sending: Sending): Observable<Result<Sent>> {
  const { endpoint, request } = sending
  return defer(() => {
    const afterMs = limit.ms
    const startedAt = env.scheduler.now()
    env.log({ type: 'request', atMs: startedAt, endpoint, request })
    const sent = sending.token.pipe(
      switchMap((held): Observable<Result<Sent>> => (isLeft(held) ? of(held) : transported(env, sending, held.right))),
      tap((result) => {
        if (isLeft(result)) return
        const atMs = env.scheduler.now()
        const { status } = result.right.response
        env.log({ type: 'reply', atMs, endpoint, request, status, tookMs: atMs - startedAt })
      }),
    )
    if (afterMs === Infinity) return sent
    return sent.pipe(
      timeout({
        first: afterMs,
        scheduler: longTimers(env.scheduler),
        with: () => {
          limit.ms = Math.max(afterMs, Math.min(LONGEST_LIMIT_MS, afterMs * 2))
          return of(left({ _tag: 'RequestTimeout', afterMs, request } as const))
        },
      }),
    )
  })
}

function transported(env: Internals, { url, body, request }: Sending, token: Token): Observable<Result<Sent>> {
  const { maxReplyBytes } = env
  const failed = (code: string, message: string): Result<never> =>
    left({ _tag: 'TransportError', code, message, permanent: false, request })
  return defer(() =>
    env.transport({
      method: request.method,
      url,
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        ...(token.value === undefined ? {} : { authorization: `Bearer ${token.value}` }),
      },
      ...(body === undefined ? {} : { body }),
      maxReplyBytes,
    }),
  ).pipe(
    take(1),
    map((response): Result<Sent> => {
      // A transport of the user's may have neither checked nor counted.
      if (!isResponse(response)) return failed('MALFORMED', 'the transport gave something that is not a reply')
      return response.body.length > maxReplyBytes
        ? left({ _tag: 'ReplyTooLarge', limitBytes: maxReplyBytes, request })
        : right({ response: { ...response, headers: inLowerCase(response.headers) }, token })
    }),
    catchError((error: unknown) => of<Result<Sent>>(left(failureOf(error, request, maxReplyBytes, token.value)))),
    defaultIfEmpty<Result<Sent>, Result<Sent>>(failed('EMPTY', 'the transport ended without a reply')),
  )
}

/** As the port says; a transport of the user's may write them as HTTP does. */
const inLowerCase = (headers: HttpResponse['headers']): HttpResponse['headers'] =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

function isResponse(response: unknown): response is HttpResponse {
  if (typeof response !== 'object' || response === null) return false
  const { status, headers, body } = response as Partial<HttpResponse>
  return (
    typeof status === 'number' &&
    typeof body === 'string' &&
    typeof headers === 'object' &&
    (headers as unknown) !== null
  )
}
