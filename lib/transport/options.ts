import type { TlsOptions } from './tls.ts'

/** Settings of the default transport. */
export interface FetchOptions {
  /** Node, Bun and Deno: certificates. Defaults to the certificates that the runtime trusts. */
  readonly tls?: TlsOptions | undefined
  /**
   * Node, Bun and Deno: the `http.Agent` that opens the connections, such as the agent of a proxy package. It must accept the
   * scheme of the endpoints. `tls` is then ignored: give the certificates to the agent. Defaults to the library's own agent.
   */
  readonly agent?: object | undefined
}

/** Why options are invalid: the name of an option, and what it accepts. */
export interface Fault {
  readonly argument: 'tls' | 'agent'
  readonly message: string
}
