import { agentInit } from '#agent'
import { fetch } from 'cross-fetch'
import { catchError, Observable, of, retry, throwError } from 'rxjs'
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
  return (request) => {
    const isReplayable = (error: unknown): boolean => request.method === 'GET' && codeOf(error) === STALE_SOCKET
    return exchange(request, agents).pipe(
      retry({ count: 1, delay: (error: unknown) => (isReplayable(error) ? of(true) : throwError(() => error)) }),
      catchError((error: unknown) => throwError(() => visible(error))),
    )
  }
}

function exchange(request: HttpRequest, agents: object): Observable<HttpResponse> {
  return new Observable((subscriber) => {
    const controller = new AbortController()
    send(request, { ...agents, signal: controller.signal }).then(
      (response) => {
        subscriber.next(response)
        subscriber.complete()
      },
      (error: unknown) => subscriber.error(error),
    )
    return () => controller.abort()
  })
}

async function send(request: HttpRequest, init: RequestInit): Promise<HttpResponse> {
  const response = await fetch(request.url, { ...init, ...outgoing(request) })
  if (response.type === 'opaqueredirect') throw new TransportFailure(REDIRECT_HIDDEN)
  const headers = Object.create(null) as Record<string, string>
  response.headers.forEach((value, name) => (headers[name.toLowerCase()] = value))
  return { status: response.status, headers, body: await text(response, request.maxReplyBytes) }
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
  // Takes a leading byte order mark off, and keeps the first half of a character until the second arrives.
  const decoder = new TextDecoder()
  let decoded = ''
  let bytes = 0
  try {
    for await (const chunk of chunks(response)) {
      bytes += chunk.byteLength
      if (bytes > limit) throw new TransportFailure(REPLY_TOO_LARGE)
      decoded += decoder.decode(chunk, { stream: true })
    }
  } catch (error) {
    throw new TransportFailure(inBody(codeOf(error)))
  }
  return decoded + decoder.decode()
}

async function* chunks(response: Response): AsyncGenerator<Uint8Array> {
  const body: unknown = response.body
  if (isObject(body) && 'getReader' in body) {
    const reader = (body as ReadableStream<Uint8Array>).getReader()
    for (let step = await reader.read(); !step.done; step = await reader.read()) yield step.value
  } else if (isObject(body) && Symbol.asyncIterator in body) {
    yield* body as AsyncIterable<Uint8Array>
  } else {
    // Where fetch is a polyfill there is no stream, only the whole.
    yield new Uint8Array(await response.arrayBuffer())
  }
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
