import { expect } from 'chai'
import type { World } from '../../helpers/fake-cluster.ts'
import { command, recordsOf } from '../../helpers/command.ts'
import { abortedAt, atWork, endsAt, failsAt, jobsWorld } from '../../helpers/jobs-world.ts'
import { refusal } from '../../helpers/fake-cluster/replies.ts'

// `aistore-rx watch` on an emulated cluster in virtual time.

const [GOOD, BAD, STOPPED, LONG] = ['jobIsGood1', 'jobIsBad01', 'jobIsStop1', 'jobIsLong1']
const world = jobsWorld({
  [GOOD]: endsAt(20_000),
  [BAD]: failsAt(10_000, 'disk full'),
  [STOPPED]: abortedAt(10_000),
  [LONG]: { ...atWork, workedMs: 100_000 },
  jobIsPast1: endsAt(-5_000),
})
const TERMINAL = { terminal: { columns: 100, rows: 24 }, env: { NO_COLOR: '1' } }
/** Sends SIGINT to the command at a time. */
const interruptAt = (atMs: number) => ({ stop: [atMs, 'SIGINT'] }) as const

/** The columns of each line, in the order of the titles: ID, KIND, BUCKET, STATE, OBJECTS, BYTES, RATE, AGE, ERROR. */
const columnsOf = (stdout: string): readonly (readonly string[])[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ {2,}/))

