import { expect } from 'chai'
import { lastValueFrom, repeat, toArray } from 'rxjs'
import type { ClosableTransport } from '../../../../lib/transport/transport.ts'
import {
  base64,
  failure,
  OK,
  opened,
  pause,
  requestTo,
  raw,
  reply,
  SILENT,
  timed,
  until,
  type Case,
  type World,
} from './world.ts'

// How a transport must reuse and close connections. A `Case` is a title with a check.

const OK_AFTER_2_MS = { ...OK, delayMs: 2 }
const RESET = raw('', 'reset')
const textAnswer = (body: string): string => `HTTP/1.1 200 OK\r\nContent-Length: ${String(body.length)}\r\n\r\n${body}`

/** Cases for the transport that keeps connections itself. */
export const connections = (world: World): readonly Case[] => [
  [
    'uses one connection for many requests in a row, also if each is sent at once after the last',
    async () => {
      const server = await opened(world, { script: [OK] })
      const transport = world.transport()
      for (let n = 0; n < 20; n++) await reply(transport, requestTo(server.url, { body: '{}' }))
      await lastValueFrom(transport(requestTo(server.url)).pipe(repeat(20), toArray()))
      expect(await server.connections()).to.equal(1)
      expect(await server.requests()).to.have.length(40)
    },
  ],
  [
    'shares connections with other transports of the same certificates',
    async () => {
      const server = await opened(world, { script: [OK] })
      for (let n = 0; n < 20; n++) await reply(world.transport(), requestTo(server.url))
      expect(await server.connections()).to.equal(1)
    },
  ],
  [
    'opens at most 64 connections and gives each of 300 requests its own reply',
    async () => {
      const server = await opened(world, { script: [{ echo: true, delayMs: 5 }] })
      const transports = Array.from({ length: 10 }, () => world.transport())
      const paths = Array.from({ length: 300 }, (_, n) => `/${String(n)}`)
      const replies = await Promise.all(
        paths.map((path, n) => reply(transports[n % 10]!, requestTo(server.url + path))),
      )
      expect(replies.map(({ body }) => (JSON.parse(body) as { url: string }).url)).to.deep.equal(paths)
      expect(await server.mostOpen()).to.be.within(40, 64)
    },
  ],
  [
    'closes idle connections to one host when requests to another host need the places',
    async () => {
      const servers = [
        await opened(world, { script: [OK_AFTER_2_MS] }),
        await opened(world, { script: [OK_AFTER_2_MS] }),
      ]
      const transport = world.transport()
      for (const { url } of servers)
        await Promise.all(Array.from({ length: 100 }, () => reply(transport, requestTo(url))))
      const open = await Promise.all(servers.map((server) => server.open()))
      expect(open[0]! + open[1]!).to.be.at.most(64)
    },
  ],
  [
    'sends requests to another host while 200 requests wait for a host that never answers',
    async () => {
      const silent = await opened(world, { script: [SILENT] })
      const other = await opened(world, { script: [OK] })
      const transport = world.transport()
      const crowd = Array.from({ length: 200 }, () => transport(requestTo(silent.url)).subscribe())
      try {
        const [, tookMs] = await timed(() =>
          Promise.all(Array.from({ length: 50 }, () => reply(transport, requestTo(other.url)))),
        )
        expect(tookMs).to.be.below(1_000)
        expect((await silent.open()) + (await other.open())).to.be.at.most(64)
      } finally {
        for (const one of crowd) one.unsubscribe()
      }
      await until(async () => (await silent.open()) === 0, 'the crowd has left')
    },
  ],
  [
    'alternates between two hosts that both have queued requests',
    async () => {
      const [long, short] = [
        await opened(world, { script: [OK_AFTER_2_MS] }),
        await opened(world, { script: [OK_AFTER_2_MS] }),
      ]
      const transport = world.transport()
      let answered = 0
      const crowd = Array.from({ length: 2_000 }, async () => {
        await reply(transport, requestTo(long.url))
        answered++
      })
      await Promise.all(Array.from({ length: 30 }, () => reply(transport, requestTo(short.url))))
      expect(answered).to.be.below(1_000)
      await Promise.all(crowd)
    },
  ],
  [
    'gives the connections of unsubscribed requests to those that still wait',
    async () => {
      const server = await opened(world, { script: [OK_AFTER_2_MS] })
      const transport = world.transport()
      const going = Array.from({ length: 200 }, () => transport(requestTo(`${server.url}/going`)).subscribe())
      const staying = Array.from({ length: 100 }, () => reply(transport, requestTo(`${server.url}/staying`)))
      await until(async () => (await server.requests()).length > 0, 'the first has arrived')
      for (const one of going) one.unsubscribe()
      expect(await Promise.all(staying)).to.have.length(100)
    },
  ],
  [
    'sends a query again on a new connection if the kept connection turns out to be closed',
    async () => {
      const server = await opened(world, { script: [OK, RESET], later: [OK] })
      const transport = world.transport()
      await reply(transport, requestTo(server.url))
      expect(await reply(transport, requestTo(server.url, { body: '{"ID":"x"}' }))).to.include({ status: 200 })
      const [, second, third] = await server.requests()
      expect(third?.connection).to.equal(2)
      expect([third?.method, third?.url, third?.body]).to.deep.equal([second?.method, second?.url, second?.body])
    },
  ],
  [
    'sends a query again on a new connection, not on another kept one',
    async () => {
      const server = await opened(world, { script: [OK_AFTER_2_MS, RESET] })
      const transport = world.transport()
      await Promise.all(Array.from({ length: 5 }, () => reply(transport, requestTo(server.url))))
      expect(await server.connections()).to.equal(5)
      expect(await reply(transport, requestTo(server.url))).to.include({ status: 200 })
      expect(await server.requests()).to.have.length(7)
    },
  ],
  [
    'sends a query again at most once, and never after the head of a reply has arrived',
    async () => {
      const dead = await opened(world, { script: [OK, RESET], later: [RESET] })
      const half = raw('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{', 'end')
      const truncated = await opened(world, { script: [OK, half], later: [OK] })
      const transport = world.transport()
      for (const server of [dead, truncated]) await reply(transport, requestTo(server.url))
      expect((await failure(transport, requestTo(dead.url))).code).to.equal('ECONNRESET')
      expect((await failure(transport, requestTo(truncated.url))).code).to.equal('ERR_BODY_CUT')
      expect(await dead.requests()).to.have.length(3)
      expect(await truncated.requests()).to.have.length(2)
    },
  ],
  [
    'sends a command on a new connection, never on a kept one, and never sends it twice',
    async () => {
      const server = await opened(world, { script: [OK, RESET], later: [OK, RESET] })
      const refusing = await opened(world, { script: [RESET] })
      const transport = world.transport()
      for (const method of ['PUT', 'POST', 'DELETE']) {
        await reply(transport, requestTo(server.url))
        const before = (await server.requests()).length
        expect(await reply(transport, requestTo(server.url, { method, body: '{}' }))).to.include({ status: 200 })
        expect(await server.requests()).to.have.length(before + 1)
      }
      const error = await failure(transport, requestTo(refusing.url, { method: 'PUT', body: '{}' }))
      expect(error).to.include({ code: 'ECONNRESET', nothingSent: false })
      expect(await refusing.requests()).to.have.length(1)
    },
  ],
  [
    'closes its kept connections when it is closed, and keeps none afterwards',
    async () => {
      const server = await opened(world, { script: [OK_AFTER_2_MS] })
      const transport = world.transport() as ClosableTransport
      await Promise.all(Array.from({ length: 5 }, () => reply(transport, requestTo(server.url))))
      expect(await server.open()).to.equal(5)
      const late = reply(transport, requestTo(server.url))
      await transport.close()
      await late
      await until(async () => (await server.open()) === 0, 'the sockets are gone')
      await reply(transport, requestTo(server.url))
      await until(async () => (await server.open()) === 0, 'the last socket is gone')
    },
  ],
  ...[false, true].map((isLater): Case => [
    `does not use unrequested bytes of a server as the next reply (${isLater ? 'while the connection is idle' : 'at once'})`,
    async () => {
      const [whole, poison] = [textAnswer('{"n":1}'), textAnswer('{"n":"poison"}')]
      const pieces = (isLater ? [whole, poison] : [whole + poison]).map(base64)
      const good = raw(textAnswer('{"n":2}'))
      const server = await opened(world, { script: [{ pieces }, good], later: [good] })
      const transport = world.transport()
      expect((await reply(transport, requestTo(server.url))).body).to.equal('{"n":1}')
      if (isLater) await pause(60)
      for (let n = 0; n < 3; n++) expect((await reply(transport, requestTo(server.url))).body).to.equal('{"n":2}')
    },
  ]),
  [
    'does not keep a connection that failed',
    async () => {
      const server = await opened(world, { script: [SILENT], later: [OK] })
      const transport = world.transport()
      const subscription = transport(requestTo(server.url)).subscribe()
      await until(async () => (await server.requests()).length === 1, 'the request has arrived')
      subscription.unsubscribe()
      await pause(20)
      await reply(transport, requestTo(server.url))
      expect(await server.open()).to.equal(1)
    },
  ],
]
