import { until } from '../helpers/until.ts'
import { constant, isLeft, orThrow, start, wait, type HttpRequest, type HttpResponse } from 'aistore-rx'
import { startEmulator } from 'aistore-rx/emulator'
import { expect } from 'chai'
import { firstValueFrom, lastValueFrom } from 'rxjs'
import { Agent } from 'undici'
import { main, undiciTransport } from '../../../examples/undici-transport.ts'
import { requestTo } from '../transport/contract/world.ts'
import { closeServers, startRaw, startServer } from '../transport/helpers/recording-server.ts'

// `examples/undici-transport.ts` keeps the contract of a transport.

describe('the example of a transport with undici', () => {
  let agent: Agent
  beforeEach(() => (agent = new Agent({ connections: 4 })))
  afterEach(async () => {
    await agent.destroy()
    await closeServers()
  })
  const reply = (request: HttpRequest): Promise<HttpResponse> => lastValueFrom(undiciTransport(agent)(request))
  const code = (request: HttpRequest): Promise<unknown> =>
    reply(request).then(
      () => 'a reply',
      (error: unknown) => (error as { code?: unknown }).code,
    )

  it('should send nothing before it is subscribed, and one request per subscription', async () => {
    const server = await startServer()
    const reply$ = undiciTransport(agent)(requestTo(`${server.url}/v1?what=x`, { body: '{"é":1}' }))
    expect(server.requests).to.have.length(0)
    await lastValueFrom(reply$)
    await lastValueFrom(reply$)
    expect(server.requests.map(({ method, url, body }) => [method, url, body])).to.deep.equal([
      ['GET', '/v1?what=x', '{"é":1}'],
      ['GET', '/v1?what=x', '{"é":1}'],
    ])
  })

  it('should reuse connections after requests with a body', async () => {
    const server = await startServer()
    for (let i = 0; i < 20; i++) await reply(requestTo(server.url, { body: '{}' }))
    // A connection is not free yet when its reply is complete, so several may be in use.
    expect(server.sockets.length).to.be.at.most(4)
  })

  it('should emit the whole reply, whatever its status, with headers as strings', async () => {
    const server = await startServer((response) => {
      response.writeHead(503, { 'X-Mixed': 'Kept', 'set-cookie': ['a=1', 'b=2'] })
      response.write(Buffer.from([0xc3]), () => setImmediate(() => response.end(Buffer.from([0xa9]))))
    })
    const { status, headers, body } = await reply(requestTo(server.url))
    expect(status).to.equal(503)
    expect(body).to.equal('é')
    expect(headers['x-mixed']).to.equal('Kept')
    expect(headers['set-cookie']).to.equal('a=1,b=2')
  })

  it('should stop reading beyond maxReplyBytes', async () => {
    const server = await startServer((response) => response.end('x'.repeat(100)))
    expect(await code(requestTo(server.url, { maxReplyBytes: 100 }))).to.equal('a reply')
    expect(await code(requestTo(server.url, { maxReplyBytes: 99 }))).to.equal('REPLY_TOO_LARGE')
  })

  it('should fail with a code', async () => {
    expect(await code(requestTo('http://127.0.0.1:1/'))).to.equal('ECONNREFUSED')
    const truncated = await startRaw((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{'))
    expect(await code(requestTo(truncated.url))).to.be.oneOf(['UND_ERR_SOCKET', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH'])
  })

  for (const [when, head] of [
    ['before the head', ''],
    ['in the body', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{'],
  ] as const) {
    it(`should close the connection when unsubscribed ${when}, and not notify the subscriber`, async () => {
      const notified: string[] = []
      let written = false
      const server = await startRaw((socket) => socket.write(head, () => (written = true)))
      const subscription = undiciTransport(agent)(requestTo(server.url)).subscribe({
        next: () => notified.push('next'),
        error: () => notified.push('error'),
        complete: () => notified.push('complete'),
      })
      await until(() => written)
      expect(server.open()).to.equal(1)
      subscription.unsubscribe()
      await until(() => server.open() === 0)
      expect(notified).to.deep.equal([])
    })
  }

  it('should send nothing if it is unsubscribed at once', async () => {
    const server = await startServer()
    undiciTransport(agent)(requestTo(`${server.url}/never`))
      .subscribe()
      .unsubscribe()
    await reply(requestTo(`${server.url}/once`))
    expect(server.requests.map(({ url }) => url)).to.deep.equal(['/once'])
  })

  it('should work for a wait from start to end', async () => {
    const emulator = await startEmulator({ seed: 7, speed: 20 })
    try {
      emulator.seedBucket('photos', { objects: 100 })
      const cluster = main(emulator.endpoint, agent)
      const job = await firstValueFrom(start(cluster, { kind: 'lru' }).pipe(orThrow()))
      const result = await firstValueFrom(wait(cluster, job, { cadence: constant(100) }))
      expect(isLeft(result) ? result.left : result.right.outcome).to.equal('finished')
    } finally {
      await emulator.close()
    }
  })
})
