import { headerOf, type Incoming } from './incoming.ts'
import { refused, type Reply } from './reply.ts'

/** Which hosts and origins a server accepts. */
export interface HostRules {
  /** The hosts under which pages may address the server; undefined for loopback names and IP addresses. */
  readonly hosts: readonly string[] | undefined
  /** The origins whose pages may send requests; undefined for the origin of the server itself. */
  readonly origins: readonly string[] | undefined
  /** Whether to believe the headers of a reverse proxy, such as `X-Forwarded-Host`. */
  readonly trustProxy: boolean
}

/** Which requests the relay accepts, before it reads their bodies. */
export interface Admission extends HostRules {
  /** The path in front of `/v1/...`, such as `/ais`. */
  readonly prefix: string
  /** Whether it accepts starts and stops, not only queries. */
  readonly takesCommands: boolean
}

/** What a request is: a query, the query for the cluster map, or a command. */
export type RequestType = 'query' | 'map' | 'command'

/** Which requests a path accepts. `command` is the method of its commands. */
interface PathRules {
  readonly queries: boolean
  /** Whether the query for the cluster map is accepted. */
  readonly map: boolean
  readonly command?: 'PUT' | 'DELETE'
}

/** All paths, without the prefix. */
const PATHS: ReadonlyMap<string, PathRules> = new Map<string, PathRules>([
  ['/v1/cluster', { queries: true, map: true, command: 'PUT' }],
  ['/v1/download', { queries: true, map: false }],
  ['/v1/download/abort', { queries: false, map: false, command: 'DELETE' }],
])

/** None of these headers may occur twice, because servers disagree about which value counts. */
const ONCE = [
  'host',
  'origin',
  'sec-fetch-site',
  'content-type',
  'content-length',
  'content-encoding',
  'transfer-encoding',
  'x-http-method-override',
  'x-forwarded-host',
  'x-forwarded-proto',
]

/**
 * Browsers send about twenty. Node drops the headers beyond `maxHeadersCount` (2,000), and Origin may be among them.
 */
const MOST_HEADERS = 100

const OVERRIDE = 'x-http-method-override'
const JSON_TYPE = /^application\/json(?:; ?charset=utf-8)?$/i

/** The path of a request, as text. */
function pathOf({ target }: Incoming): string {
  const end = target.indexOf('?')
  return end === -1 ? target : target.slice(0, end)
}

/** Whether a request is for the relay at all. */
export const isOurs = (prefix: string, incoming: Incoming): boolean => {
  const path = pathOf(incoming)
  return path === prefix || path.startsWith(`${prefix}/`)
}

/**
 * Checks the head of a request, the cheapest test first.
 *
 * @returns what the request is, or the refusal
 */
export function admit(admission: Admission, incoming: Incoming): RequestType | Reply {
  const path = pathOf(incoming)
  const rules = PATHS.get(path.slice(admission.prefix.length))
  if (!path.startsWith(admission.prefix) || rules === undefined) return refused(404, 'no such path')
  const host = allowedHost(admission, incoming)
  if (host === undefined) return refused(403, `the host is not allowed; name it in the option hosts of createRelay`)
  const requestType = requestTypeOf(admission, rules, incoming)
  if (requestType === undefined) return refusedMethod(admission, rules)
  const repeated = ONCE.find((name) => (incoming.headers.get(name)?.length ?? 0) > 1)
  if (repeated !== undefined) return refused(400, `the header ${repeated} occurs more than once`)
  const foreign = refuseForeign(admission, incoming, host)
  if (foreign !== undefined) return foreign
  // Node refuses other codings, except in a list that ends with `chunked`. It would then pass on an encoded body.
  if (headerOf(incoming, 'transfer-encoding')?.includes(',') === true)
    return refused(501, 'takes no transfer encoding but chunked')
  if (requestType === 'map') return requestType
  if (!JSON_TYPE.test(headerOf(incoming, 'content-type') ?? '') || incoming.headers.has('content-encoding'))
    return refused(415, 'takes application/json without a content encoding')
  return requestType
}

