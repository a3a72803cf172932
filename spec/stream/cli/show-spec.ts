import { expect } from 'chai'
import type { World } from '../../helpers/fake-cluster.ts'
import { command, recordsOf } from '../../helpers/command.ts'
import { abortedAt, atWork, endsAt, failsAt, jobsWorld } from '../../helpers/jobs-world.ts'
import { refusal } from '../../helpers/fake-cluster/replies.ts'

// `aistore-rx show` on an emulated cluster in virtual time.

const [LONG, IDLE, PAST, BAD, STOPPED] = ['jobIsLong1', 'jobIsIdle1', 'jobIsPast1', 'jobIsBad01', 'jobIsStop1']
const DOWNLOAD = 'dnl-FH-CdapbR'
const world = jobsWorld({
  [LONG]: { ...atWork, atMs: -5_000, workedMs: 10_000 },
  [IDLE]: { kind: 'put-copies', atMs: -9_000, workedMs: -8_000, idleMs: -8_000 },
  [PAST]: endsAt(-5_000, { kind: 'lru' }),
  [BAD]: failsAt(-6_000, 'disk full'),
  [STOPPED]: abortedAt(-7_000),
})
/** The cells of each line; at least two spaces separate them. */
const cellsOf = (stdout: string): readonly (readonly string[])[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ {2,}/))

