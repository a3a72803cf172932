import type { ClusterMap } from '../codec/cluster-map.ts'
import { isLeft } from '../common/either.ts'
import type { Environment } from '../environment.ts'
import { pageOrigin, parsedUrl, parseEndpoint, type Endpoint } from '../request/endpoint.ts'
import { absolute, isDecent } from '../request/redirect.ts'
import type { Member } from './roster.ts'

/** An endpoint to try: a given one by its place, or a member of the map. */
export interface Candidate {
  readonly endpoint: Endpoint
  readonly index: number | undefined
  readonly member?: Member
}

/** The maximum age of a map that is used to decide which proxies are in the IC (T8). */
const FRESH_MS = 30_000

/** A member that failed gets no request for this time, so that a cluster that is down gets no more requests than a healthy one. */
const REST_MS = 5_000

/** The maximum number of members that one query tries besides the given endpoints. */
export const MOST_MEMBERS = 5

/**
 * Keeps a map, so that requests can go to its proxies when the given endpoints fail.
 *
 * @param from the endpoint that sent the map. If a member sends the map of another cluster, the map is ignored: its
 * address now belongs to that cluster
 */
export function learnMap(env: Environment, map: ClusterMap, from: Endpoint): void {
  const { roster } = env.shared
  const known = roster.map
  if (!env.discover) return
  if (known !== undefined && known.uuid !== map.uuid && !env.endpoints.some(({ base }) => base === from.base)) return
  // A proxy that lags behind sent an older version of the map. It is ignored while the known map is fresh.
  if (known?.uuid === map.uuid && map.version < known.version && isFresh(env)) return
  roster.map = map
  roster.atMs = env.now()
  const origins = new Set<string>()
  roster.list = membersOf(env, map, from, known?.uuid === map.uuid ? roster.list : [], origins)
  for (const { url } of Object.values(map.targets)) addOrigin(origins, url)
  env.shared.members = origins
  if (roster.current !== undefined && !roster.list.includes(roster.current)) roster.current = undefined
}

/**
 * The proxies that may receive a request and its token; those with a weaker scheme are excluded. A proxy that is known
 * already keeps its state.
 *
 * @param origins the function adds the origins of all proxies to this set, so that each address is parsed only once
 */
