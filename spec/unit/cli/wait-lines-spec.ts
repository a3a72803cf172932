import { expect } from 'chai'
import fc from 'fast-check'
import { widthOf } from '../../../lib/cli/text/width.ts'
import { barLine, stillLine, waitedLine, type Waiting } from '../../../lib/cli/wait/wait-lines.ts'
import type { Progress } from '../../../lib/view/progress-of.ts'
import { anyText } from '../../helpers/any-text.ts'

// The line of `aistore-rx wait` while it waits and at the end, at several widths.

const progress: Progress = {
  state: 'running',
  ratio: 0.617,
  objects: 12_345,
  bytes: 1_024,
  objectsPerSecond: 1_234,
  elapsedMs: 12_000,
  etaMs: 8_000,
  stalled: false,
  windingDown: false,
  targets: {},
}
const waiting: Waiting = { id: 'V7Bc1dasbT', kind: 'prefetch-listrange', progress }

describe('the line of a wait', () => {
  it('has a bar where there is room, and fewer parts in a narrow terminal', () => {
    expect([40, 60, 80, 120].map((width) => barLine(waiting, width))).to.deep.equal([
      `V7Bc1dasbT  ${'█'.repeat(6)}${'░'.repeat(4)}  running  61 %`,
      `prefetch-listrange V7Bc1dasbT  ${'█'.repeat(6)}${'░'.repeat(4)}  running  61 %`,
      `prefetch-listrange V7Bc1dasbT  ${'█'.repeat(6)}${'░'.repeat(4)}  running  61 %  12,345 objects`,
      `prefetch-listrange V7Bc1dasbT  ${'█'.repeat(19)}${'░'.repeat(11)}  running  61 %  12,345 objects  1,234/s  12 s  8 s left`,
    ])
  })

  it('has dots instead of a bar if the total is unknown, and marks a job that is stalled', () => {
    const { ratio, etaMs, ...unknown } = progress
    expect([ratio, etaMs]).to.deep.equal([0.617, 8_000])
    expect(barLine({ id: 'a', progress: { ...unknown, stalled: true } }, 80)).to.equal(
      `a  ${'·'.repeat(30)}  stalled  12,345 objects  1,234/s  12 s`,
    )
  })

  it('is never wider than the terminal, and never contains a control of a server', () => {
    fc.assert(
      fc.property(anyText(), fc.string(), fc.integer({ min: 1, max: 200 }), (id, kind, width) => {
        const line = barLine({ id, kind, progress }, width)
        expect(widthOf(line)).to.be.at.most(width)
        expect(line).to.match(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u)
      }),
    )
  })

  it('has the state, the time and the objects where nothing can be redrawn', () => {
    expect(stillLine(waiting, false)).to.equal('prefetch-listrange[V7Bc1dasbT] running, 12 s, 12,345 objects')
    expect(stillLine(waiting, true)).to.match(/ still running, /)
    expect(stillLine({ kind: 'lru' }, false)).to.equal('lru: no run yet')
  })

  it('has the outcome and the reason at the end', () => {
    const { id = '', kind = '' } = waiting
    expect(waitedLine({ id, kind, outcome: 'failed', tookMs: 61_000, error: 'disk\nfull' })).to.equal(
      'V7Bc1dasbT  prefetch-listrange  failed     1 min 1 s  disk\\x0afull',
    )
    expect(waitedLine({ outcome: 'unknown' })).to.equal('-  -  unknown    -')
  })
})
