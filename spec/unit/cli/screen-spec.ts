import { PassThrough } from 'node:stream'
import { expect } from 'chai'
import { screenOf } from '../../../lib/cli/screen.ts'

// The screen redraws a block of lines at the bottom of a terminal. In the expected texts, `\u001b[2K` erases a line,
// `\u001b[nA` moves the cursor up n lines, and `\u001b[0J` erases what is below.

/** A terminal of this size, the screen on it, and what was written to it since the last call. */
const terminal = ({ columns = 20, rows }: { readonly columns?: number; readonly rows?: number } = {}) => {
  const out = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY: true as const, columns, rows: rows ?? 0 })
  return { out, screen: screenOf(out), written: (): string => (out.read() as string | null) ?? '' }
}

/** What draws these lines over a block: each line is erased before it is written, and what is below them at last. */
const drawnOver = (up: number, ...lines: readonly string[]): string =>
  `\u001b[${up}A${lines.map((line) => `\u001b[2K${line}\n`).join('')}\u001b[0J`

describe('the screen', () => {
  it('draws a block over the previous one and clears the rest of it', () => {
    const { screen, written } = terminal()
    screen.draw(() => ['one', 'two'])
    expect(written()).to.equal('one\ntwo\n')
    screen.draw(() => ['three'])
    expect(written()).to.equal(drawnOver(2, 'three'))
    screen.close()
  })

  it('removes a block line by line, because tmux keeps a copy of what is erased from the first row of the screen', () => {
    const { screen, written } = terminal()
    screen.draw(() => ['one', 'two'])
    written()
    screen.clear()
    expect(written()).to.equal('\u001b[1A\u001b[2K\u001b[1A\u001b[2K')
    screen.clear()
    expect(written()).to.equal('')
  })

  it('cuts lines that would wrap, and marks the cut', () => {
    const { screen, written } = terminal()
    screen.draw(() => ['x'.repeat(30)])
    expect(written()).to.equal(`${'x'.repeat(18)}…\n`)
    screen.close()
  })

  it('assumes 80 columns if the size of a terminal is unknown, and no limit for a pipe without COLUMNS', () => {
    expect(terminal({ columns: 0 }).screen.columns).to.equal(79)
    expect(screenOf(new PassThrough()).columns).to.equal(Infinity)
    expect(screenOf(new PassThrough(), { COLUMNS: '60' }).columns).to.equal(60)
  })

  it('draws no more lines than the terminal has, because lines that scroll out cannot be redrawn', () => {
    const { screen, written } = terminal({ rows: 4 })
    screen.draw(() => ['one', 'two', 'three'])
    expect(written()).to.equal('one\ntwo\nthree\n')
    screen.draw(() => ['one', 'two', 'three', 'four'])
    expect(written()).to.equal(drawnOver(3, 'one', 'two', '... and 2 more'))
    screen.close()
  })

  it('does not draw over printed lines', () => {
    const { screen, written } = terminal()
    screen.draw(() => ['drawn'])
    screen.print('stays')
    screen.draw(() => ['again'])
    expect(written()).to.equal('drawn\nstays\nagain\n')
    screen.close()
  })

  it('draws the block again at the new size after a resize, over the rows that the wrapped lines take', () => {
    const { out, screen, written } = terminal({ rows: 10 })
    screen.draw(() => ['x'.repeat(19), 'y'])
    written()
    out.columns = 10
    out.emit('resize')
    // The first line takes two rows now.
    expect(written()).to.equal(drawnOver(3, `${'x'.repeat(8)}…`, 'y'))
    screen.close()
  })

  it('moves the cursor up within the screen only, after the screen has become smaller', () => {
    const { out, screen, written } = terminal({ rows: 10 })
    screen.draw(() => Array.from({ length: 9 }, (_, i) => String(i)))
    written()
    out.rows = 4
    out.emit('resize')
    expect(written()).to.equal(drawnOver(3, '0', '1', '... and 7 more'))
    screen.close()
  })

  it('draws the block again below the lines of the shell after Ctrl-Z and `fg`', () => {
    const { screen, written } = terminal()
    screen.draw(() => ['one'])
    written()
    process.emit('SIGCONT')
    expect(written()).to.equal('one\n')
    screen.close()
  })

  it('draws nothing more after it is closed, and leaves no listener', () => {
    const { out, screen, written } = terminal()
    const before = process.listenerCount('SIGCONT')
    screen.draw(() => ['one'])
    screen.draw(() => ['two'])
    screen.close()
    written()
    out.emit('resize')
    process.emit('SIGCONT')
    expect(written()).to.equal('')
    expect([out.listenerCount('resize'), process.listenerCount('SIGCONT')]).to.deep.equal([0, before])
  })

  it('is live only on a terminal that understands escape sequences, and not in a CI', () => {
    const { out } = terminal()
    const live = (env: Readonly<Record<string, string>>): boolean => screenOf(out, env).live
    expect([live({}), live({ TERM: 'dumb' }), live({ CI: 'true' }), live({ CI: '' })]).to.deep.equal([
      true,
      false,
      false,
      true,
    ])
    expect(screenOf(new PassThrough()).live).to.equal(false)
  })
})
