import { setOwn } from '../common/set-own.ts'
import { withoutByteOrderMark } from '../common/text.ts'
import { Buffer } from 'node:buffer'
import { request as plain, type Agent, type ClientRequest, type IncomingMessage } from 'node:http'
import { request as secure } from 'node:https'
import type { Socket } from 'node:net'
import process from 'node:process'
import type { Subscriber, Unsubscribable } from 'rxjs'
import { addressOf, type Address } from './address.ts'
import { OPTIONAL_BODY_MS, isBodyOptional } from './optional-body.ts'
import { BODY_CUT, codeOf, inBody } from './failure.ts'
import { encodingsOf, inflated } from './inflate.ts'
import { outgoing } from './outgoing.ts'
import type { Visit } from './places.ts'
import type { Pool } from './pool.ts'
import { systemFailure, UPGRADED } from './system-failure.ts'
import { REPLY_TOO_LARGE, type HttpRequest, type HttpResponse } from './transport.ts'

/** How long a connection may take to open, including DNS and TLS. */
const CONNECT_MS = 5_000

/**
 * One request and its reply, and the teardown of its subscriber. It is a class because each request creates one
 * (`request/flight.ts` says why).
 */
export class Exchange implements Unsubscribable {
  /** Private at run time too: the headers hold the token. */
  readonly #request: HttpRequest
  readonly #headers: Record<string, string>
  readonly address: Address
  private readonly pool: Pool
  private readonly subscriber: Subscriber<HttpResponse>
  /** Called when the request no longer needs a connection. */
  private readonly ended: () => void
  /** Its place among the requests that run at once, or its turn to get one. */
  private visit: Visit | undefined = undefined
  private request: ClientRequest | undefined = undefined
  /** Limits the time to connect; afterwards, the time to wait for an optional body. */
  private clock: NodeJS.Timeout | undefined = undefined
  private isOver = false
  /** Whether it was sent again, because the server had closed an idle connection. */
  private isReplay = false
  /** Whether it uses a connection of an earlier request. */
  private isReused = false
  private isConnected = false
  /** The status and the headers, once they have arrived. */
  private head: { readonly status: number; readonly headers: HttpResponse['headers'] } | undefined = undefined
  private readonly chunks: Buffer[] = []
  private bytes = 0

  /** Prepares the request, and sends nothing yet. It calls `ended` when it no longer needs a connection. */
  constructor(request: HttpRequest, pool: Pool, subscriber: Subscriber<HttpResponse>, ended: () => void) {
    this.address = addressOf(request.url)
    this.#request = request
    this.#headers = outgoing(request)
    // `maxReplyBytes` limits the inflated bytes. Without compression, these are also the bytes that are sent.
    this.#headers['accept-encoding'] = 'identity'
    if (request.body !== undefined) this.#headers['content-length'] = String(Buffer.byteLength(request.body))
    this.pool = pool
    this.subscriber = subscriber
    this.ended = ended
  }

  /** Sends the request as soon as there is a place for it. */
  enter(): void {
    this.visit = this.pool.places.enter(this.address.origin, () => this.send())
    if (this.isOver) this.visit.leave()
  }

  /** Cancels the request. */
  unsubscribe(): void {
    if (this.isOver) return
    this.finish()
    this.request?.destroy()
  }

