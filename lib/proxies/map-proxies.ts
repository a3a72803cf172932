import { ClusterMap } from '../codec/cluster-map.ts'
import { isLeft } from '../common/either.ts'
import type { Environment } from '../environment.ts'
import { pageOrigin, parseEndpoint, type Endpoint } from '../request/endpoint.ts'
import { absolute, mayReceiveRequest } from '../request/redirect.ts'
import type { Candidate, MapProxy } from './roster.ts'

/** The maximum age of a map that is used to decide which proxies are in the IC (protocol T8). */
const FRESH_MS = 30_000

/**
 * A proxy that failed gets no request for this time, so that a cluster that is down gets no more requests than a
 * healthy one.
 */
const REST_MS = 5_000

/** The maximum number of proxies that one query tries besides the given endpoints. */
export const MOST_MAP_PROXIES = 5

/**
 * Keeps a map, so that requests can go to its proxies when the given endpoints fail.
 *
 * @param from the endpoint that sent the map. If a proxy sends the map of another cluster, the map is ignored: the
 * proxy's address now belongs to that cluster
 */
export function learnMap(env: Environment, map: unknown, from: Endpoint): void {
  const { roster } = env.shared
  const known = roster.map
  if (!env.discover || !ClusterMap.is(map)) return
  if (known !== undefined && known.uuid !== map.uuid && !env.endpoints.some(({ base }) => base === from.base)) return
  // An older version of the map comes from a proxy that lags behind. It is ignored while the known map is fresh.
  if (known?.uuid === map.uuid && map.version < known.version && isFresh(env)) return
  roster.map = map
  roster.atMs = env.now()
  roster.list = proxiesOf(env, map, from, known?.uuid === map.uuid ? roster.list : [])
  if (roster.current !== undefined && !roster.list.includes(roster.current)) roster.current = undefined
}

/**
 * The proxies that may receive a request and its token; proxies with a weaker scheme are excluded. A proxy that is
 * known already keeps its state.
 */
function proxiesOf(
  { endpoints }: Environment,
  { ic, primary, proxies: mapped }: ClusterMap,
  from: Endpoint,
  known: readonly MapProxy[],
): readonly MapProxy[] {
  const source = absolute(from.base, pageOrigin())
  const proxies = new Map<string, MapProxy>()
  for (const { id, url, maintenance } of Object.values(mapped)) {
    const parsed = parseEndpoint(url, { isRelative: false })
    if (isLeft(parsed) || !mayReceiveRequest(new URL(parsed.right.origin), source)) continue
    const index = endpoints.findIndex(({ origin }) => origin === parsed.right.origin)
    const endpoint = endpoints[index] ?? parsed.right
    const proxy = known.find((one) => one.endpoint.base === endpoint.base) ?? {
      endpoint,
      index: index < 0 ? undefined : index,
      inIc: false,
      leaving: false,
      answered: false,
      failedAtMs: undefined,
      givenUpAtMs: undefined,
      proof: undefined,
    }
    // The primary is always in the IC, even if the map names no IC member.
    proxy.inIc = ic.length === 0 ? id === primary : ic.includes(id)
    proxy.leaving = maintenance
    proxies.set(endpoint.base, proxy)
  }
  return [...proxies.values()]
}

/** Whether the map is recent enough to decide which proxies are in the IC. */
export const isFresh = ({ now, shared: { roster } }: Environment, maxAgeMs: number = FRESH_MS): boolean =>
  roster.map !== undefined && now() - roster.atMs <= maxAgeMs

/** The proxy of the map that gets a query before the given endpoints do; undefined if there is none. */
export function firstMapProxy(env: Environment): Candidate | undefined {
  const { current, startsWithMapProxy } = env.shared.roster
  if (current !== undefined) return asCandidate(current)
  return startsWithMapProxy ? restedProxy(env, NONE) : undefined
}

const NONE: readonly Endpoint[] = []

/** The proxy of the map that a query tries after all given endpoints; undefined if there is none. */
export const nextMapProxy = (env: Environment, tried: readonly Endpoint[]): Candidate | undefined =>
  tried.length < env.endpoints.length + MOST_MAP_PROXIES ? restedProxy(env, tried) : undefined

function restedProxy(env: Environment, tried: readonly Endpoint[]): Candidate | undefined {
  const [first] = restedProxies(env, tried)
  return first === undefined ? undefined : asCandidate(first)
}

/**
 * The proxies that only the map names and that have not failed recently. Those that answered before come first, then
 * those that failed longest ago, then IC members.
 */
const restedProxies = (env: Environment, tried: readonly Endpoint[]): readonly MapProxy[] =>
  env.shared.roster.list
    .filter(
      (proxy) => proxy.index === undefined && !proxy.leaving && !tried.includes(proxy.endpoint) && isRested(env, proxy),
    )
    .sort(
      (a, b) =>
        Number(b.answered) - Number(a.answered) ||
        orderOf(a.failedAtMs, b.failedAtMs) ||
        Number(b.inIc) - Number(a.inIc),
    )

/** Compares two times: undefined (never) comes first, the latest time comes last. */
export const orderOf = (a: number = -Infinity, b: number = -Infinity): number => (a === b ? 0 : a - b)

/** The proxies that one query may still request a proof from, in order. */
export const unprovenProxies = (env: Environment, tried: readonly Endpoint[]): readonly MapProxy[] =>
  restedProxies(env, tried)
    .filter(isUnknown)
    .slice(0, Math.min(MOST_MAP_PROXIES, env.endpoints.length + MOST_MAP_PROXIES - tried.length))

/** Whether a proxy is not a given endpoint and has never answered. */
export const isUnknown = ({ index, answered }: MapProxy): boolean => index === undefined && !answered

/** Whether a proxy may get a request: it has not failed in the last 5 s. */
export const isRested = ({ now }: Environment, { failedAtMs }: MapProxy): boolean =>
  now() - (failedAtMs ?? -Infinity) >= REST_MS

/** A proxy of the map as a candidate for a request. */
export const asCandidate = (proxy: MapProxy): Candidate => ({ endpoint: proxy.endpoint, index: proxy.index, proxy })

/** Notes that an endpoint or a proxy has answered. */
export function mapSuccess({ shared: { roster } }: Environment, { index, proxy }: Candidate): void {
  // The reply of a proxy may be a map that no longer lists this proxy.
  roster.current = index === undefined && proxy !== undefined && roster.list.includes(proxy) ? proxy : undefined
  roster.failing.clear()
  roster.startsWithMapProxy = false
  if (proxy !== undefined) markAnswered(proxy)
}

/** Notes that a proxy has answered. */
export function markAnswered(proxy: MapProxy): void {
  proxy.answered = true
  proxy.failedAtMs = undefined
}

/** Notes that an endpoint or a proxy has failed. */
export function mapFailure(
  { endpoints, now, shared: { roster } }: Environment,
  { index, proxy }: Candidate,
  { hasHung }: { readonly hasHung: boolean },
): void {
  if (proxy !== undefined) proxy.failedAtMs = now()
  if (roster.current === proxy) roster.current = undefined
  if (roster.ic === proxy) roster.ic = undefined
  // After the failure of a proxy of the map, the next query starts with a given endpoint, which may be available again.
  roster.startsWithMapProxy = false
  if (index === undefined) return
  roster.failing.add(index)
  // All given endpoints fail, this one by silence: to try them again first would cost a time limit each.
  roster.startsWithMapProxy = hasHung && roster.failing.size === endpoints.length
}
