/** A PEM text, or its bytes. */
export type Pem = string | Uint8Array

/**
 * What Node needs to speak TLS with a cluster that does not use a public certificate; a browser decides for itself and
 * ignores all of it.
 */
export interface TlsOptions {
  /** The authorities to trust *instead of* those that Node trusts; default: those of Node. */
  readonly ca?: Pem | readonly Pem[]
  /** The certificate that the client shows; default: none. */
  readonly cert?: Pem | readonly Pem[]
  /** The private key that belongs to `cert`. */
  readonly key?: Pem
  /** `false` accepts every certificate, so that anybody may listen; default `true`. */
  readonly rejectUnauthorized?: boolean
}
