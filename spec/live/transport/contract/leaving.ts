import { expect } from 'chai'
import { SILENT, OK, opened, pause, requestTo, raw, reply, until, type Case, type World } from './world.ts'

/** When the subscriber unsubscribes, and the bytes that the server has sent until then. */
const MOMENTS: readonly (readonly [when: string, bytes: string])[] = [
  ['before the head', ''],
  ['in the head', 'HTTP/1.1 200 OK\r\nContent-'],
  ['before the body', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n'],
  ['in the body', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{'],
  ['in a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{'],
  ['in the body of a refusal', 'HTTP/1.1 503 Busy\r\nContent-Length: 10\r\n\r\n{'],
]

/** What happens when the subscriber unsubscribes. */
export const leaving = (world: World): readonly Case[] => [
  ...MOMENTS.flatMap(([when, bytes]) =>
    [false, true].map((isReused): Case => [
      `closes the connection when unsubscribed ${when}${isReused ? ', on a connection that was kept' : ''}`,
      async () => {
        const played = bytes === '' ? SILENT : raw(bytes)
        const server = await opened(world, { script: isReused ? [OK, played] : [played], later: [played] })
        const transport = world.transport()
        if (isReused) await reply(transport, requestTo(server.url))
        const before = (await server.requests()).length
        const emitted: string[] = []
        const subscription = transport(requestTo(server.url, { body: '{}' })).subscribe({
          next: () => emitted.push('next'),
          error: () => emitted.push('error'),
          complete: () => emitted.push('complete'),
        })
        await until(async () => (await server.requests()).length > before, 'the request has arrived')
        await pause(20)
        subscription.unsubscribe()
        await until(server.isGone, 'the socket is gone')
        await pause(20)
        expect(emitted).to.deep.equal([])
        expect(await server.requests()).to.have.length(before + 1)
      },
    ]),
  ),
  [
    'sends no request if it is unsubscribed at once, and keeps no connection open',
    async () => {
      const server = await opened(world, { script: [OK] })
      const transport = world.transport()
      transport(requestTo(`${server.url}/never`))
        .subscribe()
        .unsubscribe()
      await pause(50)
      expect(await server.open()).to.equal(0)
      await reply(transport, requestTo(`${server.url}/once`))
      expect((await server.requests()).map(({ url }) => url)).to.deep.equal(['/once'])
    },
  ],
]
