import { oneLine, without } from '../text.ts'
import type { HttpResponse } from '../transport/transport.ts'

/** The address that a reply points to, if it points anywhere. */
export const locationOf = (response: HttpResponse): string | undefined =>
  response.status >= 300 && response.status < 400 ? response.headers['location'] : undefined

/** 307 and 308 keep the method and the body; any other would change what is asked. */
export const keepsRequest = (response: HttpResponse): boolean => response.status === 307 || response.status === 308

/** A request's address as a whole; undefined where it has no host and there is no page that lends it one. */
export const absolute = (url: string, pageOrigin: string): URL | undefined =>
  URL.canParse(url) ? new URL(url) : URL.canParse(url, pageOrigin) ? new URL(url, pageOrigin) : undefined

/** Resolves a Location as the address of its reply has it; undefined where it is no address at all. */
export const resolve = (location: string, from: URL | undefined): URL | undefined =>
  URL.canParse(location, from) ? new URL(location, from) : undefined

/** Whether a request may be repeated there if the origin is a known one: same or stronger scheme, no credentials. */
export const isDecent = (to: URL, from: URL | undefined): boolean =>
  (to.protocol === 'https:' || (to.protocol === 'http:' && from?.protocol !== 'https:')) &&
  to.username === '' &&
  to.password === ''

/** An address as an error may name it: without credentials, query and token. */
export const named = (to: URL | undefined, token: string | undefined): string =>
  to === undefined
    ? 'an address that cannot be read'
    : oneLine(without(token, `${to.protocol}//${to.host}${to.pathname}`))
