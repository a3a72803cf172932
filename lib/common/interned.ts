/** Engines share shorter strings themselves, and a longer one is hardly ever met twice. */
const [SHORTEST, LONGEST] = [11, 64]
const SLOTS = 256
const met: (string | undefined)[] = Array.from({ length: SLOTS }, () => undefined)

/**
 * The same text, as the very string that was met lately if there is one: ten thousand jobs of one kind then hold its name
 * once. Remembers at most 256 strings.
 */
export function interned(text: string): string {
  const { length } = text
  if (length < SHORTEST || length > LONGEST) return text
  const [first, middle, last] = [text.charCodeAt(0), text.charCodeAt(length >> 1), text.charCodeAt(length - 1)]
  const slot = (length + 31 * (first + 31 * (middle + 31 * last))) % SLOTS
  const known = met[slot]
  if (known === text) return known
  met[slot] = text
  return text
}
