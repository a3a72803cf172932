const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

// Characters that terminals draw in two cells: East Asian wide and full-width ones, and emoji.
const WIDE =
  /^(?:\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}])|\ufe0f/u
const PLAIN = /^[\x20-\x7e]*$/

function cellsOf(grapheme: string): number {
  if (WIDE.test(grapheme)) return 2
  const isOnlyMark = /^\p{M}/u.test(grapheme)
  return isOnlyMark ? 0 : 1
}

/** The number of terminal cells of a text without controls. */
export function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length
  let width = 0
  for (const { segment } of graphemes.segment(text)) width += cellsOf(segment)
  return width
}

/** Cuts a text to a number of cells, between two graphemes. A text that is cut ends in an ellipsis. */
export function cut(text: string, cells: number): string {
  if (widthOf(text) <= cells) return text
  if (cells < 1) return ''
  let kept = ''
  let width = 0
  for (const { segment } of graphemes.segment(text)) {
    width += cellsOf(segment)
    if (width > cells - 1) break
    kept += segment
  }
  return `${kept}…`
}

/** Adds spaces up to a number of cells, after the text or before it. */
export function pad(text: string, cells: number, isRight = false): string {
  const space = ' '.repeat(Math.max(0, cells - widthOf(text)))
  return isRight ? space + text : text + space
}
