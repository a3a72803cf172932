import { expect } from 'chai'
import { once } from 'node:events'
import { get, type Agent, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { agentInit } from '../../../lib/transport/agent.node.ts'
import { fetchTransport } from '../../../lib/transport/fetch.ts'
import type { Transport } from '../../../lib/transport/transport.ts'
import { question, reply } from './helpers/ask.ts'
import { closeServers, startServer, until } from './helpers/recording-server.ts'

describe('fetchTransport, connections', () => {
  let transport: Transport
  beforeEach(() => (transport = fetchTransport()))
  afterEach(closeServers)

  it('should use one connection for many questions in a row', async () => {
    const server = await startServer()

    for (let n = 0; n < 50; n++) await reply(transport, question(server.url, { body: '{}' }))

    expect(server.requests.map(({ connection }) => connection)).to.deep.equal(Array.from({ length: 50 }, () => 1))
  })

  it('should open 64 connections at most and answer everybody', async () => {
    const server = await startServer((response, { url }) => setImmediate(() => response.end(url)))
    const paths = Array.from({ length: 300 }, (_, n) => `/${String(n)}`)

    const replies = await Promise.all(paths.map((path) => reply(transport, question(server.url + path))))

    expect(replies.map(({ body }) => body)).to.deep.equal(paths)
    expect(server.sockets).to.have.length(64)
  })

  it('should give a place among the 64 to another host although all are kept for the first', async () => {
    const [first, second] = [await startServer(), await startServer()]
    await Promise.all(Array.from({ length: 100 }, () => reply(transport, question(first.url))))
    expect(first.open()).to.equal(64)

    await Promise.all(Array.from({ length: 100 }, () => reply(transport, question(second.url))))

    expect(first.open() + second.open()).to.be.at.most(64)
  })

  it('should give a place to another host while the first still answers', async () => {
    const [first, second] = [await startServer((response) => setImmediate(() => response.end())), await startServer()]
    const crowd = Array.from({ length: 100 }, () => reply(transport, question(first.url)))

    await reply(transport, question(second.url))

    expect(second.requests).to.have.length(1)
    await Promise.all(crowd)
  })

  describe('the agent', () => {
    const { agent: agentOf } = agentInit() as { agent: (url: { protocol: string }) => Agent }
    const agent = agentOf({ protocol: 'http:' })
    const free = (): Socket[] => Object.values(agent.freeSockets).flatMap((sockets) => sockets ?? [])
    const busy = (): Socket[] => Object.values(agent.sockets).flatMap((sockets) => sockets ?? [])

    async function ask(url: string): Promise<number> {
      const [response] = (await once(get(url, { agent }), 'response')) as [IncomingMessage]
      const count = free().length + busy().length
      await once(response.resume(), 'close')
      return Math.max(count, free().length + busy().length)
    }

    it('should drop silent connections after 25 s, before the server does', async () => {
      const server = await startServer()

      await ask(server.url)
      await until(() => free().length > 0)

      expect(free().map(({ timeout }) => timeout)).to.deep.equal([25_000])
    })

    it('should count kept and busy connections of all hosts together', async () => {
      const servers = [await startServer(), await startServer(), await startServer()]

      const counts = await Promise.all(Array.from({ length: 300 }, (_, n) => ask(servers[Math.floor(n / 100)]!.url)))

      expect(Math.max(...counts)).to.equal(64)
    })
  })
})
