import { firstMapProxy, mapFailure, mapSuccess, nextMapProxy } from '#platform/proxies/map-proxies'
import type { Environment } from '../environment.ts'
import type { JobError, RequestInfo } from '../error.ts'
import { isNoAnswer } from '../request/endpoint-failure.ts'
import type { Endpoint } from '../request/endpoint.ts'
import type { Candidate } from './roster.ts'

/**
 * The endpoint that a query tries next: the one that answered last, then the other given endpoints, then proxies of the
 * map. Undefined if all were tried.
 *
 * A proxy that never answered is tried only after all given endpoints have failed.
 */
export function nextCandidate(env: Environment, tried: readonly Endpoint[]): Candidate | undefined {
  const { endpoints, shared } = env
  const proxy = tried.length === 0 ? firstMapProxy(env) : undefined
  if (proxy !== undefined) return proxy
  for (let i = 0; i < endpoints.length; i++) {
    const index = (shared.endpoint + i) % endpoints.length
    const endpoint = endpoints[index]
    if (endpoint !== undefined && !tried.includes(endpoint)) return { endpoint, index }
  }
  return nextMapProxy(env, tried)
}

/** One reply without an answer may concern its query only. After this many in a row, another endpoint is tried. */
const MOST_WITHOUT_ANSWER = 2

/**
 * Notes that an endpoint has replied.
 *
 * After an answer, the next queries start with this endpoint. After a refusal (404, 403 ...), they need not: it is no
 * reason to prefer this endpoint to the one that answered last. After two replies in a row without an answer, they start
 * with another endpoint.
 */
export function recordReply(
  env: Environment,
  candidate: Candidate,
  { method }: RequestInfo,
  error: JobError | undefined,
): void {
  const { shared } = env
  const { index, proxy } = candidate
  if (error !== undefined && isNoAnswer(error)) {
    // A command that fails says nothing about the endpoint.
    if (method === 'GET') shared.withoutAnswer++
    if (shared.withoutAnswer >= MOST_WITHOUT_ANSWER) recordFailure(env, candidate, { hasHung: false })
    return
  }
  shared.withoutAnswer = 0
  if (error !== undefined && proxy === undefined) return
  if (index !== undefined) shared.endpoint = index
  mapSuccess(env, candidate)
}

/**
 * Notes that an endpoint has failed: the next query starts with another one.
 *
 * @param hasHung whether the request timed out
 */
export function recordFailure(
  env: Environment,
  candidate: Candidate,
  { hasHung }: { readonly hasHung: boolean },
): void {
  const { index } = candidate
  const { endpoints, shared } = env
  shared.withoutAnswer = 0
  mapFailure(env, candidate, { hasHung })
  if (index !== undefined && shared.endpoint === index) shared.endpoint = (index + 1) % endpoints.length
}
