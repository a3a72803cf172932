import type { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { Agent as HttpAgent, globalAgent, type AgentOptions } from 'node:http'
import { Agent as HttpsAgent, type AgentOptions as SecureAgentOptions } from 'node:https'
import type { Duplex } from 'node:stream'
import { createSecureContext } from 'node:tls'
import type { FetchOptions } from './options.ts'
import { Places } from './places.ts'
import { secureContext } from './tls-fault.ts'
import type { TlsOptions } from './tls.ts'

/** Of kept and busy connections together, so that silent ones do not come on top of those that work. */
const MOST_SOCKETS = 64
/** Below the 30 s after which AIStore closes a silent connection, so that we are the ones who close it. */
const IDLE_MS = 25_000

class KeepingHttpAgent extends HttpAgent {
  /** A request that left at once leaves a connection that is still to be made: nobody needs it any more. */
  override keepSocketAlive(socket: Duplex): boolean {
    return !isConnecting(socket) && isKept(super.keepSocketAlive.bind(this), socket)
  }
}

class KeepingHttpsAgent extends HttpsAgent {
  override keepSocketAlive(socket: Duplex): boolean {
    return !isConnecting(socket) && isKept(super.keepSocketAlive.bind(this), socket)
  }
}

/** Node's types do not know that the agent answers whether it keeps the socket. */
const isKept = (keep: (socket: Duplex) => unknown, socket: Duplex): boolean => keep(socket) !== false

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
  private readonly isForeign: boolean
  private usedAtMs = 0

  /** @param foreign the agent of the user, which then opens all connections */
  constructor(tls: TlsOptions, foreign?: HttpAgent) {
    const common: AgentOptions = { timeout: IDLE_MS, ...proxy() }
    // Made once: Node would read the certificates anew for each connection, and name a connection by all of their text.
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
   * @param host to which it goes, with its port
   * @param isFresh whether it must not get a connection that was used before, which may have died unseen
   */
  agentFor(isSecure: boolean, host: string, isFresh: boolean): HttpAgent {
    const { kept, fresh } = isSecure ? this.https : this.http
    const nowMs = Date.now()
    // A machine that slept wakes up with connections that nobody else remembers.
    if (nowMs - this.usedAtMs > IDLE_MS || (isFresh && this.isForeign)) void this.drop('')
    this.usedAtMs = nowMs
    if (!this.isForeign) this.makeRoom(kept, host)
    return isFresh ? fresh : kept
  }

  /** Tells that a reply has come, so its connection lived until now. */
  used(): void {
    this.usedAtMs = Date.now()
  }

  /**
   * Closes the silent connections to a host; resolves when they are gone.
   *
   * @param host with its port; `''` means all
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

  /** Closes a silent connection to another host where there would be too many. */
  private makeRoom(agent: HttpAgent, host: string): void {
    const { http, https } = this
    const total = socketsOf(http.kept) + socketsOf(http.fresh) + socketsOf(https.kept) + socketsOf(https.fresh)
    if (total < MOST_SOCKETS || free(agent, host).length > 0) return
    const [silent] = [http.kept, https.kept].flatMap((one) => free(one, ''))
    silent?.destroy()
  }
}

/** Node counts what it keeps and what works; its types do not know. */
const socketsOf = (agent: HttpAgent): number => (agent as { totalSocketCount?: number }).totalSocketCount ?? 0

/** What waits in an agent for its next request, to one host or to all. */
function free({ freeSockets }: HttpAgent, host: string): Duplex[] {
  const sockets: Duplex[] = []
  // An agent of the user may keep no such list.
  for (const [name, list = []] of Object.entries((freeSockets as typeof freeSockets | undefined) ?? {}))
    if (host === '' || name.startsWith(`${host}:`)) sockets.push(...list.filter(({ destroyed }) => !destroyed))
  return sockets
}

/** Where Node was told to read HTTP_PROXY and its kin (NODE_USE_ENV_PROXY=1), agents of our own follow, too. */
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

/** Whether a pool for these certificates lives, so that they need not be read again. */
export const hasPool = (tls: TlsOptions): boolean => pools.get(keyOf(tls))?.deref() !== undefined

/** A hash, since the key stays in memory and must not hold a private key. */
function keyOf(tls: TlsOptions): string {
  const { ca, cert, key } = secureContext(tls)
  const parts = [ca, cert, key].map((list) => (list as Buffer[] | undefined)?.map((one) => one.toString('latin1')))
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest('hex')
  return `${hash} ${String(tls.rejectUnauthorized !== false)}`
}
