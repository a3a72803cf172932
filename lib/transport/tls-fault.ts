import { Buffer } from 'node:buffer'
import { X509Certificate } from 'node:crypto'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import type { Pem, TlsOptions } from './tls.ts'

/** The certificates as Node takes them. */
export const secureContext = ({ ca, cert, key }: TlsOptions): SecureContextOptions => ({
  ...(ca !== undefined && { ca: buffers(ca) }),
  ...(cert !== undefined && { cert: buffers(cert) }),
  ...(key !== undefined && { key: buffers(key) }),
})

/**
 * Why TLS options are invalid; undefined if they are valid. Node itself accepts an invalid authority without an error. It
 * reports an invalid certificate or key only when a connection opens.
 */
export function tlsFault(options: TlsOptions): string | undefined {
  const takes = 'takes { ca, cert, key } as PEM texts or bytes'
  const { ca, rejectUnauthorized } = options
  if (rejectUnauthorized !== undefined && typeof rejectUnauthorized !== 'boolean')
    return 'got a rejectUnauthorized that is no boolean; takes true or false'
  for (const name of ['ca', 'cert', 'key'] as const)
    if (options[name] !== undefined && !isPem(options[name])) return `got a ${name} that is no PEM; ${takes}`
  if (ca !== undefined && !buffers(ca).every(hasCertificate)) return `got a ca without a certificate; ${takes}`
  try {
    createSecureContext(secureContext(options))
    return undefined
  } catch {
    // The error is not quoted, since it may contain a key.
    return `got a cert or a key that cannot be read, or that do not belong together; ${takes}`
  }
}

/** Also accepts the bytes of another realm. */
const isBytes = (value: unknown): value is Uint8Array => ArrayBuffer.isView(value)

const listOf = (pem: Pem | readonly Pem[]): readonly Pem[] => (typeof pem === 'string' || isBytes(pem) ? [pem] : pem)

const buffers = (pem: Pem | readonly Pem[]): Buffer[] => listOf(pem).map((one) => Buffer.from(one))

const isPem = (given: Pem | readonly Pem[]): boolean =>
  (typeof given === 'string' || isBytes(given) || Array.isArray(given)) &&
  listOf(given).length > 0 &&
  listOf(given).every((one) => (typeof one === 'string' || isBytes(one)) && holdsPem(one))

const holdsPem = (one: Pem): boolean => Buffer.from(one).includes('-----BEGIN ')

function hasCertificate(pem: Buffer): boolean {
  try {
    new X509Certificate(pem)
    return true
  } catch {
    return false
  }
}
