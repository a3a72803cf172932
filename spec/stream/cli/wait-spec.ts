import { expect } from 'chai'
import type { World } from '../../helpers/fake-cluster.ts'
import { refusal } from '../../helpers/fake-cluster/replies.ts'
import { command, recordsOf } from '../../helpers/command.ts'
import { abortedAt, atWork, endsAt, failsAt, jobsWorld } from '../../helpers/jobs-world.ts'

const [GOOD, BAD, STOPPED, LONG] = ['jobIsGood1', 'jobIsBad01', 'jobIsStop1', 'jobIsLong1']
const world = jobsWorld({
  [GOOD]: endsAt(20_000),
  [BAD]: failsAt(10_000, 'disk full'),
  [STOPPED]: abortedAt(10_000),
  [LONG]: atWork,
})

describe('aistore-rx wait', () => {
  it('prints how the job ended on stdout, its progress on stderr, and exits with 0 after a success', async () => {
    const { code, stdout, stderr } = await command(['wait', GOOD], world)
    expect(code).to.equal(0)
    expect(stdout).to.match(new RegExp(`^${GOOD}  copy-bck  finished   \\d+ s\n$`))
    expect(stderr).to.match(new RegExp(`^aistore-rx: copy-bck\\[${GOOD}\\] running, 0 s`))
  })

  it('exits with 1 after a failure, and prints its reason', async () => {
    const { code, stdout } = await command(['wait', BAD], world)
    expect(code).to.equal(1)
    expect(stdout).to.match(new RegExp(`^${BAD}  copy-bck  failed     \\d+ s  disk full\n$`))
  })

  it('exits with 1 after an abort', async () => {
    const { code, stdout } = await command(['wait', STOPPED], world)
    expect(code).to.equal(1)
    expect(stdout).to.match(new RegExp(`^${STOPPED}  copy-bck  aborted    \\d+ s  user abort\n$`))
  })

  it('exits with 1 for a job that is lost', async () => {
    const lost = jobsWorld({ [GOOD]: { ...atWork, goneMs: 5_000, ic: { untilMs: 5_000 } } })
    const { code, stdout } = await command(['wait', GOOD], lost)
    expect(code).to.equal(1)
    expect(stdout).to.match(/ lost /)
  })

  it('exits with 3 at its timeout, prints the last state, and says that the job goes on', async () => {
    const { code, stdout, endedMs } = await command(['wait', LONG, '--timeout', '3s'], world)
    expect(code).to.equal(3)
    expect(endedMs).to.be.within(3_000, 3_001)
    expect(stdout).to.match(/ timed-out  3 s  last seen running\n$/)
  })

  it('waits for all ids, and exits with the worst of their codes', async () => {
    const { code, stdout } = await command(['wait', GOOD, BAD, LONG, '--timeout', '30s'], world)
    expect(code).to.equal(3)
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.split(/ +/)[2]),
    ).to.deep.equal(['failed', 'finished', 'timed-out'])
  })

  it('ends with the first job that does not succeed if --fail-fast is given', async () => {
    const { code, stdout, endedMs } = await command(['wait', GOOD, BAD, '--fail-fast'], world)
    expect(code).to.equal(1)
    expect(stdout).to.match(/^jobIsBad01 [^\n]*\n$/)
    expect(endedMs).to.be.below(20_000)
  })

  it('waits for the run of a kind that is under way', async () => {
    const { code, stdout, stderr } = await command(['wait', 'copy-bucket'], jobsWorld({ [GOOD]: endsAt(20_000) }))
    expect(code).to.equal(0)
    expect(stdout).to.match(/copy-bck  finished/)
    expect(stderr).to.match(
      /^aistore-rx: waiting for copy-bucket: the run under way or, if there is none, the next one\n/,
    )
  })

  it('says that there is no run yet, and waits for the next run of a kind', async () => {
    const next = jobsWorld({ [GOOD]: { ...endsAt(40_000), atMs: 35_000 } })
    const { code, stderr, endedMs } = await command(['wait', 'copy-bucket'], next)
    expect(code).to.equal(0)
    expect(stderr.split('\n')[1]).to.equal('aistore-rx: copy-bucket: no run yet')
    expect(endedMs).to.be.above(40_000)
  })

  it('says that there is no run yet if only an earlier run of the kind is known, which was over before', async () => {
    const runs = jobsWorld({ [BAD]: endsAt(-5_000), [GOOD]: { ...endsAt(40_000), atMs: 35_000 } })
    const { code, stderr, stdout } = await command(['wait', 'copy-bucket'], runs)
    expect(code).to.equal(0)
    expect(stderr.split('\n')[1]).to.equal('aistore-rx: copy-bucket: no run yet')
    expect(stderr.match(/finished/g)).to.have.length(1)
    expect(stdout).to.contain(GOOD)
    const states = recordsOf(await command(['wait', 'copy-bucket', '--json'], runs)).flatMap(({ type, state }) =>
      type === 'progress' ? [state] : [],
    )
    expect([...new Set(states)]).to.deep.equal(['starting', 'running', 'finished'])
  })

  it('ends when a job of a kind that idles is idle', async () => {
    const idles = jobsWorld({ [GOOD]: { kind: 'put-copies', workedMs: 5_000, idleMs: 5_000 } })
    const { code, stdout } = await command(['wait', GOOD, '--idle'], idles)
    expect(code).to.equal(0)
    expect(stdout).to.match(/put-copies  idle/)
  })

  it('writes progress, outcomes and the end as JSON lines, and nothing on stderr', async () => {
    const ran = await command(['wait', GOOD, BAD, '--json'], world)
    const records = recordsOf(ran)
    expect(ran.stderr).to.equal('')
    expect(records.filter(({ type }) => type === 'progress').length).to.be.above(5)
    const outcomes = records.filter(({ type }) => type === 'outcome')
    expect(outcomes.map(({ id, outcome, success, error }) => [id, outcome, success, error])).to.deep.equal([
      [BAD, 'failed', false, 'disk full'],
      [GOOD, 'finished', true, undefined],
    ])
    expect(records.at(-1)).to.deep.equal({ type: 'end', terminal: true, code: 1, error: 'JobFailed' })
  })

  it('never counts back in its progress', async () => {
    const records = recordsOf(await command(['wait', GOOD, '--json'], world))
    const counts = records.flatMap(({ type, objects }) => (type === 'progress' ? [Number(objects)] : []))
    expect(counts.at(-1)).to.equal(300)
    expect(counts).to.deep.equal([...counts].sort((a, b) => a - b))
  })

  it('shows the last counters of a job that fails', async () => {
    const records = recordsOf(await command(['wait', BAD, '--json'], world))
    expect(records.findLast(({ type }) => type === 'progress')).to.include({ objects: '300' })
  })

  it('does not report a job that has just been started as unknown', async () => {
    const late = jobsWorld({ [GOOD]: { ...endsAt(20_000), atMs: 3_000 } })
    const { code, stderr } = await command(['wait', GOOD], late)
    expect(code).to.equal(0)
    expect(stderr).not.to.match(/found nothing/)
  })

  it('draws a bar in place on a terminal, and replaces it by the outcome', async () => {
    const { stderr, stdout } = await command(['wait', GOOD, '--total', '300'], world, {
      terminal: { columns: 80, rows: 24 },
    })
    // Both streams are the same terminal.
    expect(stdout).to.match(/finished/)
    const last = stderr.split(/\u001b\[(?:1A|2K|0J)/).filter(Boolean)
    expect(last.length).to.be.above(5)
    for (const line of last) expect(line).to.match(/^copy-bck jobIsGood1 .*\n$/)
    expect(last.at(-1)).to.match(/█{5,}.* \d+ %/)
  })

  it('prints a line each half minute if nothing can be redrawn', async () => {
    const { stderr, endedMs } = await command(['wait', LONG, '--timeout', '100s'], world)
    expect(endedMs).to.be.within(100_000, 100_001)
    const lines = stderr.trimEnd().split('\n')
    expect(lines.filter((line) => line.includes('still running'))).to.have.lengthOf(3)
  })

  it('prints nothing but outcomes with --quiet', async () => {
    const { stderr, stdout } = await command(['wait', GOOD, '--quiet'], world)
    expect(stderr).to.equal('')
    expect(stdout).to.match(/finished/)
  })

  for (const [signal, exit] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)
    it(`exits with ${exit} after ${signal}, says that the job goes on, and stops nothing`, async () => {
      const { code, stderr, requests, endedMs } = await command(['wait', LONG], world, { stop: [5_000, signal] })
      expect({ code, endedMs }).to.deep.equal({ code: exit, endedMs: 5_000 })
      expect(stderr).to.match(
        new RegExp(`\naistore-rx: interrupted; copy-bck\\[${LONG}\\] goes on: aistore-rx wait ${LONG}\n$`),
      )
      expect(requests.every(({ method }) => method === 'GET')).to.equal(true)
    })

  it('exits with 4 if no endpoint has ever replied', async () => {
    const { code, stdout, stderr } = await command(['wait', GOOD], { ...world, silent: [[0, Infinity]] })
    expect({ code, stdout }).to.deep.equal({ code: 4, stdout: '' })
    expect(stderr).to.match(/unreachable/)
  })

  it('says what it waits for, and then exits with 4 if the cluster does not know the id', async () => {
    const unknown = ['wait', 'jobIsNone1', '--timeout', '10m']
    const { code, stdout, stderr } = await command(unknown, world)
    expect(code).to.equal(4)
    expect(stdout).to.match(/^jobIsNone1 .* unknown /)
    expect(stderr).to.match(/^[^\n]*jobIsNone1[^\n]* not found; retrying\n[^\n]* not found\n$/)
    const drawn = await command(unknown, world, { terminal: { columns: 120, rows: 24 } })
    expect(drawn.stderr).to.match(/^[^\n]*jobIsNone1[^\n]* not found; retrying\n/)
  })

  it('no longer says that nothing replies once the cluster replies that it does not know the job', async () => {
    const events: World['events'] = [
      [5_000, ({ cluster }) => cluster.proxies.forEach((proxy) => (proxy.state = 'dead'))],
      [20_000, ({ cluster }) => cluster.proxies.forEach((proxy) => (proxy.state = 'up'))],
    ]
    const lost = jobsWorld({ [GOOD]: { ...atWork, goneMs: 5_000, ic: { untilMs: 5_000 } } })
    const { stderr } = await command(['wait', GOOD], { ...lost, events }, { terminal: { columns: 160, rows: 24 } })
    const blocks = stderr.split(/\u001b\[\d+A/)
    const troubled = blocks.map((block) => block.includes(' failed: '))
    expect(troubled.slice(-4)).to.deep.equal([true, false, false, false])
    expect(blocks.at(-3)).to.match(/ running /)
  })

  it('does not say that it retries if the cluster refuses the token', async () => {
    const refused = refusal(401, 'token expired')
    const replies = { statuses: () => refused, status: () => refused, snapshots: () => refused }
    const { code, stderr } = await command(['wait', GOOD], { ...world, ...replies })
    expect(code).to.equal(4)
    expect(stderr).to.match(/^[^\n]*token expired\n$/)
  })

  for (const [what, argv] of [
    ['without an id', []],
    ['with a text that is no id', ['x y']],
    ['with an invalid duration', [GOOD, '--timeout', 'soon']],
    ['with an unknown flag', [GOOD, '--nosuch']],
  ] as const)
    it(`exits with 2 ${what}, with one line and without a request`, async () => {
      const { code, stdout, stderr, requests } = await command(['wait', ...argv], world)
      expect({ code, stdout, requests }).to.deep.equal({ code: 2, stdout: '', requests: [] })
      expect(stderr).to.match(/^aistore-rx: [^\n]+\n$/)
    })
})
