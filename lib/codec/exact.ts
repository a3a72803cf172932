import { parse } from 'lossless-json'
import { endOfString } from './json-shape.ts'

// A number follows one of these characters. 15 digits are always exact; 16 digits may not be.
const LONG_NUMBER = /(?:^|[:,[\s])-?[0-9]{16}/
/** A long integer that is a complete value: no fraction, exponent or colon follows. */
const LONG_INTEGER = /(?:^|[:,[\s])(-?[1-9][0-9]{15,})(?=\s*(?:[,\]}]|$))/g
const INTEGER = /^-?[0-9]+$/
// Creating a bigint of a million digits takes a second. No number on the wire has more than 20 digits.
const MAX_DIGITS = 100
/**
 * Marks the strings that stand for integers. JSON forbids the bare character, so a text without this escape has no such
 * string of its own.
 */
const MARK = '\\u0000'

/**
 * `JSON.parse` without rounding: an integer that a number cannot hold becomes a bigint. Throws what `JSON.parse`
 * throws.
 */
export function parseExactly(json: string): unknown {
  if (!LONG_NUMBER.test(json)) return JSON.parse(json)
  // The lossless parser takes four times as long, so it reads only texts that contain the mark themselves.
  if (json.includes(MARK)) return parse(json, null, EXACT)
  const marked = withMarks(json)
  return marked === json ? JSON.parse(json) : withoutMarks(JSON.parse(marked))
}

const EXACT = {
  parseNumber: (text: string): number | bigint => (isInexact(text) ? BigInt(text) : Number(text)),
  onDuplicateKey: ({ newValue }: { newValue: unknown }): unknown => newValue,
}

const isInexact = (text: string): boolean =>
  text.length <= MAX_DIGITS && INTEGER.test(text) && !Number.isSafeInteger(Number(text))

/** Replaces each inexact integer by a marked string. One value replaces another, so invalid JSON stays invalid. */
function withMarks(json: string): string {
  let marked = ''
  let copied = 0
  // `quote` is the next quote; `outside` is the end of the last string before it.
  let quote = json.indexOf('"')
  let outside = 0
  LONG_INTEGER.lastIndex = 0
  for (let match = LONG_INTEGER.exec(json); match !== null; match = LONG_INTEGER.exec(json)) {
    const [found, digits = ''] = match
    const start = match.index + found.length - digits.length
    while (quote !== -1 && quote < start) {
      const end = endOfString(json, quote)
      if (end === -1) return json
      outside = end + 1
      quote = json.indexOf('"', outside)
    }
    if (outside > start || !isInexact(digits)) continue
    marked += `${json.slice(copied, start)}"${MARK}${digits}"`
    copied = start + digits.length
  }
  return marked + json.slice(copied)
}

/** Replaces each marked string by its integer. */
function withoutMarks(value: unknown): unknown {
  if (typeof value === 'string') return value.charCodeAt(0) === 0 ? BigInt(value.slice(1)) : value
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) value[i] = withoutMarks(value[i])
    return value
  }
  const members = value as Record<string, unknown>
  for (const key of Object.keys(members)) {
    const member = members[key]
    const exact = withoutMarks(member)
    // If `__proto__` is an own key, this assignment sets it like any other key.
    if (exact !== member) members[key] = exact
  }
  return members
}
