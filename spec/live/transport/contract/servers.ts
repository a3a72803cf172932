/** What a server does to one request. */
export interface Played {
  readonly delayMs?: number
  /** Answers with the request as JSON. */
  readonly echo?: boolean
  /** Bytes in base64, written one after the other with a pause between. */
  readonly pieces?: readonly string[]
  /** Writes for ever. */
  readonly flood?: boolean
  /** How the connection ends. Absent if it stays open. */
  readonly then?: 'end' | 'reset'
}

/**
 * What a server does with the first request on a connection, the second one, and so on. The last entry applies to all
 * further requests.
 */
export interface ServerPlan {
  readonly script: readonly Played[]
  /** What it does with the requests on all connections but the first. */
  readonly later?: readonly Played[]
  readonly tls?: { readonly cert: 'self-signed' | 'other-name' | 'expired'; readonly requiresClientCert?: boolean }
  /** Reads nothing: resets each connection, or leaves it open without a reply. */
  readonly onConnect?: 'reset' | 'wait'
}

/** A request as it came over the wire. */
export interface ReceivedRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** From 1. */
  readonly connection: number
}

/** What a server has seen so far. */
export interface Seen {
  readonly requests: readonly ReceivedRequest[]
  readonly connections: number
  /** Which connections are open now. */
  readonly open: readonly number[]
  readonly mostOpen: number
}

/** The address of a server. */
export interface Opened {
  readonly port: number
  readonly url: string
}

/** Servers for the cases: in this process, or in the one that started it. */
export interface Servers {
  readonly open: (plan: ServerPlan) => Promise<Opened>
  readonly seen: (port: number) => Promise<Seen>
  readonly pem: (name: string) => Promise<string>
  /** Without a port, closes all servers. */
  readonly close: (port?: number) => Promise<void>
}

/** The servers of another process, which {@link serveServers} shows at this address. */
export function remoteServers(url: string): Servers {
  const call = async (what: keyof Servers, argument: unknown): Promise<unknown> => {
    const response = await fetch(url, { method: 'POST', body: JSON.stringify({ what, argument }) })
    return (await response.json()) as unknown
  }
  return {
    open: async (plan) => (await call('open', plan)) as Opened,
    seen: async (port) => (await call('seen', port)) as Seen,
    pem: async (name) => (await call('pem', name)) as string,
    close: async (port) => {
      await call('close', port)
    },
  }
}

/** Carries out a call of {@link remoteServers}, and returns the result as JSON. */
export async function serveServers(servers: Servers, body: string): Promise<string> {
  const { what, argument } = JSON.parse(body) as { readonly what: keyof Servers; readonly argument?: never }
  return JSON.stringify((await servers[what](argument as never)) ?? null)
}
