/** What goes wrong with one exchange on the wire. The cluster itself is well, and does what was asked unless said. */
export type Fault =
  /** The connection is reset before any byte of a reply. The request was carried out: a start starts. */
  | { readonly type: 'reset' }
  /** The headers arrive, with half of the body, then the connection is reset. */
  | { readonly type: 'reset-body' }
  /** The request is read and never answered; the connection stays open. */
  | { readonly type: 'stall' }
  /** The headers promise the whole body, half of it arrives, and the connection is closed in good order. */
  | { readonly type: 'truncate' }
  /** A proxy in between answers 200 with a page of HTML; the cluster never sees the request. */
  | { readonly type: 'wrong-type' }
  /** A status with an empty body, such as 502 or 503; the cluster never sees the request. */
  | { readonly type: 'status'; readonly status: number; readonly retryAfterSeconds?: number | undefined }
  /** The right reply, so many milliseconds of the cluster's time later. */
  | { readonly type: 'slow'; readonly delayMs: number }

/** What a fault may be matched by. */
export interface AskedFor {
  /** The HTTP method as it arrived. */
  readonly method: string
  /** Without the query, such as `/v1/cluster`. */
  readonly path: string
  /** Without its question mark, empty where there is none. */
  readonly query: string
  /** The `what` of the query, empty where there is none. */
  readonly what: string
  /** The whole text, empty where there is none. */
  readonly body: string
  /** The id of the node that was asked. */
  readonly node: string
}

/** Which requests a fault meets: by `what`, by method, by node, or by a function. All that is given must hold. */
export type Match =
  | ((asked: AskedFor) => boolean)
  | {
      readonly what?: string | undefined
      readonly method?: string | undefined
      readonly node?: string | undefined
      readonly path?: string | undefined
    }

/** True where a request is meant. */
export const isMatch = (match: Match | undefined, asked: AskedFor): boolean => {
  if (match === undefined) return true
  if (typeof match === 'function') return match(asked)
  return Object.entries(match).every(
    ([key, value]) => value === undefined || asked[key as keyof typeof match] === value,
  )
}
