/** No reply of a cluster nests deeper than 6 levels. A parser needs a third of a second for a million levels. */
export const MAX_DEPTH = 64

/** `open`: a bracket or a string is not closed. `deep`: nested deeper than `MAX_DEPTH`. */
export type Shape = 'closed' | 'open' | 'deep'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

/**
 * Counts the brackets outside strings, in one pass over the text.
 *
 * It does not validate the JSON; the parser does. It protects the parser from texts that nest too deep.
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

/**
 * Returns the index after the object that begins at `start`. Returns 0 if the object does not end, or nests deeper than
 * `most` levels, of which the object itself is the first. It does not validate the JSON.
 */
export function endOfObject(text: string, start: number, most: number): number {
  let depth = 0
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === QUOTE) {
      i = endOfString(text, i)
      if (i === -1) return 0
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (++depth > most) return 0
    } else if ((code === CLOSE_BRACE || code === CLOSE_BRACKET) && --depth <= 0) return i + 1
  }
  return 0
}

/** Whether a text may nest deeper than `most` levels, because it has more brackets. Most replies are short. */
export function mayBeDeep(text: string, most: number = MAX_DEPTH): boolean {
  let count = 0
  for (const bracket of ['{', '['])
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) if (++count > most) return true
  return false
}

/** The index of the quote that ends the string that begins at `start`; -1 if the string does not end. */
// Most of a reply is strings, and indexOf is faster than a loop over characters.
export function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let backslashes = 0
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes++
    if (backslashes % 2 === 0) return end
  }
  return -1
}
