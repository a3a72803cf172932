import { faultOf as faultOfRuntime, transportOf } from '#transport'
import type { Fault, FetchOptions } from './options.ts'
import type { ClosableTransport } from './transport.ts'

export type { FetchOptions } from './options.ts'

/**
 * Why these options are invalid; undefined if they are valid. It is a separate function because the declaration files of the
 * package must not name `#transport`, which old resolvers cannot find.
 */
export const faultOf = (options: FetchOptions): Fault | undefined => faultOfRuntime(options)

/**
 * Creates the default transport of this runtime. It is cold: each subscription sends a request.
 *
 * In Node, Bun and Deno it uses `node:http` and `node:https`, which can send a GET with a body. All transports with the same
 * certificates share their connections: at most 64, each kept for 25 s when idle. A connection that is not open within 5 s
 * fails. A query whose kept connection turns out to be closed is sent once more; a command always opens a new connection.
 * Elsewhere it uses `fetch`, and sends a query with a body as a POST with `X-HTTP-Method-Override: GET` to a relay.
 *
 * Fails with a `TransportFailure` only: a `code` and a message without URL or header.
 *
 * ```ts
 * const transport = fetchTransport({ tls: { ca: readFileSync('ca.pem') } })
 * const request = { method: 'GET', url: 'https://ais:51080/v1/health', headers: {}, maxReplyBytes: 1024 }
 * transport(request).subscribe(({ status }) => console.log(status)) // 200
 * ```
 *
 * @param options settings. Defaults to the certificates of the runtime and no proxy
 */
export function fetchTransport(options: FetchOptions = {}): ClosableTransport {
  return transportOf(options)
}
