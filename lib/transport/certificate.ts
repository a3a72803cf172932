/** `EPROTO` is Node's code for every failed handshake: a server without TLS, or one that requires a client certificate. */
const CERTIFICATE_CODES =
  /^(EPROTO|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|HOSTNAME_MISMATCH|INVALID_(CA|PURPOSE)|PATH_LENGTH_EXCEEDED)$/

/**
 * The beginnings of further codes: for an expired or unverifiable certificate, for the alert of a server that refuses the
 * client's certificate, and for an invalid PEM.
 */
const CERTIFICATE_FAMILIES =
  /^CERT_|^UNABLE_TO_|^ERROR_IN_CERT_|^ERR_TLS_CERT_|^ERR_SSL_\w*ALERT_|^ERR_SSL_WRONG_VERSION_NUMBER$|^ERR_OSSL_/

/**
 * Returns whether a `code` means that the TLS handshake failed, nearly always because of a certificate.
 *
 * A retry cannot help: somebody has to change a certificate, the TLS options or the address.
 *
 * @param code the `code` of a failure of the transport
 */
export function isCertificateError(code: string): boolean {
  return CERTIFICATE_CODES.test(code) || CERTIFICATE_FAMILIES.test(code)
}
