/** A seeded generator; its whole state is one number, so that a cluster with the same seed lives the same life twice. */
export interface Random {
  state: number
}

/** A generator that starts from `seed` (any integer). */
export const createRandom = (seed: number): Random => ({ state: seed | 0 })

/** The next number in [0, 1): mulberry32, fast and even enough to spread objects and delays. */
export const next = (random: Random): number => {
  random.state = (random.state + 0x6d2b79f5) | 0
  let mixed = Math.imul(random.state ^ (random.state >>> 15), 1 | random.state)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
}

/** A number in [from, to). */
export const between = (random: Random, from: number, to: number): number => from + next(random) * (to - from)

/** One of `items`, which must not be empty. */
export const pick = <A>(random: Random, items: readonly A[]): A => items[Math.floor(next(random) * items.length)] as A

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const NAME = `${LETTERS}0123456789`

/** `length` letters. */
export const letters = (random: Random, length: number): string => {
  let text = ''
  for (let i = 0; i < length; i++) text += LETTERS.charAt(Math.floor(next(random) * LETTERS.length))
  return text
}

/** A job id in the server's common form: a letter, then letters and digits; 9 or 10 characters. */
export const uuid = (random: Random): string => {
  let text = letters(random, 1)
  const length = next(random) < 0.5 ? 9 : 10
  while (text.length < length) text += NAME.charAt(Math.floor(next(random) * NAME.length))
  return text
}

/** A number in [0, 1) that depends on `text` alone: where it must be the same at every asking. */
export const fractionOf = (text: string): number => {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return next({ state: hash })
}
