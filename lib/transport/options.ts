import type { TlsOptions } from './tls.ts'

/** Settings of the default transport. */
export interface FetchOptions {
  /** Node, Bun and Deno: certificates. Defaults to those that the runtime trusts. */
  readonly tls?: TlsOptions | undefined
  /**
   * Node, Bun and Deno: the `http.Agent` that opens the connections, such as that of a proxy package; it must accept the
   * scheme of the endpoints. `tls` is then ignored: give the certificates to the agent. Defaults to one of the library's own.
   */
  readonly agent?: object | undefined
}

/** Why options are invalid: the name of an option, and what it accepts. */
export interface Fault {
  readonly argument: 'tls' | 'agent'
  readonly message: string
}
