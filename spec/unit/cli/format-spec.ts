import { expect } from 'chai'
import { bar, bytes, table } from '../../../lib/cli/format.ts'

describe('what a person reads', () => {
  it('has bytes in the unit that suits them', () => {
    expect([0, 1, 1023, 1024, 1536, 2 ** 30, 2 ** 60].map(bytes)).to.deep.equal([
      '0 B',
      '1 B',
      '1023 B',
      '1.0 KiB',
      '1.5 KiB',
      '1.0 GiB',
      '1024.0 PiB',
    ])
  })

  it('has bars that stay within their width, whatever the ratio', () => {
    expect([-1, 0, 0.5, 1, 7, undefined].map((ratio) => bar(ratio, 4))).to.deep.equal([
      '░░░░',
      '░░░░',
      '██░░',
      '████',
      '████',
      '····',
    ])
  })

  it('has columns as wide as their widest cell', () => {
    expect(
      table(
        [
          ['A', 'N'],
          ['long', '1'],
          ['b', '100'],
        ],
        [1],
      ),
    ).to.deep.equal(['A       N', 'long    1', 'b     100'])
  })
})
