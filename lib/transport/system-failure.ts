import { getOwn } from '../common/get-own.ts'
import { isCertificateError } from './certificate.ts'
import { sentenceOf, TransportFailure } from './failure.ts'

/** The server requested another protocol. */
export const UPGRADED = 'ERR_UPGRADE'
/** The encoding of the body is not supported. */
export const ENCODING = 'ERR_CONTENT_ENCODING'
/** The address is invalid, or contains credentials. */
export const INVALID_URL = 'ERR_INVALID_URL'

/** A message for each code of the system, and of our transport on sockets. A browser tells programs none of them. */
const SENTENCES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens at this address',
  ECONNRESET: 'the connection was closed before a reply arrived',
  EPIPE: 'the connection was closed while the request was being sent',
  ENOTFOUND: 'there is no host of this name',
  EAI_AGAIN: 'the name of the host could not be looked up just now',
  ETIMEDOUT: 'the connection did not open in time',
  EHOSTUNREACH: 'no route leads to this host',
  ENETUNREACH: 'no route leads to this network',
  EMFILE: 'this process has too many open files',
  ENFILE: 'this machine has too many open files',
  EINVAL: 'the system cannot connect to this address (is it valid on one link only?)',
  ERR_INVALID_IP_ADDRESS: 'the name service replied with something that is not an address',
  EADDRNOTAVAIL: 'this machine has no free port for the connection, or cannot use this address',
  EACCES: 'this process may not open the connection (does a firewall or a sandbox forbid it?)',
  EPERM: 'this process may not open the connection (does a firewall or a sandbox forbid it?)',
  ERR_ACCESS_DENIED: 'the permissions of this runtime forbid the connection',
  ERR_PROXY_TUNNEL: 'the proxy did not open a tunnel to this host (does it want credentials?)',
  ERR_PROXY_INVALID_CONFIG: 'the address of the proxy in the environment is not valid',
  ERR_INVALID_PROTOCOL: 'the agent does not support the scheme of the address',
  HPE_HEADER_OVERFLOW: 'the headers of the reply are too long',
  EPROTO:
    'the TLS handshake failed (should it be http instead of https, does the server want a certificate, or is its TLS older than 1.2?)',
  [INVALID_URL]: 'the address is not an http or https URL without credentials',
  [ENCODING]: 'the reply is compressed in a way that was not requested',
  [UPGRADED]: 'the server wants to change to a protocol other than HTTP',
}

/** Only TLS or a proxy can close a connection while it is opening. */
const CLOSED_EARLY = 'the connection was closed while it was opening (should it be http instead of https?)'
/** A server with TLS often closes a connection on which it receives plain HTTP. */
const CLOSED_PLAIN = `${SENTENCES['ECONNRESET']} (should it be https instead of http?)`

/** Messages for families of codes. They do not repeat the code, because an error shows it beside the message. */
const KINDS: readonly (readonly [pattern: RegExp, sentence: string])[] = [
  [
    /^(?:EAI_[A-Z]+|E(?:NODATA|SERVFAIL|REFUSED|TIMEOUT|FORMERR|NOTIMP|BADRESP|BADNAME))$/,
    'the name of the host could not be looked up (does the name service reply?)',
  ],
  [/^HPE_/, 'the reply is not valid HTTP'],
  [/^Z_/, 'the reply cannot be inflated'],
  [/^ERR_SSL_/, 'the TLS connection failed'],
]

function sentence(code: string): string {
  const known = getOwn(SENTENCES, code)
  if (known !== undefined) return known
  if (isCertificateError(code)) return 'the TLS handshake failed, because a certificate was not accepted'
  return KINDS.find(([pattern]) => pattern.test(code))?.[1] ?? sentenceOf(code)
}

/** With TLS 1.3, a server refuses the client's certificate after the client has sent its request. It does not read the request. */
const REFUSED_CERTIFICATE = /^ERR_SSL_\w*ALERT_(?:\w*CERT|UNKNOWN_CA|ACCESS_DENIED|\w*HANDSHAKE)/

function messageOf(code: string, nothingSent: boolean, isSecure: boolean): string {
  if (code !== 'ECONNRESET') return sentence(code)
  if (nothingSent) return CLOSED_EARLY
  return isSecure ? sentence(code) : CLOSED_PLAIN
}

/**
 * The failure of a request on a socket. Unlike a browser, a socket also reports codes of the system and of TLS.
 *
 * @param isSecure whether the connection uses TLS
 */
export const systemFailure = (code: string, nothingSent = false, isSecure = false): TransportFailure =>
  new TransportFailure(code, messageOf(code, nothingSent, isSecure), nothingSent || REFUSED_CERTIFICATE.test(code))
