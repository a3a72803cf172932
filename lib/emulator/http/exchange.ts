/** A request as it reached a node. */
export interface Request {
  /** The node that was asked, by id. */
  readonly node: string
  readonly method: string
  readonly path: string
  /** Without its question mark. */
  readonly query: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
  /** Host and port of the client; it comes back in error bodies. */
  readonly remote: string
}

/** What the node answers, and when: `delayMs` is time of the cluster. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly delayMs: number
  /** The body where it is not text. */
  readonly bytes?: Uint8Array
}

/** The server's content types: what they say has little to do with what is inside. */
export const JSON_TYPE = 'application/json; charset=utf-8'
export const TEXT_TYPE = 'text/plain; charset=utf-8'

/** An answer with a body. */
export const reply = (body: string, type: string, delayMs = 0, status = 200): Answer => ({
  status,
  headers: { 'content-type': type },
  body,
  delayMs,
})

/** An answer without one, and without a content type. */
export const empty = (status = 200, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers,
  body: '',
  delayMs: 0,
})
