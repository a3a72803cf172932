import { firstMapProxy, mapFailure, mapSuccess, nextMapProxy } from '#platform/proxies/map-proxies'
import type { Environment } from '../environment.ts'
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

/** Notes that an endpoint has answered: the next queries start with it. */
export function recordSuccess(env: Environment, candidate: Candidate): void {
  if (candidate.index !== undefined) env.shared.endpoint = candidate.index
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
  mapFailure(env, candidate, { hasHung })
  if (index !== undefined && shared.endpoint === index) shared.endpoint = (index + 1) % endpoints.length
}
