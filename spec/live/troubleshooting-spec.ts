import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks'
import { execFile, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent, createServer, request as send, type ClientRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { build } from 'esbuild'
import { from, lastValueFrom, merge, of, tap } from 'rxjs'
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
import { cleanEnv, finished, MAIN, textUntil, type Finished } from './helpers/cli.ts'
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

/**
 * A proxy that forwards requests with an absolute address, and counts them.
 *
 * @param credentials the user and the password that it wants; default none
 */
async function proxy(credentials?: string): Promise<Listening & { readonly forwarded: string[] }> {
  const forwarded: string[] = []
  const expected = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`
  const server = createServer((request, response) => {
    if (request.headers['proxy-authorization'] !== expected) {
      response.writeHead(407, { 'proxy-authenticate': 'Basic realm="proxy"' }).end('<html>Who are you?</html>')
      return
    }
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
  private readonly credentials: string | undefined

  constructor(port: number, credentials?: string) {
    super(port)
    this.credentials = credentials
  }

  addRequest(request: ClientRequest, ...rest: readonly unknown[]): void {
    if (request.path.startsWith('/'))
      request.path = `http://${request.host}:${String(request.getHeader('host')).split(':')[1] ?? '80'}${request.path}`
    if (this.credentials !== undefined)
      request.setHeader('proxy-authorization', `Basic ${Buffer.from(this.credentials).toString('base64')}`)
    // Node's types lack the method that each agent has.
    const add = (Agent.prototype as unknown as { addRequest: (...args: readonly unknown[]) => void }).addRequest
    add.call(this, request, ...rest)
  }
}

/** Runs a program in another Node; the emulator of this process must be able to reply meanwhile. */
const run = async (node: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> =>
  (await promisify(execFile)(node, [...args], { env: { ...process.env, ...env } })).stdout

let node24Path: string | undefined

/** A Node that reads HTTP_PROXY. */
function node24(): string {
  if (node24Path === undefined) {
    const folder = newFolder()
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--prefix', folder, 'node@24'], { stdio: 'ignore' })
    node24Path = join(folder, 'node_modules/node/bin/node')
  }
  return node24Path
}

const throughProxy = (url: string): NodeJS.ProcessEnv => ({
  ...{ HTTP_PROXY: url, http_proxy: url, NODE_USE_ENV_PROXY: '1' },
  ...{ NO_PROXY: '', no_proxy: '' },
})

/** The arguments of a Node that sends one query and prints `Right`, or the error. */
const programOf = ({ endpoint }: Emulator): readonly string[] => {
  const script = [
    `import { createCluster, explain, isLeft, running } from '${join(process.cwd(), 'dist/index.js')}'`,
    `running(createCluster('${endpoint}', { discover: false }))`,
    `  .subscribe((result) => console.log(isLeft(result) ? explain(result.left) : result._tag))`,
  ].join('\n')
  return ['--input-type=module', '-e', script]
}

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
    const args = programOf(emulator)
    expect(await run(process.execPath, args, { HTTP_PROXY: url, http_proxy: url })).to.equal('Right\n')
    expect(forwarded).to.have.length(0)

    expect(await run(node24(), args, throughProxy(url))).to.equal('Right\n')
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
  'HTTP 407 from an intermediary': async (emulator) => {
    const { port, forwarded } = await proxy('user:pass')
    const error = await leftOf(running(impatient(emulator, { agent: new ProxyAgent(port) })))
    expect(explain(error)).to.contain('got HTTP 407 from an intermediary').and.contain('wants credentials')
    expect(forwarded).to.have.length(0)
    expect(await rightOf(running(impatient(emulator, { agent: new ProxyAgent(port, 'user:pass') })))).to.deep.equal([])

    const args = programOf(emulator)
    expect(await run(node24(), args, throughProxy(`http://127.0.0.1:${port}`))).to.contain('wants credentials')
    expect(await run(node24(), args, throughProxy(`http://user:pass@127.0.0.1:${port}`))).to.equal('Right\n')
    expect(forwarded).to.have.length(2)
  },
  'AsyncLocalStorage gives me the store of another request': async (emulator) => {
    const store = new AsyncLocalStorage<string>()
    const cluster = impatient(emulator)
    const job = await started(cluster)
    const seen: Record<string, string | undefined> = {}
    const note = (name: string) => () => (seen[name] = store.getStore())
    await Promise.all([
      store.run('first', () => lastValueFrom(wait(cluster, job))),
      store.run('second', async () => {
        const bare = wait(cluster, job).pipe(tap(note('bare')))
        const bound = wait(cluster, job).pipe(tap(AsyncResource.bind(note('bound'))))
        await lastValueFrom(merge(bare, bound))
        note('awaited')()
      }),
    ])
    expect(seen).to.deep.equal({ bare: 'first', bound: 'second', awaited: 'second' })
  },
  'It ends when the terminal closes, in spite of nohup': async (emulator) => {
    const job = await started(impatient(emulator))
    const closed = async (prefix: string): Promise<Finished> => {
      // The shell leads a process group, as it does in a terminal.
      const shell = `${prefix} ${process.execPath} ${MAIN} wait ${String(job.id)} & wait $!`
      const child = spawn('bash', ['-c', shell], {
        env: cleanEnv({ AIS_ENDPOINT: emulator.endpoint }),
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      })
      const ended = finished(child)
      await textUntil(child.stderr, /running/)
      process.kill(-(child.pid ?? 0), 'SIGHUP')
      return ended
    }
    expect((await closed('nohup')).stderr).to.match(/interrupted; .* goes on/)
    expect((await closed('setsid')).stdout).to.contain('finished')
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
