import { expect } from 'chai'
import { command, recordsOf } from '../../helpers/command.ts'
import { abortedAt, atWork, endsAt, failsAt, jobsWorld } from '../../helpers/jobs-world.ts'
import { refusal } from '../../helpers/fake-cluster/replies.ts'

const [GOOD, BAD, STOPPED, LONG] = ['jobIsGood1', 'jobIsBad01', 'jobIsStop1', 'jobIsLong1']
const world = jobsWorld({
  [GOOD]: endsAt(20_000),
  [BAD]: failsAt(10_000, 'disk\nfull'),
  [STOPPED]: abortedAt(10_000),
  [LONG]: atWork,
})
/** The cells of each line but the first, which is the time. */
const rowsOf = (stdout: string): readonly string[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ {2,}/).slice(1).join(' '))

describe('aistore-rx events', () => {
  it('prints each event once until it is interrupted', async () => {
    const { code, stdout, stderr } = await command(['events'], world, { stop: [30_000, 'SIGTERM'] })
    expect(code).to.equal(143)
    expect(stderr).to.equal('aistore-rx: interrupted; the jobs go on\n')
    expect(rowsOf(stdout)).to.have.members([
      ...[GOOD, BAD, STOPPED, LONG].map((id) => `started copy-bck ${id}`),
      `failed copy-bck ${BAD} disk\\x0afull`,
      `aborted copy-bck ${STOPPED} user abort`,
      `finished copy-bck ${GOOD}`,
    ])
    expect(stdout).to.match(/^\d\d:\d\d:\d\d {2}started /)
  })

  it('prints only the events of a type, and exits with 0 after --count of them', async () => {
    const { code, stdout, endedMs } = await command(['events', '--type', 'finished,aborted', '--count', '2'], world)
    expect(code).to.equal(0)
    expect(rowsOf(stdout).map((row) => row.split(' ')[0])).to.deep.equal(['aborted', 'finished'])
    expect(endedMs).to.be.within(20_000, 24_000)
  })

  it('prints only events of jobs that match --regex, with their date if --date-time is given', async () => {
    const { stdout } = await command(['events', '--regex', 'IsBad|IsGood', '--count', '4', '--date-time'], world)
    expect(rowsOf(stdout)).to.deep.equal([
      ...[GOOD, BAD].map((id) => `started copy-bck ${id}`),
      `failed copy-bck ${BAD} disk\\x0afull`,
      `finished copy-bck ${GOOD}`,
    ])
    expect(stdout).to.match(/^2026-11-23 \d\d:\d\d:\d\d {2}started /)
    expect((await command(['events', '--regex', '('], world)).code).to.equal(2)
  })

  it('exits with 3 at its timeout', async () => {
    const { code, stderr, endedMs } = await command(['events', '--type', 'vanished', '--timeout', '7s'], world)
    expect({ code, endedMs, stderr }).to.deep.equal({ code: 3, endedMs: 7_000, stderr: 'aistore-rx: timed out\n' })
  })

  it('prints the events of one job', async () => {
    const { stdout } = await command(['events', BAD, '--count', '2'], world)
    expect(rowsOf(stdout)).to.deep.equal([`started copy-bck ${BAD}`, `failed copy-bck ${BAD} disk\\x0afull`])
  })

  it('writes a JSON object for each event', async () => {
    const ran = await command(['events', '--type', 'failed', '--count', '1', '--json'], world)
    expect(recordsOf(ran, 'seen', 'endTime')).to.deep.equal([
      { type: 'event', event: 'failed', id: BAD, kind: 'copy-bck', outcome: 'failed', error: 'disk\nfull' },
      { type: 'end', terminal: true, code: 0 },
    ])
  })

  it('reports an error once on stderr, and goes on', async () => {
    const isAway = (ms: number): boolean => ms > 3_000 && ms < 9_000
    const away = refusal(503, 'in maintenance')
    const { code, stdout, stderr } = await command(['events', '--type', 'finished', '--count', '1'], {
      ...world,
      statuses: (ms, _, reply) => (isAway(ms) ? away : reply),
    })
    expect(code).to.equal(0)
    expect(stderr).to.match(/^aistore-rx: [^\n]*503[^\n]*; retrying\n$/)
    expect(rowsOf(stdout)).to.deep.equal([`finished copy-bck ${GOOD}`])
  })

  it('exits with 4 if the cluster refuses the token', async () => {
    const refused = refusal(401, 'token expired')
    const { code, stderr } = await command(['events'], { ...world, statuses: () => refused, running: () => refused })
    expect(code).to.equal(4)
    expect(stderr).to.match(/^aistore-rx: [^\n]*token expired[^\n]*\n$/)
  })

  it('exits with 2 for an unknown type, and suggests the nearest', async () => {
    const { code, stderr, requests } = await command(['events', '--type', 'finshed'], world)
    expect({ code, requests }).to.deep.equal({ code: 2, requests: [] })
    expect(stderr).to.match(/; did you mean finished\?\n$/)
  })
})
