import { allowedHost, refuseForeign, type HostRules } from '../admit.ts'
import { GONE, incomingOfRequest, responseOf, type FetchHandler } from '../fetch.ts'
import { headerOf, type Incoming } from '../incoming.ts'
import { incomingOf, send, type NodeHandler } from '../node.ts'
import { busy, refused, type Reply } from '../reply.ts'
import { LAST_EVENT_ID } from '../../common/sse-events.ts'
import type { Reader, Session } from './session.ts'
import type { Sessions } from './sessions.ts'

/** The sessions of the stream, and which requests may open one. */
export interface SseCore {
  readonly rules: HostRules
  readonly sessions: Sessions
}

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  // Tells intermediate servers not to compress the stream, since compression would delay messages.
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
}

/** How many bytes may wait inside a `Response`. All other messages wait in the session. */
const QUEUE_BYTES = 65_536

/** Why a request may not open a stream; undefined if it may. */
function refusal({ rules, sessions }: SseCore, incoming: Incoming): Reply | undefined {
  if (incoming.method !== 'GET') return refused(405, 'takes GET', { allow: 'GET' })
  const host = allowedHost(rules, incoming)
  if (host === undefined) return refused(403, 'the host is not allowed; name it in the option hosts')
  const foreign = refuseForeign(rules, incoming, host)
  if (foreign !== undefined) return foreign
  return sessions.isFull(lastEventIdOf(incoming)) ? busy(503, 'too many readers', Math.random) : undefined
}

function lastEventIdOf(incoming: Incoming): string | undefined {
  const header = headerOf(incoming, 'last-event-id')
  return header ?? new URLSearchParams(incoming.target.split('?')[1]).get(LAST_EVENT_ID) ?? undefined
}

/** The handler of server-sent events for `node:http`. */
export const sseNodeHandler =
  (core: SseCore): NodeHandler =>
  (request, response) => {
    const incoming = incomingOf(request)
    const refusing = refusal(core, incoming)
    if (refusing !== undefined) {
      send(response, refusing)
      return
    }
    // The client may have left before this handler was called.
    if (response.destroyed) return
    response.writeHead(200, HEADERS)
    const reader: Reader = { write: (text) => response.write(text), close: () => response.end() }
    const session = core.sessions.open(reader, lastEventIdOf(incoming))
    response.on('drain', () => session.drained(reader))
    response.on('close', () => session.detach(reader))
  }

/** The handler of server-sent events for the Fetch API. */
export const sseFetchHandler =
  (core: SseCore): FetchHandler =>
  (request) => {
    const incoming = incomingOfRequest(request)
    const refusing = refusal(core, incoming)
    if (refusing !== undefined) return Promise.resolve(responseOf(refusing))
    // The reader has left already, and no event would report that.
    if (request.signal.aborted) return Promise.resolve(responseOf(GONE))
    let session: Session | undefined
    let reader: Reader | undefined
    const detach = (): void => {
      if (reader !== undefined) session?.detach(reader)
    }
    const encoder = new TextEncoder()
    const body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          reader = {
            write: (text) => {
              controller.enqueue(encoder.encode(text))
              return (controller.desiredSize ?? 0) > 0
            },
            close: () => controller.close(),
          }
          session = core.sessions.open(reader, lastEventIdOf(incoming))
        },
        pull: () => {
          if (reader !== undefined) session?.drained(reader)
        },
        cancel: detach,
      },
      new ByteLengthQueuingStrategy({ highWaterMark: QUEUE_BYTES }),
    )
    request.signal.addEventListener('abort', detach, { once: true })
    return Promise.resolve(new Response(body, { headers: HEADERS }))
  }
