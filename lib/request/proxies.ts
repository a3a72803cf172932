import type { ClusterMap } from '../codec/cluster-map.ts'
import { isLeft } from '../either.ts'
import type { Internals } from '../environment.ts'
import { pageOrigin, parseEndpoint, type Endpoint } from './endpoint.ts'
import { absolute, isDecent } from './redirect.ts'
import type { Member } from './roster.ts'

/** Whom to ask: a given endpoint by its place, or a member of the map. */
export interface Candidate {
  readonly endpoint: Endpoint
  readonly index: number | undefined
  readonly member?: Member
}

/** How old a map may be that says who is in the IC (T8). */
export const FRESH_MS = 30_000

/** For so long a member that failed is left alone by all, so that a dead cluster is not asked more often than a live one. */
const REST_MS = 5_000

/** Besides the given endpoints, in one question. */
export const MOST_MEMBERS = 5

/**
 * Takes note of a map, whoever asked for it: its proxies can be asked when the given endpoints fail.
 *
 * @param from who told it: another cluster's map, from an address that has changed hands, is not believed
 */
export function learnMap(env: Internals, map: ClusterMap, from: Endpoint): void {
  const { roster } = env.shared
  const known = roster.map
  if (!env.discover) return
  if (known !== undefined && known.uuid !== map.uuid && !env.endpoints.some(({ base }) => base === from.base)) return
  // A proxy that lags; but what is old is no better than what is behind.
  if (known?.uuid === map.uuid && map.version < known.version && isFresh(env)) return
  roster.map = map
  roster.atMs = env.now()
  const nodes = [...Object.values(map.proxies), ...Object.values(map.targets)]
  env.shared.members = new Set(nodes.flatMap(({ url }) => (URL.canParse(url) ? [new URL(url).origin] : [])))
  roster.list = membersOf(env, map, from, known?.uuid === map.uuid ? roster.list : [])
  if (roster.current !== undefined && !roster.list.includes(roster.current)) roster.current = undefined
}

/** The proxies that may be asked, the token included: never over a weaker scheme. What is known of them is kept. */
function membersOf(
  { endpoints }: Internals,
  { ic, primary, proxies }: ClusterMap,
  from: Endpoint,
  known: readonly Member[],
): readonly Member[] {
  const source = absolute(from.base, pageOrigin())
  const members = new Map<string, Member>()
  for (const { id, url, maintenance } of Object.values(proxies)) {
    const parsed = parseEndpoint(url, false)
    if (isLeft(parsed) || !isDecent(new URL(parsed.right.origin), source)) continue
    const index = endpoints.findIndex(({ origin }) => origin === parsed.right.origin)
    const endpoint = endpoints[index] ?? parsed.right
    const member = known.find((one) => one.endpoint.base === endpoint.base) ?? {
      ...{ endpoint, index: index < 0 ? undefined : index, inIc: false, leaving: false },
      ...{ answered: false, failedAtMs: undefined, proof: undefined },
    }
    // The primary always is in the IC, also by a map that marks nobody.
    member.inIc = ic.length === 0 ? id === primary : ic.includes(id)
    member.leaving = maintenance
    members.set(endpoint.base, member)
  }
  return [...members.values()]
}

/** Whether the map is new enough to say who is in the IC. */
export const isFresh = ({ now, shared: { roster } }: Internals, maxAgeMs: number = FRESH_MS): boolean =>
  roster.map !== undefined && now() - roster.atMs <= maxAgeMs

/**
 * Whom a question asks next: who answered last, then the other given endpoints, then members of the map; undefined when
 * all of them were tried.
 *
 * A member that never answered comes only when every given endpoint has failed.
 */
export function nextCandidate(env: Internals, tried: readonly Endpoint[]): Candidate | undefined {
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

/** Of those that only the map names: who has answered before, then the IC, then who failed longest ago. */
function restedMember(env: Internals, tried: readonly Endpoint[]): Candidate | undefined {
  const fit = env.shared.roster.list.filter(
    (member) =>
      member.index === undefined && !member.leaving && !tried.includes(member.endpoint) && isRested(env, member),
  )
  const [first] = fit.sort(
    (a, b) =>
      Number(b.answered) - Number(a.answered) ||
      (a.failedAtMs ?? -Infinity) - (b.failedAtMs ?? -Infinity) ||
      Number(b.inIc) - Number(a.inIc),
  )
  return first === undefined ? undefined : asCandidate(first)
}

export const isRested = ({ now }: Internals, { failedAtMs }: Member): boolean =>
  now() - (failedAtMs ?? -Infinity) >= REST_MS

const asCandidate = (member: Member): Candidate => ({ endpoint: member.endpoint, index: member.index, member })

/** Who has answered is asked first from now on. */
export function keepTo({ shared }: Internals, { index, member }: Candidate): void {
  const { roster } = shared
  if (index !== undefined) shared.endpoint = index
  // Unless the map that it has just told does not have it any more.
  roster.current = index === undefined && member !== undefined && roster.list.includes(member) ? member : undefined
  roster.failing.clear()
  roster.turn = false
  if (member !== undefined) answeredNow(member)
}

export function answeredNow(member: Member): void {
  member.answered = true
  member.failedAtMs = undefined
}

/** The next question begins elsewhere. */
export function moveOn({ endpoints, now, shared }: Internals, { index, member }: Candidate, hung: boolean): void {
  const { roster } = shared
  if (member !== undefined) member.failedAtMs = now()
  if (roster.current === member) roster.current = undefined
  if (roster.ic === member) roster.ic = undefined
  // After that it is the given endpoints' turn: they may be back.
  roster.turn = false
  if (index === undefined) return
  if (shared.endpoint === index) shared.endpoint = (index + 1) % endpoints.length
  roster.failing.add(index)
  roster.turn = hung && roster.failing.size === endpoints.length
}
