/** The head of a request to the relay, whatever server received it. */
export interface Incoming {
  readonly method: string
  /** Path and query exactly as they arrived. Parsed as a URL, `//host` or `/\host` would name another host. */
  readonly target: string
  /** Every value of each header, by its name in lower case. A server that joins equal names would hide a second value. */
  readonly headers: ReadonlyMap<string, readonly string[]>
  /** Whether the connection to this server is encrypted. */
  readonly secure: boolean
  /** The port that this server listens on; undefined if it is unknown. */
  readonly port: number | undefined
  /** The address of the client; undefined if it is unknown. */
  readonly client: string | undefined
}

/** The only value of a header; undefined if it is absent or occurs more than once. */
export function headerOf({ headers }: Incoming, name: string): string | undefined {
  const values = headers.get(name)
  return values?.length === 1 ? values[0] : undefined
}

/** The client that the nearest proxy names: the last address in the header. A client can set the earlier ones itself. */
export function forwardedClient({ headers }: Incoming): string | undefined {
  const client = headers.get('x-forwarded-for')?.at(-1)?.split(',').at(-1)?.trim()
  return client === '' ? undefined : client
}

/** Collects pairs of names and values. */
export function headersOf(
  pairs: Iterable<readonly [name: string, value: string]>,
): ReadonlyMap<string, readonly string[]> {
  const headers = new Map<string, string[]>()
  for (const [name, value] of pairs) {
    const key = name.toLowerCase()
    const values = headers.get(key)
    if (values === undefined) headers.set(key, [value])
    else values.push(value)
  }
  return headers
}
