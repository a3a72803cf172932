import { Observable, Subscription, from, type Observer, type SchedulerLike } from 'rxjs'
import type { Environment } from '../environment.ts'
import { isLeft, left, right } from '../common/either.ts'
import type { RequestInfo, Result } from '../error.ts'
import type { HttpRequest, HttpResponse } from '../transport/transport.ts'
import { failureOf } from './failure.ts'
import { readable } from './readable.ts'
import type { Sent } from './sent.ts'
import type { Token, TokenResult } from './token.ts'
import { defined } from '../common/defined.ts'

/** How long one request may take. It doubles after each timeout, so that a slow cluster can reply in time. */
export interface Limit {
  ms: number
  /** The scheduler of its timer. Defaults to that of the cluster. */
  readonly timers?: SchedulerLike
}

const LONGEST_LIMIT_MS = 300_000
/** A request with less time than this needs a shorter clock for its connection than the transport has. */
const SHORT_MS = 10_000

/** One request to one address. */
export interface Sending {
  /** The base of the endpoint, or the origin to which it redirected the request. */
  readonly endpoint: string
  readonly url: string
  readonly body: string | undefined
  readonly request: RequestInfo
  /** The new token, if the present one was refused. */
  readonly renewed?: Observable<TokenResult>
}

/**
 * Sends a request once. The time limit covers the token, the head and the body.
 *
 * It uses no RxJS operators, for speed: all requests go through it, and a chain of operators took longer than the
 * decoding.
 */
export const send = (env: Environment, limit: Limit, sending: Sending): Observable<Result<Sent>> =>
  new Observable((subscriber) => {
    const { endpoint, request } = sending
    const { scheduler } = env
    const afterMs = limit.ms
    const startedMs = env.now()
    const clock = new Subscription()
    const sent = new Subscription()
    subscriber.add(clock)
    subscriber.add(sent)
    const settle = (result: Result<Sent>): void => {
      clock.unsubscribe()
      subscriber.next(result)
      subscriber.complete()
    }
    const replied = (result: Result<Sent>): void => {
      if (subscriber.closed) return
      if (!isLeft(result)) {
        const { status } = result.right.response
        const tookMs = env.now() - startedMs
        env.log({ type: 'reply', atMs: scheduler.now(), endpoint, request, status, tookMs })
      }
      settle(result)
    }
    const go = (held: TokenResult): void => {
      if (isLeft(held)) replied(held)
      else transport(env, afterMs, sending, held.right, sent, replied)
    }
    env.log({ type: 'request', atMs: scheduler.now(), endpoint, request })
    const held = sending.renewed === undefined ? env.token.held() : undefined
    if (held !== undefined) go(held)
    else sent.add((sending.renewed ?? env.token.get()).subscribe(go))
    if (subscriber.closed || afterMs === Infinity) return
    clock.add(
      (limit.timers ?? env.timers).schedule(() => {
        sent.unsubscribe()
        limit.ms = Math.max(afterMs, Math.min(LONGEST_LIMIT_MS, afterMs * 2))
        settle(left({ _tag: 'RequestTimeout', afterMs, request }))
      }, afterMs),
    )
  })

/** Sends a request with the transport. */
function transport(
  env: Environment,
  limitMs: number,
  { endpoint, url, body, request }: Sending,
  token: Token,
  sent: Subscription,
  notify: (result: Result<Sent>) => void,
): void {
  const { maxReplyBytes } = env
  const outcome = new Outcome({ request, maxReplyBytes, token, endpoint }, notify)
  const httpRequest = {
    method: request.method,
    url,
    headers: token.value === undefined ? PLAIN : { ...PLAIN, authorization: `Bearer ${token.value}` },
    maxReplyBytes,
    // A shorter time than that of the request: then nothing was sent, and the query goes to the next endpoint.
    ...(limitMs < SHORT_MS ? { connectMs: limitMs / 2 } : {}),
    ...defined({ body }),
  }
  let given: Observable<HttpResponse>
  try {
    given = innerOf(env.transport(httpRequest))
  } catch (error) {
    outcome.error(error)
    return
  }
  sent.add(given.subscribe(outcome))
}

interface Sender {
  readonly request: RequestInfo
  readonly maxReplyBytes: number
  readonly token: Token
  readonly endpoint: string
}

/** Reports the outcome of one request once. It is a class for the same reason as `Flight`. */
class Outcome implements Observer<HttpResponse> {
  /**
   * Private at run time too: it contains the token, which must not appear when an object that refers to it is printed.
   */
  readonly #sender: Sender
  private readonly notify: (result: Result<Sent>) => void
  private isAnswered = false

  constructor(sender: Sender, notify: (result: Result<Sent>) => void) {
    this.#sender = sender
    this.notify = notify
  }

  next(response: HttpResponse): void {
    if (this.isAnswered) return
    this.isAnswered = true
    const { request, maxReplyBytes, token, endpoint } = this.#sender
    // The user's own transport may have checked neither the form of the reply nor its length.
    const read = readable(response)
    if (typeof read === 'string') this.failed('MALFORMED', `the transport gave something that is not a reply: ${read}`)
    else if (read.body.length > maxReplyBytes)
      this.notify(left({ _tag: 'ReplyTooLarge', limitBytes: maxReplyBytes, request }))
    else this.notify(right({ response: read, token, endpoint }))
  }

  error(error: unknown): void {
    const { request, maxReplyBytes, token } = this.#sender
    this.notify(left(failureOf(error, request, maxReplyBytes, token.value)))
  }

  complete(): void {
    if (!this.isAnswered) this.failed('EMPTY', 'the transport ended without a reply')
  }

  private failed(code: string, message: string): void {
    const { request } = this.#sender
    this.notify(left({ _tag: 'TransportError', code, message, permanent: false, request }))
  }
}

const PLAIN: HttpRequest['headers'] = Object.freeze({
  'content-type': 'application/json',
  accept: 'application/json',
})

/** The user's own transport may return an Observable of another copy of RxJS, or a promise. */
const innerOf = (given: Observable<HttpResponse>): Observable<HttpResponse> =>
  given instanceof Observable ? given : from(given)
