import { finalize, tap, type MonoTypeOperatorFunction, type SchedulerLike } from 'rxjs'
import type { HttpRequest } from '../../lib/transport/transport.ts'

/** The type of a request: a query, or `other` for a command and everything else. */
export type What = 'status' | 'statuses' | 'snapshots' | 'running' | 'map' | 'download' | 'other'

/** One request that reached a transport, and its outcome. */
export interface Recorded {
  readonly what: What
  /** The job that the request names. */
  readonly id: string | undefined
  readonly kind: string | undefined
  readonly method: string
  readonly url: string
  readonly origin: string
  readonly host: string
  readonly path: string
  /** The query without its question mark. */
  readonly query: string
  readonly headers: Readonly<Record<string, string>>
  /** The body as text. */
  readonly text: string | undefined
  /** The body as JSON. Undefined without a body. */
  readonly body: unknown
  /** When the request was sent. */
  readonly atMs: number
  /** `cut` if the subscriber unsubscribed before the reply. */
  state: 'open' | 'answered' | 'failed' | 'cut'
  endedAtMs: number | undefined
}

const QUERIES: Readonly<Record<string, What>> = {
  'what=status': 'status',
  'what=status_all': 'statuses',
  'what=status_all&frc=true': 'statuses',
  'what=qryxstats': 'snapshots',
  'what=running_all': 'running',
  'what=smap': 'map',
}

type Address = Pick<Recorded, 'origin' | 'host' | 'path' | 'query'>

/** The parts of each address so far. Few addresses are requested very often, and URL takes long to parse one. */
const addresses = new Map<string, Address>()
const MOST_ADDRESSES = 10_000

function addressOf(url: string): Address {
  const known = addresses.get(url)
  if (known !== undefined) return known
  // A relative address has no host. A made-up host lets URL parse it.
  const { origin, host, pathname: path, search } = new URL(url, 'http://relative')
  const address = { origin, host, path, query: search.slice(1) }
  if (addresses.size >= MOST_ADDRESSES) addresses.clear()
  addresses.set(url, address)
  return address
}

/** The record of a request sent at `atMs`. */
export function record({ method, url, headers, body: text }: HttpRequest, atMs: number): Recorded {
  const { origin, host, path, query } = addressOf(url)
  const body: unknown = text === undefined ? undefined : JSON.parse(text)
  const { id, kind } = (body ?? {}) as { readonly id?: string; readonly kind?: string }
  const isDownload = method === 'GET' && path === '/v1/download'
  const whatOfGet = isDownload ? 'download' : QUERIES[query]
  const what = (method === 'GET' ? whatOfGet : undefined) ?? 'other'
  const address = { method, url, origin, host, path, query }
  return { what, id, kind, ...address, headers, text, body, atMs, state: 'open', endedAtMs: undefined }
}

/** Records the outcome of a request as its reply passes. */
export function recordsEnd<A>(recorded: Recorded, scheduler: SchedulerLike): MonoTypeOperatorFunction<A> {
  const end = (state: Recorded['state']): void => {
    if (recorded.state === 'open') Object.assign(recorded, { state, endedAtMs: scheduler.now() })
  }
  return (reply) =>
    reply.pipe(
      tap({ next: () => end('answered'), error: () => end('failed') }),
      finalize(() => end('cut')),
    )
}
