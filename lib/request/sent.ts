import type { HttpResponse } from '../transport/transport.ts'
import type { Token } from './token.ts'

/** A reply, and the token that was sent with the request. */
export interface Sent {
  readonly response: HttpResponse
  readonly token: Token
  /** The base or the origin that it was sent to. */
  readonly endpoint: string
}
