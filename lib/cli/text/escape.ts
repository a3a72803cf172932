// What controls a terminal or reorders a line: controls (C0, DEL, C1), line breaks, halves of surrogate pairs, and
// invisible format characters such as direction marks. The joiners stay, because scripts and emoji need them.
const UNSAFE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/** Shows the characters of a text that would control a terminal as `\x1b` or `\u202e`. Every text of a server passes it. */
export const escape = (text: string): string => text.replace(UNSAFE, named)

/** One line of JSON. The same characters are escaped as JSON escapes them, so the line still parses to the same value. */
export const jsonLine = (value: unknown): string => JSON.stringify(value).replace(UNSAFE, inJson)

const named = (character: string): string => {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x100) return `\\x${hex(code, 2)}`
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\u{${hex(code, 1)}}`
}

const inJson = (character: string): string =>
  Array.from(character.split(''), (unit) => `\\u${hex(unit.charCodeAt(0), 4)}`).join('')

const hex = (code: number, length: number): string => code.toString(16).padStart(length, '0')
