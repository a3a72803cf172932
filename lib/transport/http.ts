import { Observable } from 'rxjs'
import { Exchange } from './exchange.ts'
import { codeOf } from './failure.ts'
import type { Fault, FetchOptions } from './options.ts'
import { hasPool, poolFor, type Pool } from './pool.ts'
import { systemFailure } from './system-failure.ts'
import { tlsFault } from './tls-fault.ts'
import type { ClosableTransport, HttpRequest, HttpResponse } from './transport.ts'

export { isCertificateError } from './certificate.ts'

/** The transport of Node, Bun and Deno. */
export function transportOf(options: FetchOptions): ClosableTransport {
  let pool: Pool | undefined
  let isClosed = false
  const hosts = new Set<string>()
  const close = async (): Promise<void> => {
    isClosed = true
    const usedPool = pool
    if (usedPool !== undefined) await Promise.all([...hosts].map((host) => usedPool.drop(host)))
  }
  const onExchangeEnd = (): void => {
    if (isClosed) void close()
  }
  const transport = (request: HttpRequest): Observable<HttpResponse> =>
    new Observable((subscriber) => {
      try {
        pool ??= poolFor(options)
        const exchange = new Exchange(request, pool, subscriber, onExchangeEnd)
        hosts.add(exchange.address.host)
        // Not returned as a function, because the exchange removes itself from the teardowns when it is over.
        subscriber.add(exchange)
        exchange.enter()
      } catch (error) {
        subscriber.error(systemFailure(codeOf(error), true))
      }
    })
  return Object.assign(transport, { close })
}

/** Why these options are invalid; undefined if they are valid. */
export function faultOf({ tls, agent }: FetchOptions): Fault | undefined {
  if (agent !== undefined && !isAgent(agent))
    return {
      argument: 'agent',
      message: 'got an object that is no agent; takes an http.Agent, such as that of a proxy package',
    }
  if (tls === undefined || agent !== undefined) return undefined
  try {
    // Only valid certificates have a pool.
    if (hasPool(tls)) return undefined
  } catch {
    // A value is neither text nor bytes. `tlsFault` reports that.
  }
  const message = tlsFault(tls)
  return message === undefined ? undefined : { argument: 'tls', message }
}

const isAgent = (given: unknown): boolean =>
  typeof given === 'object' && given !== null && 'addRequest' in given && typeof given.addRequest === 'function'
