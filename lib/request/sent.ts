import type { JobError } from '../error.ts'
import type { HttpResponse } from '../transport/transport.ts'
import type { Token } from './token.ts'

/** The reply to a request, and the token that was sent with the request. */
export interface Sent {
  readonly response: HttpResponse
  readonly token: Token
  /** The base or origin to which the request was sent. */
  readonly endpoint: string
  /**
   * Present if a redirect required a request for the cluster map, and that request failed. `response` is then its
   * reply.
   */
  readonly failure?: JobError
}
