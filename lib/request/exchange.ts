import { learnMap } from '#platform/proxies/map-proxies'
import { redirected } from '#platform/request/redirects'
import { Observable, Subscription, type Observer } from 'rxjs'
import { isLeft, left } from '../common/either.ts'
import type { Environment } from '../environment.ts'
import type { Result } from '../error.ts'
import { Detour, detour } from '../operators/detour.ts'
import { Mapped } from '../operators/mapped.ts'
import type { Endpoint } from './endpoint.ts'
import { CLUSTER_MAP } from '../proxies/membership.ts'
import { recordContact } from './first-contact.ts'
import { readReply, type ReplyReader } from './reply.ts'
import { send, transmit, type Limit, type Sending, type SlowListener } from './send.ts'
import type { Sent } from './sent.ts'

/** One query or command, and how its reply is decoded. */
export interface Call<A> extends ReplyReader<A> {
  /** The body, also of a query. */
  readonly body?: string
  /** Whether it starts a job, although it is a GET. It is then not sent to a second endpoint while the first one is slow. */
  readonly startsJob?: boolean
  /**
   * Whether the value is empty, as it is from a proxy outside of the Information Center (protocol T8). Absent if an
   * empty value is an ordinary answer.
   */
  readonly isEmpty?: (value: A) => boolean
}

/** The outcome of one request to one endpoint. */
export interface EndpointResult<A> {
  /** The endpoint that the request was sent to. */
  readonly endpoint: Endpoint
  /** The base or origin of the node that answered. After a redirect, it differs from the endpoint. */
  readonly from: string
  readonly result: Result<A>
  /** The time of the reply or failure, by the monotonic clock. */
  readonly atMs: number
  /** The same time by the wall clock, for display. */
  readonly wallMs: number
  /** How long the request took, with its redirects. */
  readonly tookMs: number
}

/**
 * Sends a request to one endpoint. A refused token is renewed once, and redirects are followed within the cluster.
 *
 * @param isMonitored whether the health monitor learns of the request while it is in flight
 * @param slowListener learns that the request has no reply after 5 s
 */
export const exchange = <A>(
  env: Environment,
  call: Call<A>,
  limit: Limit,
  endpoint: Endpoint,
  isMonitored = false,
  slowListener?: SlowListener,
): Observable<EndpointResult<A>> =>
  new Observable((subscriber) => {
    startExchange(new Outgoing(env, call, limit, endpoint, isMonitored, slowListener), subscriber, subscriber)
  })

/** What an exchange needs. A class, to cost less memory: see `request/flight.ts`. */
export class Outgoing<A> {
  readonly env: Environment
  readonly call: Call<A>
  readonly limit: Limit
  readonly endpoint: Endpoint
  /** Whether the health monitor learns of the request while it is in flight. */
  readonly isMonitored: boolean
  readonly slowListener: SlowListener | undefined

  constructor(
    env: Environment,
    call: Call<A>,
    limit: Limit,
    endpoint: Endpoint,
    isMonitored: boolean,
    slowListener: SlowListener | undefined,
  ) {
    this.env = env
    this.call = call
    this.limit = limit
    this.endpoint = endpoint
    this.isMonitored = isMonitored
    this.slowListener = slowListener
  }
}

/**
 * The same as {@link exchange} without an Observable, for speed: all requests go through it.
 *
 * @param observer gets the outcome, and completes
 * @param teardown cancels the request
 */
export function startExchange<A>(
  outgoing: Outgoing<A>,
  observer: Observer<EndpointResult<A>>,
  teardown: Subscription,
): void {
  const { env, call, limit, endpoint, isMonitored, slowListener } = outgoing
  const { request, body } = call
  const monitoring = isMonitored ? new Subscription(env.shared.traffic.sent(request)) : undefined
  const url = `${endpoint.base}${request.path}${request.query === '' ? '' : `?${request.query}`}`
  const sending = { endpoint: endpoint.base, url, body, request, slowListener }
  const detourOf = (sent: Result<Sent>): Observable<Result<Sent>> | undefined =>
    redirectOrRenewal(env, limit, sending, endpoint, sent)
  const reading = new Reading(outgoing, observer, teardown, monitoring)
  transmit(env, limit, sending, new Detour(detourOf, reading, teardown), teardown)
  if (monitoring !== undefined) teardown.add(monitoring)
}

