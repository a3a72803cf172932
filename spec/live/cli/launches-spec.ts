import { once } from 'node:events'
import { expect } from 'chai'
import { finished, runCommand, spawnCommand, textUntil, type Child } from '../helpers/cli.ts'

// The verbs that launch a job (`copy`, `delete`, `download`), as processes. `aistore-rx emulator` is the cluster.

describe('the verbs that launch a job, beside the emulator of the command', function () {
  this.timeout(60_000)
  let emulator: Child
  let env: Readonly<Record<string, string>>

  before(async () => {
    emulator = spawnCommand(['emulator', '--port', '0', '--speed', '20', '--fault', 'break-links=/bad[^/]*$'])
    env = { AIS_ENDPOINT: (await textUntil(emulator.stdout, /\n/)).trim() }
  })
  after(async () => {
    const closed = once(emulator, 'close')
    emulator.kill('SIGTERM')
    expect(await closed).to.deep.equal([0, null])
  })

  const runAndWait = (...argv: readonly string[]) => runCommand([...argv, '--wait', '--refresh', '200ms'], env)

  it('copy a bucket, and then its copy', async () => {
    for (const [from, to] of [
      ['photos', 'first'],
      ['first', 'second'],
    ] as const) {
      const { code, stdout, stderr } = await runAndWait('copy', from, to)
      expect({ code, stdout }).to.deep.equal({
        code: 0,
        stdout: stdout.match(/^(\S+)\n\1 {2}copy-bck {2}finished .*\n$/)?.[0],
      })
      expect(stderr).to.match(/3,000 objects\n$/)
    }
  })

  it('exit with 1 after a delete of a name that does not exist', async () => {
    const { code, stdout } = await runAndWait('delete', 'demo', '--names', 'none')
    expect(code).to.equal(1)
    expect(stdout).to.match(/ delete-listrange {2}failed .*ais:\/\/demo\/none does not exist\n$/)
  })

  it('exit with 1 after a download with a bad link, and name the file', async () => {
    const links = ['good.tar', 'bad.tar'].map((name) => `https://example.com/${name}`)
    const { code, stdout } = await runAndWait('download', ...links, '--to', 'demo')
    expect(code).to.equal(1)
    expect(stdout).to.match(/ download {2}failed .*1 of 2 files failed; bad\.tar: /)
    expect((await runAndWait('download', links[0] ?? '', '--to', 'demo')).code).to.equal(0)
  })

  it('do not stop the job after SIGINT, and print its id in the first line, which `wait` accepts', async () => {
    const child = spawnCommand(['archive', 'photos', 'demo', '--name', 'x.tar', '--all', '--wait'], env)
    const ended = finished(child)
    const id = (await textUntil(child.stdout, /\n/)).trim()
    child.kill('SIGINT')
    const { code, stderr } = await ended
    expect(code).to.equal('SIGINT')
    expect(stderr).to.include(`interrupted; archive[${id}] goes on: aistore-rx wait ${id}\n`)
    expect((await runCommand(['wait', id, '--refresh', '200ms'], env)).code).to.equal(0)
  })
})
