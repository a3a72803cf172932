import { expect } from 'chai'
import { bar } from '../../../lib/cli/text/bar.ts'
import { bytes, dateTime } from '../../../lib/common/format.ts'

// How the commands write bytes, times and bars.

describe('the formats of the command', () => {
  it('show bytes in the largest binary unit that gives at least 1', () => {
    expect([0, 1, 1023, 1024, 1536, 2 ** 30, 2 ** 60].map((count) => bytes(count))).to.deep.equal([
      '0 B',
      '1 B',
      '1023 B',
      '1.0 KiB',
      '1.5 KiB',
      '1.0 GiB',
      '1024.0 PiB',
    ])
  })

  it('show bytes in decimal units or as a plain number if `--units` is given', () => {
    const counts = [0, 999, 1_000, 1_536_000, 2e18]
    expect(counts.map((count) => bytes(count, 'si'))).to.deep.equal(['0 B', '999 B', '1.0 kB', '1.5 MB', '2000.0 PB'])
    expect(counts.map((count) => bytes(count, 'raw'))).to.deep.equal(counts.map(String))
  })

  it('show the local date and time with two digits each', () => {
    expect(dateTime(new Date(2026, 0, 2, 3, 4, 5).getTime())).to.equal('2026-01-02 03:04:05')
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
