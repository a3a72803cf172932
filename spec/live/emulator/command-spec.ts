import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import { firstValueFrom, map } from 'rxjs'
import { createCluster, orThrow, start, wait } from '../../../lib/index.ts'
import { sendRequest } from './wire.ts'

// The command `aistore-rx emulator` as a process.

const COMMAND = ['dist/cli/main.js', 'emulator']

const runEmulator = (...argv: readonly string[]) => spawn(process.execPath, [...COMMAND, ...argv], { stdio: 'pipe' })

/** The output of a command and its exit code. */
const finish = async (...argv: readonly string[]): Promise<{ code: unknown; stdout: string; stderr: string }> => {
  const child = runEmulator(...argv)
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const [code] = (await once(child, 'close')) as unknown[]
  return { code, stdout, stderr }
}

describe('aistore-rx emulator', function () {
  this.timeout(20_000)

  it('should print its endpoint first, accept requests, and exit with 0 on SIGTERM', async () => {
    const child = runEmulator('--port', '0', '--targets', '2')
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    const endpoint = line.toString().trim()
    expect(endpoint).to.match(/^http:\/\/127\.0\.0\.1:\d+$/)
    const body = '{"action":"start","value":{"Kind":"load-lom-cache","Bck":{"name":"demo"}}}'
    expect((await sendRequest(`${endpoint}/v1/cluster`, { method: 'PUT', body })).status).to.equal(200)
    const closed = once(child, 'close')
    child.kill('SIGTERM')
    expect(await closed).to.deep.equal([0, null])
  })

  for (const [title, argv, isSlow] of [
    ['runs load-lom-cache for some seconds, so that a first program sees it run', [], true],
    ['runs a kind as fast as --pace says', ['--pace', 'warm-up-metadata=1000000'], false],
  ] as const)
    it(title, async () => {
      const child = runEmulator('--port', '0', ...argv)
      const [line] = (await once(child.stdout, 'data')) as [Buffer]
      const cluster = createCluster(line.toString().trim())
      const bucket = { name: 'photos' }
      const started = await firstValueFrom(start(cluster, { kind: 'load-lom-cache', bucket }).pipe(orThrow()))
      const ended = wait(cluster, started, { timeoutMs: 2_000 }).pipe(map((result) => result._tag))
      expect(await firstValueFrom(ended)).to.equal(isSlow ? 'Left' : 'Right')
      const closed = once(child, 'close')
      child.kill('SIGTERM')
      expect(await closed).to.deep.equal([0, null])
    })

  it('refuses an invalid pace with a message of one line', async () => {
    for (const pace of ['lru', 'lru=0', 'lru=fast', 'polish=3']) {
      const { code, stderr } = await finish('--port', '0', '--pace', pace)
      expect([code, stderr]).to.deep.equal([
        2,
        `aistore-rx emulator: --pace: ${pace} is not a kind of job and a number above 0, such as rechunk=50\n`,
      ])
    }
  })

  it('refuses a fault that does not fit the cluster with a message of one line', async () => {
    const { code, stdout, stderr } = await finish('--port', '0', '--fault', 'kill-target=9')
    expect({ code, stdout }).to.deep.equal({ code: 2, stdout: '' })
    expect(stderr).to.match(/^aistore-rx emulator: [^\n]+\n$/)
  })

  it('lists its buckets on stderr, including those of --cloud', async () => {
    const child = runEmulator('--port', '0', '--cloud', 'gcp://models', '--cloud', 'az://texts')
    const [line] = (await once(child.stderr, 'data')) as [Buffer]
    expect(line.toString()).to.match(/ais:\/\/photos .*, gcp:\/\/models \(empty\), az:\/\/texts \(empty\);/)
    const closed = once(child, 'close')
    child.kill('SIGTERM')
    expect(await closed).to.deep.equal([0, null])
  })

  it('fetches from loopback with --allow-loopback', async () => {
    const child = runEmulator('--port', '0', '--allow-loopback')
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    const endpoint = line.toString().trim()
    const file = { type: 'single', bucket: { name: 'd' }, link: `${endpoint}/v1/daemon?what=smap`, object_name: 'map' }
    const begun = await sendRequest(`${endpoint}/v1/download`, { method: 'POST', body: JSON.stringify(file) })
    const { id } = JSON.parse(begun.body) as { id: string }
    interface Shown {
      readonly finished_cnt: number
      readonly error_cnt: number
    }
    const shown = async (): Promise<Shown> =>
      JSON.parse((await sendRequest(`${endpoint}/v1/download`, { body: JSON.stringify({ id }) })).body) as Shown
    let last = await shown()
    for (; last.finished_cnt + last.error_cnt === 0; last = await shown()) await delay(20)
    expect(last).to.include({ finished_cnt: 1, error_cnt: 0 })
    const closed = once(child, 'close')
    child.kill('SIGTERM')
    expect(await closed).to.deep.equal([0, null])
  })

  it('injects the faults of --fault from the start, and reports one that does not fit the cluster', async () => {
    const child = runEmulator('--port', '0', '--fault', 'status=503,7', '--fault', 'kill-target')
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    const endpoint = line.toString().trim()
    const reply = await sendRequest(`${endpoint}/v1/daemon?what=smap`)
    expect(reply.status).to.equal(503)
    expect(reply.headers['retry-after']).to.equal('7')
    const closed = once(child, 'close')
    child.kill('SIGTERM')
    expect(await closed).to.deep.equal([0, null])
  })

  it('injects the faults after --fault-after seconds, into the share --fault-rate of the requests', async () => {
    const child = runEmulator('--port', '0', '--fault', 'status=503', '--fault-rate', '0.5', '--fault-after', '1')
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    const health = (): Promise<number> =>
      sendRequest(`${line.toString().trim()}/v1/health`).then(({ status }) => status)
    expect(await health()).to.equal(200)
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    const statuses = await Promise.all(Array.from({ length: 100 }, health))
    expect(statuses.filter((status) => status === 503).length).to.be.within(20, 80)
    const closed = once(child, 'close')
    child.kill('SIGTERM')
    await closed
  })

  it('should print its endpoint as a JSON object with --json', async () => {
    const child = runEmulator('--port', '0', '--json')
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    const { v, type, url } = JSON.parse(line.toString()) as Readonly<Record<string, unknown>>
    expect({ v, type }).to.deep.equal({ v: 1, type: 'listening' })
    expect((await sendRequest(`${String(url)}/v1/health`)).status).to.equal(200)
    const closed = once(child, 'close')
    child.kill('SIGTERM')
    await closed
  })
})
