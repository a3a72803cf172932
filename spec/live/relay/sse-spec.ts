import { until } from '../helpers/until.ts'
import { createServer, type RequestListener } from 'node:http'
import { connect, type Socket } from 'node:net'
import { expect } from 'chai'
import { chromium, type Browser, type Page } from 'playwright-core'
import { NEVER, Observable, concat, interval, map, of } from 'rxjs'
import { startEmulator, type Emulator } from '../../../lib/emulator/index.ts'
import { AisError, createCluster, JobTable, Snapshots, start, watchDetails, watchJobs } from '../../../lib/index.ts'
import { toPromise } from '../../../lib/node/index.ts'
import { sse, type Sse } from '../../../lib/relay/index.ts'
import { bundled, findChromium } from '../helpers/chromium.ts'
import { closeServers, listen, type Listening } from '../helpers/listening.ts'

// Server-sent events of the relay over real HTTP, and `fromEventSource` in Chromium.

const serve = (listener: RequestListener): Promise<Listening> => listen(createServer(listener))

/** A stream of these values that never ends, with its number of subscribers. */
function endlessSource<A>(...values: readonly A[]): {
  readonly source: Observable<A>
  readonly subscribers: () => number
} {
  let subscribers = 0
  const source = new Observable<A>((subscriber) => {
    subscribers += 1
    subscriber.add(() => (subscribers -= 1))
    subscriber.add(concat(of(...values), NEVER).subscribe(subscriber))
  })
  return { source, subscribers: () => subscribers }
}

interface Client {
  readonly socket: Socket
  /** All that has arrived so far. */
  readonly text: () => string
}

/** Sends a request by hand. */
function rawClient(port: number, more = '', line = 'GET /jobs'): Client {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
  socket.on('error', () => undefined)
  socket.write(`${line} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${more}\r\n`)
  return { socket, text: () => text }
}

/** The event id of a value in the text of a stream. */
const eventIdOf = (text: string, value: string): string =>
  new RegExp(`id: (\\S+)\ndata: ${value}\n`).exec(text)?.[1] ?? ''

