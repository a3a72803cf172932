import { Observable, from, type Observer, type SchedulerLike, type Subscription, type Unsubscribable } from 'rxjs'
import type { Environment } from '../environment.ts'
import { isLeft, left, right } from '../common/either.ts'
import type { RequestInfo, Result } from '../error.ts'
import type { HttpRequest, HttpResponse } from '../transport/transport.ts'
import { SLOW_MS } from '../monitor/traffic.ts'
import { failureOf } from './failure.ts'
import { readable } from './readable.ts'
import type { Sent } from './sent.ts'
import type { Token, TokenResult } from './token.ts'

/** How long one request may take. It doubles after each timeout, so that a slow cluster can reply in time. */
export interface Limit {
  /** The limit of the next request; Infinity for none. */
  ms: number
  /** The scheduler of its timer. Defaults to that of the cluster. */
  readonly timers?: SchedulerLike
}

const LONGEST_LIMIT_MS = 300_000
/**
 * The transport itself limits how long a connection may take to open. A request with less time than this needs a shorter
 * limit, since a connection has half of the time of its request.
 */
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
  /** Learns that the request has no reply after 5 s. */
  readonly slowListener?: SlowListener | undefined
}

/** Learns of requests that have no reply after {@link SLOW_MS}, and when these end. */
export interface SlowListener {
  readonly slow: () => void
  readonly ended: () => void
}

/** Sends a request once. The time limit covers the token, the head and the body. */
export const send = (env: Environment, limit: Limit, sending: Sending): Observable<Result<Sent>> =>
  new Observable((subscriber) => {
    transmit(env, limit, sending, subscriber, subscriber)
  })

/**
 * The same as {@link send} without an Observable, for speed: all requests go through it, and a chain of operators took
 * longer than the decoding.
 *
 * @param observer gets the result, and completes
 * @param teardown cancels the request
 */
export function transmit(
  env: Environment,
  limit: Limit,
  sending: Sending,
  observer: Observer<Result<Sent>>,
  teardown: Subscription,
): void {
  const transmission = new Transmission(env, limit, sending, observer, teardown)
  teardown.add(transmission)
  transmission.start()
}

/** One request. A class, to cost less memory: see `request/flight.ts`. */
class Transmission implements Observer<HttpResponse>, Unsubscribable {
  private readonly env: Environment
  private readonly limit: Limit
  private readonly sending: Sending
  private readonly observer: Observer<Result<Sent>>
  private readonly teardown: Subscription
  private readonly startedMs: number
  /** The request for the token; afterwards, the request for the reply. */
  private source: Unsubscribable | undefined = undefined
  private timer: Unsubscribable | undefined = undefined
  private isOver = false
  /** Set once the request is slow. */
  private slowListener: SlowListener | undefined = undefined
  /** Whether there was a token, so that the request was sent. */
  private isSent = false
  /**
   * Private at run time too: the token must not appear when an object that refers to this one is printed.
   */
  #token: Token = NO_TOKEN

  constructor(
    env: Environment,
    limit: Limit,
    sending: Sending,
    observer: Observer<Result<Sent>>,
    teardown: Subscription,
  ) {
    this.env = env
    this.limit = limit
    this.sending = sending
    this.observer = observer
    this.teardown = teardown
    this.startedMs = env.now()
  }

  start(): void {
    const { env, limit, sending } = this
    const { endpoint, request, renewed } = sending
    const { ms } = limit
    env.log?.({ type: 'request', atMs: env.scheduler.now(), endpoint, request })
    const held = renewed === undefined ? env.token.held() : undefined
    if (held !== undefined) this.go(held, ms)
    else this.follow((renewed ?? env.token.get()).subscribe((token) => this.go(token, ms)))
    if (this.isOver) return
    if (sending.slowListener === undefined || ms <= SLOW_MS) this.arm(ms, () => this.timeOut(ms))
    else this.arm(SLOW_MS, () => this.slow(ms))
  }

  unsubscribe(): void {
    this.isOver = true
    this.timer?.unsubscribe()
    this.source?.unsubscribe()
  }

