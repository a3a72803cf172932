import { NEVER, asyncScheduler, isObservable, map, of, throwError, type Observable, type SchedulerLike } from 'rxjs'
import { createCluster, type Cluster } from '../../lib/cluster.ts'
import type { ClusterOptions } from '../../lib/environment.ts'
import { scriptedTransport } from '../../lib/testing/scripted-transport.ts'
import type { HttpResponse, Transport } from '../../lib/transport/transport.ts'
import { clusterMap } from './fake-cluster/replies.ts'
import { record, recordsEnd, type Recorded } from './recorded.ts'

// Raw replies, for specs about how requests are sent and replies are read. Specs about jobs use the fake cluster.

/** A reply of a script: status 200, no headers and an empty body by default, or a stream of one reply. */
export type Reply = Partial<HttpResponse> | Observable<Partial<HttpResponse>>

/** Replies to a request; `nth` is its number, from 0. */
export type Script = (request: Recorded, nth: number) => Reply

export interface Scripted {
  readonly transport: Transport
  readonly requests: readonly Recorded[]
}

/** A transport that replies by a function and records all requests. `scheduler` is its clock. */
export function scripted(script: Script, scheduler: SchedulerLike = asyncScheduler): Scripted {
  const requests: Recorded[] = []
  const replying = scriptedTransport((request) => {
    const recorded = record(request, scheduler.now())
    const reply = script(recorded, requests.push(recorded) - 1)
    return (isObservable(reply) ? reply : of(reply)).pipe(
      map((response) => ({ status: 200, headers: {}, body: '', ...response })),
      recordsEnd(recorded, scheduler),
    )
  }, scheduler)
  // A separate function, because the scripted one shows its requests, and so the token, to anyone who inspects the cluster.
  return { transport: (request) => replying(request), requests }
}

/**
 * Like {@link scripted}, and replies to each request for the map with a map of one proxy. `requests` holds the other requests.
 */
export function scriptedExceptMap(script: Script, scheduler?: SchedulerLike): Scripted {
  const map = clusterMap({ proxies: ['p1'] })
  let nth = 0
  const { transport, requests } = scripted(
    (request) => (request.what === 'map' ? map : script(request, nth++)),
    scheduler,
  )
  return {
    transport,
    get requests() {
      return requests.filter(({ what }) => what !== 'map')
    },
  }
}

/** A cluster that sends its requests to this transport. Its endpoint defaults to `http://p1`. */
export function clusterOf(
  { transport }: { readonly transport: Transport },
  options: Omit<ClusterOptions, 'transport'> = {},
  endpoint: string | readonly string[] = 'http://p1',
): Cluster {
  return createCluster(endpoint, { random: () => 0.5, ...options, transport })
}

/** The method, address and body of each request, as sent. */
export const sentLines = ({ requests }: Scripted): readonly string[] =>
  requests.map(({ method, path, query, text }) => `${method} ${path}?${query} ${text ?? '(none)'}`)

/** The only value of a stream that completes synchronously. Throws if it has none or several, or does not complete. */
export function only<A>(source: Observable<A>): A {
  const seen: { values: A[]; completed: boolean } = { values: [], completed: false }
  source.subscribe({ next: (value) => seen.values.push(value), complete: () => (seen.completed = true) }).unsubscribe()
  const { values, completed } = seen
  if (values.length === 1 && completed) return values[0] as A
  throw new Error(`expected one value and completion; got ${values.length} values, completed: ${completed}`)
}

/** A request that fails without a reply. */
export const failing = (code: string, message: string = code): Observable<never> =>
  throwError(() => Object.assign(new Error(message), { code }))

/** The reply of an address at which nothing listens. */
export const refused: Reply = failing('ECONNREFUSED')

/** A reply that never arrives. */
export const silent: Reply = NEVER
