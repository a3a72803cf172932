import type { Either } from 'fp-ts/lib/Either.js'
import { parse, stringify } from 'lossless-json'
import { left, right } from '../common/either.ts'
import { MAX_DEPTH, shapeOf } from './json-shape.ts'

// A number token follows one of these. 15 digits are always exact, 16 may not be.
const LONG_NUMBER = /(?:^|[:,[\s])-?[0-9]{16}/
const INTEGER = /^-?[0-9]+$/
// A bigint of a million digits takes a second to make. No number of the wire is longer than 20.
const MAX_DIGITS = 100

/**
 * Reads JSON without rounding any integer: one that a number cannot hold is a bigint.
 *
 * Never throws. A Left is one line that says what sort of text it was and quotes none of it. Duplicate keys: the last
 * wins. A byte order mark is skipped. A key `__proto__` is an own property like any other. Nesting deeper than 64 is
 * refused before anything is built. `JSON.parse` alone rounds, accepts a million levels, and quotes the text in its errors.
 *
 * Source: protocol 3.3, T26.
 */
export function parseJson(text: string): Either<string, unknown> {
  const json = text.startsWith('\uFEFF') ? text.slice(1) : text
  const shape = shapeOf(json)
  if (shape === 'deep') return left(`not JSON that we read: nested deeper than ${MAX_DEPTH}`)
  try {
    return right(LONG_NUMBER.test(json) ? parse(json, null, EXACT) : JSON.parse(json))
  } catch {
    // The parser's own message quotes the text, which may hold secrets of whoever answered.
    return left(`not JSON: ${sortOf(json, shape === 'open')}`)
  }
}

const EXACT = {
  parseNumber: (text: string): number | bigint => {
    const number = Number(text)
    const asNumber = Number.isSafeInteger(number) || text.length > MAX_DIGITS || !INTEGER.test(text)
    return asNumber ? number : BigInt(text)
  },
  onDuplicateKey: ({ newValue }: { newValue: unknown }): unknown => newValue,
}

function sortOf(text: string, open: boolean): string {
  const start = /\S/.exec(text)?.[0]
  if (start === undefined) return 'an empty reply'
  if (start === '<') return `${text.length} characters starting like HTML`
  if (start !== '{' && start !== '[') return `${text.length} characters of text`
  return open ? `cut off after ${text.length} characters` : `${text.length} characters of broken JSON`
}

/**
 * Writes JSON in which a bigint is a plain number with all its digits.
 *
 * The counterpart of `parseJson`, for bodies of requests. For everything else use `toJson`, which any reader understands.
 *
 * Source: protocol 3.3.
 */
export function stringifyJson(value: unknown): string {
  return stringify(value) ?? 'null'
}