describe('sse', () => {
  afterEach(closeServers)

  it('sends an event stream with a beat and an id for each value, over node:http', async () => {
    const { source } = endlessSource({ n: 1n }, { n: 1795427154572988356n })
    const { port } = await serve(sse(source, { resumeMs: 1_500 }).node)
    const { text } = rawClient(port)
    await until(() => text().includes('988356'))
    expect(text())
      .to.match(/^HTTP\/1\.1 200 OK\r\n/)
      .and.match(/content-type: text\/event-stream; charset=utf-8\r\n/i)
    expect(text())
      .to.match(/cache-control: no-store, no-transform\r\n/i)
      .and.not.match(/access-control/i)
    expect(text()).to.match(/event: beat\ndata: 15000\n\n/)
    expect(text()).to.match(/id: [0-9a-f-]{36}-1\ndata: {"n":1}\n\n/)
    expect(text()).to.match(/id: [0-9a-f-]{36}-2\ndata: {"n":1795427154572988356}\n\n/)
  })

  it('continues after Last-Event-ID on a new connection, from the same subscription', async () => {
    const { source, subscribers } = endlessSource('a', 'b', 'c')
    const { port } = await serve(sse(source, { resumeMs: 1_500 }).node)
    const first = rawClient(port)
    await until(() => first.text().includes('"c"'))
    first.socket.destroy()
    for (const more of [
      { header: `Last-Event-ID: ${eventIdOf(first.text(), '"a"')}\r\n`, line: undefined },
      { header: '', line: `GET /jobs?x=1&lastEventId=${eventIdOf(first.text(), '"a"')}` },
    ]) {
      const next = rawClient(port, more.header, more.line)
      await until(() => next.text().includes('"c"'))
      expect(next.text()).to.include('"b"').and.not.include('"a"')
      expect(subscribers()).to.equal(1)
      next.socket.destroy()
    }
  })

  it('unsubscribes when a reader leaves, over node:http and as a Response', async () => {
    const { source, subscribers } = endlessSource('a')
    const stream = sse(source, { resumeMs: 0 })
    const { port } = await serve(stream.node)
    const { socket, text } = rawClient(port)
    await until(() => text().includes('"a"'))
    expect(subscribers()).to.equal(1)
    socket.destroy()
    await until(() => subscribers() === 0)

    const cancelled = await stream.fetch(new Request('http://localhost/jobs'))
    expect(subscribers()).to.equal(1)
    await cancelled.body?.cancel()
    expect(subscribers()).to.equal(0)

    const controller = new AbortController()
    await stream.fetch(new Request('http://localhost/jobs', { signal: controller.signal }))
    expect(subscribers()).to.equal(1)
    controller.abort()
    expect(subscribers()).to.equal(0)
  })

  it('is a Response for the Fetch API, which ends with the stream', async () => {
    const response = await sse(of('a', 'ü'), { resumeMs: 0 }).fetch(new Request('http://localhost/jobs'))
    expect(response.headers.get('content-type')).to.equal('text/event-stream; charset=utf-8')
    expect(await response.text()).to.match(
      /^event: beat\n.*\n\nid: .*-1\ndata: "a"\n\nid: .*-2\ndata: "ü"\n\nevent: end\n/,
    )
  })

  it('continues for a Response too', async () => {
    const stream = sse(endlessSource('a', 'b').source, { resumeMs: 1_500 })
    const open = (headers = {}): Promise<Response> => stream.fetch(new Request('http://localhost/', { headers }))
    const first = (await open()).body?.getReader()
    let text = ''
    while (!text.includes('"b"')) text += new TextDecoder().decode((await first?.read())?.value)
    await first?.cancel()
    const response = await open({ 'last-event-id': eventIdOf(text, '"a"') })
    const reader = response.body?.getReader()
    let again = ''
    while (!again.includes('"b"')) again += new TextDecoder().decode((await reader?.read())?.value)
    expect(again).to.not.include('"a"')
    await reader?.cancel()
  })

  it('closes the connection of a reader that does not read, and skips values for it with overflow latest', async () => {
    const big = 'x'.repeat(100_000)
    let subscribers = 0
    const source = new Observable<string>((subscriber) => {
      subscribers += 1
      subscriber.add(() => (subscribers -= 1))
      subscriber.add(
        interval(1)
          .pipe(map((n) => `${n} ${big}`))
          .subscribe(subscriber),
      )
    })
    const strict = sse(source, { resumeMs: 0 })
    const { port } = await serve(strict.node)
    const idle = rawClient(port)
    idle.socket.pause()
    await until(() => subscribers === 1)
    // 1 MB waits in the session; the buffers of the sockets hold a few more.
    await until(() => subscribers === 0)
    idle.socket.destroy()

    const latest = await serve(sse(source, { resumeMs: 0, overflow: 'latest' }).node)
    const slow = rawClient(latest.port)
    slow.socket.pause()
    await until(() => subscribers === 1)
    await new Promise((resolve) => setTimeout(resolve, 300))
    const before = process.memoryUsage().rss
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(process.memoryUsage().rss - before).to.be.below(20_000_000)
    expect(subscribers).to.equal(1)
    slow.socket.destroy()
    await until(() => subscribers === 0)
  }).timeout(30_000)

  it('refuses other methods, foreign hosts and origins, and more readers than maxReaders', async () => {
    const { source, subscribers } = endlessSource('a')
    const { port } = await serve(sse(source, { maxReaders: 1, resumeMs: 1_500 }).node)
    const statusOf = async (line: string, more = '', host = `127.0.0.1:${port}`): Promise<string> => {
      const socket = connect(port, '127.0.0.1')
      let text = ''
      socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
      socket.write(`${line} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 0\r\n${more}\r\n`)
      await until(() => text.includes('\r\n'))
      socket.destroy()
      return text.slice(9, 12)
    }
    expect(await statusOf('POST /jobs')).to.equal('405')
    expect(await statusOf('HEAD /jobs')).to.equal('405')
    expect(await statusOf('GET /jobs', '', 'evil.example')).to.equal('403')
    expect(await statusOf('GET /jobs', 'Origin: http://evil.example\r\n')).to.equal('403')
    expect(await statusOf('GET /jobs', 'Sec-Fetch-Site: cross-site\r\n')).to.equal('403')
    expect(subscribers()).to.equal(0)
    const first = rawClient(port)
    await until(() => first.text().includes('"a"'))
    expect(await statusOf('GET /jobs')).to.equal('503')
    expect(subscribers()).to.equal(1)
  })

  it('throws for an invalid option', () => {
    for (const [option, value] of [
      ['heartbeatMs', 5],
      ['resumeMs', -1],
      ['bufferChars', 0],
      ['maxReaders', Number.NaN],
      ['maxReaders', 0.5],
      ['codec', {}],
      ['codec', null],
      ['scheduler', {}],
      ['bufferChars', '5'],
      ['maxReaders', '5'],
      ['trustProxy', 'false'],
      ['overflow', 'drop'],
      ['hosts', 'localhost'],
    ] as const)
      expect(() => sse(NEVER, { [option]: value }), option).to.throw(AisError, `${option}: got`)
    expect(() => sse(NEVER, null as never)).to.throw(AisError, 'options: got null')
    expect(() => sse([1] as never)).to.throw(AisError, 'source: got an array')
  })
})

