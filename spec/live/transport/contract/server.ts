import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createNet, type AddressInfo, type Server, type Socket } from 'node:net'
import { createServer as createTls } from 'node:tls'
import type { ReceivedRequest, Played, Seen, Servers, ServerPlan } from './servers.ts'

// A server that plays a script, byte by byte, instead of HTTP.

const pem = (name: string): string =>
  readFileSync(new URL(`../../../fixtures/tls/${name}.pem`, import.meta.url), { encoding: 'utf8' })

/** A server that reads a whole request and then follows its plan for that request, byte by byte. */
interface Hostile {
  readonly server: Server
  /** The server of plain connections, on which TLS runs too. */
  readonly sockets: Socket[]
  readonly requests: ReceivedRequest[]
  most: number
}

/** The servers of this process. */
export function localServers(): Servers {
  const running = new Map<number, Hostile>()
  return {
    open: async (plan) => {
      const hostile = await listening(plan)
      const { port } = hostile.server.address() as AddressInfo
      running.set(port, hostile)
      return { port, url: `${plan.tls === undefined ? 'http' : 'https'}://127.0.0.1:${String(port)}` }
    },
    seen: (port) => Promise.resolve(seenBy(running.get(port))),
    pem: (name) => Promise.resolve(pem(name)),
    close: async (port) => {
      const ports = port === undefined ? [...running.keys()] : [port]
      for (const one of ports) {
        const hostile = running.get(one)
        running.delete(one)
        if (hostile === undefined) continue
        const closed = once(hostile.server, 'close')
        hostile.server.close()
        for (const socket of hostile.sockets) socket.destroy()
        await closed
      }
    },
  }
}

/** How many of these sockets are open. */
const openOf = (sockets: readonly Socket[]): number => sockets.filter((socket) => !socket.closed).length

/** What a server has received so far. */
const seenBy = (hostile: Hostile | undefined): Seen =>
  hostile === undefined
    ? { requests: [], connections: 0, open: [], mostOpen: 0 }
    : {
        requests: hostile.requests,
        connections: hostile.sockets.length,
        open: hostile.sockets.flatMap((socket, at) => (socket.closed ? [] : [at + 1])),
        mostOpen: hostile.most,
      }

/** Starts a server for a plan. */
async function listening(plan: ServerPlan): Promise<Hostile> {
  const { tls } = plan
  const server =
    tls === undefined
      ? createNet()
      : createTls({
          key: pem('key'),
          cert: pem(tls.cert),
          ...(tls.requiresClientCert === true
            ? { ca: pem('self-signed'), requestCert: true, rejectUnauthorized: true }
            : {}),
        })
  const hostile: Hostile = { server, sockets: [], requests: [], most: 0 }
  server.on('connection', (socket: Socket) => {
    hostile.sockets.push(socket)
    hostile.most = Math.max(hostile.most, openOf(hostile.sockets))
    // In many cases the client closes the connection, so an error of the socket is no failure.
    socket.on('error', () => undefined)
    if (plan.onConnect === 'reset') socket.resetAndDestroy()
    if (plan.onConnect === 'wait') socket.resume()
  })
  server.on('tlsClientError', () => undefined)
  if (plan.onConnect === undefined)
    server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
      socket.on('error', () => undefined)
      serve(hostile, plan, socket)
    })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return hostile
}

/** Plays the script on one connection. */
function serve(hostile: Hostile, { script, later = script }: ServerPlan, socket: Socket): void {
  const connection = hostile.sockets.length
  const plays = connection === 1 ? script : later
  let count = 0
  let unread = Buffer.alloc(0)
  socket.on('data', (bytes: Buffer) => {
    unread = Buffer.concat([unread, bytes])
    // The first byte of TLS is not a letter. A server of plain HTTP replies 400 and closes the connection.
    if ((unread[0] ?? 0) < 0x41) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')
    for (let read = wholeOf(unread); read !== undefined; read = wholeOf(unread)) {
      unread = unread.subarray(read.bytes)
      const request = { ...read.request, connection }
      hostile.requests.push(request)
      const play = plays[Math.min(count++, plays.length - 1)]
      if (play !== undefined) void perform(socket, play, request)
    }
  })
}

/** The first complete request in the bytes; undefined if it is not complete yet. */
function wholeOf(
  unread: Buffer,
): { readonly request: Omit<ReceivedRequest, 'connection'>; readonly bytes: number } | undefined {
  const end = unread.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const [first = '', ...lines] = unread.subarray(0, end).toString('latin1').split('\r\n')
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  )
  const from = end + 4
  const bytes = from + Number(headers['content-length'] ?? 0)
  if (unread.length < bytes) return undefined
  const [method = '', url = ''] = first.split(' ')
  return { request: { method, url, headers, body: unread.subarray(from, bytes).toString() }, bytes }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Sends one reply of the script. */
async function perform(socket: Socket, play: Played, request: ReceivedRequest): Promise<void> {
  await pause(play.delayMs ?? 0)
  if (play.echo === true) {
    const body = JSON.stringify(request)
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${String(Buffer.byteLength(body))}\r\n\r\n${body}`)
  }
  for (const [at, piece] of (play.pieces ?? []).entries()) {
    if (at > 0) await pause(10)
    await new Promise((resolve) => socket.write(Buffer.from(piece, 'base64'), resolve))
  }
  if (play.flood === true) flood(socket)
  if (play.then === 'end') socket.end()
  // A reset discards bytes that have not arrived yet.
  if (play.then === 'reset') setTimeout(() => socket.resetAndDestroy(), 5)
}

/** Sends bytes without end. */
function flood(socket: Socket): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write('x'.repeat(65_536)));
  }
  socket.on('drain', more)
  more()
}
