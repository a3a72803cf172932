/** A seeded generator. Its state is one number, so that clusters with the same seed behave identically. */
export interface Random {
  state: number
}

/** A generator with this seed, which is any integer. */
export const createRandom = (seed: number): Random => ({ state: seed | 0 })

/** The next number in [0, 1), by mulberry32, which is fast and uniform enough to spread objects and delays. */
export const next = (random: Random): number => {
  random.state = (random.state + 0x6d2b79f5) | 0
  let mixed = Math.imul(random.state ^ (random.state >>> 15), 1 | random.state)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
}

/** A number in [from, to). */
export const between = (random: Random, from: number, to: number): number => from + next(random) * (to - from)

/** A random item. `items` must not be empty. */
export const pick = <A>(random: Random, items: readonly A[]): A => items[Math.floor(next(random) * items.length)] as A

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const NAME = `${LETTERS}0123456789`

/** A text of `length` random letters. */
export const letters = (random: Random, length: number): string => {
  let text = ''
  for (let i = 0; i < length; i++) text += LETTERS.charAt(Math.floor(next(random) * LETTERS.length))
  return text
}

/** A job id of the server's usual form: a letter, then letters and digits, 9 or 10 characters in total. */
export const uuid = (random: Random): string => {
  let text = letters(random, 1)
  const length = next(random) < 0.5 ? 9 : 10
  while (text.length < length) text += NAME.charAt(Math.floor(next(random) * NAME.length))
  return text
}

/** A number in [0, 1) that depends on `text` only, for values that must be the same in every reply. */
export const fractionOf = (text: string): number => {
  // FNV-1a, a simple hash, gives the seed.
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return next({ state: hash })
}
