import { expect } from 'chai'
import fc from 'fast-check'
import type * as t from 'io-ts'
import { isRight } from '../../../../lib/common/either.ts'
import { casesOf } from '../../../fuzz/seed.ts'

/** The decoded value. Throws an error that names the invalid members if there is none. */
export function decoded<A>(codec: t.Decoder<unknown, A>, value: unknown): A {
  const result = codec.decode(value)
  if (isRight(result)) return result.right
  throw new Error(
    `${codec.name} refuses ${result.left.map(({ context }) => context.map((c) => c.key).join('.')).join()}`,
  )
}

/** Whether the decoder returns a Left. */
export function refuses(codec: t.Decoder<unknown, unknown>, value: unknown): boolean {
  return !isRight(codec.decode(value))
}

interface Law<A, O> {
  readonly codec: t.Type<A, O>
  readonly wire: fc.Arbitrary<O>
  readonly value: fc.Arbitrary<A>
}

/** The specs that each codec must pass. */
export function itIsLawful<A, O>({ codec, wire, value }: Law<A, O>): void {
  it('encodes a decoded value to the same wire form', () => {
    fc.assert(
      fc.property(wire, (w) => {
        const a = decoded(codec, w)
        expect(codec.encode(a)).to.deep.equal(w)
        expect(codec.is(a), 'is').to.equal(true)
      }),
    )
  })

  it('decodes an encoded value to the same value', () => {
    fc.assert(
      fc.property(value, (a) => {
        expect(codec.is(a), 'is').to.equal(true)
        expect(decoded(codec, codec.encode(a))).to.deep.equal(a)
      }),
    )
  })

  it('returns an Either for any value, and never throws', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withBigInt: true, withSparseArray: true }), (garbage) => {
        const result = codec.decode(garbage)
        if (isRight(result)) expect(codec.is(result.right)).to.equal(true)
        else expect(result.left).not.to.be.empty
        expect(codec.is(garbage)).to.be.a('boolean')
      }),
      { numRuns: casesOf(500) },
    )
  })

  it('has a name', () => expect(codec.name).to.match(/^[A-Z]\w+$/))
}
