import { until } from '../helpers/until.ts'
import { expect } from 'chai'
import type { Socket } from 'node:net'
import { createCluster, running } from '../../../lib/index.ts'
import { leftOf, rightOf } from './helpers/live.ts'
import { closeServers, serveRaw } from './helpers/servers.ts'
import { allFree, forgetConnections } from './helpers/sockets.ts'

// A hostile server sends two replies to one request. The second one must never be read as the reply to the next
// request.
// An id in a title, such as S8, is a row of docs/faults.md.

const replyText = (body: string, ...headers: readonly string[]): string =>
  ['HTTP/1.1 200 OK', 'Content-Type: application/json', ...headers, '', body].join('\r\n')
const OWN_REPLY = replyText('["lru[own123456]"]', 'Content-Length: 18')
const FOREIGN_REPLY = replyText('["lru[foreign12]"]', 'Content-Length: 18')

describe('two replies on one connection', () => {
  beforeEach(forgetConnections)
  afterEach(allFree)
  afterEach(closeServers)

  const ownId = ['own123456']

  it('S8: a reply that nothing was sent for is never read as the reply to the next query, in one piece', async () => {
    const server = await serveRaw((socket) => void socket.write(OWN_REPLY + FOREIGN_REPLY))
    const cluster = createCluster(`http://127.0.0.1:${server.port}`, { discover: false })

    for (let i = 0; i < 20; i++) expect((await rightOf(running(cluster))).map(({ id }) => id)).to.deep.equal(ownId)

    await cluster.close()
    await until(() => server.open() === 0)
  })

  it('S8: a reply that arrives on an idle connection closes it, so it is never read as the reply to the next query', async () => {
    let idle: Socket | undefined
    const server = await serveRaw((socket) => {
      idle = socket
      socket.write(OWN_REPLY)
    })
    const cluster = createCluster(`http://127.0.0.1:${server.port}`, { discover: false })

    for (let i = 0; i < 20; i++) {
      expect((await rightOf(running(cluster))).map(({ id }) => id)).to.deep.equal(ownId)
      idle?.write(FOREIGN_REPLY)
      // The next query waits for that. If it were sent first, no client could distinguish the two replies.
      await until(() => server.open() === 0)
    }

    expect(server.received).to.have.length(20)
    await cluster.close()
  })

  for (const [what, text] of [
    ['with two lengths', replyText('["lru[own123456]"]xx', 'Content-Length: 18', 'Content-Length: 20')],
    [
      'with a length and chunks',
      replyText('12\r\n["lru[own123456]"]\r\n0\r\n\r\n', 'Content-Length: 18', 'Transfer-Encoding: chunked'),
    ],
    ['with a length that is no number', replyText('["lru[own123456]"]', 'Content-Length: 0x12')],
    [
      'with a broken length of a chunk',
      replyText('1z\r\n["lru[own123456]"]\r\n0\r\n\r\n', 'Transfer-Encoding: chunked'),
    ],
  ] as const) {
    it(`S8: a reply ${what} is refused, and its connection is closed`, async () => {
      const server = await serveRaw((socket) => void socket.write(text))
      const cluster = createCluster(`http://127.0.0.1:${server.port}`, { discover: false, requestTimeoutMs: 2_000 })

      const error = await leftOf(running(cluster))

      expect(error).to.include({ _tag: 'TransportError' })
      expect(error).to.have.property('code').that.matches(/^HPE_/)
      await until(() => server.open() === 0)
    })
  }
})
