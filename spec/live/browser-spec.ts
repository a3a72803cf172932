import { until } from './helpers/until.ts'
import { expect } from 'chai'
import { gzipSync } from 'node:zlib'
import { chromium, type Browser, type Page } from 'playwright-core'
import { bundled, findChromium } from './helpers/chromium.ts'
import { closeServers, startServer, type RequestRecording } from './transport/helpers/recording-server.ts'

// The transport for pages in Chromium, against a server that records its requests.

/** The script of the page: the transport, and functions that let the spec use it, under one global name. */
const PROGRAM = `
  import { fetchTransport } from './lib/index.ts'
  const transport = fetchTransport({ tls: { ca: 'not for a browser' } })
  const whole = (more) => ({ method: 'GET', headers: {}, maxReplyBytes: 1000, ...more })
  const plain = (error) => ({ name: error.name, code: error.code, message: error.message })
  globalThis.aistoreRx = {
    send: (more) => new Promise((resolve) => {
      let reply
      transport(whole(more)).subscribe({
        next: ({ headers, ...rest }) => (reply = { headers: { ...headers }, ...rest }),
        error: (error) => resolve({ error: plain(error) }),
        complete: () => resolve({ reply }),
      })
    }),
    start: (more) => {
      const notified = (globalThis.aistoreRx.notified = [])
      globalThis.aistoreRx.subscription = transport(whole(more)).subscribe({
        next: () => notified.push('next'),
        error: () => notified.push('error'),
        complete: () => notified.push('complete'),
      })
    },
    stop: () => globalThis.aistoreRx.subscription.unsubscribe(),
  }
`

interface Outcome {
  readonly reply?: {
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
    readonly body: string
  }
  readonly error?: { readonly name: string; readonly code: string; readonly message: string }
}

describe('fetchTransport in a browser', function () {
  this.timeout(30_000)
  let script: string
  let browser: Browser
  let page: Page
  let server: RequestRecording
  /** The requests of the transport, without those that load the page. */
  const requests = () => server.requests.filter(({ url }) => url.startsWith('/relay/'))

  before(async () => {
    script = await bundled(PROGRAM)
    browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] })
  })
  after(() => browser.close())

  beforeEach(async () => {
    server = await startServer((response, { url, method, body }) => {
      if (url === '/app/page') response.setHeader('content-type', 'text/html').end(`<script>${script}</script>`)
      else if (url === '/relay/echo') response.setHeader('X-Mixed-Case', 'Kept').end(`${method} ${body}`)
      else if (url === '/relay/marked') response.end('\ufeff{"a":"é🐎"}')
      else if (url === '/relay/zipped') {
        response.setHeader('content-encoding', 'gzip').end(gzipSync('x'.repeat(Number(body))))
      } else if (url === '/relay/empty') response.writeHead(204).end()
      else if (url === '/relay/moved') response.writeHead(307, { location: '/relay/echo' }).end()
      else if (url === '/relay/half') response.writeHead(200, { 'content-length': 10 }).write('{')
      else if (url === '/relay/cut') {
        response.writeHead(200, { 'content-length': 10 }).write('{', () => response.socket?.end())
      } else if (url !== '/relay/never') response.writeHead(404).end()
    })
    page = await browser.newPage()
    await page.goto(`${server.url}/app/page`)
  })
  afterEach(async () => {
    await page.close()
    await closeServers()
  })

  const send = (request: object): Promise<Outcome> => page.evaluate(`aistoreRx.send(${JSON.stringify(request)})`)

  it('should bundle no agent and no module of Node', () => {
    expect(script).to.not.match(/node:http|keepAlive|maxTotalSockets|node-fetch/)
  })

  it('should send a GET with a body as POST with a method override, also to a relative URL', async () => {
    const { reply } = await send({ url: '/relay/echo', body: '{"ID":"é"}' })

    expect(reply).to.deep.include({ status: 200, body: 'POST {"ID":"é"}' })
    expect(reply?.headers).to.include({ 'x-mixed-case': 'Kept' })
    expect(requests()).to.have.length(1)
    expect(requests()[0]).to.include({ method: 'POST', body: '{"ID":"é"}' })
    expect(requests()[0]?.headers).to.include({ 'x-http-method-override': 'GET' })
  })

  it('should send other requests with their own method', async () => {
    for (const request of [{ method: 'GET' }, { method: 'PUT', body: '{}' }, { method: 'POST', body: '{}' }]) {
      await send({ url: '../relay/echo', ...request })
    }

    expect(requests().map(({ method, body }) => `${method} ${body}`)).to.deep.equal(['GET ', 'PUT {}', 'POST {}'])
    for (const { headers } of requests()) expect(headers).to.not.have.property('x-http-method-override')
  })

  it('should decode bodies as in Node', async () => {
    expect((await send({ url: '/relay/marked' })).reply?.body).to.equal('{"a":"é🐎"}')
    expect((await send({ url: '/relay/empty' })).reply).to.deep.include({ status: 204, body: '' })
  })

  it('should apply maxReplyBytes to the inflated body', async () => {
    expect((await send({ url: '/relay/zipped', body: '1000' })).reply?.body).to.have.length(1000)
    expect((await send({ url: '/relay/zipped', body: '1001' })).error?.code).to.equal('REPLY_TOO_LARGE')
  })

  it('should fail with a code if a connection breaks or cannot be opened', async () => {
    expect((await send({ url: '/relay/cut' })).error).to.include({ name: 'TransportFailure', code: 'ERR_BODY_CUT' })
    expect((await send({ url: 'http://127.0.0.1:1/' })).error?.code).to.equal('EUNKNOWN')
  })

  it('should not follow a redirect', async () => {
    expect((await send({ url: '/relay/moved' })).error?.code).to.equal('ERR_REDIRECT_HIDDEN')
    expect(requests().map(({ url }) => url)).to.deep.equal(['/relay/moved'])
  })

  it('should not quote an invalid header in its error', async () => {
    const { error } = await send({ url: '/relay/echo', headers: { authorization: 'canary-5f1d\n' } })

    expect(error?.code).to.equal('ERR_INVALID_CHAR')
    expect(JSON.stringify(error)).to.not.include('canary')
    expect(requests()).to.have.length(0)
  })

  for (const [when, url] of [
    ['before the head', '/relay/never'],
    ['in the body', '/relay/half'],
  ] as const) {
    it(`should close the connection when unsubscribed ${when}`, async () => {
      await page.evaluate(`aistoreRx.start({ url: '${url}', body: '{}' })`)
      await until(() => requests().length === 1)
      const used = server.sockets[requests()[0]!.connection - 1]!
      expect(used.closed).to.equal(false)

      await page.evaluate('aistoreRx.stop()')
      await until(() => used.closed)

      expect(await page.evaluate('aistoreRx.notified')).to.deep.equal([])
    })
  }
})