/** What runs in the page. */
const PROGRAM = `
  import { fromEventSource, isLeft, JobTable, Snapshots, toJson } from './lib/index.ts'
  const text = (value) => JSON.stringify(value, (_, one) => typeof one === 'bigint' ? 'bigint ' + one : one)
  globalThis.read = (url, codec) => {
    const got = []
    const opened = []
    const eventSource = (address) => {
      opened.push(address)
      return (globalThis.source = new EventSource(address))
    }
    const subscription = fromEventSource(url, { JobTable, Snapshots }[codec], { eventSource, cadence: () => 100 })
      .subscribe({
        next: (result) => got.push(isLeft(result) ? result.left._tag + ' ' + result.left.code : text(result.right)),
        complete: () => got.push('complete'),
      })
    globalThis.reading = { got, opened, leave: () => subscription.unsubscribe() }
  }
`

declare const read: (url: string, codec: 'JobTable' | 'Snapshots') => void
declare const reading: {
  readonly got: readonly string[]
  readonly opened: readonly string[]
  readonly leave: () => void
}

describe('fromEventSource in Chromium', function () {
  this.timeout(60_000)
  let emulator: Emulator
  let browser: Browser
  let page: Page
  let program: string
  let server: Listening
  let streams: Record<string, Sse>
  let isDown: boolean

  before(async () => {
    emulator = await startEmulator({ targets: 2, speed: 20 })
    emulator.seedBucket('photos', { objects: 30, objectSize: 1024 })
    program = await bundled(PROGRAM)
    browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] })
  })

  beforeEach(async () => {
    streams = {}
    isDown = false
    server = await serve((request, response) => {
      const [path = ''] = (request.url ?? '').split('?')
      if (isDown) response.writeHead(503).end()
      else if (streams[path] !== undefined) streams[path].node(request, response)
      else {
        response.setHeader('content-type', 'text/html')
        response.end(path === '/program.js' ? program : '<!doctype html><script src="/program.js"></script>')
      }
    })
    page = await browser.newPage()
    await page.goto(`http://127.0.0.1:${server.port}/`)
  })

  afterEach(async () => {
    await page.close()
    await closeServers()
  })
  after(async () => {
    await browser.close()
    await emulator.close()
  })

  const receivedLines = (): Promise<readonly string[]> => page.evaluate(() => reading.got)

  it('emits the table of watchJobs and the snapshots of a job of a cluster, with bigints', async () => {
    const cluster = createCluster(emulator.endpoint)
    const started = await toPromise(start(cluster, { kind: 'load-lom-cache', bucket: { name: 'photos' } }))
    const { id = '' } = started
    streams['/jobs'] = sse(watchJobs(cluster), { codec: JobTable, overflow: 'latest', resumeMs: 0 })
    streams['/details'] = sse(watchDetails(cluster, { id }), { codec: Snapshots, resumeMs: 0 })

    await page.evaluate(() => read('/jobs', 'JobTable'))
    await page.waitForFunction(() => reading.got.some((table) => table.includes('finished')))
    expect((await receivedLines()).at(-1))
      .to.include(id)
      .and.match(/"endTime":"bigint \d{19}"/)
    await page.evaluate(() => reading.leave())

    await page.evaluate(() => read('/details', 'Snapshots'))
    await page.waitForFunction(() => reading.got.length > 0)
    expect((await receivedLines())[0])
      .to.include(`"id":"${id}"`)
      .and.match(/"startTime":"bigint \d{19}"/)
    expect((await receivedLines())[0]).to.match(/"objects":"bigint \d+"/)
  })

  it('continues where it was after the connection is lost, and emits a Left meanwhile', async () => {
    const table = (n: number): JobTable => ({ [`j${n}`]: { id: `j${n}`, kind: 'lru', state: 'running' } })
    const { source, subscribers } = endlessSource(table(1), table(2))
    let push: (value: JobTable) => void = () => undefined
    const live = new Observable<JobTable>((subscriber) => {
      push = (value) => subscriber.next(value)
      return source.subscribe(subscriber)
    })
    streams['/jobs'] = sse(live, { codec: JobTable, resumeMs: 6_000 })
    await page.evaluate(() => read('/jobs', 'JobTable'))
    await page.waitForFunction(() => reading.got.length === 2)
    for (const socket of server.sockets) socket.destroy()
    await page.waitForFunction(() => reading.got.length === 3)
    push(table(3))
    await page.waitForFunction(() => reading.got.length === 4)
    const seen = (await receivedLines()).map((one) => /j\d/.exec(one)?.[0] ?? one)
    expect(seen).to.deep.equal(['j1', 'j2', 'TransportError ECONNRESET', 'j3'])
    expect(subscribers()).to.equal(1)
    expect(await page.evaluate(() => reading.opened)).to.deep.equal(['/jobs'])
  })

  it('reconnects when the server refuses for a while, which a plain EventSource does not', async () => {
    const { source } = endlessSource<JobTable>({})
    streams['/jobs'] = sse(source, { codec: JobTable, resumeMs: 1_500 })
    isDown = true
    await page.evaluate(() => read('/jobs', 'JobTable'))
    await page.waitForFunction(() => reading.got.length >= 3)
    isDown = false
    await page.waitForFunction(() => reading.got.at(-1) === '{}')
    expect(new Set(await receivedLines())).to.deep.equal(new Set(['TransportError ERR_EVENT_SOURCE', '{}']))
  })

  it('completes at the end of the stream, and opens no connection again', async () => {
    streams['/jobs'] = sse(of<JobTable>({}), { codec: JobTable, resumeMs: 1_500 })
    await page.evaluate(() => read('/jobs', 'JobTable'))
    await page.waitForFunction(() => reading.got.includes('complete'))
    await page.waitForTimeout(4_000)
    expect(await receivedLines()).to.deep.equal(['{}', 'complete'])
  })

  it('closes the connection on unsubscribe, so that the server unsubscribes', async () => {
    const { source, subscribers } = endlessSource<JobTable>({})
    streams['/jobs'] = sse(source, { codec: JobTable, resumeMs: 0 })
    await page.evaluate(() => read('/jobs', 'JobTable'))
    await page.waitForFunction(() => reading.got.length === 1)
    expect(subscribers()).to.equal(1)
    await page.evaluate(() => reading.leave())
    await until(() => subscribers() === 0)
  })
})