/** The host that the browser addressed; undefined if it is not an allowed one. */
export function allowedHost(admission: HostRules, incoming: Incoming): string | undefined {
  const host = hostOf(admission, incoming)
  return host !== undefined && isAllowedHost(admission, incoming, host) ? host : undefined
}

/** The refusal of a request that a page of another origin sent, or whose headers may hide its origin. */
export function refuseForeign(admission: HostRules, incoming: Incoming, host: string): Reply | undefined {
  if ([...incoming.headers.values()].flat().length > MOST_HEADERS)
    return refused(431, `takes at most ${MOST_HEADERS} headers`)
  if (incoming.headers.has('sec-fetch-site') && headerOf(incoming, 'sec-fetch-site') !== 'same-origin')
    return refused(403, 'takes requests of its own origin only')
  if (!isAllowedOrigin(admission, incoming, host))
    return refused(403, 'the origin is not allowed; name it in the option origins')
  return undefined
}

/** What a request is by its method, path and override; undefined if the path does not take it. */
function requestTypeOf(
  { takesCommands }: Admission,
  { queries, map, command }: PathRules,
  { method, headers, target }: Incoming,
): RequestType | undefined {
  const override = headers.get(OVERRIDE)
  // The library sends this query without a body, so a browser can send it as a GET. A page of another origin cannot
  // read the reply.
  if (map && method === 'GET' && override === undefined && target.slice(target.indexOf('?')) === '?what=smap')
    return 'map'
  // If the override occurs twice, the request is refused later.
  if (queries && method === 'POST' && override?.every((value) => value === 'GET') === true) return 'query'
  return method === command && override === undefined && takesCommands ? 'command' : undefined
}

function refusedMethod({ takesCommands }: Admission, { queries, command }: PathRules): Reply {
  const allowed = [queries ? 'POST' : undefined, takesCommands ? command : undefined]
  return refused(405, queries ? 'takes POST with X-HTTP-Method-Override: GET' : 'takes commands that are allowed', {
    allow: allowed.filter((method) => method !== undefined).join(', '),
  })
}

/** The host that the browser addressed. */
function hostOf({ trustProxy }: HostRules, { headers }: Incoming): string | undefined {
  const forwarded = trustProxy ? headers.get('x-forwarded-host') : undefined
  return (forwarded ?? headers.get(':authority') ?? headers.get('host'))?.[0]
}

/** A name or an address, with an optional port. */
const HOST = /^(\[[0-9a-f:]+(?:\.[0-9.]+)?\]|[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)(?::([0-9]{1,5}))?$/
const IPV4 = /^[0-9]{1,3}(?:\.[0-9]{1,3}){3}$/

/**
 * A page of another site can make its own name resolve to this server (DNS rebinding). Its Origin then equals the Host.
 * Only names that no other site can own are therefore allowed: the loopback names, IP addresses, and what the operator
 * lists.
 */
function isAllowedHost({ hosts }: HostRules, { port }: Incoming, host: string): boolean {
  const [, name, portText] = HOST.exec(host) ?? []
  if (name === undefined) return false
  if (hosts !== undefined) return hosts.includes(host) || hosts.includes(name)
  const isLocal = name === 'localhost' || name.endsWith('.localhost') || name.startsWith('[') || IPV4.test(name)
  return isLocal && (port === undefined || portText === undefined || Number(portText) === port)
}

/**
 * A request without an Origin does not come from a page of another site: browsers send it with every POST, PUT and
 * DELETE.
 */
function isAllowedOrigin({ origins, trustProxy }: HostRules, incoming: Incoming, host: string): boolean {
  const origin = incoming.headers.get('origin')
  if (origin === undefined) return true
  const [only = ''] = origin
  if (origins !== undefined) return origins.includes(only)
  const forwarded = trustProxy ? headerOf(incoming, 'x-forwarded-proto') : undefined
  const scheme = forwarded ?? (incoming.secure ? 'https' : 'http')
  return only === `${scheme}://${host}`
}
