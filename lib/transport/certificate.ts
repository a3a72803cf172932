const CERTIFICATE_CODES: ReadonlySet<string> = new Set([
  // Node's code for every failed handshake: a server without TLS, or one that requires a client certificate.
  'EPROTO',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_GET_CRL',
  'UNABLE_TO_DECRYPT_CERT_SIGNATURE',
  'UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY',
  'ERROR_IN_CERT_NOT_BEFORE_FIELD',
  'ERROR_IN_CERT_NOT_AFTER_FIELD',
  'HOSTNAME_MISMATCH',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'ERR_TLS_CERT_ALTNAME_FORMAT',
])

/** `CERT_HAS_EXPIRED` and similar codes, the alert of a server that refuses the client's certificate, and an invalid PEM. */
const CERTIFICATE_FAMILIES = /^CERT_|^ERR_SSL_\w*ALERT_|^ERR_SSL_WRONG_VERSION_NUMBER$|^ERR_OSSL_/

/**
 * Returns whether a `code` means that the TLS handshake failed, nearly always because of a certificate.
 *
 * A retry cannot help: somebody has to change a certificate, the TLS options or the address.
 *
 * @param code the `code` of a failure of the transport
 */
export function isCertificateError(code: string): boolean {
  return CERTIFICATE_CODES.has(code) || CERTIFICATE_FAMILIES.test(code)
}
