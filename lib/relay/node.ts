import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Subscription } from 'rxjs'
import { admit, isOurs } from './admit.ts'
import { BODY_MS, MAX_BODY_BYTES, textOf } from './body.ts'
import { headersOf, type Incoming } from './incoming.ts'
import type { RelayCore } from './core.ts'
import { refused, type Reply } from './reply.ts'

/** Handles a request of node:http, as a listener or as middleware. */
export type NodeHandler = (request: IncomingMessage, response: ServerResponse, next?: (error?: unknown) => void) => void

/** @internal The relay as a handler for node:http. */
export const nodeHandler =
  ({ admission, handle }: RelayCore): NodeHandler =>
  (request, response, next) => {
    if (closing.has(request.socket)) return
    const incoming = incomingOf(request)
    if (next !== undefined && !isOurs(admission.prefix, incoming)) {
      next()
      return
    }
    const requestType = admit(admission, incoming)
    if (typeof requestType !== 'string') {
      refuse(request, response, requestType)
      return
    }
    let subscription: Subscription | undefined
    response.on('close', () => subscription?.unsubscribe())
    readBody(request, (body) => {
      if (typeof body !== 'string') refuse(request, response, body)
      else if (!response.destroyed)
        subscription = handle(requestType, incoming, body).subscribe({
          next: (reply) => send(response, reply),
          error: () => send(response, refused(500, 'the relay failed')),
        })
    })
  }

/** If the handler is mounted below a path, Express shortens `url` and stores the full one in `originalUrl`. */
export function incomingOf(request: IncomingMessage & { readonly originalUrl?: string }): Incoming {
  const { rawHeaders, socket } = request
  const pairs = Array.from({ length: rawHeaders.length / 2 }, (_, n): readonly [string, string] => [
    rawHeaders[2 * n] ?? '',
    rawHeaders[2 * n + 1] ?? '',
  ])
  return {
    method: request.method ?? '',
    target: request.originalUrl ?? request.url ?? '',
    headers: headersOf(pairs),
    secure: 'encrypted' in socket,
    port: socket.localPort,
    client: socket.remoteAddress,
  }
}

/**
 * Reads the body, and calls `done` once, with its text or with the refusal. It never calls `done` if the client closes
 * the connection first.
 */
export function readBody(request: IncomingMessage, done: (body: string | Reply) => void): void {
  const chunks: Uint8Array[] = []
  let bytes = 0
  const finish = (body: string | Reply): void => {
    clearTimeout(timer)
    request.off('data', take).off('end', end).off('error', stopTimer).off('close', stopTimer)
    done(body)
  }
  const take = (chunk: Uint8Array): void => {
    bytes += chunk.length
    if (bytes > MAX_BODY_BYTES) finish(refused(413, `takes at most ${MAX_BODY_BYTES} bytes`))
    else chunks.push(chunk)
  }
  const end = (): void => finish(textOf(chunks) ?? refused(400, 'the body is not UTF-8'))
  const stopTimer = (): void => {
    clearTimeout(timer)
  }
  const timer = setTimeout(() => finish(refused(408, `the body took more than ${BODY_MS / 1000} s`)), BODY_MS)
  request.on('data', take).on('end', end).on('error', stopTimer).on('close', stopTimer)
}

/** Sends a reply of the relay. */
export function send(response: ServerResponse, reply: Reply): void {
  if (write(response, reply)) response.end()
}

function write(response: ServerResponse, { status, headers, body }: Reply): boolean {
  if (response.destroyed || response.headersSent) return false
  response.writeHead(status, { ...headers, 'content-length': String(new TextEncoder().encode(body).byteLength) })
  response.write(body)
  return true
}

/** Connections that are being closed after a refusal. Further requests on them must have no effect. */
const closing = new WeakSet<Socket>()

/** How long the connection stays open after a refusal while its request still arrives. */
const LINGER_MS = 1_000

/**
 * Sends a refusal and closes the connection, because a body that was not read may never end. The close waits for the
 * body, for LINGER_MS at most: it would reset the connection, and a client that still sends would never read the
 * refusal.
 */
function refuse(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  // In HTTP/2, the refusal ends its stream only.
  const isHttp1 = request.httpVersionMajor === 1
  const headers = isHttp1 ? { ...reply.headers, connection: 'close' } : reply.headers
  if (!write(response, { ...reply, headers })) return
  if (isHttp1) closing.add(request.socket)
  const close = (): void => {
    clearTimeout(timer)
    response.end()
  }
  const timer = setTimeout(close, LINGER_MS)
  request.on('end', close).on('close', close).on('error', close).resume()
}
