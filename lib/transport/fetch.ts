import { transportOf } from '#transport'
import type { FetchOptions } from './options.ts'
import type { ClosableTransport } from './transport.ts'

export { faultOf } from '#transport'
export type { FetchOptions } from './options.ts'

/**
 * Creates the default transport of this runtime, as cold streams.
 *
 * In Node, Bun and Deno it stands on `node:http` and `node:https`: a question with a body leaves as GET. All transports with
 * the same certificates share their connections: 64 at most, each kept for 25 s. A connection that does not come about
 * within 5 s fails. A question whose kept connection turned out to be closed is sent once more; a command always gets a
 * new connection. Elsewhere it stands on `fetch`: a question with a body leaves as POST with
 * `X-HTTP-Method-Override: GET`, for a relay to turn back.
 *
 * Fails with a `TransportFailure` only: a `code` and a message without URL or header.
 *
 * ```ts
 * const transport = fetchTransport({ tls: { ca: readFileSync('ca.pem') } })
 * const request = { method: 'GET', url: 'https://ais:51080/v1/health', headers: {}, maxReplyBytes: 1024 }
 * transport(request).subscribe(({ status }) => console.log(status)) // 200
 * ```
 *
 * @param options default: no certificates of our own, no proxy
 */
export function fetchTransport(options: FetchOptions = {}): ClosableTransport {
  return transportOf(options)
}
