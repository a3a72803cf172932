import { finalize, tap, type MonoTypeOperatorFunction, type SchedulerLike } from 'rxjs'
import type { HttpRequest } from '../../lib/transport/transport.ts'

/** What a request is about: one of the queries, or a command and whatever else there is. */
export type What = 'status' | 'statuses' | 'snapshots' | 'running' | 'map' | 'download' | 'other'

/** One request that reached a transport, and what became of it. */
export interface Recorded {
  readonly what: What
  /** The job that it is about. */
  readonly id: string | undefined
  readonly kind: string | undefined
  readonly method: string
  readonly url: string
  readonly origin: string
  readonly host: string
  readonly path: string
  /** Without its question mark. */
  readonly query: string
  readonly headers: Readonly<Record<string, string>>
  /** The body as it was sent. */
  readonly text: string | undefined
  /** The body as JSON; undefined if there is none. */
  readonly body: unknown
  /** When it was subscribed to. */
  readonly atMs: number
  /** `cut`: the subscriber left before the reply. */
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

/** The record of a request that is sent at `atMs`. */
export function record({ method, url, headers, body: text }: HttpRequest, atMs: number): Recorded {
  // A relative address has no host. It borrows one, so that it can be taken apart.
  const { origin, host, pathname: path, search } = new URL(url, 'http://relative')
  const query = search.slice(1)
  const body: unknown = text === undefined ? undefined : JSON.parse(text)
  const { id, kind } = (body ?? {}) as { readonly id?: string; readonly kind?: string }
  const isDownload = method === 'GET' && path === '/v1/download'
  const what = isDownload ? 'download' : method === 'GET' ? (QUERIES[query] ?? 'other') : 'other'
  const address = { method, url, origin, host, path, query }
  return { what, id, kind, ...address, headers, text, body, atMs, state: 'open', endedAtMs: undefined }
}

/** Writes down what becomes of a request while its reply passes. */
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
