import { expect } from 'chai'
import fc from 'fast-check'
import { Int64FromNumber, Int64FromString } from '../../../lib/codec/int64.ts'
import { int64, MAX_INT64 } from '../../helpers/arbitraries.ts'
import { decoded, itIsLawful, refuses } from './helpers/laws.ts'

// 64-bit numbers on the wire: as text in snapshots, as a number in the map. `itIsLawful` checks that encoding and
// decoding are inverse.
// An id in a title, such as J5, is a row of docs/faults.md.

const MIN_INT64 = -MAX_INT64 - 1n

describe('Int64FromString', () => {
  itIsLawful({ codec: Int64FromString, wire: int64.map(String), value: int64 })

  for (const text of [
    '',
    ' 1',
    '1 ',
    '+1',
    '-',
    '-0',
    '0x10',
    '1e5',
    '1.0',
    '01',
    '1_000',
    '١',
    'NaN',
    'Infinity',
    '1\n',
  ])
    it(`refuses ${JSON.stringify(text)} (J5)`, () => expect(refuses(Int64FromString, text)).to.equal(true))

  it('accepts the smallest and the largest int64, and nothing beyond', () => {
    expect(decoded(Int64FromString, '9223372036854775807')).to.equal(MAX_INT64)
    expect(decoded(Int64FromString, '-9223372036854775808')).to.equal(MIN_INT64)
    expect(refuses(Int64FromString, '9223372036854775808')).to.equal(true)
    expect(refuses(Int64FromString, '-9223372036854775809')).to.equal(true)
    expect(refuses(Int64FromString, MAX_INT64 + 1n)).to.equal(true)
    expect(refuses(Int64FromString, '9'.repeat(1_000_000))).to.equal(true)
  })

  it('accepts an exact number or a bigint', () => {
    expect(decoded(Int64FromString, 42)).to.equal(42n)
    expect(decoded(Int64FromString, MAX_INT64)).to.equal(MAX_INT64)
    for (const number of [1.5, NaN, Infinity, 2 ** 53, -(2 ** 53), 1e300])
      expect(refuses(Int64FromString, number), String(number)).to.equal(true)
  })

  it('decodes the values around each power of two', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 62 }), fc.bigInt({ min: 0n, max: 1n }), (bits, rest) => {
        const value = 2n ** BigInt(bits) - rest
        expect(decoded(Int64FromString, String(value))).to.equal(value)
        expect(decoded(Int64FromString, String(-value))).to.equal(-value)
      }),
    )
  })
})

describe('Int64FromNumber', () => {
  const asParsed = (value: bigint): number | bigint => (Number.isSafeInteger(Number(value)) ? Number(value) : value)
  itIsLawful({ codec: Int64FromNumber, wire: int64.map(asParsed), value: int64 })

  it('encodes to a number if it is exact, else to a bigint', () => {
    expect(Int64FromNumber.encode(2n ** 53n - 1n)).to.equal(2 ** 53 - 1)
    expect(Int64FromNumber.encode(2n ** 53n)).to.equal(2n ** 53n)
    expect(Int64FromNumber.encode(1n - 2n ** 53n)).to.equal(1 - 2 ** 53)
  })

  it('refuses text, fractions, rounded numbers and values beyond 64 bits', () => {
    for (const value of ['1', 1.5, NaN, Infinity, 2 ** 53, MAX_INT64 + 1n, MIN_INT64 - 1n, null, undefined])
      expect(refuses(Int64FromNumber, value), String(value)).to.equal(true)
  })
})
