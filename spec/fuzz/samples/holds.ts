import { expect } from 'chai'
import fc from 'fast-check'

// Mocha does not load this file: rounds-spec.ts gives it to the fuzzer.

describe('a sample', () => {
  it('holds, in cases that do not include all it expects', () => {
    let met = 0
    fc.assert(
      fc.property(fc.nat(), (n) => ((met += n < 0 ? 1 : 0), true)),
      { numRuns: 250 },
    )
    expect(met).to.be.above(0)
  })
})
