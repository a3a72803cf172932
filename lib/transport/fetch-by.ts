import { setOwn } from '../common/set-own.ts'
import { Observable } from 'rxjs'
import { OPTIONAL_BODY_MS, isBodyOptional } from './optional-body.ts'
import { codeOf, inBody, REDIRECT_HIDDEN, TransportFailure } from './failure.ts'
import { outgoing } from './outgoing.ts'
import { REPLY_TOO_LARGE, type HttpRequest, type HttpResponse, type Transport } from './transport.ts'

/**
 * A transport over `fetch`. Since `fetch` refuses a GET with a body, the transport sends a query as a POST to a relay.
 *
 * @param failureOf returns the failure for a code. Defaults to a failure with the messages for the codes of browsers
 */
export const fetchBy =
  (
    fetch: typeof globalThis.fetch,
    failureOf = (code: string): TransportFailure => new TransportFailure(code),
  ): Transport =>
  (request) =>
    new Observable((subscriber) => {
      const controller = new AbortController()
      let isOver = false
      const markOver = (): void => {
        isOver = true
      }
      exchange(fetch, request, controller).then(
        (response) => {
          markOver()
          subscriber.next(response)
          subscriber.complete()
        },
        (error: unknown) => subscriber.error(failureOf(codeOf(error))),
      )
      // After a failure, the reply may go on for ever, so it is aborted. A complete reply is not: an abort would create
      // an error with its stack for nothing.
      return () => {
        if (!isOver) controller.abort()
      }
    })

/** Sends one request, and reads its reply. */
async function exchange(
  fetch: typeof globalThis.fetch,
  request: HttpRequest,
  controller: AbortController,
): Promise<HttpResponse> {
  const response = await fetch(request.url, { ...initOf(request), signal: controller.signal })
  if (response.type === 'opaqueredirect') throw new TransportFailure(REDIRECT_HIDDEN)
  const { status } = response
  const headers = incoming(response)
  const body = read(response, request.maxReplyBytes)
  if (!isBodyOptional(request.method, status)) return { status, headers, body: await body }
  const text = await inTime(body)
  if (text !== undefined) return { status, headers, body: text }
  controller.abort()
  return { status, headers, body: '', bodyLost: true }
}

/** An optional body; undefined if it cannot be read in time. */
const inTime = (body: Promise<string>): Promise<string | undefined> =>
  new Promise((resolve) => {
    const clock = setTimeout(() => resolve(undefined), OPTIONAL_BODY_MS)
    body.then(resolve, () => resolve(undefined)).finally(() => clearTimeout(clock))
  })

/** The arguments of `fetch`. A query becomes a POST that says that it is a GET. */
function initOf(request: HttpRequest): RequestInit {
  const { method, body } = request
  const headers = outgoing(request)
  const always: RequestInit = { redirect: 'manual', cache: 'no-store' }
  if (body === undefined) return { ...always, method, headers }
  if (method !== 'GET') return { ...always, method, headers, body }
  return { ...always, method: 'POST', headers: { ...headers, 'x-http-method-override': 'GET' }, body }
}

function incoming({ headers }: Response): HttpResponse['headers'] {
  const plain: Record<string, string> = {}
  headers.forEach((value, name) => {
    setOwn(plain, name.toLowerCase(), value)
  })
  return plain
}

async function read(response: Response, limit: number): Promise<string> {
  try {
    // The decoder removes a byte order mark. It is not created at the top of the module, because jsdom has no
    // TextDecoder.
    return new TextDecoder().decode(await bytesOf(response, limit))
  } catch (error) {
    throw new TransportFailure(inBody(codeOf(error)))
  }
}

/** Reads a body, up to the limit. */
async function bytesOf(response: Response, limit: number): Promise<Uint8Array> {
  const body: unknown = response.body
  // A polyfill of fetch has no stream, only the complete body.
  if (typeof body !== 'object' || body === null || !('getReader' in body))
    return checkLength(new Uint8Array(await response.arrayBuffer()), limit)
  const reader = (body as ReadableStream<Uint8Array>).getReader()
  const chunks: Uint8Array[] = []
  let bytes = 0
  for (let step = await reader.read(); !step.done; step = await reader.read()) {
    bytes += step.value.byteLength
    if (bytes > limit) throw new TransportFailure(REPLY_TOO_LARGE)
    chunks.push(step.value)
  }
  return concatenate(chunks, bytes)
}

function checkLength(whole: Uint8Array, limit: number): Uint8Array {
  if (whole.byteLength > limit) throw new TransportFailure(REPLY_TOO_LARGE)
  return whole
}

function concatenate(chunks: readonly Uint8Array[], bytes: number): Uint8Array {
  const whole = new Uint8Array(bytes)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.byteLength
  }
  return whole
}
