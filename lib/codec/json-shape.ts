/** Nothing that the cluster says nests deeper than 6; a parser given a million levels is busy for a third of a second. */
export const MAX_DEPTH = 64

/** `open`: brackets or a string lack their end. `deep`: nested beyond `MAX_DEPTH`. */
export type Shape = 'closed' | 'open' | 'deep'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

/**
 * Counts brackets outside of strings, once through the text.
 *
 * It does not check; that is the parser's work, which this one keeps from building what nobody asked for.
 */
export function shapeOf(text: string): Shape {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === QUOTE) {
      i = endOfString(text, i)
      if (i === -1) return 'open'
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (++depth > MAX_DEPTH) return 'deep'
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth--
  }
  return depth > 0 ? 'open' : 'closed'
}

/** Where the string that starts here ends; -1 where it does not. */
// Most of a reply is strings, and indexOf is faster than a loop over their characters.
export function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let backslashes = 0
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes++
    if (backslashes % 2 === 0) return end
  }
  return -1
}
