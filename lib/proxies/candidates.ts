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

/** A map that is older does not tell which proxies are in the IC (T8). */
const FRESH_MS = 30_000

/** A member that failed is not asked again for so long, so that a dead cluster gets no more requests than a live one. */
const REST_MS = 5_000

/** One question tries so many members besides the given endpoints. */
export const MOST_MEMBERS = 5

/**
 * Keeps a map: its proxies can be asked when the given endpoints fail.
 *
 * @param from the endpoint that sent it. A member that sends the map of another cluster is not believed: its address now
 * belongs to somebody else
 */
export function learnMap(env: Environment, map: ClusterMap, from: Endpoint): void {
  const { roster } = env.shared
  const known = roster.map
  if (!env.discover) return
  if (known !== undefined && known.uuid !== map.uuid && !env.endpoints.some(({ base }) => base === from.base)) return
  // This proxy lags behind. An old map is no better than such a one, though.
  if (known?.uuid === map.uuid && map.version < known.version && isFresh(env)) return
  roster.map = map
  roster.atMs = env.now()
  const origins = new Set<string>()
  roster.list = membersOf(env, map, from, known?.uuid === map.uuid ? roster.list : [], origins)
  for (const { url } of Object.values(map.targets)) take(origins, url)
  env.shared.members = origins
  if (roster.current !== undefined && !roster.list.includes(roster.current)) roster.current = undefined
}

/**
 * The proxies that may have a request and its token, so none with a weaker scheme. What is known of each is kept.
 *
 * @param origins takes in the origins of all proxies, so that no address is taken apart twice
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
    if (isLeft(parsed)) take(origins, url)
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
    // The primary is always in the IC, even if the map marks no proxy.
    member.inIc = ic.length === 0 ? id === primary : ic.includes(id)
    member.leaving = maintenance
    members.set(endpoint.base, member)
  }
  return [...members.values()]
}

function take(origins: Set<string>, url: string): void {
  const parsed = parsedUrl(url)
  if (parsed !== undefined) origins.add(parsed.origin)
}

/** Whether the map is new enough to tell which proxies are in the IC. */
export const isFresh = ({ now, shared: { roster } }: Environment, maxAgeMs: number = FRESH_MS): boolean =>
  roster.map !== undefined && now() - roster.atMs <= maxAgeMs

/**
 * The endpoint that a question tries next: the one that answered last, then the other given endpoints, then members of the
 * map; undefined when all were tried.
 *
 * A member that never answered is tried only after every given endpoint has failed.
 */
export function nextCandidate(env: Environment, tried: readonly Endpoint[]): Candidate | undefined {
  const { endpoints, shared } = env
  const { roster } = shared
  if (tried.length === 0) {
    if (roster.current !== undefined) return asCandidate(roster.current)
    const turn = roster.turn ? restedMember(env, tried) : undefined
    if (turn !== undefined) return turn
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

/** Members that only the map names: those that answered before come first, then those that failed longest ago, then the IC. */
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

/** Sorts by time: what never happened comes first, what happened last comes last. */
export const orderOf = (a: number = -Infinity, b: number = -Infinity): number => (a === b ? 0 : a - b)

/** The members whose proof one question may still request, in order. */
export const unprovenMembers = (env: Environment, tried: readonly Endpoint[]): readonly Member[] =>
  restedMembers(env, tried)
    .filter(isUnknown)
    .slice(0, Math.min(MOST_MEMBERS, env.endpoints.length + MOST_MEMBERS - tried.length))

/** Whether only the map names a member, and it has not answered yet. */
export const isUnknown = ({ index, answered }: Member): boolean => index === undefined && !answered

export const isRested = ({ now }: Environment, { failedAtMs }: Member): boolean =>
  now() - (failedAtMs ?? -Infinity) >= REST_MS

export const asCandidate = (member: Member): Candidate => ({ endpoint: member.endpoint, index: member.index, member })

/** An endpoint has answered: the next questions start with it. */
export function keepTo({ shared }: Environment, { index, member }: Candidate): void {
  const { roster } = shared
  if (index !== undefined) shared.endpoint = index
  // Its reply may have been a map that does not list it any more.
  roster.current = index === undefined && member !== undefined && roster.list.includes(member) ? member : undefined
  roster.failing.clear()
  roster.turn = false
  if (member !== undefined) answeredNow(member)
}

export function answeredNow(member: Member): void {
  member.answered = true
  member.failedAtMs = undefined
}

/** An endpoint has failed: the next question starts with another one. */
export function moveOn({ endpoints, now, shared }: Environment, { index, member }: Candidate, hung: boolean): void {
  const { roster } = shared
  if (member !== undefined) member.failedAtMs = now()
  if (roster.current === member) roster.current = undefined
  if (roster.ic === member) roster.ic = undefined
  // After a member, the next question starts with a given endpoint, which may be back.
  roster.turn = false
  if (index === undefined) return
  if (shared.endpoint === index) shared.endpoint = (index + 1) % endpoints.length
  roster.failing.add(index)
  roster.turn = hung && roster.failing.size === endpoints.length
}
