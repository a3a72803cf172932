import { expect } from 'chai'
import { expectTypeOf } from 'expect-type'
import fc from 'fast-check'
import { InstantFromRfc3339, InstantFromNs, toDate } from '../../../lib/codec/instant.ts'
import { instant, MAX_INT64, wireTime } from '../../helpers/arbitraries.ts'
import { decoded, itIsLawful, refuses } from './helpers/laws.ts'

// The two forms of a time on the wire: RFC 3339 in snapshots, nanoseconds in statuses. Both become nanoseconds since
// the Unix epoch, as a bigint.
// An id in a title, such as J3, is a row of docs/faults.md.

const NS_PER_MS = 1_000_000n

describe('InstantFromRfc3339', () => {
  itIsLawful({ codec: InstantFromRfc3339, wire: wireTime, value: fc.option(instant, { nil: undefined }) })

  it('equals Date to the millisecond', () => {
    fc.assert(
      fc.property(wireTime, (text) => {
        const nanos = decoded(InstantFromRfc3339, text)!
        expect(toDate(nanos).getTime()).to.equal(new Date(text.replace(/(\.[0-9]{3})[0-9]*Z/, '$1Z')).getTime())
      }),
    )
  })

  it('keeps a fraction of 0 to 9 digits', () => {
    for (let digits = 1; digits <= 9; digits++) {
      const fraction = '123456789'.slice(0, digits)
      const text = `2026-11-23T09:45:52.${fraction}Z`
      expect(decoded(InstantFromRfc3339, text)).to.equal(1795427152_000000000n + BigInt(fraction.padEnd(9, '0')))
      expect(InstantFromRfc3339.encode(decoded(InstantFromRfc3339, text))).to.equal(text)
    }
    expect(decoded(InstantFromRfc3339, '2026-11-23T09:45:52Z')).to.equal(1795427152_000000000n)
    expect(decoded(InstantFromRfc3339, '2026-11-23T09:45:52.100Z')).to.equal(1795427152_100000000n)
  })

  it('decodes a time with any offset, and encodes it as UTC', () => {
    const utc = '2026-11-23T23:30:00.5Z'
    for (const text of ['2026-11-24T00:30:00.5+01:00', '2026-11-23T18:00:00.5-05:30', '2026-11-23T23:30:00.5+00:00'])
      expect(InstantFromRfc3339.encode(decoded(InstantFromRfc3339, text)), text).to.equal(utc)
  })

  it('decodes the zero time of Go to undefined, in UTC and in any zone (T17)', () => {
    expect(decoded(InstantFromRfc3339, '0001-01-01T00:00:00Z')).to.equal(undefined)
    expect(decoded(InstantFromRfc3339, '0001-01-01T01:00:00+01:00')).to.equal(undefined)
    // Local mean time has seconds, which Go omits from the offset: Shanghai +08:05:43, New York -04:56:02.
    expect(decoded(InstantFromRfc3339, '0001-01-01T08:05:43+08:05')).to.equal(undefined)
    expect(decoded(InstantFromRfc3339, '0000-12-31T19:03:58-04:56')).to.equal(undefined)
    expect(decoded(InstantFromRfc3339, '0001-01-01T00:00:00.000000001Z')).to.equal(-62135596799999999999n)
    expect(InstantFromRfc3339.encode(undefined)).to.equal('0001-01-01T00:00:00Z')
  })

  const invalidTimes = [
    '',
    ' ',
    '2026-11-23',
    '2026-11-23T09:45:52',
    '2026-11-23 09:45:52Z',
    '2026-11-23T09:45:52z',
    '1795427152',
    '2026-02-30T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '2100-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-01-32T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T25:00:00Z',
    '2026-01-01T00:60:00Z',
    '2026-01-01T00:00:60Z',
    '10000-01-01T00:00:00Z',
    '+10000-01-01T00:00:00Z',
    '-0001-01-01T00:00:00Z',
    '2026-1-1T0:0:0Z',
    '2026-01-01T00:00:00.Z',
    '2026-01-01T00:00:00.1234567890Z',
    '2026-01-01T00:00:00,5Z',
    '2026-01-01T00:00:00+24:00',
    '2026-01-01T00:00:00+01:60',
    '2026-01-01T00:00:00+0100',
    '2026-01-01T00:00:00+1',
    '2026-01-01T00:00:00Z\n',
    ' 2026-01-01T00:00:00Z',
    '2026-01-01T00:00:00ZZ',
    '٢٠٢٦-01-01T00:00:00Z',
  ]
  for (const text of invalidTimes)
    it(`refuses ${JSON.stringify(text)} (J3)`, () => expect(refuses(InstantFromRfc3339, text)).to.equal(true))

  it('accepts 29 February of a leap year', () => {
    for (const year of ['2024', '2000', '0004', '0400'])
      expect(InstantFromRfc3339.encode(decoded(InstantFromRfc3339, `${year}-02-29T12:00:00Z`))).to.equal(
        `${year}-02-29T12:00:00Z`,
      )
  })
})

describe('InstantFromNs', () => {
  const anyParsedNumber = fc.oneof(fc.constant(0), fc.maxSafeNat(), fc.bigInt({ min: 2n ** 53n, max: MAX_INT64 }))
  const anyInstant = fc.option(fc.bigInt({ min: 1n, max: MAX_INT64 }), { nil: undefined })
  itIsLawful({ codec: InstantFromNs, wire: anyParsedNumber, value: anyInstant })

  it('decodes 0 to undefined', () => expect(decoded(InstantFromNs, 0)).to.equal(undefined))

  it('refuses negative numbers, fractions, rounded numbers and text (J4)', () => {
    for (const garbage of [-1, -1n, 1.5, NaN, 1795427154572988356, '1795427154572988356', null, MAX_INT64 + 1n])
      expect(refuses(InstantFromNs, garbage), String(garbage)).to.equal(true)
  })
})

describe('toDate', () => {
  it('rounds down to the millisecond, also before 1970 (J4)', () => {
    expectTypeOf(toDate).toEqualTypeOf<(instant: bigint) => Date>()
    expect(toDate(1795427154572988356n).toISOString()).to.equal('2026-11-23T09:45:54.572Z')
    expect(toDate(0n).getTime()).to.equal(0)
    expect(toDate(-1n).getTime()).to.equal(-1)
    expect(toDate(-NS_PER_MS).getTime()).to.equal(-1)
    expect(toDate(-NS_PER_MS - 1n).getTime()).to.equal(-2)
  })
})