  private send(): void {
    const { method, body } = this.#request
    const { isSecure, hostname, port, host, path } = this.address
    try {
      // A server may close an idle connection at any moment. A query is then sent once more. A command must not be
      // repeated, so it always gets a new connection.
      const agent = this.pool.agentFor(isSecure, host, method !== 'GET' || this.isReplay)
      const request = (isSecure ? secure : plain)({
        protocol: isSecure ? 'https:' : 'http:',
        hostname,
        port,
        path,
        method,
        headers: this.#headers,
        agent,
      })
      this.request = request
      this.clock = setTimeout(() => this.onConnectTimeout(request, agent), this.#request.connectMs ?? CONNECT_MS)
      request.on('socket', (socket) => this.onSocket(request, socket))
      request.on('response', (response) => this.onResponse(response))
      request.on('error', (error) => this.onDisconnect(request, error))
      // Without a listener, Node would close the connection without an event.
      request.on('upgrade', (_, socket) => {
        socket.destroy()
        this.fail(UPGRADED)
      })
      request.on('close', () => this.onDisconnect(request, undefined))
      request.end(body)
    } catch (error) {
      this.fail(codeOf(error))
    }
  }

  private onSocket(request: ClientRequest, socket: Socket): void {
    this.isReused = request.reusedSocket
    // Otherwise Deno would itself repeat a request whose reused connection is closed, even a cancelled request.
    request.reusedSocket = false
    const connected = (): void => {
      this.isConnected = true
      clearTimeout(this.clock)
    }
    const { connecting, secureConnecting = false } = socket as Socket & { secureConnecting?: boolean }
    // An address without a route, for example, fails before Node passes the socket on.
    if (socket.destroyed) return
    if (!this.isReused && (connecting || secureConnecting))
      socket.once(this.address.isSecure ? 'secureConnect' : 'connect', connected)
    else connected()
  }

  private onConnectTimeout(request: ClientRequest, agent: Agent): void {
    // The user's own agent may have a queue, and time in a queue says nothing about the server.
    if (request.socket === null && isQueued(agent))
      this.clock = setTimeout(() => this.onConnectTimeout(request, agent), CONNECT_MS)
    else this.fail('ETIMEDOUT')
  }

  private onDisconnect(request: ClientRequest, error: unknown): void {
    if (this.isOver || this.request !== request) return
    const code = error === undefined ? 'ECONNRESET' : codeOf(error)
    if (this.head !== undefined) {
      // A connection that closes after a complete reply is not a failure.
      if (error !== undefined) this.onBodyLost(inBody(code))
      return
    }
    const isStale = this.isReused && (code === 'ECONNRESET' || code === 'EPIPE')
    if (!isStale || this.isReplay || this.#request.method !== 'GET') {
      this.fail(code)
      return
    }
    this.isReplay = true
    this.isConnected = false
    this.send()
  }

  private onResponse(response: IncomingMessage): void {
    const status = response.statusCode ?? 0
    const { method, maxReplyBytes } = this.#request
    this.isConnected = true
    clearTimeout(this.clock)
    this.head = { status, headers: headersOf(response) }
    if (isBodyOptional(method, status)) this.clock = setTimeout(() => this.onBodyLost(BODY_CUT), OPTIONAL_BODY_MS)
    response.on('data', (chunk: Buffer) => {
      this.bytes += chunk.length
      if (this.bytes > maxReplyBytes) this.onBodyLost(REPLY_TOO_LARGE)
      else this.chunks.push(chunk)
    })
    // By the next tick, Node has freed the connection, so a caller that sends its next request at once can reuse it.
    response.on('end', () => process.nextTick(() => this.onBodyEnd()))
    response.on('error', (error) => this.onBodyLost(inBody(codeOf(error))))
    response.on('close', () => {
      if (!response.complete) this.onBodyLost(BODY_CUT)
    })
  }

  private onBodyEnd(): void {
    if (this.isOver || this.head === undefined) return
    this.pool.used()
    this.visit?.leave()
    // A server may refuse a long request before it has read all of it, and read no further. Node would then keep the
    // connection open, and the process alive, until the server closes the connection.
    if (this.request?.writableFinished === false) this.request.destroy()
    const encodings = encodingsOf(this.head.headers['content-encoding'])
    // An empty body is empty in every encoding.
    if (encodings.length === 0 || this.bytes === 0) this.reply(this.takeBody().toString())
    else
      inflated(this.takeBody(), encodings, this.#request.maxReplyBytes).then(
        (whole) => this.reply(whole.toString()),
        (error: unknown) => this.onBodyLost(codeOf(error)),
      )
  }

  /**
   * The bytes of the body. Nothing refers to them afterwards: those of a long list would stay in memory while it is
   * used, and then until the next full garbage collection.
   */
  private takeBody(): Buffer {
    return Buffer.concat(this.chunks.splice(0))
  }

  private reply(body: string): void {
    if (this.isOver || this.head === undefined) return
    this.finish()
    this.emit({ ...this.head, body: withoutByteOrderMark(body) })
  }

  /** Handles a body that cannot be read: emits the reply without it if the body is optional, otherwise fails. */
  private onBodyLost(code: string): void {
    if (this.isOver || this.head === undefined) return
    if (!isBodyOptional(this.#request.method, this.head.status)) {
      this.fail(code)
      return
    }
    this.finish()
    this.request?.destroy()
    this.emit({ ...this.head, body: '', bodyLost: true })
  }

  private emit(response: HttpResponse): void {
    this.subscriber.next(response)
    this.subscriber.complete()
  }

  private fail(code: string): void {
    if (this.isOver) return
    this.finish()
    this.request?.destroy()
    this.subscriber.error(systemFailure(code, !this.isConnected, this.address.isSecure))
  }

  /** Ends the exchange. Nothing is emitted afterwards, except by the caller. */
  private finish(): void {
    this.isOver = true
    clearTimeout(this.clock)
    this.visit?.leave()
    // V8 may have allocated the list of teardowns in the old generation. It would then keep the exchange, with its whole
    // request and reply, in memory until a full garbage collection.
    this.subscriber.remove(this)
    this.ended()
  }
}

const isQueued = ({ requests }: { readonly requests?: object }): boolean => Object.keys(requests ?? {}).length > 0

function headersOf({ headers }: IncomingMessage): HttpResponse['headers'] {
  const plain: Record<string, string> = {}
  // Not `for...in`: a library may have extended Object.prototype.
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) setOwn(plain, name, typeof value === 'string' ? value : value.join(', '))
  }
  return plain
}
