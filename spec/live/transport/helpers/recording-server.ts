import { createServer as createHttp, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import { createServer as createHttps, type ServerOptions } from 'node:https'
import { createServer as createNet, type Server as NetServer, type Socket } from 'node:net'
import { listen, type Listening } from '../../helpers/listening.ts'

export { closeServers } from '../../helpers/listening.ts'

// Servers on a port of this machine that record what arrives, as requests or as bytes.

/** One request as it came over the wire. */
export interface Recorded {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** The number of the connection on which it arrived, from 1. */
  readonly connection: number
}

/** What a server has seen so far. */
export interface Recording extends Listening {
  readonly url: string
}

/** A recording of whole requests. */
export interface RequestRecording extends Recording {
  readonly requests: readonly Recorded[]
}

/** Answers one request. */
export type Answer = (response: ServerResponse, request: Recorded) => void

/** `{}` as JSON. */
const answerEmpty: Answer = (response) => response.setHeader('content-type', 'application/json').end('{}')

/**
 * Starts a server that records each whole request before it answers, and never closes a silent connection itself.
 *
 * @param answer default: `{}`
 * @param tls makes it an https server
 */
export async function startServer(answer: Answer = answerEmpty, tls?: ServerOptions): Promise<RequestRecording> {
  const requests: Recorded[] = []
  const server: Server = tls === undefined ? createHttp() : createHttps(tls)
  server.keepAliveTimeout = 0
  const recording = await recorded(server, tls === undefined ? 'http' : 'https')
  server.on('request', (incoming, response) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const { method = '', url = '', headers, socket } = incoming
      const connection = 1 + recording.sockets.findIndex((one) => one.remotePort === socket.remotePort)
      const request = { method, url, headers, body: Buffer.concat(chunks).toString(), connection }
      requests.push(request)
      answer(response, request)
    })
  })
  return { ...recording, requests }
}

/** Replies to a request byte by byte. */
export type Script = (socket: Socket, connection: number, request: number) => void

/**
 * Starts a server that runs a script each time a request has arrived on a connection (in one piece: keep it small).
 *
 * @param script what to do then; `connection` and `request` (on this connection) count from 1
 */
export async function startRaw(script: Script): Promise<Recording & { readonly requests: readonly string[] }> {
  const requests: string[] = []
  const server = createNet()
  const recording = await recorded(server, 'http')
  server.on('connection', (socket: Socket) => {
    const connection = recording.sockets.length
    let count = 0
    socket.on('data', (bytes) => {
      requests.push(bytes.toString())
      script(socket, connection, ++count)
    })
  })
  return { ...recording, requests }
}

const recorded = async (server: NetServer, scheme: string): Promise<Recording> => {
  const listening = await listen(server)
  return { ...listening, url: `${scheme}://127.0.0.1:${String(listening.port)}` }
}
