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
  /** Within so many milliseconds a connection must come about, TLS included; default 5,000. */
  readonly connectMs?: number
}

/** One reply; header names are in lower case. */
export interface HttpResponse {
  /** Any status counts as a reply. */
  readonly status: number
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Decoded as UTF-8; empty where it was lost. */
  readonly body: string
  /** True where status and headers arrived and the body could not be read. */
  readonly bodyLost?: boolean
}

/**
 * The port through which everything leaves.
 *
 * Cold: nothing is sent before subscribe, each subscription sends once. Emits one reply, whatever its status, and
 * completes. Redirects are not followed. Unsubscribing closes the socket. Fails with an error that has a `code`
 * (a system code such as `ECONNREFUSED`, or `REPLY_TOO_LARGE`); its message is shown to people and must hold no header.
 * Where `nothingSent` of the error is true, no server has seen the request, so even a command may go elsewhere.
 *
 * The body of a good reply to a GET is the answer, and an error if it can't be read. Any other body is a bonus: where it
 * can't be read, or not soon, the reply is emitted without it and says `bodyLost`.
 */
export type Transport = (request: HttpRequest) => Observable<HttpResponse>

/** A transport that keeps connections. */
export interface ClosableTransport extends Transport {
  /** Closes the connections that it keeps; resolves when they are gone. */
  close(): Promise<void>
}

/** `code` of the failure of a transport that stopped reading at `maxReplyBytes`. */
export const REPLY_TOO_LARGE = 'REPLY_TOO_LARGE'
