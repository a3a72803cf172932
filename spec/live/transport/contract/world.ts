import { Buffer } from 'node:buffer'
import { lastValueFrom, toArray } from 'rxjs'
import type { FetchOptions } from '../../../../lib/transport/options.ts'
import type { HttpRequest, HttpResponse, Transport } from '../../../../lib/transport/transport.ts'
import type { ReceivedRequest, Opened, Played, ServerPlan, Servers } from './servers.ts'

/** A transport under test, and what is different about it. */
export interface World {
  readonly transport: (options?: FetchOptions) => Transport
  readonly servers: Servers
  /** Whether it is our own transport over `node:http`, not `fetch`: then GET has a body, and connections, certificates and codes are checked. */
  readonly isOwn: boolean
}

/** One claim of the contract. */
export type Case = readonly [name: string, run: () => Promise<void>]

/** A request to this address, without a body unless the options say otherwise. */
export const requestTo = (url: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'GET',
  url,
  headers: {},
  maxReplyBytes: 1_000_000,
  ...more,
})

/** The one reply; fails if there are none or two. */
export async function reply(transport: Transport, request: HttpRequest): Promise<HttpResponse> {
  const [only, ...others] = await lastValueFrom(transport(request).pipe(toArray()))
  if (only === undefined) throw new Error('no reply instead of one')
  if (others.length > 0) throw new Error(`${String(others.length + 1)} replies instead of one`)
  return only
}

/** A failure in the form in which any code could throw it. */
export interface Failed {
  readonly name: string
  readonly code: string
  readonly message: string
  readonly nothingSent: boolean
}

/** The failure of a request; throws if there is a reply or another error. */
export async function failure(transport: Transport, request: HttpRequest): Promise<Failed> {
  const outcome: unknown = await reply(transport, request).catch((error: unknown) => error)
  if (outcome instanceof Error && outcome.name === 'TransportFailure') return outcome as unknown as Failed
  throw new Error(`not a TransportFailure: ${JSON.stringify(outcome)}`)
}

/** Bytes as text, so that they can be sent in JSON. */
export const base64 = (bytes: string | Uint8Array): string => Buffer.from(bytes).toString('base64')

/** Sends these bytes in one piece. */
export const raw = (bytes: string | Uint8Array, then?: 'end' | 'reset'): Played => ({
  pieces: [base64(bytes)],
  ...(then === undefined ? {} : { then }),
})

/** A reply with a length. */
export const answer = (body: string | Uint8Array, head = 'HTTP/1.1 200 OK'): Played => {
  const bytes = Buffer.from(body)
  return raw(Buffer.concat([Buffer.from(`${head}\r\nContent-Length: ${String(bytes.length)}\r\n\r\n`), bytes]))
}

export const OK: Played = answer('{}')
export const SILENT: Played = {}

/** Opens a server and returns what it has seen. */
export async function opened(
  { servers }: World,
  plan: ServerPlan,
): Promise<
  Opened & {
    readonly requests: () => Promise<readonly ReceivedRequest[]>
    readonly connections: () => Promise<number>
    readonly open: () => Promise<number>
    readonly isGone: () => Promise<boolean>
    readonly mostOpen: () => Promise<number>
  }
> {
  const server = await servers.open(plan)
  const seen = () => servers.seen(server.port)
  return {
    ...server,
    requests: async () => (await seen()).requests,
    connections: async () => (await seen()).connections,
    open: async () => (await seen()).open.length,
    /** Whether the connection that brought the last request is gone. */
    isGone: async () => {
      const { requests, open } = await seen()
      return !open.includes(requests.at(-1)?.connection ?? 0)
    },
    mostOpen: async () => (await seen()).mostOpen,
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Checks the condition repeatedly, for five seconds at most. */
export async function until(condition: () => Promise<boolean>, what: string): Promise<void> {
  const startedMs = performance.now()
  while (!(await condition())) {
    if (performance.now() - startedMs > 5_000) throw new Error(`not within 5 s: ${what}`)
    await pause(5)
  }
}

/** How long something takes, in milliseconds. */
export async function timed<A>(work: () => Promise<A>): Promise<readonly [A, number]> {
  const startedMs = performance.now()
  const value = await work()
  return [value, performance.now() - startedMs]
}
