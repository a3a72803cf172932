import { expect } from 'chai'
import { fetchTransport } from '../../../lib/transport/fetch.ts'
import type { Transport } from '../../../lib/transport/transport.ts'
import { failure, question, reply } from './helpers/ask.ts'
import { closeServers, startRaw, startServer, until } from './helpers/recording-server.ts'

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}'

describe('fetchTransport, a kept connection that the server has closed', () => {
  let transport: Transport
  beforeEach(() => (transport = fetchTransport()))
  afterEach(closeServers)

  it('should be replaced without a word for a question', async () => {
    const server = await startRaw((socket, _, request) => {
      if (request === 1) socket.write(OK)
      else socket.resetAndDestroy()
    })
    await reply(transport, question(server.url))

    expect(await reply(transport, question(server.url, { body: '{"ID":"x"}' }))).to.include({ status: 200 })
    expect(server.requests.map((text) => text.split(' ', 1)[0])).to.deep.equal(['GET', 'GET', 'GET'])
    expect(server.requests[2]).to.equal(server.requests[1])
    expect(server.sockets).to.have.length(2)
  })

  it('should be replaced by a new one although others are kept', async () => {
    const server = await startRaw((socket, _, request) => {
      if (request === 1) setImmediate(() => socket.write(OK))
      else socket.end()
    })
    await Promise.all(Array.from({ length: 5 }, () => reply(transport, question(server.url))))
    expect(server.sockets).to.have.length(5)

    expect(await reply(transport, question(server.url))).to.include({ status: 200 })
    expect(server.requests).to.have.length(7)
  })

  for (const method of ['PUT', 'POST', 'DELETE']) {
    it(`should fail a ${method}, which may have been carried out`, async () => {
      const server = await startRaw((socket, _, request) => {
        if (request === 1) socket.write(OK)
        else socket.resetAndDestroy()
      })
      await reply(transport, question(server.url))

      expect(await failure(transport, question(server.url, { method, body: '{}' }))).to.include({
        code: 'ECONNRESET',
      })
      expect(server.requests).to.have.length(2)
    })
  }

  it('should be replaced once at most', async () => {
    const server = await startRaw((socket, connection, request) => {
      if (connection === 1 && request === 1) socket.write(OK)
      else socket.resetAndDestroy()
    })
    await reply(transport, question(server.url))

    expect(await failure(transport, question(server.url))).to.include({ code: 'ECONNRESET' })
    expect(server.requests).to.have.length(3)
  })

  for (const how of ['end', 'resetAndDestroy'] as const) {
    it(`should not be asked again once the head of a reply has arrived (${how})`, async () => {
      let cut: (() => void) | undefined
      const other = await startServer()
      const server = await startRaw((socket, _, request) => {
        if (request === 1) socket.write(OK)
        else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{', () => (cut = () => socket[how]()))
      })
      await reply(transport, question(server.url))

      const failed = failure(transport, question(server.url))
      await until(() => cut !== undefined)
      await reply(transport, question(other.url))
      cut?.()

      expect(await failed).to.include({ code: 'ERR_BODY_CUT' })
      expect(server.requests).to.have.length(2)
    })
  }
})
