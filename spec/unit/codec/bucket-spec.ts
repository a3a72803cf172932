import { expect } from 'chai'
import { expectTypeOf } from 'expect-type'
import fc from 'fast-check'
import type * as t from 'io-ts'
import { Bucket, sameBucket, type BucketWire } from '../../../lib/codec/bucket.ts'
import { bucket, wireBucket } from '../../helpers/arbitraries.ts'
import { decoded, itIsLawful, refuses } from './helpers/laws.ts'

// The name of a bucket on the wire. `itIsLawful` checks that encoding and decoding are inverse, for random values.

describe('Bucket', () => {
  itIsLawful({ codec: Bucket, wire: wireBucket, value: bucket })

  it('is a codec from its wire type to its value type', () => {
    expectTypeOf(Bucket).toEqualTypeOf<t.Type<Bucket, BucketWire>>()
    expectTypeOf<t.TypeOf<typeof Bucket>>().toEqualTypeOf<Bucket>()
  })

  it('decodes empty members as absent', () => {
    expect(decoded(Bucket, { name: 'b', provider: '', namespace: { uuid: '', name: '' } })).to.deep.equal({ name: 'b' })
    expect(decoded(Bucket, { name: 'b', provider: 'ais', namespace: null })).to.deep.equal({
      name: 'b',
      provider: 'ais',
    })
    expect(decoded(Bucket, { name: 'b' })).to.deep.equal({ name: 'b' })
    expect(decoded(Bucket, { name: 'b', namespace: { uuid: 'u' }, new: 1 })).to.deep.equal({
      name: 'b',
      namespace: { uuid: 'u', name: '' },
    })
  })

  it('refuses members of a wrong type', () => {
    for (const value of [null, [], 'b', {}, { name: 1 }, { name: 'b', provider: 1 }, { name: 'b', namespace: 'n' }])
      expect(refuses(Bucket, value), JSON.stringify(value)).to.equal(true)
  })
})

describe('sameBucket', () => {
  it('treats a missing provider as ais, and a missing namespace as the global one', () => {
    const short = { name: 'b' }
    const long = { name: 'b', provider: 'ais', namespace: { uuid: '', name: '' } }
    expect(sameBucket(short, long)).to.equal(true)
    expect(sameBucket(long, short)).to.equal(true)
    expect(sameBucket(short, { name: 'b', provider: '' })).to.equal(true)
  })

  it('is false if any member differs', () => {
    const one = { name: 'b', provider: 'aws', namespace: { uuid: 'u', name: 'n' } }
    expect(sameBucket(one, { ...one, name: 'c' })).to.equal(false)
    expect(sameBucket(one, { ...one, provider: 'gcp' })).to.equal(false)
    expect(sameBucket(one, { ...one, namespace: { uuid: 'u', name: 'm' } })).to.equal(false)
    expect(sameBucket(one, { ...one, namespace: { uuid: 'v', name: 'n' } })).to.equal(false)
  })

  it('is symmetric, and true for a bucket and its encoded form', () => {
    fc.assert(
      fc.property(bucket, bucket, (a, b) => {
        expect(sameBucket(a, Bucket.encode(a))).to.equal(true)
        expect(sameBucket(a, b)).to.equal(sameBucket(b, a))
      }),
    )
  })
})
