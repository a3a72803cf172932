import type { Observable } from 'rxjs'

/** One request of the library. */
export interface HttpRequest {
  /** The logical method: `GET` even with a body. */
  readonly method: string
  /** Absolute, with its query. */
  readonly url: string
  /** May hold the token: never log them. */
  readonly headers: Readonly<Record<string, string>>
  /** Absent if the request has no body. */
  readonly body?: string
  /** Reading stops beyond this many bytes of (inflated) body. */
  readonly maxReplyBytes: number
  /** How long the connection may take to open, including TLS, in milliseconds. Defaults to 5,000. */
  readonly connectMs?: number
}

/** One reply; header names are in lower case. */
export interface HttpResponse {
  /** Any status counts as a reply. */
  readonly status: number
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Decoded as UTF-8; empty if it was lost. */
  readonly body: string
  /** True if status and headers arrived, but the body could not be read. */
  readonly bodyLost?: boolean
}

/**
 * Sends the requests of the library.
 *
 * Cold: each subscription sends the request once. It emits one reply, whatever its status, and completes. Redirects are not followed. Unsubscribing closes the socket. Fails with an error that has a `code`
 * (a system code such as `ECONNREFUSED`, or `REPLY_TOO_LARGE`); its message is displayed and must hold no header.
 * If `nothingSent` of the error is true, no server has received the request, so even a command may go to another server.
 *
 * The body of a good reply to a GET is the answer; if it cannot be read, the transport errors. Any other body is optional: if
 * it cannot be read soon, the transport emits the reply without it, with `bodyLost`.
 */
export type Transport = (request: HttpRequest) => Observable<HttpResponse>

/** A transport that keeps connections. */
export interface ClosableTransport extends Transport {
  /** Closes the connections that it keeps; resolves when they are gone. */
  close(): Promise<void>
}

/** `code` of the failure of a transport that stopped reading at `maxReplyBytes`. */
export const REPLY_TOO_LARGE = 'REPLY_TOO_LARGE'
