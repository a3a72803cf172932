import { REPLY_TOO_LARGE } from './transport.ts'

/** The reply ended before it was complete. */
export const BODY_CUT = 'ERR_BODY_CUT'
/** A header that HTTP cannot carry, such as a token that ends in a newline. */
export const INVALID_HEADER = 'ERR_INVALID_CHAR'
/** A browser received a redirect, and does not tell programs where to. */
export const REDIRECT_HIDDEN = 'ERR_REDIRECT_HIDDEN'
/** The server requested another protocol. */
export const UPGRADED = 'ERR_UPGRADE'
/** The encoding of the body is not supported. */
export const ENCODING = 'ERR_CONTENT_ENCODING'
/** The address is invalid, or contains credentials. */
export const INVALID_URL = 'ERR_INVALID_URL'
/** The cause is unknown. */
const UNKNOWN = 'EUNKNOWN'

/** A message for each code. The messages of the runtimes quote URLs and header values, and so tokens. */
const SENTENCES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens at this address',
  ECONNRESET: 'the connection was closed before a reply arrived (should it be https instead of http?)',
  EPIPE: 'the connection was closed while the request was being sent',
  ENOTFOUND: 'there is no host of this name',
  EAI_AGAIN: 'the name of the host could not be looked up just now',
  ETIMEDOUT: 'no connection came about in time',
  EHOSTUNREACH: 'no route leads to this host',
  ENETUNREACH: 'no route leads to this network',
  EMFILE: 'this process has too many open files',
  EPROTO: 'no TLS came about (should it be http instead of https, or does the server want a certificate?)',
  [INVALID_URL]: 'the address is not an http or https URL without credentials',
  [ENCODING]: 'the reply is compressed in a way that was not asked for',
  [REPLY_TOO_LARGE]: 'the reply was longer than maxReplyBytes, reading stopped there',
  [BODY_CUT]: 'the connection was closed in the middle of the reply',
  [INVALID_HEADER]: 'a header holds a character that HTTP does not allow (does the token end in a newline?)',
  [REDIRECT_HIDDEN]: 'the server answered with a redirect, which a browser does not show',
  [UPGRADED]: 'the server wants to go on in another protocol than HTTP',
  [UNKNOWN]: 'no connection, for a reason that was not given',
}

const CERTIFICATE_CODES: ReadonlySet<string> = new Set([
  // Node's code for every failed handshake: a server without TLS, or one that requires a client certificate.
  'EPROTO',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_GET_CRL',
  'UNABLE_TO_DECRYPT_CERT_SIGNATURE',
  'UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY',
  'ERROR_IN_CERT_NOT_BEFORE_FIELD',
  'ERROR_IN_CERT_NOT_AFTER_FIELD',
  'HOSTNAME_MISMATCH',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'ERR_TLS_CERT_ALTNAME_FORMAT',
])

/** `CERT_HAS_EXPIRED` and similar codes, the alert of a server that refuses the client's certificate, and an invalid PEM. */
const CERTIFICATE_FAMILIES = /^CERT_|^ERR_SSL_\w*ALERT_|^ERR_SSL_WRONG_VERSION_NUMBER$|^ERR_OSSL_/

/**
 * Returns whether a `code` means that the TLS handshake failed, nearly always because of a certificate.
 *
 * A retry cannot help: somebody has to change a certificate, the TLS options or the address.
 *
 * @param code the `code` of a failure of the transport
 */
export function isCertificateError(code: string): boolean {
  return CERTIFICATE_CODES.has(code) || CERTIFICATE_FAMILIES.test(code)
}

function sentence(code: string): string {
  if (Object.hasOwn(SENTENCES, code)) return SENTENCES[code] ?? code
  if (isCertificateError(code)) return `no TLS came about, a certificate was not accepted (${code})`
  if (code.startsWith('HPE_')) return `the reply is not HTTP as it should be (${code})`
  if (code.startsWith('Z_')) return `the reply cannot be inflated (${code})`
  return `the request failed (${code})`
}

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

  /** @param code from which the message is made */
  constructor(code: string, nothingSent = false) {
    super(sentence(code))
    this.code = code
    this.nothingSent = nothingSent || REFUSED_CERTIFICATE.test(code)
  }
}

/** With TLS 1.3, a server refuses the client's certificate after the client has sent its request, and reads nothing of it. */
const REFUSED_CERTIFICATE = /^ERR_SSL_\w*ALERT_(?:\w*CERT|UNKNOWN_CA|ACCESS_DENIED|\w*HANDSHAKE)/

/** After the head has arrived, a lost connection means an incomplete reply, whatever its code. */
export const inBody = (code: string): string =>
  ['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', UNKNOWN].includes(code) ? BODY_CUT : code

/** Codes are upper-case words. Any other value in their place may hold anything. */
const CODE = /^[A-Z][A-Z0-9_]{1,63}$/

/**
 * Finds the `code` of anything that was thrown, in itself or in its `cause`.
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
