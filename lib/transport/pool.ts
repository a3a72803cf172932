import type { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { Agent as HttpAgent, globalAgent, type AgentOptions, type ClientRequest } from 'node:http'
import { Agent as HttpsAgent, type AgentOptions as SecureAgentOptions } from 'node:https'
import type { Duplex } from 'node:stream'
import { createSecureContext } from 'node:tls'
import type { FetchOptions } from './options.ts'
import { Places } from './places.ts'
import { secureContext } from './tls-fault.ts'
import type { TlsOptions } from './tls.ts'

/** The limit of idle and busy connections together. */
const MOST_SOCKETS = 64
/** Less than the 30 s after which AIStore closes an idle connection, so that the client closes it first. */
const IDLE_MS = 25_000

class KeepingHttpAgent extends HttpAgent {
  /** Does not keep a connection that is still opening: its request was cancelled at once, and no request needs it. */
  override keepSocketAlive(socket: Duplex): boolean {
    return !isConnecting(socket) && isKept(super.keepSocketAlive.bind(this), socket)
  }

  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    socket.off('data', spoil)
    super.reuseSocket(socket, request)
  }
}

class KeepingHttpsAgent extends HttpsAgent {
  override keepSocketAlive(socket: Duplex): boolean {
    return !isConnecting(socket) && isKept(super.keepSocketAlive.bind(this), socket)
  }

  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    socket.off('data', spoil)
    super.reuseSocket(socket, request)
  }
}

/** Whether the agent keeps the socket. It returns that, although Node's types do not say so. */
function isKept(keep: (socket: Duplex) => unknown, socket: Duplex): boolean {
  if (keep(socket) === false) return false
  socket.on('data', spoil)
  return true
}

/** Closes an idle connection that receives bytes: Node would read them as the reply to the next request. */
function spoil(this: Duplex): void {
  this.destroy()
}

const isConnecting = (socket: object): boolean => 'connecting' in socket && socket.connecting === true

/** The agents for one scheme: the first keeps its connections, the second opens a new one for each request. */
interface Agents {
  readonly kept: HttpAgent
  readonly fresh: HttpAgent
}

/** Connections that several transports share, and the places in which their requests run. */
export class Pool {
  readonly places: Places = new Places()
  private readonly http: Agents
  private readonly https: Agents
  /** Whether the user's own agent opens all connections. */
  private readonly isForeign: boolean
  private usedAtMs = 0

  /** Creates the agents of the pool; or, with an agent of the user (`foreign`), uses that for all connections. */
  constructor(tls: TlsOptions, foreign?: HttpAgent) {
    const common: AgentOptions = { timeout: IDLE_MS, ...proxy() }
    // Created once: Node would read the certificates again for each connection, and use their whole text as a key.
    const secure: SecureAgentOptions = {
      ...common,
      secureContext: createSecureContext(secureContext(tls)),
      rejectUnauthorized: tls.rejectUnauthorized !== false,
    }
    const both = foreign && { kept: foreign, fresh: foreign }
    this.isForeign = foreign !== undefined
    this.http = both ?? { kept: new KeepingHttpAgent({ ...common, keepAlive: true }), fresh: new HttpAgent(common) }
    this.https = both ?? {
      kept: new KeepingHttpsAgent({ ...secure, keepAlive: true }),
      fresh: new HttpsAgent(secure),
    }
  }

  /**
   * The agent for a request.
   *
   * @param host the host that the request goes to, with its port
   * @param isFresh whether the request needs a new connection, because a kept one may be dead
   */
  agentFor(isSecure: boolean, host: string, isFresh: boolean): HttpAgent {
    const { kept, fresh } = isSecure ? this.https : this.http
    const nowMs = Date.now()
    // After a sleep of the machine, the servers have forgotten its connections.
    if (nowMs - this.usedAtMs > IDLE_MS || (isFresh && this.isForeign)) void this.drop('')
    this.usedAtMs = nowMs
    if (!this.isForeign) this.makeRoom(kept, isFresh ? undefined : host)
    return isFresh ? fresh : kept
  }

  /** Records that a reply has come, so its connection was alive until now. */
  used(): void {
    this.usedAtMs = Date.now()
  }

  /**
   * Closes the idle connections to a host. Resolves when they are closed.
   *
   * @param host the host with its port; `''` means all hosts
   */
  async drop(host: string): Promise<void> {
    const dropped = [this.http.kept, this.https.kept].flatMap((agent) => free(agent, host))
    await Promise.all(
      dropped.map(
        (socket) =>
          new Promise((resolve) => {
            socket.once('close', resolve)
            socket.destroy()
          }),
      ),
    )
  }

  /**
   * Closes an idle connection if there would be too many.
   *
   * @param host the host whose idle connection the request can use; undefined if the request needs a new connection
   */
  private makeRoom(agent: HttpAgent, host: string | undefined): void {
    const { http, https } = this
    const total = socketsOf(http.kept) + socketsOf(http.fresh) + socketsOf(https.kept) + socketsOf(https.fresh)
    if (total < MOST_SOCKETS || (host !== undefined && free(agent, host).length > 0)) return
    const [idle] = [http.kept, https.kept].flatMap((one) => free(one, ''))
    idle?.destroy()
  }
}

/** The number of idle and busy connections. Node counts them, although its types do not say so. */
const socketsOf = (agent: HttpAgent): number => (agent as { totalSocketCount?: number }).totalSocketCount ?? 0

/** The idle connections of an agent, to one host or to all. */
function free({ freeSockets }: HttpAgent, host: string): Duplex[] {
  const sockets: Duplex[] = []
  // The user's own agent may have no such list.
  for (const [name, list = []] of Object.entries((freeSockets as typeof freeSockets | undefined) ?? {}))
    if (host === '' || name.startsWith(`${host}:`)) sockets.push(...list.filter(({ destroyed }) => !destroyed))
  return sockets
}

/** If Node reads HTTP_PROXY and similar variables (NODE_USE_ENV_PROXY=1), the library's agents do so, too. */
function proxy(): object {
  const { proxyEnv } = (globalAgent as { options?: { proxyEnv?: object } }).options ?? {}
  return proxyEnv === undefined ? {} : { proxyEnv }
}

const pools = new Map<string, WeakRef<Pool>>()
const foreign = new WeakMap<object, Pool>()

/** The connections for these options: all transports with the same certificates, or with the same agent, share them. */
export function poolFor({ tls = {}, agent }: FetchOptions): Pool {
  if (agent !== undefined) {
    const pool = foreign.get(agent) ?? new Pool({}, agent as HttpAgent)
    foreign.set(agent, pool)
    return pool
  }
  const key = keyOf(tls)
  const known = pools.get(key)?.deref()
  if (known !== undefined) return known
  for (const [name, pool] of pools) if (pool.deref() === undefined) pools.delete(name)
  const pool = new Pool(tls)
  pools.set(key, new WeakRef(pool))
  return pool
}

/** Whether there is a pool for these certificates. They are then valid, and need not be read again. */
export const hasPool = (tls: TlsOptions): boolean => pools.get(keyOf(tls))?.deref() !== undefined

/** A hash, since the key stays in memory and must not hold a private key. */
function keyOf(tls: TlsOptions): string {
  const { ca, cert, key } = secureContext(tls)
  const parts = [ca, cert, key].map((list) => (list as Buffer[] | undefined)?.map((one) => one.toString('latin1')))
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest('hex')
  return `${hash} ${String(tls.rejectUnauthorized !== false)}`
}
