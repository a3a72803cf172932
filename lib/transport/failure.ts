import { getOwn } from '../common/get-own.ts'
import { REPLY_TOO_LARGE } from './transport.ts'

/** The reply ended before it was complete. */
export const BODY_CUT = 'ERR_BODY_CUT'
/** A header that HTTP cannot carry, such as a token that ends in a newline. */
export const INVALID_HEADER = 'ERR_INVALID_CHAR'
/** A browser received a redirect, and does not show programs the new address. */
export const REDIRECT_HIDDEN = 'ERR_REDIRECT_HIDDEN'
/** The code of a failure whose cause is unknown. */
const UNKNOWN = 'EUNKNOWN'

/**
 * A message for each code that a transport on `fetch` can have. The messages of the runtimes quote URLs and header values,
 * and so tokens.
 */
const SENTENCES: Readonly<Record<string, string>> = {
  [REPLY_TOO_LARGE]: 'the reply was longer than maxReplyBytes, so reading stopped there',
  [BODY_CUT]: 'the connection was closed in the middle of the reply',
  [INVALID_HEADER]: 'a header holds a character that HTTP does not allow (does the token end in a newline?)',
  [REDIRECT_HIDDEN]: 'the server replied with a redirect, and the browser does not show its address to programs',
  [UNKNOWN]: 'the connection failed for an unknown reason',
}

/** The message for a code, for people. */
export const sentenceOf = (code: string): string => getOwn(SENTENCES, code) ?? 'the request failed'

/**
 * The failure of one request: a `code` for programs and a sentence for people.
 *
 * It holds no cause, no URL and no header, so it can be logged.
 */
export class TransportFailure extends Error {
  override readonly name = 'TransportFailure'
  /** A code of the system or of TLS, `REPLY_TOO_LARGE`, or one of the constants beside this class. */
  readonly code: string
  /** Whether no server has received the request: the connection failed. */
  readonly nothingSent: boolean

  constructor(code: string, message = sentenceOf(code), nothingSent = false) {
    super(message)
    this.code = code
    this.nothingSent = nothingSent
  }
}

/** After the head has arrived, a lost connection means an incomplete reply, whatever its code. */
export const inBody = (code: string): string =>
  ['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', UNKNOWN].includes(code) ? BODY_CUT : code

/** A code is an upper-case word. A `code` of any other form is not used, because it may contain a URL or a token. */
const CODE = /^[A-Z][A-Z0-9_]{1,63}$/

/**
 * Finds the `code` of a thrown value, in the value itself or in its `cause`.
 *
 * @param error what was thrown
 * @returns the code, or `EUNKNOWN`
 */
export function codeOf(error: unknown): string {
  for (let at = error, depth = 0; typeof at === 'object' && at !== null && depth < 3; depth++) {
    const { code, cause } = at as { code?: unknown; cause?: unknown }
    if (typeof code === 'string' && CODE.test(code)) return code
    at = cause
  }
  return UNKNOWN
}
