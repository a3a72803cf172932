import fc from 'fast-check'

// Texts of all characters. `fc.string({ unit: 'binary' })` and `fc.webUrl()` draw the same ones, but first take half a second:
// to learn whether dangerous strings such as `__proto__` consist of such characters, fast-check builds a map of all of
// them. The unit here tells it directly.

/** The code points of halves of surrogate pairs, which are not characters. */
const HALVES = { first: 0xd800, count: 0x800 }

/** Any character, as a string. */
const anyCharacter: fc.Arbitrary<string> = fc.nat(0x10ffff - HALVES.count).map(
  (nth) => String.fromCodePoint(nth < HALVES.first ? nth : nth + HALVES.count),
  (text) => {
    const point = typeof text === 'string' ? text.codePointAt(0) : undefined
    if (point === undefined || text !== String.fromCodePoint(point)) throw new Error('not one character')
    return point < HALVES.first ? point : point - HALVES.count
  },
)

/** Any text without halves of surrogate pairs. Some of these texts are names of `Object.prototype`. */
export const anyText = (constraints: fc.StringSharedConstraints = {}): fc.Arbitrary<string> =>
  fc.string({ ...constraints, unit: anyCharacter })

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

/** A character of a path, now and then an escaped one. */
const anyPathCharacter: fc.Arbitrary<string> = fc.oneof(
  { weight: 10, arbitrary: fc.constantFrom(...Array.from(`${LETTERS}-._~!$&'()*+,;=:@`)) },
  { weight: 1, arbitrary: anyCharacter.map(encodeURIComponent) },
)

/** An address of http or https, with any host and path. */
export const anyUrl: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom('http', 'https'),
    fc.webAuthority(),
    fc.array(
      fc.string({ unit: anyPathCharacter }).map((segment) => `/${segment}`),
      { size: 'xsmall' },
    ),
  )
  .map(([scheme, authority, segments]) => `${scheme}://${authority}${segments.join('')}`)
