import { once } from 'node:events'
import type { AddressInfo, Server, Socket } from 'node:net'

/** A server that listens on 127.0.0.1, with every connection that it has accepted. */
export interface Listening {
  readonly port: number
  /** Every connection, in the order of its arrival. */
  readonly sockets: readonly Socket[]
  /** Number of connections that are open now. */
  readonly open: () => number
  /** Forgets the connections that are closed. */
  readonly forget: () => void
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

/** Listens on a free port until {@link closeServers}. */
export async function listen(server: Server): Promise<Listening> {
  const sockets: Socket[] = []
  server.on('connection', (socket: Socket) => {
    sockets.push(socket)
    // Many specs are about clients that close the connection.
    socket.on('error', () => undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  running.add({ server, sockets })
  const { port } = server.address() as AddressInfo
  const stillOpen = (): readonly Socket[] => sockets.filter((socket) => !socket.closed)
  return {
    port,
    sockets,
    open: () => stillOpen().length,
    forget: () => void sockets.splice(0, sockets.length, ...stillOpen()),
  }
}
