import type { TlsOptions } from './tls.ts'

/**
 * Gives what fetch needs besides the request: in a browser nothing.
 *
 * The browser keeps connections and certificates itself, and a relay turns questions back into GET.
 *
 * @param tls ignored
 */
export const agentInit: (tls?: TlsOptions) => object = () => ({})
