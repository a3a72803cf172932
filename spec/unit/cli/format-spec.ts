import { expect } from 'chai'
import { bar } from '../../../lib/cli/text/bar.ts'
import { bytes } from '../../../lib/common/format.ts'

describe('the formats of the command', () => {
  it('show bytes in the largest binary unit of which there is at least one', () => {
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

  it('keep a bar within its width, whatever the ratio', () => {
    expect([-1, 0, 0.5, 1, 7, undefined].map((ratio) => bar(ratio, 4))).to.deep.equal([
      '░░░░',
      '░░░░',
      '██░░',
      '████',
      '████',
      '····',
    ])
  })
})
