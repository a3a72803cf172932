import type { Observable } from 'rxjs'

/** One request as the library means it. */
export interface HttpRequest {
  /** The logical method: `GET` even where it carries a body. */
  readonly method: string
  /** Absolute, with its query. */
  readonly url: string
  /** May hold the token: never log them. */
  readonly headers: Readonly<Record<string, string>>
  /** Absent if nothing is sent. */
  readonly body?: string
  /** Reading stops beyond this many bytes of (inflated) body. */
  readonly maxReplyBytes: number
}

/** One whole reply; header names are in lower case. */
export interface HttpResponse {
  /** Any status counts as a reply. */
  readonly status: number
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Decoded as UTF-8. */
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
