/**
 * A fault of one exchange on the wire. The cluster itself is healthy. It carries out the request unless the fault says
 * otherwise.
 */
export type Fault =
  /** The cluster carries out the request, but the connection is reset before any byte of the reply. */
  | { readonly type: 'reset' }
  /** The headers arrive, then the connection is reset before any byte of the body. */
  | { readonly type: 'reset-headers' }
  /** The headers and `at` bytes of the body arrive, then the connection is reset. `at` defaults to half of the body. */
  | { readonly type: 'reset-body'; readonly at?: number | undefined }
  /** The cluster reads the request but never replies. The connection stays open. */
  | { readonly type: 'stall' }
  /** The headers and half of the body arrive, then nothing more. The connection stays open. */
  | { readonly type: 'stall-body' }
  /**
   * The headers announce the whole body, `at` bytes of it arrive, and the connection is closed without an error. `at`
   * defaults to half of the body.
   */
  | { readonly type: 'truncate'; readonly at?: number | undefined }
  /** The correct reply, one byte at a time, headers first. `everyMs` is in the cluster's time and defaults to 1,000. */
  | { readonly type: 'slow-loris'; readonly everyMs?: number | undefined }
  /** Bytes that are not HTTP, then the connection is closed. */
  | { readonly type: 'garbage' }
  /** The correct reply with an extra header of `bytes` bytes, which default to 70,000. */
  | { readonly type: 'giant-header'; readonly bytes?: number | undefined }
  /** An HTTP intermediary replies with an HTML page. The cluster never receives the request. `status` defaults to 200. */
  | { readonly type: 'wrong-type'; readonly status?: number | undefined }
  /** The correct reply with another `content-type`. */
  | { readonly type: 'content-type'; readonly value: string }
  /** The correct reply with a `content-encoding` that its body does not have. */
  | { readonly type: 'content-encoding'; readonly value: string }
  /** A gzip body that inflates to `bytes` bytes, which default to 100 MiB. The cluster never receives the request. */
  | { readonly type: 'gzip-bomb'; readonly bytes?: number | undefined }
  /**
   * A reply with this status, such as 502 or 503, and an empty body. The cluster never receives the request. The header
   * `retry-after` is `retryAfter`, or else `retryAfterSeconds`.
   */
  | {
      readonly type: 'status'
      readonly status: number
      readonly retryAfterSeconds?: number | undefined
      readonly retryAfter?: string | undefined
    }
  /**
   * A redirect with an empty body. The cluster never receives the request. `location` defaults to the address of the
   * request itself, which is a loop; `status` defaults to 307.
   */
  | { readonly type: 'redirect'; readonly location?: string | undefined; readonly status?: number | undefined }
  /** A reply 200 with this body as JSON, such as `null` or `[]`. The cluster never receives the request. */
  | { readonly type: 'body'; readonly body: string }
  /** A JSON string of `bytes` bytes; Infinity never ends. Defaults to 100 MiB. The cluster never receives the request. */
  | { readonly type: 'giant'; readonly bytes?: number | undefined }
  /** JSON arrays nested `depth` deep, by default 100,000. The cluster never receives the request. */
  | { readonly type: 'deep'; readonly depth?: number | undefined }
  /** A JSON string with bytes that are not UTF-8. The cluster never receives the request. */
  | { readonly type: 'invalid-utf8' }
  /** The correct reply after a byte order mark. */
  | { readonly type: 'bom' }
  /**
   * The correct reply on a connection that the client may keep. The connection is closed `afterMs` milliseconds of the
   * cluster's time later. Defaults to 0.
   */
  | { readonly type: 'close-idle'; readonly afterMs?: number | undefined }
  /** The correct reply, `delayMs` milliseconds of the cluster's time later. */
  | { readonly type: 'slow'; readonly delayMs: number }

/** The fields of a request that a fault can match. */
export interface AskedFor {
  /** HTTP method, as received. */
  readonly method: string
  /** Path without the query, such as `/v1/cluster`. */
  readonly path: string
  /** Query without its question mark; empty if there is no query. */
  readonly query: string
  /** Value of `what` in the query; empty if there is none. */
  readonly what: string
  /** Whole body as text; empty if there is no body. */
  readonly body: string
  /** Id of the node that received the request. */
  readonly node: string
}

/** Selects the requests of a fault by `what`, method, node and path, which must all match, or by a function. */
export type Match =
  | ((request: AskedFor) => boolean)
  | {
      readonly what?: string | undefined
      readonly method?: string | undefined
      readonly node?: string | undefined
      readonly path?: string | undefined
    }

/** Whether the request matches. Without a `match`, every request does. */
export const isMatch = (match: Match | undefined, request: AskedFor): boolean => {
  if (match === undefined) return true
  if (typeof match === 'function') return match(request)
  return Object.entries(match).every(
    ([key, value]) => value === undefined || request[key as keyof typeof match] === value,
  )
}
