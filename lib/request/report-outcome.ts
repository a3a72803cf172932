import { isLeft } from '../common/either.ts'
import type { Environment } from '../environment.ts'
import type { JobError } from '../error.ts'
import { SLOW_MS } from '../monitor/traffic.ts'
import { recordFailure } from '../proxies/candidates.ts'
import type { Candidate } from '../proxies/roster.ts'
import type { Endpoint } from './endpoint.ts'
import type { Call, EndpointResult } from './exchange.ts'

/**
 * Reports the outcome of a request to the health monitor. The route `ic` means that the request went to this endpoint
 * because it is an IC member, so that it is not a fail-over.
 *
 * @param place whether this is the last try of the query or command, or another one follows
 */
export function reportToMonitor<A>(
  { shared }: Environment,
  { request }: Call<A>,
  { endpoint, result, atMs, wallMs, tookMs }: EndpointResult<A>,
  route: 'first' | 'other' | 'ic',
  place: 'last' | 'retried',
): void {
  const error = isLeft(result) ? result.left : undefined
  // Without a token, nothing was sent, and nothing is known of the endpoint.
  if (error !== undefined && isTokenMissing(error)) return
  const traffic = { atMs, wallMs, tookMs, endpoint: endpoint.base, route, request, isLast: place === 'last' }
  shared.traffic.record(error === undefined ? traffic : { ...traffic, error })
}

const isTokenMissing = (error: JobError): boolean =>
  (error._tag === 'Unauthorized' && error.request === undefined) ||
  (error._tag === 'RequestTimeout' && error.nothingSent === true)

/** The route of a request that went to this endpoint by failover. */
export const routeOf = ({ endpoints }: Environment, endpoint: Endpoint): 'first' | 'other' =>
  endpoint === endpoints[0] ? 'first' : 'other'

/** Which endpoint a query or command is trying. */
export interface Trying {
  /** The endpoint that was sent the request and has not replied. Undefined between two tries. */
  candidate: Candidate | undefined
  /** When it was sent, by the environment's `now`. */
  sentMs: number
}

/**
 * Records a second endpoint that is silent too when the first one times out, so that the next query starts with a third
 * one.
 *
 * @param timedOut the outcome of the first endpoint
 * @param second what the query to a second endpoint is trying; undefined if there is no such query
 * @param route `ic` if both endpoints got the query because they are IC members
 */
export function recordSilentSecond<A>(
  env: Environment,
  call: Call<A>,
  timedOut: EndpointResult<A>,
  second: Trying | undefined,
  route?: 'ic',
): void {
  if (second?.candidate === undefined) return
  const tookMs = timedOut.atMs - second.sentMs
  if (tookMs < SLOW_MS) return
  const { endpoint } = second.candidate
  // The same as for the first endpoint: when an IC member times out, `queryIc` records that it failed, not that it hung.
  recordFailure(env, second.candidate, { hasHung: route === undefined })
  reportToMonitor(env, call, { ...timedOut, endpoint, tookMs }, route ?? routeOf(env, endpoint), 'retried')
}
