import type { Either } from 'fp-ts/lib/Either.js'
import { left, right } from '../common/either.ts'
import { invalidArgument, type InvalidArgument } from '../error.ts'
import { hasControl, show } from '../common/text.ts'

/** The address of a server: the base URL to which paths are appended, and the origin that may receive the token. */
export interface Endpoint {
  /** Such as `http://proxy:8080/prefix`: paths are appended to it. */
  readonly base: string
  /** Such as `http://proxy:8080`. */
  readonly origin: string
}

const TAKES =
  'takes an http:// or https:// address such as "http://ais-proxy:51080", with a path prefix if there is one'

/**
 * Parses and checks the address of an endpoint.
 *
 * The result has no query, no fragment and no credentials, so that paths can be appended to its base.
 *
 * @param isRelative whether an address without a host is valid (in a browser, or with the user's own transport)
 */
export function parseEndpoint(
  value: unknown,
  { isRelative }: { readonly isRelative: boolean },
): Either<InvalidArgument, Endpoint> {
  const refuse = (why: string): Either<InvalidArgument, never> => left(invalidArgument('endpoint', `${why}; ${TAKES}`))
  if (typeof value !== 'string') return refuse(`got ${show(value)}`)
  if (hasControl(value)) return refuse('got an address with a control character or a line break')
  const url = addressOf(value)
  // The message must not quote an address that may contain credentials.
  if (url === undefined ? value.includes('@') : url.username !== '' || url.password !== '')
    return refuse('got an address with credentials (give the token option instead)')
  if (/[?#]/.test(value)) return refuse(`got ${show(value.replace(/[?#].*$/, ''))} with a query or a fragment`)
  // A path that begins with two slashes would name another host.
  if (isRelative && /^(?:$|\/(?!\/))[^\s\\]*$/.test(value)) return right({ base: trimmed(value), origin: pageOrigin() })
  if (url === undefined || /[\s\\]/.test(value)) return refuse(`got ${show(value)}`)
  return right({ base: trimmed(url.origin + url.pathname), origin: url.origin })
}

/** Parses an absolute address only; `URL` would also accept `http:host` and `http:\\host`. */
const addressOf = (value: string): URL | undefined =>
  /^https?:\/\/[^/\\\s]/i.test(value) ? parsedUrl(value) : undefined

/** The parsed address; undefined if it is invalid. `URL.canParse` before `new URL` would parse it twice. */
export function parsedUrl(value: string, base?: URL | string): URL | undefined {
  try {
    return new URL(value, base)
  } catch {
    return undefined
  }
}

function trimmed(base: string): string {
  let end = base.length
  while (base[end - 1] === '/') end--
  return base.slice(0, end)
}

/** The origin of the page in a browser; empty elsewhere. Relative addresses refer to it. */
export const pageOrigin = (): string => (globalThis as { location?: { origin: string } }).location?.origin ?? ''
