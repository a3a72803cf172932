import { PassThrough } from 'node:stream'
import { expect } from 'chai'
import { screenOf } from '../../../lib/cli/screen.ts'

const terminal = () => {
  const out = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY: true as const, columns: 20 })
  const written = (): string => (out.read() as string | null) ?? ''
  return { screen: screenOf(out), written }
}

describe('the screen', () => {
  it('draws a block over the previous one and clears the rest of it', () => {
    const { screen, written } = terminal()
    screen.draw(['one', 'two'])
    expect(written()).to.equal('one\ntwo\n')
    screen.draw(['three'])
    expect(written()).to.equal('\u001b[2A\u001b[0Jthree\n')
  })

  it('cuts lines that would wrap', () => {
    const { screen, written } = terminal()
    screen.draw(['x'.repeat(30)])
    expect(written()).to.equal(`${'x'.repeat(19)}\n`)
  })

  it('assumes 100 columns if the size of the terminal is unknown', () => {
    expect(screenOf(Object.assign(new PassThrough(), { columns: 0 })).columns).to.equal(100)
  })

  it('draws no more lines than the terminal has, because lines that scroll out cannot be redrawn', () => {
    const out = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY: true as const, columns: 20, rows: 4 })
    const screen = screenOf(out)
    screen.draw(['one', 'two', 'three'])
    expect(out.read()).to.equal('one\ntwo\nthree\n')
    screen.draw(['one', 'two', 'three', 'four'])
    expect(out.read()).to.equal('\u001b[3A\u001b[0Jone\ntwo\n... and 2 more\n')
  })

  it('does not draw over printed lines', () => {
    const { screen, written } = terminal()
    screen.draw(['drawn'])
    screen.print('stays')
    screen.draw(['again'])
    expect(written()).to.equal('drawn\nstays\nagain\n')
  })

  it('is not live on a pipe', () => {
    expect(screenOf(new PassThrough()).live).to.equal(false)
  })
})
