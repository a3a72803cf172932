import { createServer } from 'node:http'
import { expect } from 'chai'
import { runCommand, spawnCommand, textUntil, finished, type Finished } from '../helpers/cli.ts'
import { closeServers, listen, type Listening } from '../helpers/listening.ts'

// `aistore-rx demo` as a process: what `npm start` runs.

describe('aistore-rx demo', function () {
  this.timeout(60_000)
  let requests = 0
  let foreign: Listening
  let text: Promise<Finished>
  let json: Promise<Finished>

  // A demo mostly waits, so both run at the same time.
  before(async () => {
    foreign = await listen(createServer((_, response) => void (requests++, response.end())))
    const env = { AIS_ENDPOINT: `http://127.0.0.1:${foreign.port}` }
    text = runCommand(['demo'], env)
    json = runCommand(['demo', '--json'], env)
  })
  after(closeServers)

  it('runs its jobs on an embedded cluster, and sends nothing to the cluster of the environment', async () => {
    const { code, stdout, stderr } = await text
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' })
    const outcomes = stdout.trimEnd().split('\n').slice(-7)
    expect(outcomes.map((line) => / (finished|aborted \(failed\)|idle|failed) /.exec(line)?.[1])).to.deep.equal([
      'idle',
      'finished',
      'aborted (failed)',
      'idle',
      'finished',
      'failed',
      'failed',
    ])
    expect(stdout, 'no escape sequences on a pipe').not.to.include('\u001b')
    expect(outcomes[2], 'aborted half way').to.match(/ (2,[5-9]|3,)\d* /)
    expect(outcomes[5]).to.include('no-such-object does not exist')
    expect(outcomes[6]).to.include('1 of 2 files failed; b.jpg: request failed with 404')
    await json
    expect(requests).to.equal(0)
    expect(foreign.sockets).to.have.lengthOf(0)
  })

  it('writes JSON lines with --json', async () => {
    const { stdout } = await json
    const records = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(records.filter(({ type }) => type === 'outcome').map(({ outcome }) => outcome)).to.deep.equal([
      'idle',
      'finished',
      'aborted',
      'idle',
      'finished',
      'failed',
      'failed',
    ])
    expect(records.at(-1)).to.include({ type: 'end', terminal: true, code: 0 })
  })

  it('refuses --endpoint, because some of its jobs delete data, and names the verb for it', async () => {
    const { code, stdout, stderr } = await runCommand(['demo', '--endpoint', 'http://127.0.0.1:1'])
    expect({ code, stdout }).to.deep.equal({ code: 2, stdout: '' })
    expect(stderr).to.match(/^aistore-rx: demo runs a cluster of its own; .*aistore-rx watch --endpoint URL\n$/)
  })

  it('ends by the signal SIGINT after it has closed its cluster', async () => {
    const child = spawnCommand(['demo'])
    const ended = finished(child)
    await textUntil(child.stdout, /running/)
    child.kill('SIGINT')
    expect(await ended).to.include({ code: 'SIGINT', stderr: 'aistore-rx: interrupted\n' })
  })
})
