/** A PEM text, or its bytes. */
export type Pem = string | Uint8Array

/**
 * Settings for a cluster without a public certificate, in Node, Bun and Deno. A browser ignores all of them.
 */
export interface TlsOptions {
  /** The authorities to trust *instead of* the authorities of the runtime. Defaults to the authorities of the runtime. */
  readonly ca?: Pem | readonly Pem[]
  /** The client's certificate. Defaults to none. */
  readonly cert?: Pem | readonly Pem[]
  /** The private key that belongs to `cert`. */
  readonly key?: Pem
  /** `false` accepts every certificate, so anybody can read the traffic. Defaults to true. */
  readonly rejectUnauthorized?: boolean
}
