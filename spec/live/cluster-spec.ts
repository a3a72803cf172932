import { expect } from 'chai'
import { firstValueFrom, of } from 'rxjs'
import { createCluster } from '../../lib/cluster.ts'
import { start } from '../../lib/commands.ts'
import { right } from '../../lib/common/either.ts'
import { status } from '../../lib/queries.ts'
import { fetchTransport } from '../../lib/transport/fetch.ts'
import { localServers } from './transport/contract/server.ts'
import { answer, opened, raw, until, type World } from './transport/contract/world.ts'

// Cluster values share the connections of the default transport. The servers are those of the transport contract
// (`transport/contract/`); `opened` starts one that plays a script.

const servers = localServers()
const world: World = { transport: fetchTransport, servers, isOwn: true }
const JOB = answer('{"kind":"lru","uuid":"zOCwz4iJS","err":"","end_time":0,"aborted":false}')
const id = 'zOCwz4iJS'

/** So many requests may be in flight at once, to all origins (`transport/places-spec.ts`). */
const MOST_CONNECTIONS = 64

describe('the connections of clusters', () => {
  afterEach(() => servers.close())

  it('are shared: five hundred clusters need no more than one cluster does', async () => {
    const server = await opened(world, { script: [{ ...JOB, delayMs: 2 }] })
    const clusters = Array.from({ length: 500 }, () => createCluster(server.url))
    await Promise.all(clusters.map((cluster) => firstValueFrom(status(cluster, { id }))))
    expect(await server.mostOpen()).to.be.at.most(MOST_CONNECTIONS)
    await Promise.all(clusters.map((cluster) => cluster.close()))
    await until(async () => (await server.open()) === 0, 'no socket is left')
  })

  it('are closed by close(), and by await using; a stream that runs goes on', async () => {
    const server = await opened(world, { script: [{ ...JOB, delayMs: 30 }] })
    let late: Promise<unknown>
    {
      await using cluster = createCluster(server.url)
      await firstValueFrom(status(cluster, { id }))
      expect(await server.open()).to.equal(1)
      late = firstValueFrom(status(cluster, { id }))
    }
    expect(await late).to.have.nested.property('right.id', id)
    await until(async () => (await server.open()) === 0, 'no socket is left')
  })

  it('are not closed if the user passed the transport, or if nothing was sent', async () => {
    let closed = 0
    const transport = Object.assign(() => of({ status: 200, headers: {}, body: '' }), { close: () => closed++ })
    await createCluster('http://p1', { transport }).close()
    await createCluster('http://p1').close()
    await createCluster('').close()
    expect(closed).to.equal(0)
  })

  it('may come from an agent of the user', async () => {
    expect(await firstValueFrom(status(createCluster('http://p1', { agent: {} }), { id }))).to.have.nested.property(
      'left.argument',
      'agent',
    )
  })
})

describe('a command that was carried out, and whose reply cannot be read', () => {
  afterEach(() => servers.close())

  for (const [what, played] of [
    ['is cut off', raw('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nzOC', 'end')],
    ['stalls', raw('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nzOC')],
    ['is labelled wrongly', answer('zOCwz4iJS', 'HTTP/1.1 200 OK\r\nContent-Encoding: br')],
  ] as const)
    it(`is a Right without an id if the reply ${what}`, async () => {
      const server = await opened(world, { script: [played] })
      expect(await firstValueFrom(start(createCluster(server.url), { kind: 'lru' }))).to.deep.equal(
        right({ kind: 'lru' }),
      )
      expect(await server.requests()).to.have.length(1)
    })
})

describe('a refusal whose body cannot be read', () => {
  afterEach(() => servers.close())

  it('renews the token', async () => {
    const head = 'HTTP/1.1 401 Unauthorized\r\nContent-Encoding: br'
    const server = await opened(world, { script: [answer('', head), JOB] })
    const tokens = ['old', 'new']
    const cluster = createCluster(server.url, { token: () => tokens.shift() ?? '' })
    expect(await firstValueFrom(status(cluster, { id }))).to.have.nested.property('right.id', id)
    expect((await server.requests()).map(({ headers }) => headers['authorization'])).to.deep.equal([
      'Bearer old',
      'Bearer new',
    ])
  })

  it('keeps Retry-After, and its message reports that the body was lost', async () => {
    const truncated = raw('HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 9\r\n\r\n{', 'end')
    const server = await opened(world, { script: [truncated] })
    expect(await firstValueFrom(status(createCluster(server.url), { id }))).to.have.nested.include({
      'left.status': 503,
      'left.retryAfterMs': 7_000,
      'left.message': 'a body that could not be read',
    })
  })
})
