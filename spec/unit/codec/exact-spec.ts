import { expect } from 'chai'
import fc from 'fast-check'
import { parse } from 'lossless-json'
import { parseExactly } from '../../../lib/codec/exact.ts'
import { casesOf } from '../../fuzz/seed.ts'

// `parseExactly` is JSON.parse that keeps long integers as bigints. It marks them in the text, so the specs try texts
// that look like its marks.

const LONG = '1795427154572988356'

/** Texts made of pieces of JSON. Most of them are invalid. */
const anyPiece = fc
  .array(
    fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      ' ',
      '"',
      '"a"',
      '"\\"',
      '\\',
      '\\u0000',
      '\u0000',
      '-',
      '0',
      '.5',
      'e2',
      '1',
      LONG,
      `-${LONG}`,
      `${LONG},`,
      `"x":${LONG}`,
      `"y, ${LONG}, z"`,
      '9007199254740991',
      '{"a":[',
      ']}',
      '\n',
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''))

/** JSON texts with long integers as values, in strings and in keys. */
const anyText = fc
  .array(fc.oneof(fc.json(), fc.bigInt().map(String), fc.constantFrom(LONG, `"a: ${LONG}, b"`, `"${LONG}"`)))
  .map((values) => `{"all":[${values.join(', ')}],"${LONG}":${LONG},"__proto__":{"n":-${LONG}}}`)

/** Whether a parser accepts a text. */
const accepts = (read: (text: string) => unknown, text: string): boolean => {
  try {
    read(text)
    return true
  } catch {
    return false
  }
}

/** The result of the lossless parser, which is the reference. */
const losslessly = (text: string): unknown =>
  parse(text, null, {
    parseNumber: (digits) => {
      const number = Number(digits)
      return Number.isSafeInteger(number) || !/^-?[0-9]{1,99}$/.test(digits) ? number : BigInt(digits)
    },
    onDuplicateKey: ({ newValue }) => newValue,
  })

describe('parseExactly', () => {
  it('returns what the lossless parser returns', () => {
    fc.assert(fc.property(anyText, (text) => void expect(parseExactly(text)).to.deep.equal(losslessly(text))))
  })

  it('accepts what JSON.parse accepts, and nothing else', () => {
    for (const text of [
      `{${LONG}:1}`,
      `{"a":1,${LONG}:2}`,
      `[${LONG} ${LONG}]`,
      `[0${LONG}]`,
      `{"a" ${LONG}}`,
      `"a,${LONG}`,
    ])
      expect(accepts(parseExactly, text), text).to.equal(false)
    fc.assert(
      fc.property(anyPiece, (text) => {
        const accepted = accepts(JSON.parse, text)
        expect(accepts(parseExactly, text)).to.equal(accepted)
        if (accepted) expect(parseExactly(text)).to.deep.equal(losslessly(text))
      }),
      { numRuns: casesOf(3_000) },
    )
  })

  it('keeps strings that look like marked or long integers', () => {
    const text = `{"a":"\\u0000${LONG}","b":${LONG},"c":"x, ${LONG}, y"}`
    expect(parseExactly(text)).to.deep.equal({ a: `\0${LONG}`, b: BigInt(LONG), c: `x, ${LONG}, y` })
    const members = `[":${LONG},",{"a\\":${LONG},":1,"b":"c\\":${LONG},","d":${LONG},"e":9007199254740991,"-":${LONG}}]`
    expect(parseExactly(members)).to.deep.equal([
      `:${LONG},`,
      { [`a":${LONG},`]: 1, b: `c":${LONG},`, d: BigInt(LONG), e: 9007199254740991, '-': BigInt(LONG) },
    ])
  })

  it('keeps the character that marks integers, in strings and in keys, however often and however escaped', () => {
    for (const own of ['\0', '\0\0', '\0\0\0', `\0${LONG}`, `\0\0${LONG}`, '\\u0000', '\\\0', '"\0"'])
      for (const [key, value] of [
        [own, 1],
        ['a', own],
        [own, own],
      ] as const) {
        const text = `{"n":${LONG},${JSON.stringify(key)}:${JSON.stringify(value)}}`
        expect(parseExactly(text), text).to.deep.equal({ n: BigInt(LONG), [key]: value })
      }
  })
})
