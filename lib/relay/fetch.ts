import { firstValueFrom } from 'rxjs'
import { untilAborted } from '../operators/until-aborted.ts'
import { admit } from './admit.ts'
import { BODY_MS, MAX_BODY_BYTES, textOf } from './body.ts'
import { headersOf, type Incoming } from './incoming.ts'
import type { RelayCore } from './core.ts'
import { refused, type Reply } from './reply.ts'

/** Handles a `Request` of the Fetch API. */
export type FetchHandler = (request: Request) => Promise<Response>

/** The client has gone, so nobody reads this reply. */
export const GONE: Reply = refused(499, 'the client has gone')

/** @internal The relay as a handler for servers of the Fetch API. */
export const fetchHandler =
  ({ admission, handle }: RelayCore): FetchHandler =>
  async (request) => {
    const incoming = incomingOfRequest(request)
    const requestType = admit(admission, incoming)
    if (typeof requestType !== 'string') return responseOf(requestType)
    const body = await readBody(request)
    if (typeof body !== 'string') return responseOf(body)
    const reply$ = handle(requestType, incoming, body).pipe(untilAborted(request.signal))
    return responseOf(
      await firstValueFrom(reply$, { defaultValue: GONE }).catch(() => refused(500, 'the relay failed')),
    )
  }

/** What the relay needs of a request of the Fetch API. */
export function incomingOfRequest(request: Request): Incoming {
  const { origin, host, protocol } = new URL(request.url)
  const headers = new Map(headersOf(request.headers))
  // Some runtimes keep the header Host from the handler.
  if (!headers.has('host')) headers.set('host', [host])
  return {
    method: request.method,
    target: request.url.slice(origin.length),
    headers,
    secure: protocol === 'https:',
    port: undefined,
    client: undefined,
  }
}

async function readBody(request: Request): Promise<string | Reply> {
  const reader = request.body?.getReader()
  if (reader === undefined) return ''
  const chunks: Uint8Array[] = []
  let bytes = 0
  const clock = { isLate: false }
  const timer = setTimeout(() => {
    clock.isLate = true
    reader.cancel().catch(() => undefined)
  }, BODY_MS)
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      bytes += read.value.length
      if (bytes > MAX_BODY_BYTES) {
        reader.cancel().catch(() => undefined)
        return refused(413, `takes at most ${MAX_BODY_BYTES} bytes`)
      }
      chunks.push(read.value)
    }
  } catch {
    return GONE
  } finally {
    clearTimeout(timer)
  }
  if (clock.isLate) return refused(408, `the body took more than ${BODY_MS / 1000} s`)
  return textOf(chunks) ?? refused(400, 'the body is not UTF-8')
}

/** A reply of the relay as a response of the Fetch API. */
export const responseOf = ({ status, headers, body }: Reply): Response => new Response(body, { status, headers })
