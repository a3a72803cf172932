import { once, setMaxListeners } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request as send, type IncomingMessage, type RequestOptions } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createGunzip } from 'node:zlib'
import { expect } from 'chai'
import { chromium } from 'playwright-core'
import { NEVER, Subject, firstValueFrom } from 'rxjs'
import { startEmulator, type Emulator } from '../../../lib/emulator/index.ts'
import { createCluster, start } from '../../../lib/index.ts'
import { createRelay, sse } from '../../../lib/relay/index.ts'
import { bundled, findChromium } from '../helpers/chromium.ts'
import { closeServers, listen } from '../helpers/listening.ts'
import { startNginx, type Nginx } from '../helpers/nginx.ts'
import { until } from '../helpers/until.ts'

// A relay behind the nginx of examples/page/nginx.conf.

const EXAMPLE = readFileSync('examples/page/nginx.conf', 'utf8')
const LOCATION = /^ {2}location[\s\S]*?^ {2}\}\n/m.exec(EXAMPLE)?.[0] ?? ''
const QUERY = '/ais/v1/cluster?what=running_all'
const HEADERS = { 'content-type': 'application/json', 'x-http-method-override': 'GET' }

interface Got {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

describe('a relay behind nginx', function () {
  this.timeout(60_000)
  let nginx: Nginx | undefined
  let emulator: Emulator | undefined
  let root: string

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'aistore-rx-page-'))
  })

  afterEach(async () => {
    await nginx?.stop()
    await closeServers()
    await emulator?.close()
    nginx = undefined
    emulator = undefined
    rmSync(root, { recursive: true })
  })

  /** Runs the nginx of the example in front of a server on this port, and returns the port of nginx. */
  async function nginxBefore(port: number, more = ''): Promise<number> {
    const free = createServer()
    const { port: nginxPort } = await listen(free)
    free.close()
    await once(free, 'close')
    const servers = EXAMPLE.replace(LOCATION, (location) => location + more)
      .replace('127.0.0.1:8080', `127.0.0.1:${nginxPort}`)
      .replace('/var/www/jobs', root)
      .replaceAll('127.0.0.1:3000', `127.0.0.1:${port}`)
    nginx = await startNginx(servers, nginxPort)
    return nginxPort
  }

  const postTo = (port: number, options: RequestOptions = {}, body = '{}'): Promise<Got> =>
    new Promise((resolve, reject) => {
      const to = { host: '127.0.0.1', port, method: 'POST', path: QUERY, headers: HEADERS, agent: false }
      const sent = send({ ...to, ...options }, (response) => {
        let text = ''
        response.on('data', (chunk: Buffer) => (text += chunk.toString()))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }))
      })
      sent.on('error', reject)
      sent.end(body)
    })

  it('has the same configuration in the README as in the example', () => {
    expect(readFileSync('README.md', 'utf8')).to.include(LOCATION.replace(/^ {2}/gm, ''))
  })

  it('serves the page of the example, which shows the jobs live', async () => {
    emulator = await startEmulator({ targets: 2, speed: 20 })
    const cluster = createCluster(emulator.endpoint)
    const relay = createRelay(cluster, { hosts: ['127.0.0.1'], trustProxy: true })
    const { port } = await listen(createServer(relay.node))
    const program = readFileSync('examples/page/main.ts', 'utf8').replace(`'aistore-rx'`, `'./lib/index.ts'`)
    writeFileSync(join(root, 'main.js'), await bundled(program))
    writeFileSync(
      join(root, 'index.html'),
      readFileSync('examples/page/index.html', 'utf8').replace('main.ts', 'main.js'),
    )
    const nginxPort = await nginxBefore(port)
    const browser = await chromium.launch({
      executablePath: findChromium(),
      args: ['--no-sandbox', '--host-resolver-rules=MAP evil.example 127.0.0.1'],
    })
    try {
      const page = await browser.newPage()
      await page.goto(`http://127.0.0.1:${nginxPort}/`)
      const started = await firstValueFrom(start(cluster, { kind: 'lru' }))
      const id = started._tag === 'Right' ? (started.right.id ?? '') : ''
      await page.waitForFunction((text) => document.querySelector('tbody')?.textContent.includes(text), id)
      expect(await page.textContent('[role=status]')).to.equal('live')

      // The name of another site, which was rebound to the address of nginx.
      await page.goto(`http://evil.example:${nginxPort}/`)
      await page.waitForFunction(() => /host is not allowed/.test(document.body.textContent))
    } finally {
      await browser.close()
    }
  })

  it('refuses what a page says about its own host', async () => {
    const relay = createRelay(createCluster('http://127.0.0.1:1'), { hosts: ['app.example'], trustProxy: true })
    const { port } = await listen(createServer(relay.node))
    const nginxPort = await nginxBefore(port)
    const forged = { host: 'evil.example', 'x-forwarded-host': 'app.example', origin: 'http://app.example' }
    const got = await postTo(nginxPort, { headers: { ...HEADERS, ...forged } })
    expect(got.status).to.equal(403)
    expect(got.body).to.include('host is not allowed')
    const honest = { host: 'app.example', origin: 'http://app.example' }
    expect((await postTo(nginxPort, { headers: { ...HEADERS, ...honest } })).status).to.equal(502)
    expect(
      (await postTo(nginxPort, { headers: { ...HEADERS, ...honest, origin: 'https://app.example' } })).status,
    ).to.equal(403)
  })

  it('passes the refusal of a body that is too long, and of other paths', async () => {
    const relay = createRelay(createCluster('http://127.0.0.1:1'), { hosts: ['127.0.0.1'], trustProxy: true })
    const { port } = await listen(createServer(relay.node))
    const nginxPort = await nginxBefore(port)
    expect((await postTo(nginxPort, {}, ' '.repeat(65_537))).status).to.equal(413)
    expect((await postTo(nginxPort, {}, ' '.repeat(1_000_000))).status).to.equal(413)
    for (const path of ['/ais/', '/ais//v1/cluster?what=status', '/ais/v1/%2e%2e/v1/cluster', '/ais/v1/daemon'])
      expect((await postTo(nginxPort, { path })).status, path).to.equal(404)
  })

  it('gives each client its own share of the relay', async () => {
    const cluster = createCluster('http://10.0.0.1:51080', { transport: () => NEVER, discover: false })
    const relay = createRelay(cluster, { hosts: ['127.0.0.1'], trustProxy: true })
    const { port } = await listen(createServer(relay.node))
    const nginxPort = await nginxBefore(port)
    const leaving = new AbortController()
    /** How many queries of one client may be in flight. Each client sends one more, which is refused. */
    const share = 8
    setMaxListeners(2 * (share + 1), leaving.signal)
    const statuses: (number | string)[] = []
    const queryFrom = (localAddress: string, n: number): void => {
      const options = { path: '/ais/v1/cluster?what=status', localAddress, signal: leaving.signal }
      postTo(nginxPort, options, JSON.stringify({ id: `jobIsAaaa${n}` })).then(
        ({ status }) => statuses.push(status),
        () => statuses.push('left'),
      )
    }
    for (let n = 0; n <= share; n++) queryFrom('127.0.0.2', n)
    await until(() => statuses.length === 1)
    expect(statuses).to.deep.equal([429])
    for (let n = 0; n <= share; n++) queryFrom('127.0.0.3', 10 + n)
    await until(() => statuses.length === 2)
    expect(statuses).to.deep.equal([429, 429])
    leaving.abort()
    await until(() => statuses.length === 2 * (share + 1))
    expect(statuses.slice(2)).to.deep.equal(Array.from({ length: 2 * share }, () => 'left'))
  })

  for (const encoding of ['identity', 'gzip'])
    it(`passes each server-sent event at once, and closes the stream when its reader leaves (${encoding})`, async () => {
      const values = new Subject<string>()
      const stream = sse(values, { hosts: ['127.0.0.1'], trustProxy: true, resumeMs: 0 })
      const { port } = await listen(createServer(stream.node))
      const gzip = 'gzip on; gzip_types text/event-stream; gzip_min_length 1;\n'
      const nginxPort = await nginxBefore(port, gzip + LOCATION.replace('/ais/', '/values'))
      const headers = { 'accept-encoding': encoding }
      const sent = send({ host: '127.0.0.1', port: nginxPort, path: '/values', headers, agent: false }).end()
      const [response] = (await once(sent, 'response')) as [IncomingMessage]
      expect(response.headers['content-encoding'] ?? 'identity').to.equal(encoding)
      let text = ''
      const plain = encoding === 'gzip' ? response.pipe(createGunzip()) : response
      plain.on('data', (chunk: Buffer) => (text += chunk.toString()))
      for (const value of ['one', 'two', 'three']) {
        values.next(value)
        await until(() => text.includes(`data: "${value}"`))
      }
      expect(values.observed).to.equal(true)
      response.destroy()
      await until(() => !values.observed)
    })
})
