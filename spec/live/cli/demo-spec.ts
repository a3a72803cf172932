import { createServer } from 'node:http'
import { expect } from 'chai'
import { runCommand, spawnCommand, textUntil, finished } from '../helpers/cli.ts'
import { closeServers, listen } from '../helpers/listening.ts'

describe('aistore-rx demo', function () {
  this.timeout(60_000)
  afterEach(closeServers)

  it('runs its jobs on an embedded cluster, and sends nothing to the cluster of the environment', async () => {
    let requests = 0
    const foreign = await listen(createServer((_, response) => void (requests++, response.end())))
    const { code, stdout, stderr } = await runCommand(['demo'], { AIS_ENDPOINT: `http://127.0.0.1:${foreign.port}` })
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' })
    const outcomes = stdout.split('\n').slice(-6)
    expect(outcomes.map((line) => / (finished|aborted \(failed\)|idle) /.exec(line)?.[1])).to.deep.equal([
      ...['finished', 'finished', 'finished', 'aborted (failed)', 'idle', undefined],
    ])
    expect(requests).to.equal(0)
    expect(foreign.sockets).to.have.lengthOf(0)
  })

  it('writes JSON lines with --json', async () => {
    const { stdout } = await runCommand(['demo', '--json'])
    const records = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(records.filter(({ type }) => type === 'outcome').map(({ outcome }) => outcome)).to.deep.equal([
      ...['finished', 'finished', 'finished', 'aborted', 'idle'],
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
