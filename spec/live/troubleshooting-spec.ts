import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent, createServer, request as send, type ClientRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { build } from 'esbuild'
import { from, of } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import type { Emulator } from '../../lib/emulator/index.ts'
import {
  clusterMap,
  createCluster,
  explain,
  isLeft,
  running,
  status,
  wait,
  type HttpResponse,
  type Transport,
} from '../../lib/index.ts'
import { fetchBy } from '../../lib/transport/fetch-by.ts'
import { closeAll, emulated, impatient, leftOf, rightOf, started } from './faults/helpers/live.ts'
import { Detour } from './helpers/detour.ts'
import { closeServers, listen, type Listening } from './helpers/listening.ts'

// Each entry of TROUBLESHOOTING.md: its cause is produced, and its cure works.

const titles = [...readFileSync('TROUBLESHOOTING.md', 'utf8').matchAll(/^## (.*)$/gm)].map(([, title = '']) => title)

const folders: string[] = []
const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'aistore-rx-'))
  folders.push(folder)
  return folder
}

/** A proxy that forwards requests with an absolute address, and counts them. */
async function proxy(): Promise<Listening & { readonly forwarded: string[] }> {
  const forwarded: string[] = []
  const server = createServer((request, response) => {
    forwarded.push(request.url ?? '')
    const onward = send(request.url ?? '', { method: request.method, headers: request.headers }, (reply) => {
      response.writeHead(reply.statusCode ?? 502, reply.headers)
      reply.pipe(response)
    })
    request.pipe(onward)
  })
  return { ...(await listen(server)), forwarded }
}

/** What a proxy package does for plain http. */
class ProxyAgent extends Detour {
  addRequest(request: ClientRequest, ...rest: readonly unknown[]): void {
    if (request.path.startsWith('/'))
      request.path = `http://${request.host}:${String(request.getHeader('host')).split(':')[1] ?? '80'}${request.path}`
    // Node's types lack the method that each agent has.
    const add = (Agent.prototype as unknown as { addRequest: (...args: readonly unknown[]) => void }).addRequest
    add.call(this, request, ...rest)
  }
}

