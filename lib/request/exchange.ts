import { Observable, of, switchMap, type Observer, type Subscriber } from 'rxjs'
import { ClusterMap } from '../codec/cluster-map.ts'
import { isLeft, left, right } from '../common/either.ts'
import type { Environment } from '../environment.ts'
import type { RequestInfo, Result } from '../error.ts'
import { detour } from '../operators/detour.ts'
import { pageOrigin, type Endpoint } from './endpoint.ts'
import { CLUSTER_MAP, membership } from '../proxies/membership.ts'
import { learnMap } from '../proxies/candidates.ts'
import { absolute, isDecent, keepsRequest, locationOf, named, resolve } from './redirect.ts'
import { readReply, type Decoder } from './reply.ts'
import { send, type Limit, type Sending } from './send.ts'
import type { Sent } from './sent.ts'

/** One question or command, and how its reply is decoded. */
export interface Asking<A> {
  readonly request: RequestInfo
  readonly body?: string
  readonly decode: Decoder<A>
  /** Whether a proxy outside of the Information Center could give this answer (T8); absent if it could give any. */
  readonly isEmpty?: (value: A) => boolean
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
export const watchedExchange = <A>(
  env: Environment,
  asking: Asking<A>,
  limit: Limit,
  endpoint: Endpoint,
): Observable<Said<A>> => exchange(env, asking, limit, endpoint, true)

/**
 * Sends a request to one endpoint. A refused token is renewed once, and redirects are followed within the cluster.
 *
 * Written by hand because every request passes here.
 */
export const exchange = <A>(
  env: Environment,
  asking: Asking<A>,
  limit: Limit,
  endpoint: Endpoint,
  isWatched = false,
): Observable<Said<A>> =>
  new Observable((subscriber) => {
    const over = isWatched ? env.shared.monitor.sent(asking.request) : undefined
    const read = new Reading(env, asking, endpoint, subscriber)
    subscriber.add(sentTo(env, asking, limit, endpoint).subscribe(read))
    if (over !== undefined) subscriber.add(over)
  })

/** Reads the reply to one request. A class for the reason given at `Flight`. */
class Reading<A> implements Observer<Result<Sent>> {
  private readonly env: Environment
  private readonly asking: Asking<A>
  private readonly endpoint: Endpoint
  private readonly startedMs: number
  private readonly subscriber: Subscriber<Said<A>>

  constructor(env: Environment, asking: Asking<A>, endpoint: Endpoint, subscriber: Subscriber<Said<A>>) {
    this.env = env
    this.asking = asking
    this.endpoint = endpoint
    this.startedMs = env.now()
    this.subscriber = subscriber
  }

  next(sent: Result<Sent>): void {
    let said: Said<A>
    try {
      said = saidOf(this.env, this.asking, this.endpoint, sent, this.startedMs)
    } catch (defect) {
      this.subscriber.error(defect)
      return
    }
    this.subscriber.next(said)
  }

  error(defect: unknown): void {
    this.subscriber.error(defect)
  }

  complete(): void {
    this.subscriber.complete()
  }
}

function saidOf<A>(
  env: Environment,
  { request, decode }: Asking<A>,
  endpoint: Endpoint,
  sent: Result<Sent>,
  startedMs: number,
): Said<A> {
  const atMs = env.now()
  const wallMs = env.scheduler.now()
  const tookMs = atMs - startedMs
  const result = isLeft(sent) ? sent : readReply(sent.right, request, wallMs, decode)
  const from = isLeft(sent) ? endpoint.base : sent.right.endpoint
  if (isLeft(result))
    env.log({ type: 'failure', atMs: wallMs, endpoint: endpoint.base, request, error: result.left, tookMs })
  // Every reply with a map passes here, so each is learnt.
  else if (request === CLUSTER_MAP && ClusterMap.is(result.right)) learnMap(env, result.right, endpoint)
  return { endpoint, from, result, atMs, wallMs, tookMs }
}

function sentTo(
  env: Environment,
  { request, body }: Pick<Asking<unknown>, 'request' | 'body'>,
  limit: Limit,
  endpoint: Endpoint,
): Observable<Result<Sent>> {
  const url = `${endpoint.base}${request.path}${request.query === '' ? '' : `?${request.query}`}`
  const sending = { endpoint: endpoint.base, url, body, request }
  const renewing = (sent: Result<Sent>): Observable<Result<Sent>> | undefined => {
    if (isLeft(sent) || sent.right.response.status !== 401) return undefined
    // The refusal came before anything was done, so even a command may be sent once more.
    const renewed = env.token.renew(sent.right.token)
    if (renewed === undefined) return undefined
    env.log({ type: 'retry', atMs: env.scheduler.now(), request, reason: 'new-token' })
    return follow(env, limit, { ...sending, renewed }, endpoint, 0)
  }
  // In one step, since every reply comes by here: most go nowhere else.
  return send(env, limit, sending).pipe(
    detour((sent) => redirected(env, limit, sending, endpoint, 0, sent)?.pipe(detour(renewing)) ?? renewing(sent)),
  )
}

/** Sends a request, and goes where it is sent on to. */
const follow = (
  env: Environment,
  limit: Limit,
  sending: Sending,
  endpoint: Endpoint,
  hops: number,
): Observable<Result<Sent>> =>
  send(env, limit, sending).pipe(detour((sent) => redirected(env, limit, sending, endpoint, hops, sent)))

/** What becomes of a request that was redirected; undefined where it was not. */
function redirected(
  env: Environment,
  limit: Limit,
  sending: Sending,
  endpoint: Endpoint,
  hops: number,
  sent: Result<Sent>,
): Observable<Result<Sent>> | undefined {
  if (isLeft(sent)) return undefined
  const { request, url } = sending
  const { response, token } = sent.right
  const location = locationOf(response)
  if (location === undefined) return undefined
  const from = absolute(url, pageOrigin())
  const to = resolve(location, from)
  const refused = left({ _tag: 'RedirectRefused', location: named(to, token.value), request } as const)
  if (to === undefined || !isDecent(to, from) || !keepsRequest(response) || hops >= MAX_REDIRECTS) return of(refused)
  return membership(env, limit, endpoint, to.origin).pipe(
    switchMap((member) => {
      if (isLeft(member)) return of(member)
      if ('refused' in member.right) return of(right(member.right.refused))
      if (!member.right.known) return of(refused)
      env.log({ type: 'retry', atMs: env.scheduler.now(), request, reason: 'redirect' })
      return follow(env, limit, { ...sending, endpoint: to.origin, url: to.href }, endpoint, hops + 1)
    }),
  )
}