/** Reads the reply to one request. */
class Reading<A> extends Mapped<Result<Sent>, EndpointResult<A>> {
  private readonly teardown: Subscription
  /** While it is open, the health monitor counts the request as in flight. */
  private readonly monitoring: Subscription | undefined

  constructor(
    outgoing: Outgoing<A>,
    observer: Observer<EndpointResult<A>>,
    teardown: Subscription,
    monitoring: Subscription | undefined,
  ) {
    const startedMs = outgoing.env.now()
    super((sent) => outcomeOf(outgoing, sent, startedMs), observer)
    this.teardown = teardown
    this.monitoring = monitoring
  }

  override error(defect: unknown): void {
    super.error(defect)
    this.monitoring?.unsubscribe()
  }

  override complete(): void {
    // An object that is over removes itself: see `request/flight.ts`.
    if (this.monitoring !== undefined) this.teardown.remove(this.monitoring)
    super.complete()
    this.monitoring?.unsubscribe()
  }
}

/** Reads the reply, logs a failure, and records what the reply says about the cluster. */
function outcomeOf<A>({ env, endpoint, call }: Outgoing<A>, sent: Result<Sent>, startedMs: number): EndpointResult<A> {
  const { request } = call
  const atMs = env.now()
  const wallMs = env.scheduler.now()
  const tookMs = atMs - startedMs
  const read = isLeft(sent) ? sent : resultOf(sent.right, wallMs, call)
  const { shared, endpoints } = env
  const body = isLeft(sent) ? undefined : sent.right.response.body
  const result = shared.contact.hasReplied
    ? read
    : recordContact(shared.contact, read, { sentMs: startedMs, atMs, endpoints: endpoints.length, body })
  const from = isLeft(sent) ? endpoint.base : sent.right.endpoint
  if (isLeft(result))
    env.log?.({ type: 'failure', atMs: wallMs, endpoint: endpoint.base, request, error: result.left, tookMs })
  // All replies go through this function, so every map is kept, even from a one-shot query.
  else if (request === CLUSTER_MAP) learnMap(env, result.right, endpoint)
  return { endpoint, from, result, atMs, wallMs, tookMs }
}

const resultOf = <A>(sent: Sent, wallMs: number, call: Call<A>): Result<A> =>
  sent.failure === undefined ? readReply(sent, wallMs, call) : left(sent.failure)

/** The stream that replaces a reply that is a redirect or refuses the token. Undefined for any other reply. */
function redirectOrRenewal(
  env: Environment,
  limit: Limit,
  sending: Sending,
  endpoint: Endpoint,
  reply: Result<Sent>,
): Observable<Result<Sent>> | undefined {
  /** Sends the request again with a new token, if the reply refuses the present one. */
  const renewing = (sent: Result<Sent>): Observable<Result<Sent>> | undefined => {
    if (isLeft(sent) || sent.right.response.status !== 401) return undefined
    // A server refuses a token before it does anything, so even a command may be sent again.
    const renewed = env.token.renew(sent.right.token)
    if (renewed === undefined) return undefined
    env.log?.({ type: 'retry', atMs: env.scheduler.now(), request: sending.request, reason: 'new-token' })
    const again = { ...sending, renewed }
    return send(env, limit, again).pipe(detour((other) => redirected(env, limit, again, endpoint, other)))
  }
  // The address of a redirect may refuse the token, and with a new token a server may redirect.
  return redirected(env, limit, sending, endpoint, reply)?.pipe(detour(renewing)) ?? renewing(reply)
}
