import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ClusterLike } from '../environment.ts'
import { allowedHost, refuseForeign, type HostRules } from '../relay/admit.ts'
import { headerOf, type Incoming } from '../relay/incoming.ts'
import { incomingOf, readBody, send } from '../relay/node.ts'
import { refused, type Reply } from '../relay/reply.ts'
import { createRelay } from '../relay/relay.ts'
import { readAssets, type Assets } from './assets.ts'
import { startableKinds, type Allowed, type PageConfig } from './config.ts'
import { launchReply } from './launch.ts'
import { createGate, newSecret, type Gate } from './gate.ts'
import { isLoopback, urlHost } from './hosts.ts'

/** Settings of {@link startDashboard}. */
export interface DashboardOptions {
  /** The address to listen on. */
  readonly host: string
  /** The port; 0 means any free one. */
  readonly port: number
  /** Which commands the page may send. */
  readonly allow: readonly Allowed[]
  /** The host of the cluster, as the page shows it. */
  readonly endpoint: string
  readonly embedded?: boolean
  /** The number of objects in each bucket, where it is known. */
  readonly objects?: Readonly<Record<string, number>>
  /** The files of the page. Defaults to those of the package. */
  readonly assets?: Assets
}

/** A running dashboard. */
export interface Dashboard {
  /** The address to open, with the token if one is required. */
  readonly url: string
  close(): Promise<void>
}

/** Headers of every file. `default-src` does not cover the directives after it. */
const HEADERS = {
  'content-security-policy':
    "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; object-src 'none'",
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
}

/**
 * Starts the server of the dashboard: the page, and a relay to the cluster.
 *
 * A token is required unless the server is reachable from this machine only and takes no commands.
 */
export async function startDashboard(cluster: ClusterLike, options: DashboardOptions): Promise<Dashboard> {
  const { host, port, allow, endpoint, embedded = false, objects = {}, assets = readAssets() } = options
  const isOpen = isLoopback(host) && allow.length === 0
  const token = isOpen ? undefined : newSecret()
  const gate = createGate(token, () => performance.now())
  const hosts = hostsOf(host)
  const relay = createRelay(cluster, {
    hosts,
    ...(allow.length === 0 ? {} : { commands: ({ action }) => allow.includes(action) }),
  })
  const kinds = allow.includes('start') ? startableKinds() : []
  const config: PageConfig = { endpoint, embedded, allow, kinds, objects }
  const rules: HostRules = { hosts, origins: undefined, trustProxy: false }
  const server = createServer((request, response) => {
    const incoming = incomingOf(request)
    const addressed = allowedHost(rules, incoming)
    if (addressed === undefined) send(response, refused(403, 'the host is not allowed; see --host'))
    else if (request.url === '/session') openSession(request, response, incoming, rules, addressed, gate)
    else if (isRead(request) && assets.has(pathOf(request))) sendAsset(response, assets, pathOf(request))
    else if (!gate.isOpen(sessionIn(incoming)))
      send(response, refused(401, 'open the address that the command printed'))
    else if (request.url === '/config.json') send(response, configReply(config, rules, incoming, addressed))
    else if (request.url === '/launch' && allow.includes('start'))
      launch(cluster, request, response, rules, incoming, addressed)
    else relay.node(request, response)
  })
  // The headers of a page have some hundred bytes. A connection that does not send them in time is closed.
  server.headersTimeout = 10_000
  const listening = await listen(server, host, port)
  return {
    url: `http://${urlHost(host)}:${listening}/${token === undefined ? '' : `#token=${token}`}`,
    close: async () => {
      server.closeAllConnections()
      const closed = once(server, 'close')
      server.close()
      await closed
    },
  }
}

/**
 * The hosts under which a page may address the server. Undefined: any IP address and the loopback names, which no other
 * site can own.
 */
function hostsOf(host: string): readonly string[] | undefined {
  const isAddress = /^[\d.]+$|:/.test(host)
  return isAddress || host === 'localhost' ? undefined : [host, 'localhost', '127.0.0.1', '[::1]']
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  server.listen(port, host)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** Node sends no body as the reply to a HEAD. */
const isRead = ({ method }: IncomingMessage): boolean => method === 'GET' || method === 'HEAD'

/** The path without the query, which links from other tools may add. */
const pathOf = ({ url = '' }: IncomingMessage): string => url.replace(/\?.*/s, '')

function sendAsset(response: ServerResponse, assets: Assets, path: string): void {
  const asset = assets.get(path)
  send(response, { status: 200, headers: { ...HEADERS, 'content-type': asset?.type ?? '' }, body: asset?.text ?? '' })
}

function configReply(config: PageConfig, rules: HostRules, incoming: Incoming, host: string): Reply {
  const foreign = refuseForeign(rules, incoming, host)
  const headers = { ...HEADERS, 'content-type': 'application/json; charset=utf-8' }
  return foreign ?? { status: 200, headers, body: JSON.stringify(config) }
}

/** The refusal of a request that is no POST of the dashboard's own page. */
const refuseOtherPages = (rules: HostRules, incoming: Incoming, host: string): Reply | undefined =>
  refuseForeign(rules, incoming, host) ??
  (incoming.method === 'POST' ? undefined : refused(405, 'takes POST', { allow: 'POST' }))

/** Launches a job for the dashboard's own page. The launch goes on if the page is closed, because it is sent only once. */
function launch(
  cluster: ClusterLike,
  request: IncomingMessage,
  response: ServerResponse,
  rules: HostRules,
  incoming: Incoming,
  host: string,
): void {
  const refusal =
    refuseOtherPages(rules, incoming, host) ??
    (headerOf(incoming, 'content-type') === 'application/json' ? undefined : refused(415, 'takes application/json'))
  if (refusal !== undefined) send(response, refusal)
  else
    readBody(request, (body) => {
      if (typeof body !== 'string') send(response, body)
      else launchReply(cluster, body).subscribe((reply) => send(response, reply))
    })
}

/** Exchanges the token for a cookie, which scripts cannot read and other sites cannot make the browser send. */
function openSession(
  request: IncomingMessage,
  response: ServerResponse,
  incoming: Incoming,
  rules: HostRules,
  host: string,
  gate: Gate,
): void {
  const refusal =
    refuseOtherPages(rules, incoming, host) ??
    (headerOf(incoming, 'content-type') === 'text/plain;charset=UTF-8'
      ? undefined
      : refused(415, 'takes the token as text'))
  if (refusal !== undefined) send(response, refusal)
  else
    readBody(request, (body) => {
      const entered = typeof body === 'string' ? gate.enter(body) : body
      if (entered === 'wrong') send(response, refused(401, 'the token is wrong'))
      else if (entered === 'later') send(response, refused(429, 'too many wrong tokens', { 'retry-after': '60' }))
      else if ('session' in entered) send(response, welcome(entered.session, incoming))
      else send(response, entered)
    })
}

const welcome = (session: string, incoming: Incoming): Reply => ({
  status: 204,
  headers: {
    'set-cookie': `${cookieName(incoming)}=${session}; HttpOnly; SameSite=Strict; Path=/`,
    'cache-control': 'no-store',
  },
  body: '',
})

/** The name contains the port, because browsers send a cookie to all ports of its host. */
const cookieName = ({ port }: Incoming): string => `aistore-rx-${port ?? 0}`

function sessionIn(incoming: Incoming): string | undefined {
  const prefix = `${cookieName(incoming)}=`
  const cookies = incoming.headers.get('cookie')?.flatMap((header) => header.split(/; */)) ?? []
  return cookies.find((cookie) => cookie.startsWith(prefix))?.slice(prefix.length)
}
