import { expect } from 'chai'
import * as fc from 'fast-check'
import { stretches } from '../../../lib/dashboard/page/stretches.ts'

// In a long table, only the rows near the visible ones are in the document. The rest are empty stretches of the same
// height.

describe('the rows of the dashboard that are in the document', () => {
  it('are all of them in a table of 300 rows', () => {
    expect(stretches(0, 0, 20)).to.deep.equal([])
    expect(stretches(300, 0, 20)).to.deep.equal([{ from: 0, to: 300, drawn: true }])
  })

  it('are the visible ones and at least 20 on either side in a longer table', () => {
    expect(stretches(1_000, 500, 520)).to.deep.equal([
      { from: 0, to: 480, drawn: false },
      { from: 480, to: 550, drawn: true },
      { from: 550, to: 1_000, drawn: false },
    ])
  })

  it('are the first or the last ones if the user has scrolled past the table', () => {
    expect(stretches(1_000, -60, -40)).to.deep.equal([{ from: 0, to: 1_000, drawn: false }])
    expect(stretches(1_000, 1_010, 1_030).at(-1)).to.deep.equal({ from: 990, to: 1_000, drawn: true })
  })

  it('include the row with the focus, wherever it is', () => {
    expect(stretches(1_000, 500, 520, 7)).to.deep.equal([
      { from: 0, to: 7, drawn: false },
      { from: 7, to: 8, drawn: true },
      { from: 8, to: 480, drawn: false },
      { from: 480, to: 550, drawn: true },
      { from: 550, to: 1_000, drawn: false },
    ])
    expect(stretches(1_000, 500, 520, 510)).to.have.length(3)
  })

  it('contain each row exactly once, for any table and any position', () => {
    const at = fc.integer({ min: -100, max: 1_300 })
    fc.assert(
      fc.property(fc.nat(1_200), at, fc.nat(60), at, (count, first, seen, pinned) => {
        const parts = stretches(count, first, first + seen, pinned)
        const ends = [0, ...parts.map(({ to }) => to)]
        expect(parts.map(({ from }) => from)).to.deep.equal(ends.slice(0, -1))
        expect(ends.at(-1)).to.equal(count)
        expect(parts.every(({ from, to }) => from < to)).to.equal(true)
        expect(parts.filter(({ drawn }) => !drawn)).to.have.length.below(4)
      }),
    )
  })
})
