import { inspect } from 'node:util'
import { TransportFailure } from '../../../../lib/transport/failure.ts'
import type { HttpRequest, Transport } from '../../../../lib/transport/transport.ts'
import { reply } from '../contract/world.ts'

/** The failure of the request. Throws if a reply arrives, or if the error is not a TransportFailure. */
export async function failure(transport: Transport, request: HttpRequest): Promise<TransportFailure> {
  const outcome = await reply(transport, request).catch((error: unknown) => error)
  if (outcome instanceof TransportFailure) return outcome
  throw new Error(`not a TransportFailure: ${inspect(outcome)}`)
}
