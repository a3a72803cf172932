import type { TlsOptions } from './tls.ts'

/** What can be told to the default transport. */
export interface FetchOptions {
  /** Certificates, in Node, Bun and Deno; default: those that the runtime trusts. */
  readonly tls?: TlsOptions | undefined
  /**
   * Node, Bun and Deno: the `http.Agent` that opens the connections, such as that of a proxy package; it must accept the
   * scheme of the endpoints. `tls` is then ignored: give certificates to the agent. Default: an agent of our own.
   */
  readonly agent?: object | undefined
}

/** Why options cannot be used: the name of one and what it takes instead. */
export interface Fault {
  readonly argument: 'tls' | 'agent'
  readonly message: string
}
