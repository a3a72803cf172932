import type { Observable } from 'rxjs'
import type { Admission, RequestType } from './admit.ts'
import type { Incoming } from './incoming.ts'
import type { Reply } from './reply.ts'

/** The relay without a server. */
export interface RelayCore {
  readonly admission: Admission
  /** Emits the reply to a request whose head was admitted and whose body was read. */
  readonly handle: (requestType: RequestType, incoming: Incoming, body: string) => Observable<Reply>
}
