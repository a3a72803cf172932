import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { chromium, type Browser, type Page } from 'playwright-core'
import { startEmulator, type Emulator } from '../../../lib/emulator/index.ts'
import { createCluster } from '../../../lib/index.ts'
import { createRelay } from '../../../lib/relay/index.ts'
import { bundled, findChromium } from '../helpers/chromium.ts'

// `aistore-rx/relay` between a page in Chromium and an emulator: what a page of its own origin may do, and what other
// pages may not.

/** What runs in the page. */
const PROGRAM = `
  import { firstValueFrom } from 'rxjs'
  import { createCluster, running, start, statuses, wait, watchJobs } from './lib/index.ts'
  const cluster = createCluster('/ais')
  const plain = (value) => JSON.parse(JSON.stringify(value, (_, one) => typeof one === 'bigint' ? String(one) : one))
  globalThis.ais = {
    run: async (kind) => {
      const started = await firstValueFrom(start(cluster, { kind, bucket: { name: 'photos' } }))
      return started._tag === 'Left' ? plain(started) : plain(await firstValueFrom(wait(cluster, started.right)))
    },
    statuses: async () => plain(await firstValueFrom(statuses(cluster))),
    running: async () => plain(await firstValueFrom(running(cluster))),
    table: async () => plain(await firstValueFrom(watchJobs(cluster))),
  }
`

interface Ais {
  readonly run: (kind: string) => Promise<unknown>
  readonly statuses: () => Promise<{ readonly right: readonly { readonly kind: string }[] }>
  readonly running: () => Promise<unknown>
  readonly table: () => Promise<{ readonly _tag: string }>
}
declare const ais: Ais

describe('the relay in Chromium', function () {
  this.timeout(60_000)
  let emulator: Emulator
  let server: Server
  let port: number
  let browser: Browser
  let page: Page
  const refusals: string[] = []

  before(async () => {
    emulator = await startEmulator({ targets: 2, proxies: 2, speed: 20 })
    emulator.seedBucket('photos', { objects: 30, objectSize: 1024 })
    const program = await bundled(PROGRAM)
    const relay = createRelay(createCluster(emulator.endpoint), { commands: ({ action }) => action === 'start' })
    server = createServer((request, response) => {
      response.on('finish', () => {
        if (response.statusCode >= 400) refusals.push(`${request.method} ${response.statusCode}`)
      })
      relay.node(request, response, () => {
        response.setHeader('content-type', 'text/html')
        response.end(request.url === '/program.js' ? program : '<!doctype html><script src="/program.js"></script>')
      })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
    browser = await chromium.launch({
      executablePath: findChromium(),
      args: ['--no-sandbox', '--host-resolver-rules=MAP evil.example 127.0.0.1, MAP a.localhost 127.0.0.1'],
    })
    page = await browser.newPage()
  })

  beforeEach(() => {
    refusals.length = 0
  })

  after(async () => {
    await browser.close()
    server.closeAllConnections()
    server.close()
    await emulator.close()
  })

  it('lets a page of its own origin start a job, wait for it and watch all jobs', async () => {
    await page.goto(`http://127.0.0.1:${port}/`)
    expect(await page.evaluate(() => ais.run('load-lom-cache'))).to.have.nested.property('right.outcome', 'finished')
    expect((await page.evaluate(() => ais.statuses())).right.map(({ kind }) => kind)).to.include('load-lom-cache')
    expect(await page.evaluate(() => ais.running())).to.have.property('_tag', 'Right')
    expect(await page.evaluate(() => ais.table())).to.have.property('_tag', 'Right')
    expect(refusals).to.deep.equal([])
  })

  /** Sends a request from the open page, and returns what the page receives. */
  const attempt = (url: string, init: Readonly<Record<string, unknown>>): Promise<string> =>
    page.evaluate(
      async ([address, options]) => {
        try {
          const response = await fetch(address, options)
          return `${response.type} ${response.status}`
        } catch (error) {
          return (error as Error).message
        }
      },
      [url, init] as const,
    )
  const QUERY = '/ais/v1/cluster?what=running_all'
  const OVERRIDE = { 'content-type': 'application/json', 'x-http-method-override': 'GET' }

  it('refuses a page of another site, with and without a preflight', async () => {
    await page.goto(`http://evil.example:${port}/other`)
    const url = `http://127.0.0.1:${port}${QUERY}`
    expect(await attempt(url, { method: 'POST', headers: OVERRIDE, body: '{}' })).to.equal('Failed to fetch')
    expect(await attempt(url, { method: 'POST', mode: 'no-cors', body: '{}' })).to.equal('Failed to fetch')
    expect(refusals).to.deep.equal(['OPTIONS 405', 'POST 405'])
  })

  it('refuses a page whose name was rebound to the address of the relay', async () => {
    await page.goto(`http://evil.example:${port}/other`)
    expect(await attempt(QUERY, { method: 'POST', headers: OVERRIDE, body: '{}' })).to.equal('basic 403')
    expect(refusals).to.deep.equal(['POST 403'])
  })

  it('refuses a page of a sibling name', async () => {
    await page.goto(`http://a.localhost:${port}/other`)
    const url = `http://localhost:${port}${QUERY}`
    expect(await attempt(url, { method: 'POST', headers: OVERRIDE, body: '{}' })).to.equal('Failed to fetch')
    expect(refusals).to.deep.equal(['OPTIONS 405'])
  })

  it('refuses a sandboxed frame, whose origin is null', async () => {
    await page.goto(`http://127.0.0.1:${port}/other`)
    const seen = await page.evaluate(
      ([url]) =>
        new Promise((resolve) => {
          addEventListener('message', ({ data }) => resolve(data))
          const frame = document.createElement('iframe')
          frame.setAttribute('sandbox', 'allow-scripts')
          frame.srcdoc = `<script>fetch(${JSON.stringify(url)}, { method: 'POST', mode: 'no-cors', body: '{}' })
            .then(({ type }) => parent.postMessage(type, '*'), ({ message }) => parent.postMessage(message, '*'))</script>`
          document.body.append(frame)
        }),
      [`http://127.0.0.1:${port}${QUERY}`],
    )
    expect(seen).to.equal('Failed to fetch')
    expect(refusals).to.deep.equal(['POST 405'])
  })
})
