/**
 * A fault of one exchange on the wire. The cluster itself is healthy. It carries out the request unless the fault says
 * otherwise.
 */
export type Fault =
  /** The cluster carries out the request, but the connection is reset before any byte of the reply. */
  | { readonly type: 'reset' }
  /** The headers and half of the body arrive, then the connection is reset. */
  | { readonly type: 'reset-body' }
  /** The cluster reads the request but never replies. The connection stays open. */
  | { readonly type: 'stall' }
  /** The headers announce the whole body, half of it arrives, and the connection is closed without an error. */
  | { readonly type: 'truncate' }
  /** An HTTP intermediary replies 200 with an HTML page. The cluster never receives the request. */
  | { readonly type: 'wrong-type' }
  /** A reply with this status, such as 502 or 503, and an empty body. The cluster never receives the request. */
  | { readonly type: 'status'; readonly status: number; readonly retryAfterSeconds?: number | undefined }
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