/** The blocks that were drawn, without the sequences that erase the previous block. */
const blocksOf = (stdout: string): readonly (readonly string[])[] =>
  stdout
    .replaceAll(/\u001b\[2K|\u001b\[0J/g, '')
    .split(/\u001b\[\d+A/)
    .map((block) => block.trimEnd().split('\n'))

describe('aistore-rx watch', () => {
  it('prints a line for each change of a state if nothing can be redrawn, and exits with 130 after SIGINT', async () => {
    const { code, stdout, stderr } = await command(['watch'], world, interruptAt(25_000))
    expect(code).to.equal(130)
    const lines = columnsOf(stdout)
    expect(lines.map(([id, , , state, , , , , error]) => [id, state, error].filter(Boolean).join(' '))).to.deep.equal([
      ...[BAD, GOOD, LONG, STOPPED].map((id) => `${id} running`),
      `${BAD} failed disk full`,
      `${STOPPED} aborted user abort`,
      `${GOOD} finished`,
    ])
    expect(stderr).to.equal('aistore-rx: interrupted; the jobs go on\n')
  })

  it('prints lines for each download, and none for the job that carries the downloads', async () => {
    const downloads: World = {
      jobs: [{ id: 'xdl-Carrier1', kind: 'download', idleMs: 0, objects: 0 }],
      downloads: [{ id: 'dnl-FH-CdapbR', atMs: -1_000 }],
    }
    const { stdout } = await command(['watch', '-H'], downloads, interruptAt(20_000))
    const lines = stdout.split('\n').map((line) => line.split(/ {2,}/))
    expect(lines.map(([id, , , state]) => [id, state])).to.deep.equal([
      ['dnl-FH-CdapbR', 'running'],
      ['dnl-FH-CdapbR', 'finished'],
      ['', undefined],
    ])
  })

  it('says once, in a pipe, that no job is running and that it waits', async () => {
    const late = jobsWorld({ [LONG]: { ...atWork, atMs: 10_000 } })
    const { stdout, stderr } = await command(['watch'], late, interruptAt(25_000))
    expect(stdout).to.match(/^jobIsLong1 .* running .*\n$/)
    expect(stderr).to.equal(
      'aistore-rx: no job is running; waiting until interrupted\naistore-rx: interrupted; the jobs go on\n',
    )
  })

  it('prints a line each half minute for a job that runs on', async () => {
    const { stdout } = await command(['watch', LONG], world, interruptAt(95_000))
    const objects = columnsOf(stdout).map(([, , , , count]) => count)
    expect(objects).to.have.lengthOf(4)
    // The job processes 3 objects a second, and the last line is of 90 s.
    expect(Number(objects.at(-1))).to.be.within(260, 300)
  })

  it('redraws a table on a terminal, and keeps the row of a job that has ended, with its outcome', async () => {
    const { stdout } = await command(['watch'], world, { ...TERMINAL, ...interruptAt(60_000) })
    const last = blocksOf(stdout).at(-1) ?? []
    expect(last[0]).to.match(/^http:\/\/p1 {2}\d\d:\d\d:\d\d {2}1 running$/)
    expect(last[1]).to.match(/^ID +KIND +BUCKET +STATE +OBJECTS +BYTES +RATE +AGE +ERROR$/)
    // The counters of the running job depend on the time of its last poll: from 160 to 179 objects of 1 KiB.
    const withoutCounters = (line: string): string => line.replace(/ 1[67]\d 1[67]\d\.0 KiB /, ' OBJECTS BYTES ')
    expect(last.slice(2).map((line) => withoutCounters(line.replace(/ +/g, ' ')))).to.deep.equal([
      `${LONG} copy-bck - running OBJECTS BYTES 3/s 58 s -`,
      `${GOOD} copy-bck - finished 300 300.0 KiB - 20 s -`,
      `${BAD} copy-bck - failed 300 300.0 KiB - 10 s disk full`,
      `${STOPPED} copy-bck - aborted 3 3.0 KiB - 10 s user abort`,
    ])
  })

  it('shows the share and the time left of a download while it runs, and 100 % at its end', async () => {
    const ran = await command(
      ['watch', '--date-time', '--units', 'raw', '--regex', '^dnl'],
      { ...world, downloads: [{ id: 'dnl-FH-CdapbR', files: 150 }] },
      { ...TERMINAL, terminal: { columns: 160, rows: 24 }, ...interruptAt(40_000) },
    )
    const rows = blocksOf(ran.stdout).map(([title = '', titles = '', row = '']) => ({ title, titles, row }))
    const half = rows.find(({ row }) => / 6\d %/.test(row))
    expect(half?.title).to.match(/^http:\/\/p1 {2}2026-11-23 \d\d:\d\d:\d\d {2}1 running$/)
    expect(half?.titles).to.match(/ STATE +% +OBJECTS +BYTES +RATE +ETA +START +END$/)
    expect(half?.row).to.match(/ running +6\d % +9\d +\d{8} +15\/s +4 s +2026-11-23 [\d:]{8} +-$/)
    expect(rows.at(-1)?.row).to.match(/ finished +100 % +150 +\d{9} +- +2026-11-23 [\d:]{8} +2026-11-23 [\d:]{8}$/)
  })

  it('never shows a counter that decreases', async () => {
    const { stdout } = await command(['watch', '--json'], world, interruptAt(30_000))
    const counts = new Map<string, number>()
    for (const line of stdout.trimEnd().split('\n')) {
      const { id = '', objects = '0' } = JSON.parse(line) as { readonly id?: string; readonly objects?: string }
      expect(Number(objects)).to.be.at.least(counts.get(id) ?? 0)
      counts.set(id, Number(objects))
    }
    expect(counts.get(GOOD)).to.equal(300)
  })

  it('writes a JSON object for each change of a job, and a last one with the exit code', async () => {
    const records = recordsOf(await command(['watch', GOOD, '--json'], world, interruptAt(25_000)))
    expect(
      records
        .filter(({ type }) => type === 'job')
        .map(({ state }) => state)
        .slice(-2),
    ).to.deep.equal(['running', 'finished'])
    expect(records.at(-1)).to.include({ type: 'end', terminal: true, code: 130 })
  })

  it('shows the outcome of a job that ended before the watch, with --all or by its id', async () => {
    const { stdout } = await command(['watch', '--all', '--json'], world, interruptAt(12_000))
    const states = stdout.split('\n').flatMap((line) => /"jobIsPast1".*"state":"(\w+)"/.exec(line)?.[1] ?? [])
    expect(states.at(-1)).to.equal('finished')
    expect((await command(['watch', 'jobIsPast1'], world, interruptAt(12_000))).stdout).to.match(/ finished /)
  })

  it('exits with 0 after --count updates', async () => {
    const { code, stderr, endedMs } = await command(['watch', '--count', '3'], world)
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' })
    expect(endedMs).to.be.below(10_000)
  })

  it('is never taller than the screen, and counts the rows that do not fit', async () => {
    const many = jobsWorld(Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`jobNumber${1000 + i}`, atWork])))
    const { stdout } = await command(['watch'], many, {
      env: { NO_COLOR: '1' },
      terminal: { columns: 80, rows: 10 },
      ...interruptAt(3_000),
    })
    for (const block of blocksOf(stdout)) expect(block.length).to.be.at.most(9)
    expect(blocksOf(stdout).at(-1)?.at(-1)).to.equal('... 494 more, --filter or --top')
  })

  for (const columns of [40, 80, 200])
    it(`fits into ${columns} columns`, async () => {
      const { stdout } = await command(['watch'], world, {
        env: { NO_COLOR: '1' },
        terminal: { columns, rows: 24 },
        ...interruptAt(30_000),
      })
      for (const line of blocksOf(stdout).flat()) expect(line.length).to.be.below(columns)
      expect(
        blocksOf(stdout)
          .at(-1)
          ?.find((line) => line.startsWith(BAD)),
      ).to.match(/failed/)
    })

  it('keeps the table and shows the reason while the cluster does not reply, and goes on after that', async () => {
    const isAway = (ms: number): boolean => ms > 5_000 && ms < 15_000
    const away = refusal(503, 'in maintenance')
    const { stdout } = await command(
      ['watch', GOOD],
      {
        ...world,
        statuses: (ms, _, reply) => (isAway(ms) ? away : reply),
        status: (ms, _, reply) => (isAway(ms) ? away : reply),
        snapshots: (ms, _, reply) => (isAway(ms) ? away : reply),
      },
      { ...TERMINAL, ...interruptAt(40_000) },
    )
    const blocks = blocksOf(stdout)
    const troubled = blocks.filter((block) => block.some((line) => line.includes('503')))
    expect(troubled.length).to.be.above(0)
    for (const block of troubled) expect(block.join('\n')).to.match(/retrying\nID .*\njobIsGood1 .* running/)
    expect(blocks.at(-1)?.join('\n')).to.match(/no job is running\nID .*\njobIsGood1 .* finished/)
  })

  it('exits with 4 if the cluster refuses the token', async () => {
    const refused = refusal(401, 'token expired')
    const { code, stdout, stderr } = await command(['watch'], {
      ...world,
      statuses: () => refused,
      snapshots: () => refused,
      running: () => refused,
    })
    expect({ code, stdout }).to.deep.equal({ code: 4, stdout: '' })
    expect(stderr).to.match(/^[^\n]*token expired\n$/)
  })

  it('goes on if the cluster is slow from the start, or unreachable after it has replied', async () => {
    const slow = await command(['watch', LONG], { ...world, latencyMs: 8_000 }, interruptAt(60_000))
    expect(slow.code).to.equal(130)
    expect(slow.stdout).to.match(/ running /)
    const events: World['events'] = [
      [5_000, ({ cluster }) => cluster.proxies.forEach((proxy) => (proxy.state = 'dead'))],
      [200_000, ({ cluster }) => cluster.proxies.forEach((proxy) => (proxy.state = 'up'))],
    ]
    const away = await command(['watch', LONG], { ...world, events }, interruptAt(300_000))
    expect(away.code).to.equal(130)
    expect(away.stdout.trimEnd().split('\n').at(-1)).to.match(/ running +300 /)
  })

  it('exits with 4 if no endpoint has ever replied', async () => {
    const { code, stderr } = await command(['watch'], { silent: [[0, Infinity]] })
    expect(code).to.equal(4)
    expect(stderr).to.match(/http:\/\/p1 is unreachable: /)
  })

  it('runs for `show --refresh`, too', async () => {
    const { code, stdout } = await command(['show', '--refresh', '1s', LONG], world, interruptAt(5_000))
    expect(code).to.equal(130)
    expect(stdout).to.match(/^jobIsLong1 .* running .*\n$/)
  })
})
