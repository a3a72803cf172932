import { expect } from 'chai'
import type { Socket } from 'node:net'
import { fetchTransport } from '../../../lib/transport/fetch.ts'
import { BODY_CUT, UPGRADED } from '../../../lib/transport/failure.ts'
import { failure, question, reply } from './helpers/ask.ts'
import { closeServers, startRaw, startServer, until } from './helpers/recording-server.ts'

const BODY = JSON.stringify({ uuid: 'aB3dE5fG7', kind: 'copy-bck', err: 'ů'.repeat(20), stats: 'x'.repeat(200) })
const CHUNKED_BODY = `5\r\n${BODY.slice(0, 5)}\r\n${(Buffer.byteLength(BODY) - 5).toString(16)}\r\n${BODY.slice(5)}\r\n0\r\n\r\n`
const JSON_HEAD = `HTTP/1.1 200 OK\r\nContent-Length: ${String(Buffer.byteLength(BODY))}\r\n\r\n`
const CHUNKED_HEAD = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'

const CLOSES: Readonly<Record<string, (socket: Socket) => void>> = {
  'end of file': (socket) => socket.end(),
  // A reset overtakes bytes that are still under way, so it has to wait until they were sent.
  reset: (socket) => setImmediate(() => socket.resetAndDestroy()),
}

describe('fetchTransport, connections that die', () => {
  const transport = fetchTransport()
  afterEach(closeServers)

  for (const [how, close] of Object.entries(CLOSES)) {
    for (const [kind, head, text] of [
      ['with content-length', JSON_HEAD, BODY],
      ['chunked', CHUNKED_HEAD, CHUNKED_BODY],
    ] as const) {
      it(`should fail wherever a body is cut: ${kind}, ${how}`, async () => {
        const bytes = Buffer.from(text)
        let at = 0
        const server = await startRaw((socket) => {
          socket.write(Buffer.concat([Buffer.from(head), bytes.subarray(0, at)]), () => close(socket))
        })
        const codes = new Set<string>()
        for (; at < bytes.length; at++) codes.add((await failure(transport, question(server.url))).code)

        // A reset may also throw away a head that had arrived.
        expect([...codes].filter((code) => !(how === 'reset' && code === 'ECONNRESET'))).to.deep.equal([BODY_CUT])
        expect(server.requests).to.have.length(bytes.length)
      }).timeout(20_000)
    }

    it(`should fail wherever a head is cut: ${how}`, async () => {
      let at = 0
      const server = await startRaw((socket) => {
        socket.write(JSON_HEAD.slice(0, at), () => close(socket))
      })
      for (; at < JSON_HEAD.length; at++) {
        expect((await failure(transport, question(server.url))).code, String(at)).to.equal('ECONNRESET')
      }
    })
  }

  it('should fail when nothing is answered at all', async () => {
    const server = await startRaw((socket) => socket.resetAndDestroy())

    expect(await failure(transport, question(server.url, { body: '{}' }))).to.include({ code: 'ECONNRESET' })
    expect(server.requests).to.have.length(1)
  })

  it('should not take whole chunked replies for cut ones when their connections go on serving', async () => {
    const server = await startServer((response) => {
      response.write(BODY)
      setImmediate(() => response.end(BODY))
    })

    const replies = await Promise.all(Array.from({ length: 200 }, () => reply(transport, question(server.url))))

    expect(new Set(replies.map(({ body }) => body))).to.deep.equal(new Set([BODY + BODY]))
    expect(server.sockets.length).to.be.below(200)
  })

  it('should fail when a compressed body is cut', async () => {
    for (const encoding of ['gzip', 'deflate', 'br']) {
      const server = await startRaw((socket) => {
        socket.end(`HTTP/1.1 200 OK\r\nContent-Encoding: ${encoding}\r\nContent-Length: 500\r\n\r\n`)
      })
      expect((await failure(transport, question(server.url))).code, encoding).to.be.oneOf([BODY_CUT, 'ECONNRESET'])
    }
  })

  it('should fail when the server changes the protocol', async () => {
    const head = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'
    const server = await startRaw((socket) => socket.write(head))

    expect(await failure(transport, question(server.url))).to.include({ code: UPGRADED })
    await until(() => server.open() === 0)
  })

  for (const [what, head, code] of [
    ['another protocol', 'SSH-2.0-OpenSSH_9\r\n', /^HPE_/],
    ['a head of 70 kB', `HTTP/1.1 200 OK\r\nX-Long: ${'x'.repeat(70_000)}\r\n\r\n`, /^HPE_HEADER_OVERFLOW$/],
    ['a chunk of no size', `${CHUNKED_HEAD}what?\r\n`, /^HPE_/],
    ['gzip that is none', 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello', /^Z_/],
  ] as const) {
    it(`should fail upon ${what}`, async () => {
      const server = await startRaw((socket) => socket.write(head))

      expect((await failure(transport, question(server.url))).code).to.match(code)
    })
  }

  it('should name a port where nobody listens', async () => {
    const server = await startServer()
    await closeServers()

    expect(await failure(transport, question(server.url))).to.include({ code: 'ECONNREFUSED' })
  })

  it('should name a host that does not exist', async () => {
    // Without any name server the system cannot know, and says so.
    const { code } = await failure(transport, question('http://aistore-rx.invalid/'))

    expect(code).to.be.oneOf(['ENOTFOUND', 'EAI_AGAIN'])
  })
})
