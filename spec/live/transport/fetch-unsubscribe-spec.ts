import { expect } from 'chai'
import { Subscription } from 'rxjs'
import { fetchTransport } from '../../../lib/transport/fetch.ts'
import type { Transport } from '../../../lib/transport/transport.ts'
import { question, reply } from './helpers/ask.ts'
import { closeServers, startRaw, startServer, until } from './helpers/recording-server.ts'

describe('fetchTransport, unsubscribing', () => {
  let transport: Transport
  beforeEach(() => (transport = fetchTransport()))
  afterEach(closeServers)

  for (const [when, head] of [
    ['before the head', ''],
    ['in the head', 'HTTP/1.1 200 OK\r\nContent-'],
    ['before the body', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n'],
    ['in the body', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{'],
    ['in a chunked body', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{'],
  ] as const) {
    it(`should close the connection ${when} and emit nothing afterwards`, async () => {
      const heard: string[] = []
      let written = false
      // A round trip to another server gives time for whatever was sent to arrive.
      const other = await startServer()
      const server = await startRaw((socket) => socket.write(head, () => (written = true)))
      const subscription = transport(question(server.url, { body: '{}' })).subscribe({
        next: () => heard.push('next'),
        error: () => heard.push('error'),
        complete: () => heard.push('complete'),
      })
      await until(() => written)
      await reply(transport, question(other.url))

      subscription.unsubscribe()
      await until(() => server.open() === 0)
      await reply(transport, question(other.url))

      expect(heard).to.deep.equal([])
      expect(server.requests).to.have.length(1)
    })
  }

  it('should send nothing if it happens at once', async () => {
    const server = await startServer()
    const late = new Subscription()
    late.unsubscribe()

    transport(question(`${server.url}/never`))
      .subscribe()
      .unsubscribe()
    late.add(transport(question(`${server.url}/never`)).subscribe())
    await reply(transport, question(`${server.url}/once`))

    expect(server.requests.map(({ url }) => url)).to.deep.equal(['/once'])
  })

  it('should leave the places of those who waited for a connection to the others', async () => {
    const server = await startServer((response, { url }) => setImmediate(() => response.end(url)))
    const leaving = Array.from({ length: 200 }, () => transport(question(`${server.url}/leaving`)).subscribe())
    const staying = Array.from({ length: 100 }, () => reply(transport, question(`${server.url}/staying`)))
    await until(() => server.requests.length > 0)

    for (const subscription of leaving) subscription.unsubscribe()

    expect((await Promise.all(staying)).map(({ body }) => body))
      .to.include('/staying')
      .and.to.have.length(100)
  })

  it('should cost no other connection', async () => {
    const server = await startServer((response, { url }) => {
      if (url !== '/never') setImmediate(() => response.end())
    })
    await Promise.all(Array.from({ length: 3 }, () => reply(transport, question(server.url))))

    const subscription = transport(question(`${server.url}/never`)).subscribe()
    await until(() => server.requests.length === 4)
    subscription.unsubscribe()
    await until(() => server.open() === 2)
    await Promise.all(Array.from({ length: 2 }, () => reply(transport, question(server.url))))

    expect(server.sockets).to.have.length(3)
  })

  it('should keep the connection of a reply that was complete', async () => {
    const server = await startServer()
    const asked = transport(question(server.url))
    const subscription = asked.subscribe()
    await until(() => subscription.closed)

    subscription.unsubscribe()
    await reply(transport, question(server.url))

    expect(server.sockets).to.have.length(1)
  })
})
