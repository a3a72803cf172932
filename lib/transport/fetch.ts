import { agentInit } from '#agent'
import { fetch } from 'cross-fetch'
import { Observable } from 'rxjs'
import {
  BODY_CUT,
  codeOf,
  INVALID_HEADER,
  REDIRECT_HIDDEN,
  STALE_SOCKET,
  TransportFailure,
  UNKNOWN,
} from './failure.ts'
import type { TlsOptions } from './tls.ts'
import { REPLY_TOO_LARGE, type HttpRequest, type HttpResponse, type Transport } from './transport.ts'

/** What can be told to the default transport. */
export interface FetchOptions {
  /** Certificates, in Node; default: those that Node trusts. */
  readonly tls?: TlsOptions
}

/**
 * Creates the default transport: cross-fetch as cold streams.
 *
 * Each transport keeps its own connections, so create one and keep it. A question with a body leaves as GET in Node,
 * and in a browser as POST with `X-HTTP-Method-Override: GET` for a relay to turn back. A question whose kept
 * connection turned out to be closed is sent once more without a word; a command never is.
 *
 * Fails with a `TransportFailure` only: a `code` and a message without URL or header.
 *
 * ```ts
 * const transport = fetchTransport({ tls: { ca: readFileSync('ca.pem') } })
 * const request = { method: 'GET', url: 'https://ais:51080/v1/health', headers: {}, maxReplyBytes: 1024 }
 * transport(request).subscribe(({ status }) => console.log(status)) // 200
 * ```
 *
 * @param options default: no certificates of our own
 */
export function fetchTransport(options: FetchOptions = {}): Transport {
  const agents = agentInit(options.tls)
  return (request) => exchange(request, agents)
}

/** Written by hand because every request passes here. */
function exchange(request: HttpRequest, agents: object): Observable<HttpResponse> {
  return new Observable((subscriber) => {
    const controller = new AbortController()
    let over = false
    const replied = (response: HttpResponse): void => {
      over = true
      subscriber.next(response)
      subscriber.complete()
    }
    const failed = (error: unknown): void => subscriber.error(visible(error))
    const sent = (): Promise<HttpResponse> => send(request, { ...agents, signal: controller.signal })
    const isReplayable = (error: unknown): boolean =>
      request.method === 'GET' && codeOf(error) === STALE_SOCKET && !subscriber.closed
    sent().then(replied, (error: unknown) => {
      if (isReplayable(error)) sent().then(replied, failed)
      else failed(error)
    })
    // After a failure the reply may go on for ever. An abort makes an exception with its stack, which costs as much as a tenth
    // of an exchange: not for what is over.
    return () => {
      if (!over) controller.abort()
    }
  })
}

async function send(request: HttpRequest, init: RequestInit): Promise<HttpResponse> {
  const response = await fetch(request.url, { ...init, ...outgoing(request) })
  if (response.type === 'opaqueredirect') throw new TransportFailure(REDIRECT_HIDDEN)
  return { status: response.status, headers: incoming(response), body: await text(response, request.maxReplyBytes) }
}

function incoming({ headers }: Response): HttpResponse['headers'] {
  const plain = Object.create(null) as Record<string, string>
  // node-fetch sorts all of its headers anew for each one that forEach visits.
  if (isRaw(headers))
    for (const [name, values] of Object.entries(headers.raw())) plain[name.toLowerCase()] = values.join(', ')
  else headers.forEach((value, name) => (plain[name.toLowerCase()] = value))
  return plain
}

interface Raw {
  raw(): Readonly<Record<string, readonly string[]>>
}

function isRaw(headers: object): headers is Raw {
  return 'raw' in headers && typeof headers.raw === 'function'
}

function outgoing({ method, headers, body }: HttpRequest): RequestInit {
  // Checked here because fetch would quote the value, which may be a token, in its complaint.
  if (!Object.entries(headers).every(isLegalHeader)) throw new TransportFailure(INVALID_HEADER)
  const always: RequestInit = { redirect: 'manual', cache: 'no-store' }
  if (body === undefined) return { ...always, method, headers }
  if (method !== 'GET') return { ...always, method, headers, body }
  return { ...always, method: 'POST', headers: { ...headers, 'x-http-method-override': 'GET' }, body }
}

function isLegalHeader([name, value]: readonly [string, string]): boolean {
  return /^[\w!#$%&'*+.^`|~-]+$/.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value)
}

async function text(response: Response, limit: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  const keep = (chunk: Uint8Array): void => {
    bytes += chunk.byteLength
    if (bytes > limit) throw new TransportFailure(REPLY_TOO_LARGE)
    chunks.push(chunk)
  }
  try {
    await read(response, keep)
  } catch (error) {
    throw new TransportFailure(inBody(codeOf(error)))
  }
  return UTF8.decode(joined(chunks, bytes))
}

// Takes a leading byte order mark off. Decodes wholes only: one that has decoded a stream is slow for ever in Node.
const UTF8 = new TextDecoder()

function joined(chunks: readonly Uint8Array[], bytes: number): Uint8Array {
  const [first] = chunks
  if (first !== undefined && chunks.length === 1) return first
  const whole = new Uint8Array(bytes)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.byteLength
  }
  return whole
}

async function read(response: Response, keep: (chunk: Uint8Array) => void): Promise<void> {
  const body: unknown = response.body
  if (isObject(body) && 'getReader' in body) {
    const reader = (body as ReadableStream<Uint8Array>).getReader()
    for (let step = await reader.read(); !step.done; step = await reader.read()) keep(step.value)
  } else if (isObject(body) && 'on' in body) {
    await flow(body as NodeStream, keep)
  } else {
    // Where fetch is a polyfill there is no stream, only the whole.
    keep(new Uint8Array(await response.arrayBuffer()))
  }
}

/** What a body is in Node, as far as it is needed here. */
interface NodeStream {
  readonly destroyed?: boolean
  readonly errored?: Error | null
  on(event: 'data', heard: (chunk: Uint8Array) => void): unknown
  on(event: 'error', heard: (error: Error) => void): unknown
  on(event: 'end' | 'close', heard: () => void): unknown
}

/** By its events, since the iterator of a stream costs several times as much; of many ends the first one counts. */
function flow(stream: NodeStream, keep: (chunk: Uint8Array) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.on('data', (chunk) => {
      try {
        keep(chunk)
      } catch (error) {
        reject(error instanceof Error ? error : new TransportFailure(UNKNOWN))
      }
    })
    let ended = false
    stream.on('end', () => {
      ended = true
      resolve()
    })
    stream.on('error', reject)
    stream.on('close', () => {
      if (!ended) reject(new TransportFailure(BODY_CUT))
    })
    // It may have broken before anybody could listen.
    if (stream.destroyed === true) reject(stream.errored ?? new TransportFailure(BODY_CUT))
  })
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** However the system calls it, once the head has arrived a lost connection means half a reply. */
function inBody(code: string): string {
  return ['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', UNKNOWN].includes(code) ? BODY_CUT : code
}

function visible(error: unknown): TransportFailure {
  const code = codeOf(error)
  return new TransportFailure(code === STALE_SOCKET ? 'ECONNRESET' : code)
}
