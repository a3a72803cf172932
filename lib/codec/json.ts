import type { Either } from 'fp-ts/lib/Either.js'
import { left, right } from '../common/either.ts'
import { parseExactly } from './exact.ts'
import { MAX_DEPTH, mayBeDeep, shapeOf } from './json-shape.ts'
import { jsonOf } from './to-json.ts'

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
export const stringifyJson = (value: unknown): string => written(value) ?? 'null'

/** The JSON of a value; undefined for what JSON does not have, such as a function. */
function written(value: unknown): string | undefined {
  const plain = jsonOf(value)
  if (typeof plain === 'bigint') return String(plain)
  if (Array.isArray(plain)) return `[${Array.from(plain, stringifyJson).join(',')}]`
  if (typeof plain !== 'object' || plain === null) return JSON.stringify(plain)
  const members = Object.entries(plain).flatMap(([key, member]) => {
    const text = written(member)
    return text === undefined ? [] : [`${JSON.stringify(key)}:${text}`]
  })
  return `{${members.join(',')}}`
}
