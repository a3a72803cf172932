import { findProven, mustProve } from '#platform/proxies/proof'
import { Observable, mergeMap, of, type Observer, type Subscription } from 'rxjs'
import { isLeft } from '../common/either.ts'
import { environmentOf, type ClusterLike, type Environment } from '../environment.ts'
import type { JobError, RequestInfo, Result } from '../error.ts'
import { Detour } from '../operators/detour.ts'
import { Mapped } from '../operators/mapped.ts'
import type { Endpoint } from './endpoint.ts'
import { Outgoing, startExchange, type Call, type EndpointResult } from './exchange.ts'
import { nextCandidate, recordFailure, recordReply } from '../proxies/candidates.ts'
import type { Candidate } from '../proxies/roster.ts'
import { isEndpointFailure } from './endpoint-failure.ts'
import { Hedge, type Race } from './hedge.ts'
import { recordSilentSecond, reportToMonitor, routeOf, type Trying } from './report-outcome.ts'
import type { Limit } from './send.ts'
import { defined } from '../common/defined.ts'

export type { Call } from './exchange.ts'

/**
 * Sends one query or command to the cluster, and emits one Result.
 *
 * A query tries the endpoint that answered last, then the other given endpoints, then up to five proxies of the cluster
 * map. A command tries the next endpoint only if no server has received the request. A refused token is renewed once.
 * Redirects are followed only within the cluster.
 */
export function sendCall<A>(cluster: ClusterLike, call: Call<A>, limit?: Limit): Observable<Result<A>> {
  return sendCallAndRead(cluster, call, limit, (result) => result)
}

/** The same as {@link sendCall}, with a function that reads the result. It is not an operator, for speed. */
export function sendCallAndRead<A, B>(
  cluster: ClusterLike,
  call: Call<A>,
  limit: Limit | undefined,
  read: (result: Result<A>) => Result<B>,
): Observable<Result<B>> {
  const env = environmentOf(cluster)
  return isLeft(env) ? of(env) : observableOf(env.right, call, limit, ({ result }) => read(result))
}

/** Sends a query or command as {@link sendCall} does, for a cluster whose arguments are known to be valid. */
export function sendCallIn<A>(env: Environment, call: Call<A>, limit?: Limit): Observable<Result<A>> {
  return observableOf(env, call, limit, ({ result }) => result)
}

/** Sends a query or command as {@link sendCallIn} does, and emits the result with the endpoint that answered. */
export function sendCallForEndpoint<A>(env: Environment, call: Call<A>, limit?: Limit): Observable<EndpointResult<A>> {
  return observableOf(env, call, limit, (outcome) => outcome)
}

/** The stream of one query or command: fails over from endpoint to endpoint, and emits what `read` returns. */
function observableOf<A, B>(
  env: Environment,
  call: Call<A>,
  limit: Limit | undefined,
  read: (outcome: EndpointResult<A>) => B,
): Observable<B> {
  return new Observable((subscriber) => {
    const query = new FailoverCall(env, call, limit ?? { ms: env.requestTimeoutMs })
    const mapped = new Mapped(read, subscriber)
    const mayHedge = call.request.method === 'GET' && call.startsJob !== true
    const hedge = mayHedge ? new Hedge(env, query, mapped, subscriber) : undefined
    query.hedge = hedge
    const first = nextCandidate(env, NONE)
    if (first === undefined || mustProve(first))
      subscriber.add(tryNext(query, { endpoints: NONE })?.subscribe(hedge ?? mapped))
    else startTry(query, first, NONE, hedge ?? mapped, subscriber)
  })
}

/** One query or command, and what all of its tries need. A class, to cost less memory: see `request/flight.ts`. */
class FailoverCall<A> implements Race<EndpointResult<A>>, Trying {
  readonly env: Environment
  readonly call: Call<A>
  readonly limit: Limit
  candidate: Candidate | undefined = undefined
  sentMs = 0
  /** The endpoints that were tried before the candidate. */
  tried: readonly Endpoint[] = NONE
  /** Undefined for a command, and for a query to a second endpoint. */
  hedge: Hedge<EndpointResult<A>> | undefined = undefined
  /** The same query to a second endpoint. */
  second: FailoverCall<A> | undefined = undefined

  constructor(env: Environment, call: Call<A>, limit: Limit) {
    this.env = env
    this.call = call
    this.limit = limit
  }

  resultOf({ result }: EndpointResult<A>): Result<A> {
    return result
  }

  other(): Observable<EndpointResult<A>> | undefined {
    const { env, call, limit, candidate, tried } = this
    if (candidate === undefined) return undefined
    this.second = new FailoverCall(env, call, { ...limit })
    return tryNext(this.second, { endpoints: [...tried, candidate.endpoint] })
  }

