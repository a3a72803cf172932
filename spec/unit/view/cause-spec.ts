import { expect } from 'chai'
import fc from 'fast-check'
import { causeOf } from '../../../lib/view/cause.ts'

// An abort may have several texts, one for each source. `causeOf` chooses the one that says why.

describe('causeOf', () => {
  it('returns nothing if no report has a text', () => {
    expect([causeOf([]), causeOf(['', ''])]).to.deep.equal([undefined, undefined])
  })

  it('prefers a cause to the texts of targets that only relay an abort', () => {
    expect(causeOf(['IC(notifications) abort', '', 'user abort'])).to.equal('user abort')
    expect(causeOf(['remote target aborted t1', 'user abort'])).to.equal('user abort')
    expect(causeOf(['remote target aborted t1'])).to.equal('remote target aborted t1')
    // Only the beginning of a text decides.
    expect(causeOf(['IC(notifications) abort', 'why: IC(notifications) abort'])).to.equal(
      'why: IC(notifications) abort',
    )
  })

  it('returns one of the texts, whatever their order and repetitions', () => {
    const text = fc.constantFrom(
      '',
      'user abort',
      'disk full',
      'IC(notifications) abort',
      'remote target aborted',
      'no quota',
    )
    fc.assert(
      fc.property(fc.array(text), (texts) => {
        const cause = causeOf(texts)
        expect(causeOf(texts.toReversed())).to.equal(cause)
        expect(causeOf([...texts, ...texts])).to.equal(cause)
        if (texts.some((one) => one !== '')) expect(texts).to.include(cause)
      }),
    )
  })
})
