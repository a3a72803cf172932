import { fetchBy } from './fetch-by.ts'
import type { Fault, FetchOptions } from './options.ts'
import type { ClosableTransport } from './transport.ts'

/**
 * The transport of bundles for browsers. It uses the browser's own `fetch`, as cross-fetch does there, without the polyfill
 * that cross-fetch brings.
 */
export const transportOf: (options: FetchOptions) => ClosableTransport = () =>
  Object.assign(
    fetchBy((input, init) => fetch(input, init)),
    { close: () => Promise.resolve() },
  )

/** All options are valid, because this transport ignores them. */
export const faultOf: (options: FetchOptions) => Fault | undefined = () => undefined

/** A browser does not tell programs why a connection failed. */
export const isCertificateError: (code: string) => boolean = () => false