  overtaken(): void {
    if (this.candidate !== undefined) recordFailure(this.env, this.candidate, { hasHung: true })
  }
}

const NONE: readonly Endpoint[] = []

/** The endpoints that were tried, and the last failure. Failures of proxies that never answered are left out. */
interface Tried<A> {
  readonly endpoints: readonly Endpoint[]
  readonly failed?: EndpointResult<A>
}

/** Tries the next endpoint. Undefined if none is left; then the last failure is the result. */
function tryNext<A>(query: FailoverCall<A>, tried: Tried<A>): Observable<EndpointResult<A>> | undefined {
  const next = nextCandidate(query.env, tried.endpoints)
  if (next !== undefined) return mustProve(next) ? tryMapProxies(query, tried) : tryOne(query, next, tried)
  if (tried.failed !== undefined) reportLast(query, tried.failed)
  return undefined
}

/** Tries one endpoint, after the failure of the previous one was reported. */
function tryOne<A>(query: FailoverCall<A>, candidate: Candidate, tried: Tried<A>): Observable<EndpointResult<A>> {
  return new Observable((subscriber) => {
    const { env, call } = query
    const { endpoints, failed } = tried
    if (failed !== undefined) {
      reportToMonitor(env, call, failed, routeOf(env, failed.endpoint), 'retried')
      env.log?.({ type: 'retry', atMs: env.scheduler.now(), request: call.request, reason: 'next-endpoint' })
    }
    startTry(query, candidate, endpoints, subscriber, subscriber)
  })
}

/** Sends the query to one endpoint and, if that fails, to the next ones. */
function startTry<A>(
  query: FailoverCall<A>,
  candidate: Candidate,
  tried: readonly Endpoint[],
  observer: Observer<EndpointResult<A>>,
  teardown: Subscription,
): void {
  const { env, call, limit } = query
  const { endpoint } = candidate
  query.candidate = candidate
  query.sentMs = env.now()
  query.tried = tried
  /** Returns the stream of the next tries, or undefined if this outcome is the result. */
  const nextTries = (outcome: EndpointResult<A>): Observable<EndpointResult<A>> | undefined => {
    const { result } = outcome
    const error = isLeft(result) ? result.left : undefined
    query.candidate = undefined
    recordOutcome(query, candidate, outcome, error)
    if (query.hedge?.goesOnAfter(result) === true) {
      // The request to a second endpoint is the next try.
      reportToMonitor(env, call, outcome, routeOf(env, endpoint), 'retried')
      return undefined
    }
    if (error !== undefined && mayTryNext(call.request, error))
      return tryNext(query, { endpoints: [...tried, endpoint], failed: outcome })
    reportLast(query, outcome)
    return undefined
  }
  const isMonitored = true
  const outgoing = new Outgoing(env, call, limit, endpoint, isMonitored, query.hedge)
  startExchange(outgoing, new Detour(nextTries, observer, teardown), teardown)
}

/** Records what an outcome says about its endpoint, so that the next query starts with a better one. */
function recordOutcome<A>(
  { env, call, second }: FailoverCall<A>,
  candidate: Candidate,
  outcome: EndpointResult<A>,
  error: JobError | undefined,
): void {
  const hasHung = error?._tag === 'RequestTimeout'
  if (error !== undefined && isEndpointFailure(error)) recordFailure(env, candidate, { hasHung })
  else recordReply(env, candidate, call.request, error)
  if (hasHung) recordSilentSecond(env, call, outcome, second)
}

/**
 * Tries the proxies that only the map names and that never answered. If none proves that it belongs to the cluster, the
 * result does not report their failures.
 */
function tryMapProxies<A>(query: FailoverCall<A>, { endpoints, failed }: Tried<A>): Observable<EndpointResult<A>> {
  return findProven(query.env, endpoints, query.limit).pipe(
    mergeMap(({ proven, tried }) => {
      const after = { endpoints: tried, ...defined({ failed }) }
      if (proven !== undefined) return tryOne(query, proven, after)
      return tryNext(query, after) ?? (failed === undefined ? of() : of(failed))
    }),
  )
}

/** Reports the final outcome to the health monitor. */
const reportLast = <A>({ env, call }: FailoverCall<A>, outcome: EndpointResult<A>): void =>
  reportToMonitor(env, call, outcome, routeOf(env, outcome.endpoint), 'last')

/**
 * Whether another endpoint may be tried after this error. A command may be sent twice only if nothing was sent. A query
 * that timed out has used up its time; the next query starts with another endpoint.
 */
const mayTryNext = ({ method }: RequestInfo, error: JobError): boolean =>
  method === 'GET'
    ? isEndpointFailure(error) && error._tag !== 'RequestTimeout'
    : error._tag === 'TransportError' && error.nothingSent === true
