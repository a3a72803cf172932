import fc from 'fast-check'

/** Small numbers, one after the other, until there are only zeros: whatever is made of them shrinks with them. */
export interface Tape {
  /** A whole number from 0, below a limit of at most 256. */
  readonly below: (limit: number) => number
  readonly pick: <A>(from: readonly A[]) => A
}

export function tapeOf(bytes: Uint8Array): Tape {
  let at = 0
  const below = (limit: number): number => (at < bytes.length ? bytes[at++]! % limit : 0)
  return { below, pick: (from) => from[below(from.length)]! }
}

export const tape: fc.Arbitrary<Uint8Array> = fc.uint8Array({ minLength: 1, maxLength: 400, size: 'max' })
