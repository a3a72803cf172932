import fc from 'fast-check'

/** A sequence of small numbers, followed by zeros only, so that fast-check shrinks whatever is built from it. */
export interface Tape {
  /** Returns a whole number from 0, below a limit of at most 256. */
  readonly below: (limit: number) => number
  readonly pick: <A>(from: readonly A[]) => A
}

/** Reads numbers and choices from random bytes, and always the first choice after their end. */
export function tapeOf(bytes: Uint8Array): Tape {
  let at = 0
  const below = (limit: number): number => (at < bytes.length ? bytes[at++]! % limit : 0)
  return { below, pick: (from) => from[below(from.length)]! }
}

/** Random bytes for a tape. */
export const anyTape: fc.Arbitrary<Uint8Array> = fc.uint8Array({ minLength: 1, maxLength: 400, size: 'max' })
