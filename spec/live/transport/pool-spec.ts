import { Agent } from 'node:http'
import type { Socket } from 'node:net'
import { Detour } from '../helpers/detour.ts'
import { expect } from 'chai'
import { fetchTransport } from '../../../lib/transport/fetch.ts'
import { poolFor } from '../../../lib/transport/pool.ts'
import { closeServers, serveHttp, serveRaw } from '../faults/helpers/servers.ts'
import { connections, forgetConnections, peak } from '../faults/helpers/sockets.ts'
import { localServers } from './contract/server.ts'
import { failure, OK, opened, pause, requestTo, raw, reply, until, type World } from './contract/world.ts'

// The pool of connections of the default transport on Node.

const servers = localServers()
const world: World = { transport: fetchTransport, servers, isOwn: true }

describe('the connections of the transport over node:http', () => {
  afterEach(() => servers.close())
  const realNow = Date.now
  afterEach(() => {
    Date.now = realNow
  })

  it('are closed after 25 s without a request, before the server closes them', async () => {
    const server = await opened(world, { script: [OK] })
    await reply(fetchTransport(), requestTo(server.url))
    const agent = poolFor({}).agentFor(false, '', false)
    const kept = (): readonly Socket[] => agent.freeSockets[`127.0.0.1:${String(server.port)}:`] ?? []
    await until(() => Promise.resolve(kept().length > 0), 'the connection is kept')
    expect(kept().map(({ timeout }) => timeout)).to.deep.equal([25_000])
  })

  it('are not used again if they were opened before the machine slept', async () => {
    const server = await opened(world, { script: [OK] })
    await reply(fetchTransport(), requestTo(server.url))
    Date.now = () => realNow() + 26_000
    await reply(fetchTransport(), requestTo(server.url))
    expect((await server.requests()).map(({ connection }) => connection)).to.deep.equal([1, 2])
  })

  it('are not shared between different certificates', async () => {
    const server = await opened(world, { script: [OK] })
    const ca = await servers.pem('self-signed')
    for (const options of [
      {},
      { tls: {} },
      { tls: { ca } },
      { tls: { ca: [ca] } },
      { tls: { rejectUnauthorized: false } },
    ])
      await reply(fetchTransport(options), requestTo(server.url))
    expect((await server.requests()).map(({ connection }) => connection)).to.deep.equal([1, 1, 2, 2, 3])
  })

  it('are 64 in all, also if commands need new ones beside many idle ones', async () => {
    const [one, other] = await Promise.all(
      [1, 2].map(() => serveHttp((_, response) => setTimeout(() => response.end('{}'), 50))),
    )
    const transport = fetchTransport()
    const send = (port: number | undefined, count: number, method: string): Promise<unknown> =>
      Promise.all(
        Array.from({ length: count }, () => reply(transport, requestTo(`http://127.0.0.1:${port ?? 0}/`, { method }))),
      )
    forgetConnections()
    await Promise.all([send(one?.port, 56, 'GET'), send(other?.port, 8, 'GET')])
    await send(one?.port, 40, 'PUT')

    expect(peak()).to.equal(64)
    await closeServers()
  })

  for (const [how, header] of [
    ['that is to be closed', 'Connection: close'],
    ['that is to be kept', 'Connection: keep-alive'],
  ] as const)
    it(`are closed if a reply ${how} comes before the whole request is sent and the server reads no more`, async () => {
      const server = await serveRaw((socket) => {
        socket.pause()
        socket.write(`HTTP/1.1 413 Too Large\r\n${header}\r\nContent-Length: 2\r\n\r\n{}`)
      })
      forgetConnections()
      const body = 'x'.repeat(30_000_000)
      const { status } = await reply(fetchTransport(), requestTo(`http://127.0.0.1:${server.port}/`, { body }))

      expect(status).to.equal(413)
      await until(() => Promise.resolve(connections().every(({ destroyed }) => destroyed)), 'the connection is closed')
      await closeServers()
    })

  describe('with an agent of the user', () => {
    it('come from that agent', async () => {
      const server = await opened(world, { script: [{ echo: true }] })
      const transport = fetchTransport({ agent: new Detour(server.port) })
      for (let n = 0; n < 2; n++)
        await reply(transport, requestTo('http://ais.example:51080/v1/health', { body: '{}' }))
      const [one, two] = await server.requests()
      expect(one).to.include({ method: 'GET', url: '/v1/health', body: '{}', connection: 1 })
      expect(one?.headers).to.include({ host: 'ais.example:51080' })
      expect(two).to.include({ connection: 1 })
    })

    it('carry a command only if they are new', async () => {
      const server = await opened(world, { script: [OK, raw('', 'reset')], later: [OK] })
      const transport = fetchTransport({ agent: new Detour(server.port) })
      await reply(transport, requestTo('http://ais.example/'))
      await pause(20)
      expect(await reply(transport, requestTo('http://ais.example/', { method: 'PUT', body: '{}' }))).to.include({
        status: 200,
      })
      expect((await server.requests()).map(({ connection }) => connection)).to.deep.equal([1, 2])
    })

    it('do not time out while the agent has them in its own queue', async () => {
      const server = await opened(world, { script: [{ ...OK, delayMs: 150 }] })
      const transport = fetchTransport({ agent: new Agent({ maxSockets: 1 }) })
      const replies = await Promise.all(
        [1, 2, 3].map(() => reply(transport, requestTo(server.url, { connectMs: 200 }))),
      )
      expect(replies.map(({ status }) => status)).to.deep.equal([200, 200, 200])
    })

    it('fail with a code where the agent does not speak the scheme', async () => {
      const { code, nothingSent } = await failure(
        fetchTransport({ agent: new Agent() }),
        requestTo('https://127.0.0.1:1/'),
      )
      expect(code).to.equal('ERR_INVALID_PROTOCOL')
      expect(nothingSent).to.equal(true)
    })
  })
})
