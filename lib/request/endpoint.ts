import type { Either } from 'fp-ts/lib/Either.js'
import { left, right } from '../common/either.ts'
import { invalidArgument, type InvalidArgument } from '../error.ts'
import { hasControl, show } from '../common/text.ts'

/** Where requests go: a base to which paths are appended, and the origin that may get the token. */
export interface Endpoint {
  readonly base: string
  readonly origin: string
}

const TAKES =
  'takes an http:// or https:// address such as "http://ais-proxy:51080", with a path prefix if there is one'

/**
 * Checks an endpoint once, so that nothing but its path is ever appended to it.
 *
 * @param relative whether an address without a host makes sense here (in a browser, or with a transport that the user gave)
 */
export function parseEndpoint(value: unknown, relative: boolean): Either<InvalidArgument, Endpoint> {
  const refuse = (why: string): Either<InvalidArgument, never> => left(invalidArgument('endpoint', `${why}; ${TAKES}`))
  if (typeof value !== 'string') return refuse(`got ${show(value)}`)
  if (hasControl(value)) return refuse('got an address with a control character or a line break')
  const url = addressOf(value)
  // The message must not repeat an address that may contain credentials.
  if (url === undefined ? value.includes('@') : url.username !== '' || url.password !== '')
    return refuse('got an address with credentials (give the token option instead)')
  if (/[?#]/.test(value)) return refuse(`got ${show(value.replace(/[?#].*$/, ''))} with a query or a fragment`)
  if (relative && /^(?:$|\/(?!\/))[^\s\\]*$/.test(value)) return right({ base: trimmed(value), origin: pageOrigin() })
  if (url === undefined || /[\s\\]/.test(value)) return refuse(`got ${show(value)}`)
  return right({ base: trimmed(url.origin + url.pathname), origin: url.origin })
}

/** Takes only an address with all its parts; `URL` takes `http:host` and `http:\\host` too. */
const addressOf = (value: string): URL | undefined =>
  /^https?:\/\/[^/\\\s]/i.test(value) ? parsedUrl(value) : undefined

/** The parts of an address; undefined if it is none. One call, where `URL.canParse` before `new URL` reads it twice. */
export function parsedUrl(value: string): URL | undefined {
  try {
    return new URL(value)
  } catch {
    return undefined
  }
}

function trimmed(base: string): string {
  let end = base.length
  while (base[end - 1] === '/') end--
  return base.slice(0, end)
}

/** The page's own origin; relative addresses exist only there. */
export const pageOrigin = (): string => (globalThis as { location?: { origin: string } }).location?.origin ?? ''
