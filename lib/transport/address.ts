import { INVALID_URL, systemFailure } from './system-failure.ts'

/** The address of a request, in the parts that a connection needs. */
export interface Address {
  readonly isSecure: boolean
  /** Without the brackets of an IPv6 address. */
  readonly hostname: string
  readonly port: string | number
  /** The host and its port, in the form that Node's agents use as a key. */
  readonly host: string
  readonly origin: string
  /** With the query. */
  readonly path: string
}

/** The addresses that were parsed last. A client sends most of its requests to a few addresses. */
const recent = new Map<string, Address>()
const MOST_RECENT = 64

/** Parses the address of a request. An address with credentials is refused, because addresses are displayed. */
export function addressOf(text: string): Address {
  const known = recent.get(text)
  if (known !== undefined) return known
  const address = parsed(text)
  if (recent.size >= MOST_RECENT) recent.clear()
  recent.set(text, address)
  return address
}

function parsed(text: string): Address {
  try {
    const url = new URL(text)
    if (/^https?:$/.test(url.protocol) && url.username === '' && url.password === '') return partsOf(url)
  } catch {
    // All runtimes get one code below: their own codes differ, or are missing.
  }
  throw systemFailure(INVALID_URL)
}

function partsOf({ protocol, hostname, port, origin, pathname, search }: URL): Address {
  const isSecure = protocol === 'https:'
  const usedPort = port || (isSecure ? 443 : 80)
  return {
    isSecure,
    hostname: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname,
    port: usedPort,
    host: `${hostname}:${usedPort}`,
    origin,
    path: pathname + search,
  }
}
