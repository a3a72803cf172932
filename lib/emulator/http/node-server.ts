import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Request } from './exchange.ts'

/** The public port of one node on 127.0.0.1, which can be closed and opened again. */
export interface NodeServer {
  readonly port: number
  /** Stops listening and resets open connections, so that new connections are refused. */
  refuse(): Promise<void>
  /** Listens on the same port again. */
  accept(): Promise<void>
}

/** Handles a request after its body has been read. */
export type Handler = (request: Omit<Request, 'node'>, response: ServerResponse) => void

const HOST = '127.0.0.1'

/** How long an idle connection is kept, as on the real server. */
const IDLE_SOCKET_MS = 30_000

const SHOWN_BYTES = 16_384

/** Reads a request with its whole body. */
const read = async (message: IncomingMessage): Promise<Omit<Request, 'node'>> => {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk as Buffer)
  const [path = '/', query = ''] = (message.url ?? '/').split(/\?(.*)/s)
  const bytes = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)
  const isContent = message.method === 'PUT' && path.startsWith('/v1/objects/')
  const { remoteAddress = '', remotePort = 0 } = message.socket
  const headers = Object.fromEntries(
    Object.entries(message.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  )
  return {
    method: message.method ?? 'GET',
    path,
    query,
    headers,
    // The content of an object may be large and binary: the log gets the beginning of it as text.
    body: (isContent ? bytes.subarray(0, SHOWN_BYTES) : bytes).toString('utf8'),
    bytes,
    remote: `${remoteAddress}:${remotePort}`,
  }
}

const listen = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, HOST, () => {
      server.off('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })

/** Opens a port (any free one for 0) and passes each request to `handle`. */
export const openNode = async (port: number, handle: Handler): Promise<NodeServer> => {
  const createNodeServer = (): Server =>
    createServer({ keepAliveTimeout: IDLE_SOCKET_MS }, (message, response) => {
      // A client that disconnects while it sends gets no reply.
      read(message).then(
        (request) => handle(request, response),
        () => response.destroy(),
      )
    })
  let server: Server | undefined = createNodeServer()
  const bound = await listen(server, port)
  return {
    port: bound,
    refuse: async () => {
      const closing = server
      server = undefined
      if (!closing) return
      await new Promise<void>((resolve) => {
        closing.close(() => resolve())
        closing.closeAllConnections()
      })
    },
    accept: async () => {
      if (server) return
      server = createNodeServer()
      await listen(server, bound)
    },
  }
}
