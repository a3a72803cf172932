import { oneLine, without } from '../common/text.ts'
import { parsedUrl } from './endpoint.ts'
import type { HttpResponse } from '../transport/transport.ts'

/**
 * The Location of a redirect of the cluster; undefined for any other reply. AIStore redirects with 307 and 308, which keep
 * the method and the body. Any other redirect comes from an intermediary and leads to a page.
 */
export const locationOf = ({ status, headers }: HttpResponse): string | undefined =>
  status === 307 || status === 308 ? headers['location'] : undefined

/** The absolute address of a request; undefined if it is relative and there is no page. */
export const absolute = (url: string, pageOrigin: string): URL | undefined =>
  parsedUrl(url) ?? parsedUrl(url, pageOrigin)

/** Whether an address of a known origin may receive the request: same or stronger scheme, no credentials. */
export const mayReceiveRequest = (to: URL, from: URL | undefined): boolean =>
  isAsStrong(to, from) && to.username === '' && to.password === ''

/** Whether the scheme of an address is at least as strong as that of the server that names it. */
export const isAsStrong = (to: URL, from: URL | undefined): boolean =>
  to.protocol === 'https:' || (to.protocol === 'http:' && from?.protocol !== 'https:')

/** An address for an error message: without credentials, query and token. */
export const named = (to: URL | undefined, token: string | undefined): string =>
  to === undefined
    ? 'an address that cannot be read'
    : oneLine(without(token, `${to.protocol}//${to.host}${to.pathname}`))
