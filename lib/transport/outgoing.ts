import { INVALID_HEADER, TransportFailure } from './failure.ts'
import type { HttpRequest } from './transport.ts'

/** What HTTP allows in the name of a header. */
const NAME = /^[\w!#$%&'*+.^`|~-]+$/
/** What HTTP allows in the value of a header: no control characters except the tab, and nothing beyond one byte. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/**
 * The headers of a request, with numbers and lists as HTTP writes them.
 *
 * They are checked here because the error of the runtime would quote the value, which may be a token.
 */
export function outgoing({ headers }: HttpRequest): Record<string, string> {
  const plain: Record<string, string> = {}
  for (const [name, given] of Object.entries<unknown>(headers)) {
    if (given === undefined) continue
    const value = headerText(given)
    if (value === undefined || !NAME.test(name) || !VALUE.test(value)) throw new TransportFailure(INVALID_HEADER)
    plain[name] = value
  }
  return plain
}

/** A header value as HTTP writes it: a number in digits, several values separated by commas. Undefined for other values. */
export function headerText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value)
  return Array.isArray(value) && value.every((one) => typeof one === 'string' || typeof one === 'number')
    ? value.join(', ')
    : undefined
}
