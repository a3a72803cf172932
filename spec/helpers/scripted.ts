import { expect } from 'chai'
import { asyncScheduler, defer, finalize, isObservable, map, of, tap, throwError, type Observable } from 'rxjs'
import type { SchedulerLike } from 'rxjs'
import { createCluster, type Cluster } from '../../lib/cluster.ts'
import type { ClusterOptions } from '../../lib/environment.ts'
import type { HttpRequest, HttpResponse, Transport } from '../../lib/transport/transport.ts'
import { defined } from '../../lib/common/defined.ts'

/** One request that reached the scripted transport, and what became of it. */
export interface Recorded {
  readonly method: string
  readonly url: string
  readonly origin: string
  readonly path: string
  /** Without its question mark. */
  readonly query: string
  readonly headers: Readonly<Record<string, string>>
  /** As it was sent. */
  readonly text: string | undefined
  /** As JSON; undefined where none was sent. */
  readonly body: unknown
  /** When it was subscribed to. */
  readonly atMs: number
  /** `cut`: whoever asked has left before the reply. */
  state: 'open' | 'answered' | 'failed' | 'cut'
  endedAtMs: number | undefined
}

/** What a script says: a reply (status 200, no headers and an empty body unless told), or a stream of one. */
export type Reply = Partial<HttpResponse> | Observable<Partial<HttpResponse>>

/** @param nth counts from 0 */
export type Script = (request: Recorded, nth: number) => Reply

export interface Scripted {
  readonly transport: Transport
  readonly requests: readonly Recorded[]
}

/** A transport that answers by a function and keeps what it was asked; `scheduler` tells the time. */
export function scripted(script: Script, scheduler: SchedulerLike = asyncScheduler): Scripted {
  const requests: Recorded[] = []
  const transport: Transport = (request) =>
    defer(() => {
      const recorded = record(request, scheduler.now())
      const end = (state: Recorded['state']): void => {
        if (recorded.state === 'open') Object.assign(recorded, { state, endedAtMs: scheduler.now() })
      }
      const reply = script(recorded, requests.push(recorded) - 1)
      return (isObservable(reply) ? reply : of(reply)).pipe(
        map((response) => ({ status: 200, headers: {}, body: '', ...response })),
        tap({ next: () => end('answered'), error: () => end('failed') }),
        finalize(() => end('cut')),
      )
    })
  return { transport, requests }
}

/** The same, with a map of one proxy; `requests` are all others, since the map is read once beside the first reply. */
export function besidesMap(script: Script, scheduler?: SchedulerLike): Scripted {
  const isMap = ({ query }: Recorded): boolean => query === 'what=smap'
  const node = { daemon_id: 'p1', public_net: { direct_url: 'http://p1' }, flags: 0 }
  const map = json({ uuid: 'u', version: '1', proxy_si: node, pmap: { p1: node }, tmap: {} })
  let nth = 0
  const { transport, requests } = scripted((request) => (isMap(request) ? map : script(request, nth++)), scheduler)
  return {
    transport,
    get requests() {
      return requests.filter((request) => !isMap(request))
    },
  }
}

function record({ method, url, headers, body }: HttpRequest, atMs: number): Recorded {
  // A relative address has no host; one is lent to it, so that it can be taken apart.
  const { origin, pathname, search } = new URL(url, 'http://relative')
  const json: unknown = body === undefined ? undefined : JSON.parse(body)
  return {
    method,
    url,
    origin,
    path: pathname,
    query: search.slice(1),
    headers,
    text: body,
    body: json,
    atMs,
    state: 'open',
    endedAtMs: undefined,
  }
}

/** A cluster that asks a scripted transport, at `http://p1` unless told otherwise. */
export function clusterOf(
  { transport }: Scripted,
  options: Omit<ClusterOptions, 'transport'> = {},
  endpoint: string | readonly string[] = 'http://p1',
): Cluster {
  return createCluster(endpoint, { random: () => 0.5, ...options, transport })
}

export const json = (value: unknown, status: number = 200): HttpResponse => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
})

/** A refusal as the cluster writes it. */
export const refusal = (status: number, message: string, tcode?: string): HttpResponse =>
  json({ ...defined({ tcode }), message, node: 'p[p1]', status }, status)

/** The one value of a stream that ends at once. */
export function only<A>(source: Observable<A>): A {
  const values: A[] = []
  let completed = false
  source.subscribe({ next: (value) => values.push(value), complete: () => (completed = true) }).unsubscribe()
  expect({ completed, values: values.length }).to.deep.equal({ completed: true, values: 1 })
  return values[0] as A
}

/** A request that brings no reply. */
export const failing = (code: string, message: string = code): Observable<never> =>
  throwError(() => Object.assign(new Error(message), { code }))
