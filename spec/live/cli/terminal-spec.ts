import { createCluster, start } from 'aistore-rx'
import { startEmulator, type Emulator } from 'aistore-rx/emulator'
import { expect } from 'chai'
import { lastValueFrom } from 'rxjs'
import { isLeft } from '../../../lib/common/either.ts'
import { terminal, type Terminal } from '../helpers/tmux.ts'

// The command in a real terminal (tmux).

const HOUR_OF_OBJECTS = 5_000_000

describe('aistore-rx in a terminal', function () {
  this.timeout(60_000)
  let emulator: Emulator
  const shells: Terminal[] = []

  before(async () => {
    emulator = await startEmulator({ seed: 5 })
  })
  after(() => emulator.close())
  afterEach(() => {
    for (const shell of shells.splice(0)) shell.close()
  })

  const openShell = async (columns: number, rows: number): Promise<Terminal> => {
    const shell = await terminal({ columns, rows, env: { AIS_ENDPOINT: emulator.endpoint } })
    shells.push(shell)
    return shell
  }
  /** Three terminals at the same time. */
  const inEachWidth = (look: (columns: 40 | 80 | 200) => Promise<void>): Promise<unknown> =>
    Promise.all(([40, 80, 200] as const).map(look))

  /** Starts a prefetch, which runs for an hour unless it has fewer objects. */
  const prefetch = async (bucket: string, objects = HOUR_OF_OBJECTS): Promise<string> => {
    emulator.seedBucket(bucket, { objects, objectSize: 1_024, provider: 'aws' })
    const started = await lastValueFrom(
      start(createCluster(emulator.endpoint), {
        kind: 'prefetch-listrange',
        bucket: { name: bucket, provider: 'aws' },
      }),
    )
    if (isLeft(started)) throw new Error(started.left._tag)
    return started.right.id ?? ''
  }

  it('redraws the table of watch in place in 40, 80 and 200 columns, and keeps the outcome of a job', () =>
    inEachWidth(async (columns) => {
      const long = await prefetch(`long-${columns}`)
      const { type, until, scrolled } = await openShell(columns, 20)
      type('aistore-rx watch --refresh 300ms')
      const row = {
        40: '(?:prefetch-listrange +)?running(?: +[\\d,]+)?$',
        80: 'prefetch-listrange .* running +[\\d,]+ +[\\d,]+/s',
        200: '.* aws://long-200 +running +[\\d,]+ +[\\d.]+ \\w+ +[\\d,]+/s +\\d+',
      }[columns]
      await until(new RegExp(`^${long} +${row}`, 'm'))
      const short = await prefetch(`short-${columns}`, 5_000)
      await until(new RegExp(`^${short} .*running`, 'm'))
      const lines = await until(new RegExp(`^${short} .*finished`, 'm'))
      expect(lines.filter((line) => line.startsWith('http://'))).to.have.lengthOf(1)
      expect(lines.filter((line) => /^ID /.test(line))).to.have.lengthOf(1)
      expect(scrolled()).to.equal(0)
    }))

  it('is never taller than the screen, also after it has become smaller', async () => {
    for (let i = 0; i < 30; i++) await prefetch(`many-${i}`)
    const { until, type, resize, screen, scrolled } = await openShell(80, 12)
    type('aistore-rx watch --refresh 300ms')
    const lines = await until(/more, --filter or --top/)
    // The last row is the cursor's, so the line with the command has scrolled out.
    expect(lines).to.have.lengthOf(11)
    // The clock in the title changes when the table is drawn again.
    await until(new RegExp(`^(?!${lines[0] ?? ''})http`))
    expect(scrolled()).to.equal(1)
    resize(60, 6)
    await until(/^http.*\nID .*\n.*\n.*\n\.\.\. \d+ more, --filter or --top$/)
    resize(100, 30)
    await until(/(?:^|\n)http.*\nID .*\n(?:.*\n){20,}\.\.\. \d+ more.*$/)
    expect(screen().filter((line) => line.startsWith('http://'))).to.have.lengthOf(1)
  })

  it('ends with 130 at Ctrl-C, leaves the table, and a loop of the shell ends with it', async () => {
    const id = await prefetch('interrupted')
    const { until, type, press } = await openShell(80, 45)
    type(`for i in 1 2 3; do aistore-rx watch ${id}; done; echo never`)
    await until(/ running /)
    press('C-c')
    const lines = await until(/interrupted; the jobs go on/)
    type('echo code=$?')
    expect((await until(/code=\d+/)).join('\n')).to.match(/\ncode=130\n/)
    expect(lines.filter((line) => line.includes(' running '))).to.have.lengthOf(1)
    expect(lines.join('\n')).not.to.match(/\nnever/)
  })

  it('stops at Ctrl-Z, and draws the table again after fg', async () => {
    const id = await prefetch('suspended')
    const { until, type, press } = await openShell(80, 30)
    type(`aistore-rx watch ${id} --refresh 300ms`)
    await until(/ running /)
    press('C-z')
    await until(/Stopped/)
    type('fg')
    await until(/fg\n(?:.*\n)*http.*\nID .*\n.* running /)
    press('C-c')
    await until(/interrupted/)
  })

  it('shows a bar of wait in 40, 80 and 200 columns, and then how the job ended', () =>
    inEachWidth(async (columns) => {
      const id = await prefetch(`waited-${columns}`, 8_000)
      const { until, type } = await openShell(columns, 10)
      type(`aistore-rx wait ${id} --total 8000 --refresh 300ms; echo code=$?`)
      // From 10 % on, a bar of ten cells has a full one.
      const running = await until(/running +[1-9]\d %/)
      if (columns >= 80) expect(running.join('\n')).to.match(/█░/)
      expect(running.filter((line) => line.includes(id) && / %/.test(line))).to.have.lengthOf(1)
      const lines = await until(/code=0/)
      expect(lines.join('\n')).to.match(new RegExp(`\\n${id}  prefetch-listrange  finish`))
      expect(lines.filter((line) => / %/.test(line))).to.deep.equal([])
    }))

  it('says after Ctrl-C in wait that the job goes on, and it does', async () => {
    const id = await prefetch('goes-on')
    const { until, type, press } = await openShell(200, 10)
    type(`aistore-rx wait ${id}`)
    await until(/running/)
    press('C-c')
    await until(new RegExp(`interrupted; prefetch-listrange\\[${id}\\] goes on: aistore-rx wait ${id}`))
    type(`aistore-rx show ${id}`)
    await until(new RegExp(`^${id} .* running `, 'm'))
  })

  it('has colours, but none with NO_COLOR, and no escape sequence at all with TERM=dumb', async () => {
    const id = await prefetch('coloured')
    const first = await openShell(80, 10)
    first.type(`aistore-rx show ${id}`)
    await first.until(/ running /)
    expect(first.coloured()).to.match(/\u001b\[36mrunning/)
    first.type(`clear; NO_COLOR=1 aistore-rx show ${id}`)
    await first.until(/ running /)
    expect(first.coloured()).not.to.include('\u001b[36m')
    first.type(`clear; TERM=dumb aistore-rx watch ${id} --count 3; echo over`)
    const lines = await first.until(/\nover/)
    // Not redrawn: one line for the state.
    expect(lines.filter((line) => line.includes(' running '))).to.have.lengthOf(1)
    expect(first.coloured()).not.to.include('\u001b[36m')
  })
})
