/** C0 controls, DEL and C1 controls, and the two Unicode line breaks. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/

export const hasControl = (text: string): boolean => CONTROL.test(text)

// What would break a line, or make a terminal do more than print: controls, direction marks, halves of pairs.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

const LONGEST_SHOWN = 60

/** A value as an error message may show it: one line, escaped, and short. */
export function show(value: unknown): string {
  if (typeof value === 'string') {
    const cut = value.length > LONGEST_SHOWN ? `${value.slice(0, LONGEST_SHOWN)}...` : value
    return JSON.stringify(cut).replace(INVISIBLE, escape)
  }
  if (typeof value === 'bigint') return show(String(value)).slice(1, -1)
  if (typeof value === 'number' || typeof value === 'boolean' || value == null) return String(value)
  return Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

const escape = (character: string): string =>
  Array.from(character.split(''), (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')

const LONGEST_LINE = 300

/** Foreign text as an error message may repeat it: one line, and short. */
export function oneLine(text: string): string {
  const line = unbroken(text.slice(0, 2 * LONGEST_LINE))
  const whole = line.length <= LONGEST_LINE && text.length <= 2 * LONGEST_LINE
  return whole ? line : `${line.slice(0, LONGEST_LINE).replace(/[\ud800-\udbff]$/, '')}...`
}

/** Text in one line. */
export const unbroken = (text: string): string => text.replace(INVISIBLE, ' ').trim()

/** Text without a secret, wherever it stands; before anything is cut, or a part of the secret would be left. */
export function without(secret: string | undefined, text: string): string {
  if (secret === undefined || secret === '') return text
  const inJson = JSON.stringify(secret).slice(1, -1)
  const safe = text.replaceAll(secret, REDACTED)
  return inJson === secret ? safe : safe.replaceAll(inJson, REDACTED)
}

const REDACTED = '[redacted]'
