import type { HttpRequest } from '../../lib/transport/transport.ts'
import type { Exchange } from './recording.ts'

/** Where the download API is. */
export const DOWNLOAD_PATH = '/v1/download'

/** The parts of a request's URL. */
export interface Address {
  readonly host: string
  readonly pathname: string
  readonly search: string
}

/** All plans use the same few addresses, and looking one up is cheaper than parsing it. */
const addresses = new Map<string, Address>()
const MOST_ADDRESSES = 10_000

/** The parts of a URL; the last ten thousand are kept, since parsing is slow. */
export function addressOf(url: string): Address {
  let address = addresses.get(url)
  if (address === undefined) {
    if (addresses.size >= MOST_ADDRESSES) addresses.clear()
    addresses.set(url, (address = parsedUrl(url)))
  }
  return address
}

function parsedUrl(url: string): Address {
  const slash = url.indexOf('/', 8)
  const mark = url.indexOf('?', slash)
  const path = slash < 0 ? url.length : slash
  return {
    host: url.slice(url.indexOf('//') + 2, path),
    pathname: mark < 0 ? url.slice(path) : url.slice(path, mark),
    search: mark < 0 ? '' : url.slice(mark + 1),
  }
}

/** The record of a request that is being sent. */
export const exchangeOf = (
  user: number,
  request: HttpRequest,
  { host, pathname, search }: Address,
  atMs: number,
): Exchange => ({
  user,
  what: whatOf(request, pathname, search),
  atMs,
  body: request.body ?? '',
  host,
  token: request.headers['authorization'],
  endMs: Infinity,
  end: 'open',
  disturbed: false,
  fault: undefined,
  servedMs: undefined,
})

/** The type of a request. */
function whatOf({ method, body = '' }: HttpRequest, path: string, search: string): Exchange['what'] {
  if (method !== 'GET') return body.includes('"start"') ? 'start' : 'stop'
  // For downloads, the download API replaces the snapshots.
  if (path === DOWNLOAD_PATH) return 'snapshots'
  if (search.startsWith('what=status_all')) return 'list'
  if (search.startsWith('what=status')) return 'status'
  if (search.startsWith('what=running')) return 'running'
  if (search.startsWith('what=qryxstats')) return 'snapshots'
  return search.startsWith('what=smap') ? 'map' : 'other'
}
