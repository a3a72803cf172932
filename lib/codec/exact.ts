import { endOfString } from './json-shape.ts'

// A number of at least 16 digits, after a character that can precede a number. Up to 15 digits, a number is always exact.
const LONG_NUMBER = /(?:^|[:,[\s])-?[0-9]{16}/
/**
 * A long integer directly after a key, as nearly all are. It cannot be inside a string, because in valid JSON a quote after
 * a letter ends a string. So one search finds all such integers. To find the others, every string must be skipped.
 */
const LONG_MEMBER = /(\w":)(-?[1-9][0-9]{15,99})(?=[,}])/g
/** A long integer that is a complete value: no fraction, exponent or colon follows. */
const LONG_INTEGER = /(?:^|[:,[\s])(-?[1-9][0-9]{15,})(?=\s*(?:[,\]}]|$))/g
const INTEGER = /^-?[0-9]+$/
// Creating a bigint of a million digits takes a second. No number on the wire has more than 20 digits.
const MAX_DIGITS = 100
/**
 * Begins each string that stands for an integer: the escape of the character NUL. If the text itself contains this escape,
 * each is doubled first, so that no other string begins with a single one.
 */
const MARK = '\\u0000'
// Matches every escape, so that the `u0000` after an escaped backslash is not taken for one.
const ESCAPE = /\\(?:u0000|[^])/g
/** What the parser makes of `MARK`. */
const MARK_CHARACTER = '\0'

/**
 * `JSON.parse` without rounding: an integer that a number cannot hold becomes a bigint. Throws what `JSON.parse`
 * throws.
 */
export function parseExactly(json: string): unknown {
  if (!LONG_NUMBER.test(json)) return JSON.parse(json)
  const isDoubled = json.includes(MARK)
  const text = isDoubled ? json.replace(ESCAPE, (escape) => (escape === MARK ? MARK + MARK : escape)) : json
  const members = text.replace(LONG_MEMBER, `$1"${MARK}$2"`)
  const marked = LONG_NUMBER.test(members) ? withMarks(members) : members
  return marked === text ? JSON.parse(json) : withoutMarks(JSON.parse(marked), isDoubled)
}

const isInexact = (text: string): boolean =>
  text.length <= MAX_DIGITS && INTEGER.test(text) && !Number.isSafeInteger(Number(text))

/** Replaces each inexact integer by a marked string. One value replaces another, so invalid JSON stays invalid. */
function withMarks(json: string): string {
  let marked = ''
  // The text before this position is in `marked`.
  let copiedTo = 0
  // The position after the last string before the match. A match before it is inside that string.
  let stringEnd = 0
  let nextQuote = json.indexOf('"')
  LONG_INTEGER.lastIndex = 0
  for (let match = LONG_INTEGER.exec(json); match !== null; match = LONG_INTEGER.exec(json)) {
    const [found, digits = ''] = match
    const start = match.index + found.length - digits.length
    while (nextQuote !== -1 && nextQuote < start) {
      const end = endOfString(json, nextQuote)
      if (end === -1) return json
      stringEnd = end + 1
      nextQuote = json.indexOf('"', stringEnd)
    }
    if (stringEnd > start || !isInexact(digits)) continue
    marked += `${json.slice(copiedTo, start)}"${MARK}${digits}"`
    copiedTo = start + digits.length
  }
  return marked + json.slice(copiedTo)
}

/** Replaces each marked string by its integer, and the doubled characters of other strings by single ones. */
function withoutMarks(value: unknown, isDoubled: boolean): unknown {
  if (typeof value === 'string') {
    if (value.startsWith(MARK_CHARACTER) && value[1] !== MARK_CHARACTER) return integerOf(value.slice(1))
    return isDoubled ? single(value) : value
  }
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) value[i] = withoutMarks(value[i], isDoubled)
    return value
  }
  const members = value as Record<string, unknown>
  for (const key of Object.keys(members)) {
    const member = members[key]
    const exact = withoutMarks(member, isDoubled)
    const name = isDoubled ? single(key) : key
    if (name !== key) Reflect.deleteProperty(members, key)
    // If `__proto__` is an own key, this assignment sets it like any other key.
    if (exact !== member || name !== key) members[name] = exact
  }
  return members
}

function integerOf(digits: string): number | bigint {
  const number = Number(digits)
  return Number.isSafeInteger(number) ? number : BigInt(digits)
}

const single = (text: string): string => text.replaceAll(MARK_CHARACTER + MARK_CHARACTER, MARK_CHARACTER)