describe('aistore-rx show', () => {
  it('shows the jobs that run or are idle, in one table, and sends each request once', async () => {
    const { code, stdout, stderr, requests } = await command(['show'], world)
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' })
    expect(cellsOf(stdout)).to.deep.equal([
      ['ID', 'KIND', 'BUCKET', 'STATE', 'OBJECTS', 'BYTES', 'AGE'],
      [LONG, 'copy-bck', '-', 'running', '99', '99.0 KiB', '5 s'],
      [IDLE, 'put-copies', '-', 'idle', '300', '300.0 KiB', '9 s'],
    ])
    expect(requests.map(({ what }) => what)).to.have.members(['statuses', 'map', 'snapshots'])
  })

  it('shows with --all how each job has ended, the last end first', async () => {
    const { code, stdout } = await command(['show', '--all'], world)
    expect(code).to.equal(0)
    expect(cellsOf(stdout).map(([id, , , state, , , , error]) => [id, state, error])).to.deep.equal([
      ['ID', 'STATE', 'ERROR'],
      [LONG, 'running', '-'],
      [IDLE, 'idle', '-'],
      [PAST, 'finished', '-'],
      [BAD, 'failed', 'disk full'],
      [STOPPED, 'aborted', 'user abort'],
    ])
  })

  it('does not show a job as running that has ended on all targets, although the list still shows it as open', async () => {
    const late = jobsWorld({ [PAST]: endsAt(-5_000, { kind: 'load-lom-cache', icMs: 60_000 }) })
    expect((await command(['show'], late)).stdout).to.equal('')
    expect((await command(['show', PAST], late)).stdout).to.match(/ finished /)
  })

  it('chooses jobs by kind, id, column and number, in the order that `ais` accepts', async () => {
    const ids = async (...argv: readonly string[]): Promise<readonly (string | undefined)[]> =>
      cellsOf((await command(['show', '--all', '-H', ...argv], world)).stdout).map(([id]) => id)
    expect(await ids('lru')).to.deep.equal([PAST])
    expect(await ids('lru-eviction')).to.deep.equal([PAST])
    expect(await ids('--kind', 'put-copies')).to.deep.equal([IDLE])
    expect(await ids(BAD)).to.deep.equal([BAD])
    expect(await ids('job', 'copy-bucket', STOPPED)).to.deep.equal([STOPPED])
    expect(await ids('--id', `${LONG},${PAST}`)).to.deep.equal([LONG, PAST])
    expect(await ids('--filter', 'state=^fin')).to.deep.equal([PAST])
    expect(await ids('--filter', 'KIND=copy', '--filter', 'error=.')).to.deep.equal([BAD, STOPPED])
    expect(await ids('--top', '2')).to.deep.equal([LONG, IDLE])
  })

  it('shows each download once, without the job that carries them, unless it is named', async () => {
    const downloads: World = {
      jobs: [{ id: 'xdl-Carrier1', kind: 'download', idleMs: 0, objects: 0 }],
      downloads: [{ id: 'dnl-FH-CdapbR', files: 300 }],
    }
    const idsOf = async (...argv: readonly string[]): Promise<readonly (string | undefined)[]> =>
      cellsOf((await command(['show', '-H', ...argv], downloads)).stdout).map(([id]) => id)
    expect(await idsOf()).to.deep.equal(['dnl-FH-CdapbR'])
    expect(await idsOf('xdl-Carrier1')).to.deep.equal(['xdl-Carrier1'])
  })

  it('shows a job by id, even if it has ended', async () => {
    expect((await command(['show', PAST], world)).stdout).to.match(/jobIsPast1 +lru .* finished /)
  })

  it('shows the targets of each job with -v', async () => {
    const { stdout } = await command(['show', LONG, '-v'], world)
    expect(cellsOf(stdout).slice(2)).to.deep.equal([
      ['', 'NODE', 'STATE', 'OBJECTS', 'BYTES', 'START', 'END'],
      ...['t1', 't2', 't3'].map((target) => ['', target, 'running', '33', '33.0 KiB', '09:45:49', '-']),
    ])
  })

  it('shows how far a download is and when it will end by its pace so far, as text and as JSON', async () => {
    const fetching = { ...world, downloads: [{ id: DOWNLOAD, files: 150 }], latencyMs: 2_000 }
    const [titles, ...rows] = cellsOf((await command(['show', '--regex', '^dnl'], fetching)).stdout)
    expect(titles).to.deep.equal(['ID', 'KIND', 'BUCKET', 'STATE', '%', 'OBJECTS', 'BYTES', 'ETA', 'AGE'])
    expect(rows).to.deep.equal([[DOWNLOAD, 'download', '-', 'running', '30 %', '45', '46.1 MiB', '9 s', '4 s']])
    const [record] = recordsOf(await command(['show', DOWNLOAD, '--json'], fetching))
    expect(record).to.include({ id: DOWNLOAD, objects: '14', ratio: 14 / 150 })
    expect(record?.['etaMs']).to.be.within(16_000, 20_000)
  })

  it('shows bytes and dates according to its flags, and only jobs that match --regex', async () => {
    const { stdout } = await command(['show', '--date-time', '--units', 'si', '--regex', 'copy-bucket'], world)
    expect(cellsOf(stdout)).to.deep.equal([
      ['ID', 'KIND', 'BUCKET', 'STATE', 'OBJECTS', 'BYTES', 'START', 'END'],
      [LONG, 'copy-bck', '-', 'running', '99', '101.4 kB', '2026-11-23 09:45:49', '-'],
    ])
  })

  it('writes a JSON object for each job, with counters as strings', async () => {
    const ran = await command(['show', '--json'], world)
    expect(recordsOf(ran, 'startTime')).to.deep.equal([
      { type: 'job', id: LONG, kind: 'copy-bck', state: 'running', objects: '99', bytes: '101376' },
      { type: 'job', id: IDLE, kind: 'put-copies', state: 'idle', objects: '300', bytes: '307200' },
      { type: 'end', terminal: true, code: 0 },
    ])
    expect(recordsOf(ran)[1]?.['startTime']).to.match(/^2026-11-23T09:45:45\.\d{3}Z$/)
  })

  it('exits with 0 and a note if no job runs, and with 4 if the cluster does not know an id', async () => {
    const none = await command(['show'])
    expect({ code: none.code, stdout: none.stdout }).to.deep.equal({ code: 0, stdout: '' })
    expect(none.stderr).to.equal('aistore-rx: no job is running; --all shows those that have ended\n')
    const unknown = await command(['show', 'jobIsNone1'], world)
    expect({ code: unknown.code, stdout: unknown.stdout }).to.deep.equal({ code: 4, stdout: '' })
    expect(unknown.stderr).to.equal('aistore-rx: the cluster does not know jobIsNone1\n')
  })

  it('exits with 4 if the cluster refuses the token, and says so', async () => {
    const refused = { statuses: () => refusal(401, 'token expired'), snapshots: () => refusal(401, 'token expired') }
    const { code, stdout, stderr } = await command(['show'], { ...world, ...refused })
    expect({ code, stdout }).to.deep.equal({ code: 4, stdout: '' })
    expect(stderr).to.match(/^aistore-rx: [^\n]*401[^\n]*\n$/)
  })

  it('still shows the list if the targets do not reply, and prints that the counters are missing', async () => {
    const { code, stdout, stderr } = await command(['show'], { ...world, snapshots: () => refusal(500, 'oops') })
    expect(code).to.equal(0)
    expect(stdout).to.match(/jobIsLong1 +copy-bck +- +running/)
    expect(stderr).to.match(/^aistore-rx: without counters: /)
  })

  for (const columns of [40, 80, 200])
    it(`fits into ${columns} columns of a terminal, with the state of each job`, async () => {
      const { stdout } = await command(['show', '--all'], world, {
        terminal: { columns, rows: 10 },
        env: { NO_COLOR: '1' },
      })
      const lines = stdout.trimEnd().split('\n')
      expect(lines).to.have.lengthOf(6)
      for (const line of lines) expect(line.length).to.be.at.most(columns)
      expect(lines[3]).to.match(/^jobIsPast1 .*finished/)
    })

  it('is not taller than a terminal unless --top is given, and complete in a pipe', async () => {
    const many = jobsWorld(Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`jobNumber${100 + i}`, atWork])))
    const linesOf = async (argv: readonly string[], options: object): Promise<readonly string[]> =>
      (await command(['show', ...argv], many, options)).stdout.trimEnd().split('\n')
    const terminal = { terminal: { columns: 80, rows: 10 } }
    const lines = await linesOf([], terminal)
    expect(lines.length).to.equal(9)
    expect(lines.at(-1)).to.equal('... 43 more, --filter or --top')
    expect(await linesOf(['--top', '50'], terminal)).to.have.lengthOf(51)
    expect(await linesOf([], {})).to.have.lengthOf(51)
    expect(await linesOf(['--json'], terminal)).to.have.lengthOf(51)
  })

  it('escapes the text of a server', async () => {
    const hostile = jobsWorld({ [BAD]: failsAt(-5_000, 'a\u001b[2J\u001b]0;x\u0007\r\nforged line\u202e') })
    const { stdout } = await command(['show', '--all'], hostile)
    expect(stdout.split('\n')).to.have.lengthOf(3)
    expect(stdout).to.match(/^(?:[^\p{Cc}\u202e]|\n)*$/u)
    const json = await command(['show', '--all', '--json'], hostile)
    expect(json.stdout).to.match(/^(?:[^\p{Cc}\u202e]|\n)*$/u)
  })

  it('colours states on a terminal only, and neither with NO_COLOR nor with --no-color', async () => {
    const escapes = async (argv: readonly string[], env: Readonly<Record<string, string>>, isTerminal = true) =>
      (
        await command(['show', ...argv], world, {
          env,
          ...(isTerminal ? { terminal: { columns: 80, rows: 10 } } : {}),
        })
      ).stdout.includes('\u001b')
    expect(await escapes([], {})).to.equal(true)
    expect(await escapes([], { NO_COLOR: '1', FORCE_COLOR: '1' })).to.equal(false)
    expect(await escapes(['--no-color'], {})).to.equal(false)
    expect(await escapes([], { TERM: 'dumb' })).to.equal(false)
    expect(await escapes([], { CI: 'true' })).to.equal(false)
    expect(await escapes([], {}, false)).to.equal(false)
    expect(await escapes([], { FORCE_COLOR: '1' }, false)).to.equal(true)
  })

  for (const [what, argv] of [
    ['an unknown kind', ['prefech']],
    ['a text that is neither an id nor a kind', ['no such']],
    ['an invalid bucket', ['--bucket', 'a/b/c']],
    ['an unknown column', ['--filter', 'colour=red']],
    ['an invalid expression', ['--filter', 'id=(']],
    ['an invalid --regex', ['--regex', '(']],
    ['unknown units', ['--units', 'metric']],
    ['--top 0', ['--top', '0']],
    ['--refresh 1ms', ['--refresh', '1ms']],
  ] as const)
    it(`exits with 2 for ${what}, with one line and without a request`, async () => {
      const { code, stdout, stderr, requests } = await command(['show', ...argv], world)
      expect({ code, stdout, requests }).to.deep.equal({ code: 2, stdout: '', requests: [] })
      expect(stderr).to.match(/^aistore-rx: [^\n]+\n$/)
    })
})
