import { expect } from 'chai'
import { fetchTransport } from '../../../lib/transport/fetch.ts'
import type { Transport } from '../../../lib/transport/transport.ts'
import { question, reply } from './helpers/ask.ts'
import { closeServers, startRaw, startServer, until } from './helpers/recording-server.ts'

describe('fetchTransport', () => {
  let transport: Transport
  beforeEach(() => (transport = fetchTransport()))
  afterEach(closeServers)

  it('should emit one whole reply and complete', async () => {
    const { url } = await startServer((response) => {
      response.writeHead(418, { 'X-Mixed-Case': 'Kept', 'content-type': 'text/plain' }).end('short and stout')
    })

    const { status, headers, body } = await reply(transport, question(url))

    expect({ status, body }).to.deep.equal({ status: 418, body: 'short and stout' })
    expect(headers).to.include({ 'x-mixed-case': 'Kept', 'content-type': 'text/plain' })
    expect(Object.keys(headers).filter((name) => name !== name.toLowerCase())).to.deep.equal([])
  })

  it('should send nothing before subscribe, and once for each subscription', async () => {
    const server = await startServer()

    const asked = transport(question(`${server.url}/cold`))
    await reply(transport, question(`${server.url}/other`))
    expect(server.requests.map(({ url }) => url)).to.deep.equal(['/other'])

    await reply(() => asked, question(''))
    await reply(() => asked, question(''))
    expect(server.requests.map(({ url }) => url)).to.deep.equal(['/other', '/cold', '/cold'])
  })

  it('should send a question with a body as GET, with the length in bytes and without a trace of the detour', async () => {
    const server = await startServer()
    const body = '{"ID":"žluťoučký 🐎"}'

    await reply(transport, question(server.url, { body, headers: { 'content-type': 'application/json' } }))

    const [received] = server.requests
    expect(received).to.include({ method: 'GET', body })
    expect(received?.headers).to.include({
      'content-length': String(Buffer.byteLength(body)),
      'content-type': 'application/json',
    })
    expect(received?.headers).to.not.have.any.keys('x-http-method-override', 'transfer-encoding')
  })

  it('should put the values of a header that comes twice together', async () => {
    const server = await startServer((response) => response.setHeader('Set-Cookie', ['a=1', 'b=2']).end())

    expect((await reply(transport, question(server.url))).headers['set-cookie']).to.equal('a=1, b=2')
  })

  it('should leave the other methods as they are', async () => {
    const server = await startServer()

    for (const method of ['GET', 'DELETE']) await reply(transport, question(server.url, { method }))
    for (const method of ['POST', 'PUT', 'DELETE']) {
      await reply(transport, question(server.url, { method, body: '{}' }))
    }

    const seen = server.requests.map(({ method, body }) => `${method} ${body}`)
    expect(seen).to.deep.equal(['GET ', 'DELETE ', 'POST {}', 'PUT {}', 'DELETE {}'])
  })

  it('should keep the next request on the connection intact, whatever came before', async () => {
    const server = await startServer((response, { method, body }) => response.end(`${method} ${body}`))
    const bodies = ['', '{}', 'é'.repeat(1000), undefined, '🐎', 'x'.repeat(100_000), '']

    const replies: string[] = []
    for (const body of bodies) {
      const request = question(server.url, body === undefined ? {} : { body })
      replies.push((await reply(transport, request)).body)
    }

    expect(replies).to.deep.equal(bodies.map((body) => `GET ${body ?? ''}`))
    expect(server.sockets).to.have.length(1)
  })

  it('should hand a redirect over instead of following it', async () => {
    const target = await startServer()
    const server = await startServer((response) => response.writeHead(307, { location: `${target.url}/there` }).end())

    const { status, headers } = await reply(transport, question(server.url, { headers: { authorization: 'Bearer t' } }))

    expect(status).to.equal(307)
    expect(headers['location']).to.equal(`${target.url}/there`)
    expect(target.sockets).to.have.length(0)
  })

  it('should take replies without a body', async () => {
    const server = await startServer((response) => response.writeHead(204).end())

    expect(await reply(transport, question(server.url))).to.include({ status: 204, body: '' })
  })

  it('should put characters together that arrive in pieces', async () => {
    const body = 'aé€🐎z'
    const bytes = Buffer.from(body)
    const other = await startServer()
    for (let at = 1; at < bytes.length; at++) {
      let send: ((rest: Buffer) => void) | undefined
      const server = await startRaw((socket) => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${String(bytes.length)}\r\n\r\n`)
        socket.write(bytes.subarray(0, at), () => (send = (rest) => socket.write(rest)))
      })
      const whole = reply(transport, question(server.url))
      await until(() => send !== undefined)
      // One round trip later the first piece has been read for sure, so that the second does not join it.
      await reply(transport, question(other.url))
      send?.(bytes.subarray(at))
      expect((await whole).body, `split at ${String(at)}`).to.equal(body)
    }
  })

  it('should drop a byte order mark, and only in front', async () => {
    const server = await startServer((response) => response.end('\ufeff{"a":"\ufeff"}'))

    expect((await reply(transport, question(server.url))).body).to.equal('{"a":"\ufeff"}')
  })

  it('should replace what is not UTF-8', async () => {
    const server = await startServer((response) => response.end(Buffer.from([0x61, 0xff, 0x62, 0xe2, 0x82])))

    expect((await reply(transport, question(server.url))).body).to.equal('a\ufffdb\ufffd')
  })

  it('should ask for a body that is not compressed', async () => {
    const server = await startServer()

    await reply(transport, question(server.url))

    expect(server.requests[0]?.headers['accept-encoding']).to.equal('identity')
  })
})