/** Runs a program in another Node; the emulator of this process must be able to reply meanwhile. */
const run = async (node: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> =>
  (await promisify(execFile)(node, [...args], { env: { ...process.env, ...env } })).stdout

const ENTRIES: Readonly<Record<string, (emulator: Emulator) => Promise<void>>> = {
  'My wait never ends': async () => {
    const cluster = createCluster('http://127.0.0.1:1', { discover: false })
    expect(explain(await leftOf(clusterMap(cluster)))).to.include('nothing listens at this address')
    const error = await leftOf(wait(cluster, { id: 'aB3dE5fG7', kind: 'lru' }, { timeoutMs: 500 }))
    expect(error).to.include({ _tag: 'WaitTimeout' })
    expect(error).to.have.nested.property('last.error.code', 'ECONNREFUSED')
  },
  '404 right after a start': async (emulator) => {
    const cluster = impatient(emulator)
    const job = await started(cluster)
    // As long as no proxy knows the job.
    emulator.endpoints.forEach((_, proxy) => emulator.faults.forgetStatuses(proxy))
    expect(await leftOf(status(cluster, job))).to.include({ _tag: 'NotFound' })
    expect((await rightOf(wait(cluster, job))).outcome).to.equal('finished')
  },
  'fetch says that a GET cannot have a body': async (emulator) => {
    await fetch(emulator.endpoint, { method: 'GET', body: '{}' }).then(
      () => expect.fail('fetch has sent it'),
      (error: unknown) => expect(String(error)).to.match(/GET.*body/),
    )
    // A transport over fetch sends a POST instead, for a relay.
    expect(await leftOf(running(impatient(emulator, { transport: fetchBy(fetch) })))).to.have.property('_tag')
    expect(await rightOf(running(impatient(emulator)))).to.deep.equal([])
  },
  'It worked until the token expired': async () => {
    const rights = { user: 'u', access: ['show-cluster', 'admin', 'list'] } as const
    const tokens: Record<string, typeof rights> = { old: rights }
    const strict = await emulated({ tokens })
    let current = 'old'
    const fixed = impatient(strict, { token: 'old' })
    const renewed = impatient(strict, { token: () => current })
    for (const cluster of [fixed, renewed]) expect(await rightOf(running(cluster))).to.deep.equal([])
    delete tokens['old']
    tokens['new'] = rights
    current = 'new'
    expect(await leftOf(running(fixed))).to.include({ _tag: 'Unauthorized', status: 401 })
    expect(await rightOf(running(renewed))).to.deep.equal([])
  },
  'My marble never emits': () => {
    const reply: HttpResponse = { status: 200, headers: {}, body: '[]' }
    const emitted = (transport: Transport): readonly string[] => {
      const tags: string[] = []
      new TestScheduler(() => undefined).run(({ flush }) => {
        const cluster = createCluster('http://p1', { transport, discover: false })
        running(cluster).subscribe((result) => tags.push(isLeft(result) ? result.left._tag : result._tag))
        flush()
      })
      return tags
    }
    expect(emitted(() => from(Promise.resolve(reply)))).to.deep.equal(['RequestTimeout'])
    expect(emitted(() => of(reply))).to.deep.equal(['Right'])
    return Promise.resolve()
  },
  'Behind our proxy, nothing is reached': async (emulator) => {
    const { port, forwarded } = await proxy()
    const url = `http://127.0.0.1:${port}`
    const script = [
      `import { createCluster, running } from '${join(process.cwd(), 'dist/index.js')}'`,
      `running(createCluster('${emulator.endpoint}', { discover: false })).subscribe(({ _tag }) => console.log(_tag))`,
    ].join('\n')
    const args = ['--input-type=module', '-e', script]
    expect(await run(process.execPath, args, { HTTP_PROXY: url, http_proxy: url })).to.equal('Right\n')
    expect(forwarded).to.have.length(0)

    const folder = newFolder()
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--prefix', folder, 'node@24'], { stdio: 'ignore' })
    const node = join(folder, 'node_modules/node/bin/node')
    const env = { HTTP_PROXY: url, http_proxy: url, NODE_USE_ENV_PROXY: '1', NO_PROXY: '', no_proxy: '' }
    expect(await run(node, args, env)).to.equal('Right\n')
    expect(forwarded).to.have.length(1)

    expect(await rightOf(running(impatient(emulator, { agent: new ProxyAgent(port) })))).to.deep.equal([])
    expect(forwarded).to.have.length(2)
    expect(forwarded.every((address) => address.startsWith(emulator.endpoint))).to.equal(true)
  },
  'In jsdom, every query fails': async (emulator) => {
    const folder = newFolder()
    const printed = async (platform: 'browser' | 'node'): Promise<string> => {
      const outfile = join(folder, `${platform}.mjs`)
      await build({
        stdin: {
          contents: `import { createCluster, running } from './lib/index.ts'
            running(createCluster('${emulator.endpoint}', { discover: false })).subscribe(({ _tag }) => console.log(_tag))`,
          resolveDir: process.cwd(),
        },
        outfile,
        bundle: true,
        format: 'esm',
        platform,
        conditions: ['aistore-rx-source'],
      })
      return run(process.execPath, [outfile])
    }
    expect(await printed('browser')).to.equal('Left\n')
    expect(await printed('node')).to.equal('Right\n')
  },
}

describe('TROUBLESHOOTING.md', function () {
  this.timeout(120_000)
  let emulator: Emulator
  beforeEach(async () => {
    emulator = await emulated({ speed: 20 })
  })
  afterEach(closeAll)
  afterEach(closeServers)
  after(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  })

  it('has an entry in this spec for each of its titles', () => {
    expect(Object.keys(ENTRIES)).to.deep.equal(titles)
  })

  for (const [title, show] of Object.entries(ENTRIES))
    it(`is right about the cause and the cure of: ${title}`, () => show(emulator))
})
