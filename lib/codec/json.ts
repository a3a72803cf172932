import type { Either } from 'fp-ts/lib/Either.js'
import { left, right } from '../common/either.ts'
import { parseExactly } from './exact.ts'
import { MAX_DEPTH, mayBeDeep, shapeOf } from './json-shape.ts'

/**
 * Parses JSON without rounding integers: an integer that a number cannot hold becomes a bigint.
 *
 * Never throws. A Left is one line that describes the text and does not quote it. If a key occurs twice, its last value
 * counts. A byte order mark is skipped. A key `__proto__` is an own property like any other. Nesting deeper than 64 levels
 * is refused before parsing. `JSON.parse` alone rounds, accepts a million levels and quotes the text in its errors.
 *
 * Source: protocol 3.3, T26.
 */
export function parseJson(text: string): Either<string, unknown> {
  const json = text.startsWith('\uFEFF') ? text.slice(1) : text
  if (mayBeDeep(json) && shapeOf(json) === 'deep') return left(`not accepted: nested deeper than ${MAX_DEPTH} levels`)
  try {
    return right(parseExactly(json))
  } catch {
    // The parser's own message quotes the text, which may contain secrets of the server.
    return left(`not JSON: ${describeText(json)}`)
  }
}

function describeText(text: string): string {
  const start = /\S/.exec(text)?.[0]
  if (start === undefined) return 'an empty reply'
  if (start === '<') return `${text.length} characters starting like HTML`
  if (start !== '{' && start !== '[') return `${text.length} characters of text`
  return shapeOf(text) === 'open'
    ? `cut off after ${text.length} characters`
    : `${text.length} characters of broken JSON`
}

/**
 * Writes JSON as `JSON.stringify` does, except that a bigint becomes a plain number with all its digits.
 *
 * The counterpart of `parseJson`, for the bodies of requests. For everything else use `toJson`, whose output any parser
 * reads without rounding.
 *
 * Source: protocol 3.3.
 */
export function stringifyJson(value: unknown): string {
  if (typeof value === 'bigint') return String(value)
  if (Array.isArray(value)) return `[${value.map(stringifyJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(isAbsent(value) ? null : value)
  if (hasToJson(value)) return stringifyJson(value.toJSON())
  const members = Object.entries(value).filter(([, member]) => !isAbsent(member))
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${stringifyJson(member)}`).join(',')}}`
}

/** Whether an object says itself what JSON is to hold, as a Date does. */
export const hasToJson = (value: object): value is { readonly toJSON: () => unknown } =>
  'toJSON' in value && typeof value.toJSON === 'function'

/** What JSON does not have. */
const isAbsent = (value: unknown): boolean =>
  value === undefined || typeof value === 'function' || typeof value === 'symbol'
