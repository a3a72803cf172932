import {
  EMPTY,
  connect,
  defaultIfEmpty,
  defer,
  filter,
  finalize,
  map,
  merge,
  mergeMap,
  of,
  share,
  take,
  timer,
  type Observable,
} from 'rxjs'
import { isRight } from '../common/either.ts'
import type { Environment } from '../environment.ts'
import type { Endpoint } from '../request/endpoint.ts'
import { exchange } from '../request/exchange.ts'
import { MAP } from './membership.ts'
import { asCandidate, isRested, isUnknown, markAnswered, unprovenProxies } from './map-proxies.ts'
import type { Candidate, MapProxy } from './roster.ts'
import type { Limit } from '../request/send.ts'

/** The limit of a request to an address that only the map names: it may be unreachable for this client. */
export const PROOF_MS = 5_000

/** If a proxy has not replied after this time, the next proxy gets a request as well. */
const STAGGER_MS = 250

/** Whether only the map names a candidate, and it never answered: then it must first prove that it belongs to the cluster. */
export const mustProve = ({ proxy }: Candidate): boolean => proxy !== undefined && isUnknown(proxy)

/** What was found: the proxy, if there is one, and all endpoints that were tried before it or left out. */
export interface Found {
  readonly proven: Candidate | undefined
  readonly tried: readonly Endpoint[]
}

/** Finds a proxy that only the map names and that proves that it belongs to the cluster. */
export function findProven(env: Environment, tried: readonly Endpoint[], limit: Limit): Observable<Found> {
  const proxies = unprovenProxies(env, tried)
  const triedWith = (count: number): readonly Endpoint[] => [
    ...tried,
    ...proxies.slice(0, count).map(({ endpoint }) => endpoint),
  ]
  return firstProven(env, proxies, limit).pipe(
    defaultIfEmpty(undefined),
    map((proxy) =>
      proxy === undefined
        ? { proven: undefined, tried: triedWith(proxies.length) }
        : { proven: asCandidate(proxy), tried: triedWith(proxies.indexOf(proxy)) },
    ),
  )
}

/**
 * Finds the first of these proxies that replies and belongs to this cluster.
 *
 * Each proxy gets one small request, in order. A request starts when the previous one has failed or has taken
 * {@link STAGGER_MS}. So n proxies that hang delay the result by n * 250 ms, or by 5 s + n * 250 ms if no proxy replies. A
 * proxy whose proof for another query has failed in the meantime is left out.
 *
 * @returns emits the proxy, or completes without a value if no proxy proves that it belongs to this cluster
 */
function firstProven(env: Environment, proxies: readonly MapProxy[], limit: Limit): Observable<MapProxy> {
  // Since the last step, another query may have proven one of the proxies, or may have found that it fails.
  const [proxy, ...others] = proxies
    .filter((one) => one.answered || isRested(env, one))
    .sort((a, b) => Number(b.answered) - Number(a.answered))
  if (proxy === undefined) return EMPTY
  return proofOf(env, proxy, limit).pipe(
    connect((proof) => {
      const proven = proof.pipe(
        filter((isProven) => isProven),
        map(() => proxy),
      )
      if (others.length === 0) return proven
      const next = merge(proof.pipe(filter((isProven) => !isProven)), timer(STAGGER_MS, env.scheduler)).pipe(
        take(1),
        mergeMap(() => firstProven(env, others, limit)),
      )
      return merge(proven, next)
    }),
    take(1),
  )
}

/** Emits whether a proxy belongs to this cluster. Callers share a request that is in flight. */
function proofOf(env: Environment, proxy: MapProxy, { ms }: Limit): Observable<boolean> {
  if (proxy.answered) return of(true)
  return (proxy.proof ??= defer(() => exchange(env, MAP, { ms: Math.min(ms, PROOF_MS) }, proxy.endpoint)).pipe(
    map(({ result, atMs }) => {
      const isProven = isRight(result) && result.right.uuid === env.shared.roster.map?.uuid
      if (isProven) markAnswered(proxy)
      else proxy.failedAtMs = atMs
      return isProven
    }),
    finalize(() => (proxy.proof = undefined)),
    share(),
  ))
}
