/**
 * The lengths of the strings that are shared. JavaScript engines share shorter strings themselves, and longer ones
 * rarely occur twice.
 */
const [SHORTEST, LONGEST] = [11, 64]
const SLOTS = 256
const recent: (string | undefined)[] = Array.from({ length: SLOTS }, () => undefined)

/**
 * Returns a string with the same text, and the same object as for a recent call if possible. So ten thousand jobs of one
 * kind have its name in memory only once. It remembers at most 256 strings.
 */
export function interned(text: string): string {
  const { length } = text
  if (length < SHORTEST || length > LONGEST) return text
  const ends = text.charCodeAt(0) + 961 * text.charCodeAt(length - 1)
  const slot = (length + 31 * (ends + 31 * text.charCodeAt(length >> 1))) % SLOTS
  const known = recent[slot]
  if (known === text) return known
  recent[slot] = text
  return text
}
