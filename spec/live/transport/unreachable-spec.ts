import { expect } from 'chai'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { firstValueFrom } from 'rxjs'
import { createCluster } from '../../../lib/cluster.ts'
import { start } from '../../../lib/commands.ts'
import { right } from '../../../lib/common/either.ts'
import { status } from '../../../lib/queries.ts'
import { localServers } from './contract/server.ts'
import { answer, opened, timed, type World } from './contract/world.ts'
import { fetchTransport } from '../../../lib/transport/fetch.ts'

// Endpoints to which no connection can be opened. Nothing was sent, so even a command may go to the next endpoint.

const servers = localServers()
const world: World = { transport: fetchTransport, servers, isOwn: true }
const JOB = '{"kind":"lru","uuid":"zOCwz4iJS","err":"","end_time":0,"aborted":false}'

/**
 * A server that listens and never accepts a connection. When its queue is full, Linux drops each further connection
 * without a reply.
 */
const NEVER_ACCEPTING = `
  const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    require('node:fs').writeSync(1, String(server.address().port))
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000)
  })`

interface FullServer {
  readonly url: string
  readonly close: () => void
}

/** How long a connection that the system accepts takes at most. */
const CONNECTS_MS = 200

/** Starts such a server, and fills its queue. */
async function startFullServer(): Promise<FullServer> {
  const child = spawn(process.execPath, ['-e', NEVER_ACCEPTING], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [port] = (await once(child.stdout, 'data')) as [Buffer]
  const filling: Socket[] = []
  const isTaken = async (): Promise<boolean> => {
    const socket = connect(Number(port.toString()), '127.0.0.1')
    socket.on('error', () => undefined)
    filling.push(socket)
    return Promise.race([
      once(socket, 'connect').then(() => true),
      new Promise<boolean>((resolve) => setTimeout(() => resolve(false), CONNECTS_MS)),
    ])
  }
  while (await isTaken());
  return {
    url: `http://127.0.0.1:${port.toString()}`,
    close: () => {
      for (const socket of filling) socket.destroy()
      child.kill('SIGKILL')
    },
  }
}

describe('an endpoint that accepts no connection', () => {
  let full: FullServer
  before(async () => {
    full = await startFullServer()
  })
  after(() => full.close())
  afterEach(() => servers.close())

  it('delays a query or a command by five seconds, and then it is sent to the next endpoint, once', async () => {
    const [forQuery, forCommand] = [
      await opened(world, { script: [answer(JOB)] }),
      await opened(world, { script: [answer('zOCwz4iJS')] }),
    ]
    const [[found, queryMs], [started, commandMs]] = await Promise.all([
      timed(() => firstValueFrom(status(createCluster([full.url, forQuery.url]), { id: 'zOCwz4iJS' }))),
      timed(() => firstValueFrom(start(createCluster([full.url, forCommand.url]), { kind: 'lru' }))),
    ])
    expect(found).to.have.nested.property('right.kind', 'lru')
    expect(started).to.deep.equal(right({ id: 'zOCwz4iJS', kind: 'lru' }))
    for (const tookMs of [queryMs, commandMs]) expect(tookMs).to.be.within(4_900, 6_500)
    expect(await forCommand.requests()).to.have.length(1)
  })

  it('takes half of the time limit of a command if that is short, so that the next endpoint can still reply', async () => {
    const server = await opened(world, { script: [answer('zOCwz4iJS')] })
    const limitMs = 1_000
    const cluster = createCluster([full.url, server.url], { requestTimeoutMs: limitMs })
    const [result, tookMs] = await timed(() => firstValueFrom(start(cluster, { kind: 'lru' })))
    expect(result).to.deep.equal(right({ id: 'zOCwz4iJS', kind: 'lru' }))
    // A timer may fire a little early; the reply of the next endpoint comes before the time limit.
    expect(tookMs).to.be.within(limitMs / 2 - 50, limitMs - 10)
  })
})

describe('an endpoint whose TLS breaks', () => {
  afterEach(() => servers.close())

  it('does not prevent a command from being sent to the next endpoint, whatever the error code', async () => {
    const broken = await opened(world, { script: [], onConnect: 'reset' })
    const server = await opened(world, { script: [answer('zOCwz4iJS')], tls: { cert: 'self-signed' } })
    const wrong = await opened(world, { script: [], tls: { cert: 'other-name' } })
    const endpoints = [broken.url.replace('http:', 'https:'), wrong.url, server.url]
    const cluster = createCluster(endpoints, { tls: { ca: await servers.pem('self-signed') } })
    expect(await firstValueFrom(start(cluster, { kind: 'lru' }))).to.deep.equal(right({ id: 'zOCwz4iJS', kind: 'lru' }))
    expect(await server.requests()).to.have.length(1)
  })
})

describe('an address to which the system opens no connection', () => {
  afterEach(() => servers.close())

  // Node reports these errors before it passes the socket on.
  for (const url of ['http://[fe80::1]:80', 'http://255.255.255.255:80'])
    it(`does not prevent a command from being sent to the next endpoint: ${url}`, async () => {
      const server = await opened(world, { script: [answer('zOCwz4iJS')] })
      const result = await firstValueFrom(start(createCluster([url, server.url]), { kind: 'lru' }))
      expect(result).to.deep.equal(right({ id: 'zOCwz4iJS', kind: 'lru' }))

      const failed = await firstValueFrom(start(createCluster(url), { kind: 'lru' }))
      expect(failed).to.have.nested.property('left.nothingSent', true)
      expect(failed).to.have.nested.property('left.mayHaveStarted', false)
    })
})
