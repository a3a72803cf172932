import { expect } from 'chai'
import fc from 'fast-check'

// Mocha does not load this file: rounds-spec.ts gives it to the fuzzer.

describe('a sample', () => {
  it('fails, but is not a property', () => expect(1).to.equal(2))

  it('holds', () => {
    fc.assert(fc.property(fc.nat(), (n) => n >= 0))
  })

  it('breaks in one case of a hundred', () => {
    fc.assert(
      fc.property(fc.nat(100_000), (n) => {
        expect(n % 100, 'the remainder').to.not.equal(7)
      }),
    )
  })
})
