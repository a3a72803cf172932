import { expect } from 'chai'
import { gzipSync } from 'node:zlib'
import { fetchTransport } from '../../../lib/transport/fetch.ts'
import { REPLY_TOO_LARGE } from '../../../lib/transport/transport.ts'
import { failure, question, reply } from './helpers/ask.ts'
import { closeServers, startServer, until } from './helpers/recording-server.ts'

describe('fetchTransport, maxReplyBytes', () => {
  const transport = fetchTransport()
  afterEach(closeServers)

  for (const chunked of [false, true]) {
    it(`should take 64 bytes and not 65 (${chunked ? 'chunked' : 'with content-length'})`, async () => {
      const server = await startServer((response, { url }) => {
        const body = 'x'.repeat(Number(url.slice(1)))
        if (chunked) response.write(body.slice(0, 10))
        response.end(chunked ? body.slice(10) : body)
      })
      const ask = (bytes: number) => question(`${server.url}/${String(bytes)}`, { maxReplyBytes: 64 })

      expect((await reply(transport, ask(63))).body).to.have.length(63)
      expect((await reply(transport, ask(64))).body).to.have.length(64)
      expect(await failure(transport, ask(65))).to.include({ code: REPLY_TOO_LARGE })
    })
  }

  it('should count bytes, not characters', async () => {
    const server = await startServer((response) => response.end('€'.repeat(10)))

    expect(await reply(transport, question(server.url, { maxReplyBytes: 30 }))).to.include({ body: '€'.repeat(10) })
    expect(await failure(transport, question(server.url, { maxReplyBytes: 29 }))).to.include({ code: REPLY_TOO_LARGE })
  })

  it('should hang up on a reply that never ends', async () => {
    const server = await startServer((response) => {
      const flood = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      }
      response.on('drain', flood)
      flood()
    })

    expect(await failure(transport, question(server.url))).to.include({ code: REPLY_TOO_LARGE })
    await until(() => server.open() === 0)
  })

  it('should count after inflating where a server compresses all the same', async () => {
    const bomb = gzipSync(Buffer.alloc(10_000_000))
    const server = await startServer((response) => response.setHeader('content-encoding', 'gzip').end(bomb))

    expect(bomb.length).to.be.below(20_000)
    expect(await failure(transport, question(server.url))).to.include({ code: REPLY_TOO_LARGE })
  })
})
