import { once } from 'node:events'
import { createServer as createHttp, type RequestListener } from 'node:http'
import { createServer as createHttps, type ServerOptions } from 'node:https'
import { createServer as createNet, type AddressInfo, type Server, type Socket } from 'node:net'

/** A server of a spec, with every connection that it has accepted. */
export interface Recorded {
  readonly port: number
  readonly sockets: readonly Socket[]
  /** The bytes or the requests that arrived. */
  readonly received: readonly string[]
  /** Number of connections that are open now. */
  readonly open: () => number
}

const running = new Set<{ readonly server: Server; readonly sockets: readonly Socket[] }>()

/** Closes all servers with their connections; for `afterEach`. */
export async function closeServers(): Promise<void> {
  for (const { server, sockets } of running) {
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
  running.clear()
}

async function listen(server: Server, received: readonly string[]): Promise<Recorded> {
  const sockets: Socket[] = []
  server.on('connection', (socket: Socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  running.add({ server, sockets })
  const { port } = server.address() as AddressInfo
  return { port, sockets, received, open: () => sockets.filter((socket) => !socket.closed).length }
}

/** A server that passes each request to `answer`; with `tls`, over https. */
export function serveHttp(answer: RequestListener, tls?: ServerOptions): Promise<Recorded> {
  const received: string[] = []
  const listener: RequestListener = (request, response) => {
    received.push(`${request.method ?? ''} ${request.url ?? ''} ${JSON.stringify(request.headers)}`)
    request.resume()
    answer(request, response)
  }
  return listen(tls === undefined ? createHttp(listener) : createHttps(tls, listener), received)
}

/** A server that runs the script when bytes arrive on a connection. */
export function serveRaw(script: (socket: Socket) => void): Promise<Recorded> {
  const received: string[] = []
  const server = createNet((socket) => {
    socket.on('data', (bytes) => {
      received.push(bytes.toString('latin1'))
      script(socket)
    })
  })
  return listen(server, received)
}
