import { fetch } from 'cross-fetch'
import { fetchBy } from './fetch-by.ts'
import { systemFailure } from './system-failure.ts'
import type { Fault, FetchOptions } from './options.ts'
import type { ClosableTransport } from './transport.ts'

export { isCertificateError } from './certificate.ts'

/**
 * The transport of workers, React Native and every other runtime that is neither Node nor a bundle for browsers. Such a runtime
 * manages connections and certificates itself.
 */
export const transportOf: (options: FetchOptions) => ClosableTransport = () =>
  Object.assign(fetchBy(fetch, systemFailure), { close: () => Promise.resolve() })

/** All options are valid, because this transport ignores them. */
export const faultOf: (options: FetchOptions) => Fault | undefined = () => undefined
