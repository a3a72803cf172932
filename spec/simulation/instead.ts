import type { HttpRequest, HttpResponse } from '../../lib/transport/transport.ts'
import { addressOf, DOWNLOAD_PATH } from './exchange-of.ts'
import type { NetFault } from './plan.ts'
import type { Exchange } from './recording.ts'

/** The Information Center consists of this many proxies, the first ones until another proxy is elected. */
const IC_SIZE = 3

const PAGE = '<html><head><title>Bad gateway</title></head><body>upstream</body></html>'

const textReply = (
  status: number,
  body: string,
  type: string,
  headers: HttpResponse['headers'] = {},
): HttpResponse => ({
  status,
  body,
  headers: { 'content-type': type, ...headers },
})

/** The reply of an intermediary between the user and the cluster; undefined if the fault does not replace the reply. */
export function insteadOf(
  { type, value = 0 }: NetFault,
  { what, token }: Exchange,
  proxies: readonly { readonly url: string; readonly inMap: boolean }[],
  { url }: HttpRequest,
): HttpResponse | undefined {
  switch (type) {
    case 'page':
      return textReply(value, PAGE, 'text/html')
    case 'garble':
      // Well-formed JSON that does not have the promised form.
      return textReply(200, what === 'snapshots' ? '{"t1":[{"id":7}]}' : '{"uuid":7}', 'application/json')
    case 'status':
      return textReply(value, '', 'text/plain')
    case 'retry-after':
      return textReply(503, '', 'text/plain', { 'retry-after': String(value) })
    case 'permanent':
      return textReply(value, JSON.stringify({ message: 'not here', status: value }), 'application/json')
    case 'echo':
      return textReply(
        500,
        JSON.stringify({ message: `cannot serve you, ${token ?? ''}`, status: 500 }),
        'application/json',
      )
    case 'foreign':
      return textReply(307, '', 'text/html', { location: `http://169.254.169.254${addressOf(url).pathname}` })
    case 'redirect': {
      // All requests are redirected to one proxy. It does not redirect them again.
      const { host, pathname, search } = addressOf(url)
      const to = proxies[value % proxies.length]!
      // The download API of a proxy outside the Information Center redirects, too, and two redirects may form a loop.
      const isLoop = pathname === DOWNLOAD_PATH && proxies.indexOf(to) >= IC_SIZE
      return !to.inMap || to.url.endsWith(host) || isLoop
        ? undefined
        : textReply(307, '', 'text/html', { location: `${to.url}${pathname}?${search}` })
    }
    default:
      return undefined
  }
}
