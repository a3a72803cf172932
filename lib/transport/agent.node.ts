import { Agent as HttpAgent, type ClientRequest } from 'node:http'
import { Agent as HttpsAgent, type AgentOptions } from 'node:https'
import type { Socket } from 'node:net'
import { finished, type Duplex } from 'node:stream'
import { STALE_SOCKET, UPGRADED } from './failure.ts'
import type { Pem, TlsOptions } from './tls.ts'

/** Ten thousand waits at once must not become ten thousand sockets. */
const MAX_SOCKETS = 64
/** Below the 30 s after which AIStore closes a silent connection, so that we are the ones who close it. */
const IDLE_MS = 25_000

/** The two methods of Node's agents that are ours to change; Node's types know them half or not at all. */
interface Environment {
  addRequest(request: ClientRequest, ...rest: unknown[]): void
  keepSocketAlive(socket: Duplex): boolean
}

/**
 * Gives what fetch needs besides the request: in Node a pair of agents.
 *
 * They keep connections alive, 64 at most for http and 64 for https, drop them after 25 s of silence, turn a question
 * that left as POST back into GET, and make a reply that is cut short fail instead of hang.
 *
 * @param tls certificates for https; default: those of Node
 */
export function agentInit(tls: TlsOptions = {}): object {
  const limits = { keepAlive: true, maxTotalSockets: MAX_SOCKETS, timeout: IDLE_MS }
  const http = repaired(new HttpAgent(limits))
  const https = repaired(new HttpsAgent({ ...limits, ...secureContext(tls) }))
  return { agent: (url: { readonly protocol: string }) => (url.protocol === 'https:' ? https : http) }
}

function secureContext({ ca, cert, key, rejectUnauthorized }: TlsOptions): AgentOptions {
  return {
    ...(ca !== undefined && { ca: buffers(ca) }),
    ...(cert !== undefined && { cert: buffers(cert) }),
    ...(key !== undefined && { key: buffers(key) }),
    ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
  }
}

function buffers(pem: Pem | readonly Pem[]): Buffer[] {
  const list: readonly Pem[] = typeof pem === 'string' || pem instanceof Uint8Array ? [pem] : pem
  return list.map((one) => Buffer.from(one))
}

function repaired(agent: HttpAgent): HttpAgent {
  const inner = agent as unknown as Environment
  const addRequest = inner.addRequest.bind(agent)
  const keepSocketAlive = inner.keepSocketAlive.bind(agent)
  const used = new WeakSet<Socket>()

  inner.addRequest = (request, ...rest) => {
    restoreMethod(request)
    // Inflated bytes are what the limit counts, so the least surprise is not to have them deflated.
    request.setHeader('accept-encoding', 'identity')
    request.once('socket', (socket) => {
      if (used.has(socket)) watchForStale(agent, request)
    })
    request.once('response', (response) => {
      used.add(response.socket)
      // Node tells the response, node-fetch listens to the request: without this a reply that is cut short never ends.
      finished(response, (error) => (error ? request.emit('error', error) : undefined))
      // Up to Node 24 node-fetch takes a chunked reply for cut short if its connection already serves the next request.
      delete response.headers['transfer-encoding']
    })
    // Without a listener Node would close the connection and tell nobody.
    request.once('upgrade', (_, socket) => {
      socket.destroy()
      request.emit('error', Object.assign(new Error(), { code: UPGRADED }))
    })
    addRequest(request, ...rest)
    if (isQueued(agent)) freeSockets(agent)[0]?.destroy()
  }
  // Node would keep a connection to one host, and open a 65th, while requests to another wait.
  inner.keepSocketAlive = (socket) => !isQueued(agent) && keepSocketAlive(socket)
  return agent
}

/** Node sends a body with any method; only fetch refuses it with GET. The length was already counted by then. */
function restoreMethod(request: ClientRequest): void {
  // node-fetch hands header values over as arrays.
  if (request.method !== 'POST' || String(request.getHeader('x-http-method-override')) !== 'GET') return
  request.removeHeader('x-http-method-override')
  request.method = 'GET'
}

/**
 * A server may close a silent connection in the moment in which we use it again. The other silent ones are as old: drop
 * them, so that the replay gets a new connection.
 */
function watchForStale(agent: HttpAgent, request: ClientRequest): void {
  const onError = (error: NodeJS.ErrnoException): void => {
    // Destroyed means that we hung up ourselves, which Node reports like any other loss of a connection.
    if (request.destroyed || (error.code !== 'ECONNRESET' && error.code !== 'EPIPE')) return
    error.code = STALE_SOCKET
    freeSockets(agent).forEach((socket) => socket.destroy())
  }
  // In front, because node-fetch reads the code and hangs up.
  request.prependOnceListener('error', onError)
  request.once('response', () => request.off('error', onError))
}

function isQueued(agent: HttpAgent): boolean {
  return Object.keys(agent.requests).length > 0
}

function freeSockets(agent: HttpAgent): Socket[] {
  return Object.values(agent.freeSockets).flatMap((sockets = []) => sockets.filter(({ destroyed }) => !destroyed))
}
