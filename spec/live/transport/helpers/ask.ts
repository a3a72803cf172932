import { inspect } from 'node:util'
import { lastValueFrom, toArray } from 'rxjs'
import { TransportFailure } from '../../../../lib/transport/failure.ts'
import type { HttpRequest, HttpResponse, Transport } from '../../../../lib/transport/transport.ts'

/** A request to this address, without a body unless told otherwise. */
export function requestTo(url: string, more: Partial<HttpRequest> = {}): HttpRequest {
  return { method: 'GET', url, headers: {}, maxReplyBytes: 1_000_000, ...more }
}

/** The one reply; fails if there are none or two. */
async function reply(transport: Transport, request: HttpRequest): Promise<HttpResponse> {
  const [only, ...others] = await lastValueFrom(transport(request).pipe(toArray()))
  if (only === undefined || others.length > 0) throw new Error(`${String(others.length + 1)} replies instead of one`)
  return only
}

/** The failure of the request. Throws if a reply arrives, or if the error is not a TransportFailure. */
export async function failure(transport: Transport, request: HttpRequest): Promise<TransportFailure> {
  const outcome = await reply(transport, request).catch((error: unknown) => error)
  if (outcome instanceof TransportFailure) return outcome
  throw new Error(`not a TransportFailure: ${inspect(outcome)}`)
}
