import { setOwn } from '../common/set-own.ts'
import { show } from '../common/text.ts'
import { headerText } from '../transport/outgoing.ts'
import type { HttpResponse } from '../transport/transport.ts'

/**
 * Returns the reply of the user's own transport in the form that `Transport` requires, with the names of headers in
 * lower case. If it is not a reply, returns a text that explains what is wrong.
 */
export function readable(response: unknown): HttpResponse | string {
  if (typeof response !== 'object' || response === null) return `got ${show(response)}`
  try {
    const { status, headers, body, bodyLost } = response as Readonly<Record<keyof HttpResponse, unknown>>
    if (typeof status !== 'number' || !Number.isInteger(status) || status < 100 || status > 999)
      return `its status is ${show(status)}; takes a whole number such as 200`
    if (typeof body !== 'string') return `its body is ${show(body)}; takes a string`
    if (typeof headers !== 'object' || headers === null) return `its headers are ${show(headers)}; takes an object`
    const plain = isPlain(headers) ? headers : asRead(headers)
    if (typeof plain === 'string') return plain
    return bodyLost === true ? { status, headers: plain, body, bodyLost } : { status, headers: plain, body }
  } catch {
    return 'it cannot be read'
  }
}

const UPPER = /[A-Z]/

/** Whether the headers need no change, as in nearly every reply. */
function isPlain(headers: object): headers is HttpResponse['headers'] {
  if (isIterable(headers)) return false
  for (const name in headers)
    if (UPPER.test(name) || typeof (headers as Record<string, unknown>)[name] !== 'string') return false
  return true
}

/** The headers as HTTP reads them: several values are joined with commas, and a number becomes a text. */
function asRead(headers: object): HttpResponse['headers'] | string {
  const plain: Record<string, string> = {}
  const entries = isIterable(headers) ? [...headers] : Object.entries(headers)
  for (const [name, value] of entries as readonly (readonly [string, unknown])[]) {
    if (value === undefined || value === null) continue
    const text = headerText(value)
    if (text === undefined) return `its header ${show(name)} is ${show(value)}; takes a string`
    setOwn(plain, name.toLowerCase(), text)
  }
  return plain
}

/** `Headers` and `Map` are iterables of pairs. */
const isIterable = (headers: object): headers is Iterable<unknown> => Symbol.iterator in headers