function membersOf(
  { endpoints }: Environment,
  { ic, primary, proxies }: ClusterMap,
  from: Endpoint,
  known: readonly Member[],
  origins: Set<string>,
): readonly Member[] {
  const source = absolute(from.base, pageOrigin())
  const members = new Map<string, Member>()
  for (const { id, url, maintenance } of Object.values(proxies)) {
    const parsed = parseEndpoint(url, false)
    if (isLeft(parsed)) addOrigin(origins, url)
    else origins.add(parsed.right.origin)
    if (isLeft(parsed) || !isDecent(new URL(parsed.right.origin), source)) continue
    const index = endpoints.findIndex(({ origin }) => origin === parsed.right.origin)
    const endpoint = endpoints[index] ?? parsed.right
    const member = known.find((one) => one.endpoint.base === endpoint.base) ?? {
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
    member.inIc = ic.length === 0 ? id === primary : ic.includes(id)
    member.leaving = maintenance
    members.set(endpoint.base, member)
  }
  return [...members.values()]
}

function addOrigin(origins: Set<string>, url: string): void {
  const parsed = parsedUrl(url)
  if (parsed !== undefined) origins.add(parsed.origin)
}

/** Whether the map is recent enough to decide which proxies are in the IC. */
export const isFresh = ({ now, shared: { roster } }: Environment, maxAgeMs: number = FRESH_MS): boolean =>
  roster.map !== undefined && now() - roster.atMs <= maxAgeMs

/**
 * The endpoint that a query tries next: the one that answered last, then the other given endpoints, then members of the
 * map. Undefined if all were tried.
 *
 * A member that never answered is tried only after all given endpoints have failed.
 */
export function nextCandidate(env: Environment, tried: readonly Endpoint[]): Candidate | undefined {
  const { endpoints, shared } = env
  const { roster } = shared
  if (tried.length === 0) {
    if (roster.current !== undefined) return asCandidate(roster.current)
    const member = roster.startsWithMember ? restedMember(env, tried) : undefined
    if (member !== undefined) return member
  }
  for (let i = 0; i < endpoints.length; i++) {
    const index = (shared.endpoint + i) % endpoints.length
    const endpoint = endpoints[index]
    if (endpoint !== undefined && !tried.includes(endpoint)) return { endpoint, index }
  }
  return tried.length < endpoints.length + MOST_MEMBERS ? restedMember(env, tried) : undefined
}

function restedMember(env: Environment, tried: readonly Endpoint[]): Candidate | undefined {
  const [first] = restedMembers(env, tried)
  return first === undefined ? undefined : asCandidate(first)
}

/**
 * The members that only the map names and that have not failed recently. Those that answered before come first, then
 * those that failed longest ago, then IC members.
 */
const restedMembers = (env: Environment, tried: readonly Endpoint[]): readonly Member[] =>
  env.shared.roster.list
    .filter(
      (member) =>
        member.index === undefined && !member.leaving && !tried.includes(member.endpoint) && isRested(env, member),
    )
    .sort(
      (a, b) =>
        Number(b.answered) - Number(a.answered) ||
        orderOf(a.failedAtMs, b.failedAtMs) ||
        Number(b.inIc) - Number(a.inIc),
    )

/** Compares two times: undefined (never) comes first, the latest time comes last. */
export const orderOf = (a: number = -Infinity, b: number = -Infinity): number => (a === b ? 0 : a - b)

/** The members that one query may still request a proof from, in order. */
export const unprovenMembers = (env: Environment, tried: readonly Endpoint[]): readonly Member[] =>
  restedMembers(env, tried)
    .filter(isUnknown)
    .slice(0, Math.min(MOST_MEMBERS, env.endpoints.length + MOST_MEMBERS - tried.length))

/** Whether a member is not a given endpoint and has never answered. */
export const isUnknown = ({ index, answered }: Member): boolean => index === undefined && !answered

/** Whether a member may get a request: it has not failed in the last 5 s. */
export const isRested = ({ now }: Environment, { failedAtMs }: Member): boolean =>
  now() - (failedAtMs ?? -Infinity) >= REST_MS

export const asCandidate = (member: Member): Candidate => ({ endpoint: member.endpoint, index: member.index, member })

/** Notes that an endpoint has answered: the next queries start with it. */
export function recordSuccess({ shared }: Environment, { index, member }: Candidate): void {
  const { roster } = shared
  if (index !== undefined) shared.endpoint = index
  // Its reply may have been a map that no longer lists this member.
  roster.current = index === undefined && member !== undefined && roster.list.includes(member) ? member : undefined
  roster.failing.clear()
  roster.startsWithMember = false
  if (member !== undefined) markAnswered(member)
}

/** Notes that a member has answered. */
export function markAnswered(member: Member): void {
  member.answered = true
  member.failedAtMs = undefined
}

/**
 * Notes that an endpoint has failed: the next query starts with another one.
 *
 * @param hung whether the request timed out
 */
export function recordFailure(
  { endpoints, now, shared }: Environment,
  { index, member }: Candidate,
  hung: boolean,
): void {
  const { roster } = shared
  if (member !== undefined) member.failedAtMs = now()
  if (roster.current === member) roster.current = undefined
  if (roster.ic === member) roster.ic = undefined
  // After the failure of a member, the next query starts with a given endpoint, which may be available again.
  roster.startsWithMember = false
  if (index === undefined) return
  if (shared.endpoint === index) shared.endpoint = (index + 1) % endpoints.length
  roster.failing.add(index)
  roster.startsWithMember = hung && roster.failing.size === endpoints.length
}
