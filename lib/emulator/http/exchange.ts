/** A request, as a node received it. */
export interface Request {
  /** Id of the node that received the request. */
  readonly node: string
  readonly method: string
  readonly path: string
  /** Query without its question mark. */
  readonly query: string
  /** Header values by lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
  /** The body as bytes. Absent if the body is known as text only. */
  readonly bytes?: Uint8Array
  /** Host and port of the client, which error bodies repeat. */
  readonly remote: string
}

/** The reply of a node. It is sent after `delayMs` milliseconds of the cluster's time. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly delayMs: number
  /** The body, if it is not text. */
  readonly bytes?: Uint8Array
}

/** The server's content types. Many replies of type text contain JSON. */
export const JSON_TYPE = 'application/json; charset=utf-8'
export const TEXT_TYPE = 'text/plain; charset=utf-8'

/** A reply with a body. */
export const reply = (body: string, type: string, delayMs = 0, status = 200): Answer => ({
  status,
  headers: { 'content-type': type },
  body,
  delayMs,
})

/** A reply without a body and without a content type. */
export const empty = (status = 200, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers,
  body: '',
  delayMs: 0,
})
