/** C0 controls, DEL and C1 controls, and the two Unicode line breaks. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/

/** Whether a text has a control character. */
export const hasControl = (text: string): boolean => CONTROL.test(text)

// Characters that break a line or control a terminal: controls, direction marks, lone surrogates.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

const LONGEST_SHOWN = 60

/** Formats a value for an error message: in one line, escaped, and short. */
export function show(value: unknown): string {
  if (typeof value === 'string') {
    const short = value.length > LONGEST_SHOWN ? `${value.slice(0, LONGEST_SHOWN)}...` : value
    return visible(JSON.stringify(short))
  }
  if (typeof value === 'bigint') return show(String(value)).slice(1, -1)
  if (typeof value === 'number' || typeof value === 'boolean' || value == null) return String(value)
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** Escapes invisible characters. */
export const visible = (text: string): string => text.replace(INVISIBLE, escape)

const escape = (character: string): string =>
  Array.from(character.split(''), (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')

const MOST_SHOWN = 3

/** The first of several texts, and how many more there are. */
export function few(texts: readonly string[], separator: string): string {
  const rest = texts.length - MOST_SHOWN
  return `${texts.slice(0, MOST_SHOWN).join(separator)}${rest > 0 ? ` and ${rest} more` : ''}`
}

const LONGEST_LINE = 300

/** Formats the text of a server for an error message: in one line, and short. */
export function oneLine(text: string): string {
  const line = unbroken(text.slice(0, 2 * LONGEST_LINE))
  const whole = line.length <= LONGEST_LINE && text.length <= 2 * LONGEST_LINE
  // The pattern removes the first half of a surrogate pair that the slice has split.
  return whole ? line : `${line.slice(0, LONGEST_LINE).replace(/[\ud800-\udbff]$/, '')}...`
}

/** Replaces line breaks and invisible characters with spaces. */
export const unbroken = (text: string): string => text.replace(INVISIBLE, ' ').trim()

/**
 * Removes a secret from a text, in any case of its letters, because a URL has its host in lower case. Call it before
 * the text is cut, or a part of the secret could remain.
 */
export function without(secret: string | undefined, text: string): string {
  if (secret === undefined || secret === '') return text
  const inJson = JSON.stringify(secret).slice(1, -1)
  const safe = redacted(secret, text)
  return inJson === secret ? safe : redacted(inJson, safe)
}

/**
 * Replaces a secret in a text. It uses no regular expression, because a pattern of a very long secret cannot be compiled, and
 * the error of the runtime would quote the secret.
 */
function redacted(secret: string, text: string): string {
  const lowerText = lowerCase(text)
  const wanted = lowerCase(secret)
  let safe = ''
  let from = 0
  for (let at = lowerText.indexOf(wanted); at !== -1; at = lowerText.indexOf(wanted, from)) {
    safe += text.slice(from, at) + REDACTED
    from = at + wanted.length
  }
  return safe + text.slice(from)
}

/** Converts only ASCII letters, so that the text keeps its length. */
const lowerCase = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())

const REDACTED = '[redacted]'

/** A text without the byte order mark that some programs write at its beginning. The mark is not part of the text. */
export const withoutByteOrderMark = (text: string): string => (text.startsWith('\ufeff') ? text.slice(1) : text)
