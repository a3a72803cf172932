import { expect } from 'chai'
import { command, recordsOf } from '../../helpers/command.ts'
import { refusal } from '../../helpers/fake-cluster/replies.ts'

// `aistore-rx health` in virtual time. `command` runs a command line against a fake cluster, and returns its exit code
// and output.

describe('aistore-rx health', () => {
  it('exits with 0 if the endpoint replies, and prints how fast', async () => {
    const { code, stdout, stderr } = await command(['health'], { latencyMs: 40 })
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' })
    expect(stdout).to.equal('STATE      LATENCY  ENDPOINT\nconnected    40 ms  http://p1\n')
  })

  it('exits with 0 if another endpoint replies in place of the first', async () => {
    const { code, stdout } = await command(
      ['health', '-H'],
      { proxies: 2 },
      { env: { AIS_ENDPOINT: 'http://gone,http://p2' } },
    )
    expect(code).to.equal(0)
    expect(stdout).to.match(/^failed-over +0 ms +http:\/\/p2 /)
  })

  it('exits with 1 if it is degraded, and with 4 if it refuses the token or does not reply', async () => {
    const bad = await command(['health'], { map: () => refusal(503, 'in maintenance') })
    expect(bad.code).to.equal(1)
    expect(bad.stdout).to.match(/\ndegraded .*503/)
    const refused = await command(['health'], { map: () => refusal(401, 'token expired') })
    expect(refused.code).to.equal(4)
    expect(refused.stdout).to.match(/\nrefused .*401/)
    const silent = await command(['health', '--timeout', '2s'], { silent: [[0, Infinity]] })
    expect(silent.code).to.equal(4)
    expect(silent.endedMs).to.equal(2_000)
    expect(silent.stdout).to.match(/\nunreachable /)
  })

  it('writes a JSON object', async () => {
    expect(recordsOf(await command(['health', '--json'], { latencyMs: 40 }))).to.deep.equal([
      { type: 'health', state: 'connected', endpoint: 'http://p1', latencyMs: 40 },
      { type: 'end', terminal: true, code: 0 },
    ])
  })

  it('prints each change with --watch until it is interrupted', async () => {
    const { code, stdout } = await command(
      ['health', '--watch', '-H'],
      { map: (ms, _, reply) => (ms > 5_000 && ms < 15_000 ? refusal(503, 'in maintenance') : reply) },
      { stop: [30_000, 'SIGINT'] },
    )
    expect(code).to.equal(130)
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.split(' ')[0]),
    ).to.deep.equal(['connected', 'degraded', 'connected'])
  })
})