  next(response: HttpResponse): void {
    if (this.isOver) return
    const { env, sending, startedMs } = this
    const { endpoint, request } = sending
    const { maxReplyBytes } = env
    // The user's own transport may have checked neither the form of the reply nor its length.
    const read = readable(response)
    if (typeof read === 'string') this.failed('MALFORMED', `the transport gave something that is not a reply: ${read}`)
    else if (read.body.length > maxReplyBytes)
      this.settle(left({ _tag: 'ReplyTooLarge', limitBytes: maxReplyBytes, request }))
    else {
      const { status } = read
      env.log?.({ type: 'reply', atMs: env.scheduler.now(), endpoint, request, status, tookMs: env.now() - startedMs })
      this.settle(right({ response: read, token: this.#token, endpoint }))
    }
  }

  error(error: unknown): void {
    const { env, sending } = this
    this.settle(left(failureOf(error, sending.request, env.maxReplyBytes, this.#token.value)))
  }

  complete(): void {
    this.failed('EMPTY', 'the transport ended without a reply')
  }

  /** Sends the request with the transport. */
  private go(token: TokenResult, limitMs: number): void {
    if (isLeft(token)) {
      this.settle(token)
      return
    }
    const { env, sending } = this
    this.#token = token.right
    this.isSent = true
    let response: Observable<HttpResponse>
    try {
      response = innerOf(env.transport(httpRequest(env, sending, token.right, limitMs)))
    } catch (error) {
      this.error(error)
      return
    }
    this.follow(response.subscribe(this))
  }

  /** Keeps a subscription, so that it is cancelled with the request. */
  private follow(source: Subscription): void {
    if (this.isOver) source.unsubscribe()
    // If the token came at once, `source` is already the request for the reply.
    else if (!source.closed) this.source = source
  }

  /** Sets the only timer of the request. */
  private arm(delayMs: number, then: () => void): void {
    const { env, limit } = this
    if (delayMs < Infinity) this.timer = (limit.timers ?? env.timers).schedule(then, delayMs)
  }

  private slow(afterMs: number): void {
    // If the machine slept, the timer fires late.
    const leftMs = afterMs - Math.max(SLOW_MS, this.env.now() - this.startedMs)
    if (leftMs <= 0) {
      this.timeOut(afterMs)
      return
    }
    this.arm(leftMs, () => this.timeOut(afterMs))
    if (!this.isSent) return
    this.slowListener = this.sending.slowListener
    this.slowListener?.slow()
  }

  private timeOut(afterMs: number): void {
    const { limit, sending } = this
    this.source?.unsubscribe()
    limit.ms = Math.max(afterMs, Math.min(LONGEST_LIMIT_MS, afterMs * 2))
    const timeout = { _tag: 'RequestTimeout', afterMs, request: sending.request } as const
    this.settle(left(this.isSent ? timeout : { ...timeout, nothingSent: true }))
  }

  private failed(code: string, message: string): void {
    this.settle(left({ _tag: 'TransportError', code, message, permanent: false, request: this.sending.request }))
  }

  /** Only the first result counts. */
  private settle(result: Result<Sent>): void {
    if (this.isOver) return
    this.isOver = true
    this.timer?.unsubscribe()
    // An object that is over removes itself: see `request/flight.ts`.
    this.teardown.remove(this)
    this.slowListener?.ended()
    this.observer.next(result)
    this.observer.complete()
    this.source?.unsubscribe()
  }
}

function httpRequest(
  { maxReplyBytes }: Environment,
  { url, body, request: { method } }: Sending,
  { value }: Token,
  limitMs: number,
): HttpRequest {
  return {
    method,
    url,
    headers: value === undefined ? PLAIN : { ...PLAIN, authorization: `Bearer ${value}` },
    maxReplyBytes,
    // If the connection times out before the request does, nothing was sent, so the query goes to the next endpoint.
    ...(limitMs < SHORT_MS ? { connectMs: limitMs / 2 } : {}),
    ...(body === undefined ? {} : { body }),
  }
}

const NO_TOKEN: Token = { value: undefined }

const PLAIN: HttpRequest['headers'] = Object.freeze({
  'content-type': 'application/json',
  accept: 'application/json',
})

/** The user's own transport may return an Observable of another copy of RxJS, or a promise. */
const innerOf = (given: Observable<HttpResponse>): Observable<HttpResponse> =>
  given instanceof Observable ? given : from(given)
