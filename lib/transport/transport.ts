import type { Observable } from 'rxjs'

/** One request as the library means it. */
export interface HttpRequest {
  /** The logical method: `GET` even where it carries a body. */
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** Reading stops beyond this many bytes of (inflated) body. */
  readonly maxReplyBytes: number
}

/** One whole reply; header names are in lower case. */
export interface HttpResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * The port through which everything leaves.
 *
 * Cold: nothing is sent before subscribe, each subscription sends once. Emits one whole reply, whatever its status, and
 * completes. Redirects are not followed. Unsubscribing closes the socket. Fails with an error that has a `code`
 * (a system code such as `ECONNREFUSED`, or `REPLY_TOO_LARGE`); its message is shown to people and must hold no header.
 */
export type Transport = (request: HttpRequest) => Observable<HttpResponse>

/** `code` of the failure of a transport that stopped reading at `maxReplyBytes`. */
export const REPLY_TOO_LARGE = 'REPLY_TOO_LARGE'
