import { parse } from 'lossless-json'
import { endOfString } from './json-shape.ts'

// A number token follows one of these. 15 digits are always exact, 16 may not be.
const LONG_NUMBER = /(?:^|[:,[\s])-?[0-9]{16}/
/** The same as a whole value: what follows is no fraction, no exponent and no colon. */
const LONG_INTEGER = /(?:^|[:,[\s])(-?[1-9][0-9]{15,})(?=\s*(?:[,\]}]|$))/g
const INTEGER = /^-?[0-9]+$/
// A bigint of a million digits takes a second to make. No number of the wire is longer than 20.
const MAX_DIGITS = 100
/** No string of a text begins with this character unless the text has this escape, since JSON forbids it bare. */
const MARK = '\\u0000'

/** `JSON.parse` without rounding: an integer that a number cannot hold is a bigint. Throws what `JSON.parse` throws. */
export function parseExactly(json: string): unknown {
  if (!LONG_NUMBER.test(json)) return JSON.parse(json)
  // A parser that keeps long numbers takes four times as long; it is left for texts that have the mark themselves.
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

/** The same text with each inexact integer as a marked string: one value in the place of another, so no broken text becomes whole. */
function withMarks(json: string): string {
  let marked = ''
  let copied = 0
  // The first quote that has not been passed, and the end of the last string before it.
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

/** Puts the integers in the places of the marked strings. */
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
    // An own key `__proto__` is set like any other.
    if (exact !== member) members[key] = exact
  }
  return members
}
