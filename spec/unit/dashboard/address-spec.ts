import { expect } from 'chai'
import * as fc from 'fast-check'
import { COLUMNS, formatAddress, parseAddress, type Address } from '../../../lib/dashboard/page/address.ts'

// The address of the page holds the filter, the order and the search, so that a link shows the same view.

const DEFAULT: Address = {
  job: undefined,
  search: '',
  state: '',
  kind: '',
  sort: 'state',
  descending: false,
  paused: false,
}

describe('the address of the dashboard', () => {
  it('is short if all its values are defaults', () => {
    expect(formatAddress(DEFAULT)).to.equal('#/')
    expect(parseAddress('')).to.deep.equal(DEFAULT)
  })

  it('returns what was written into it, for any text', () => {
    const text = fc.string({ unit: 'grapheme' })
    const address = fc.record({
      job: fc.option(
        text.filter((one) => one !== ''),
        { nil: undefined },
      ),
      search: text,
      state: text,
      kind: text,
      sort: fc.constantFrom(...COLUMNS),
      descending: fc.boolean(),
      paused: fc.boolean(),
    })
    fc.assert(fc.property(address, (one) => void expect(parseAddress(formatAddress(one))).to.deep.equal(one)))
  })

  it('ignores what it does not know', () => {
    expect(parseAddress('#/nonsense?sort=nothing&order=up&paused=yes')).to.deep.equal(DEFAULT)
    expect(parseAddress('#/job/%zz').job).to.equal('%zz')
  })
})
