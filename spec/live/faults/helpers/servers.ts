import { createServer as createHttp, type RequestListener } from 'node:http'
import { createServer as createHttps, type ServerOptions } from 'node:https'
import { createServer as createNet, type Server, type Socket } from 'node:net'
import { listen, type Listening } from '../../helpers/listening.ts'

export { closeServers } from '../../helpers/listening.ts'

// Servers of specs over real sockets, by what they do with a connection: answer by a function, or by a script of bytes.

/** A server of a spec, with every connection that it has accepted. */
export interface Recorded extends Listening {
  /** The bytes or the requests that arrived. */
  readonly received: readonly string[]
}

const recording = async (server: Server, received: readonly string[]): Promise<Recorded> => ({
  ...(await listen(server)),
  received,
})

/** A server that passes each request to `answer`; with `tls`, over https. */
export function serveHttp(answer: RequestListener, tls?: ServerOptions): Promise<Recorded> {
  const received: string[] = []
  const listener: RequestListener = (request, response) => {
    received.push(`${request.method ?? ''} ${request.url ?? ''} ${JSON.stringify(request.headers)}`)
    request.resume()
    answer(request, response)
  }
  return recording(tls === undefined ? createHttp(listener) : createHttps(tls, listener), received)
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
  return recording(server, received)
}
