/**
 * The lengths of the strings that are shared. JavaScript engines share shorter strings themselves, and longer ones
 * rarely occur twice.
 */
const [SHORTEST, LONGEST] = [11, 64]
const SLOTS = 256
const recent: (string | undefined)[] = Array.from({ length: SLOTS }, () => undefined)

/**
 * Returns a string with the same text: if possible, the object that a recent call returned. Ten thousand jobs of one kind
 * then share one copy of its name. At most 256 strings are remembered.
 */
export function interned(text: string): string {
  const { length } = text
  if (length < SHORTEST || length > LONGEST) return text
  // A hash of the length and of the first, middle and last letters takes the same time for every text.
  const ends = text.charCodeAt(0) + 961 * text.charCodeAt(length - 1)
  const slot = (length + 31 * (ends + 31 * text.charCodeAt(length >> 1))) % SLOTS
  const known = recent[slot]
  if (known === text) return known
  recent[slot] = text
  return text
}
