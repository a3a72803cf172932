import { Buffer } from 'node:buffer'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { Subscription } from 'rxjs'
import { answer, base64, opened, pause, requestTo, raw, reply, timed, until, type Case, type World } from './world.ts'
import type { Played } from './servers.ts'

// What a transport must report if a reply has a status and headers, but no body. A `Case` is a title with a check.

const head = (status: string, more = ''): string => `HTTP/1.1 ${status}\r\n${more}`
const encoded = (status: string, encoding: string, body: string | Uint8Array): Played =>
  answer(body, head(status, `Content-Encoding: ${encoding}`))
/** A head that announces fifty bytes, and less than that of the body. */
const halfReply = (status: string, more = ''): string => `${head(status, more)}Content-Length: 50\r\n\r\n{"message":`
const RETRY = 'Retry-After: 7\r\n'

/** A reply whose status and headers arrive, and whose body does not. */
const LOST: readonly (readonly [what: string, method: string, status: number, played: Played])[] = [
  ['a 503 that is cut', 'GET', 503, raw(halfReply('503 Busy', RETRY), 'end')],
  ['a 503 that is reset', 'GET', 503, { ...raw(halfReply('503 Busy', RETRY)), then: 'reset' }],
  ['a 429 that stalls', 'GET', 429, raw(halfReply('429 Slow down', RETRY))],
  ['a 401 that stalls', 'GET', 401, raw(halfReply('401 No'))],
  ['a 404 labelled as gzip', 'GET', 404, encoded('404 No', 'gzip', '{"message":"x"}')],
  ['a 500 of cut gzip', 'GET', 500, encoded('500 No', 'gzip', gzipSync('x'.repeat(99)).subarray(0, 20))],
  ['a 409 labelled as deflate', 'GET', 409, encoded('409 No', 'deflate', 'not deflated')],
  ['a 502 of bad chunks', 'GET', 502, raw(`${head('502 Bad')}Transfer-Encoding: chunked\r\n\r\nwhat?\r\n`, 'end')],
  ['a 307 that stalls', 'GET', 307, raw(halfReply('307 There', 'Location: http://127.0.0.1:9/x\r\n'))],
  ["a command's reply that is cut after its head", 'PUT', 200, raw(halfReply('200 OK'), 'end')],
  ["a command's reply that stalls after its head", 'PUT', 200, raw(halfReply('200 OK'))],
  ["a command's reply that is wrongly labelled as br", 'PUT', 200, encoded('200 OK', 'br', 'zOCwz4iJS')],
]

/** Status and headers count as soon as they have arrived. */
export const status = (world: World, { isOwn } = world): readonly Case[] => [
  ...LOST.map(([what, method, code, played]): Case => [
    `keeps the status and the headers of ${what}`,
    async () => {
      const server = await opened(world, { script: [played] })
      const request = requestTo(server.url, { method, body: '{}' })
      const [{ status, headers, body, bodyLost }, tookMs] = await timed(() => reply(world.transport(), request))
      expect(status).to.equal(code)
      // Some runtimes read the available part of a compressed body that was cut.
      if (isOwn || !what.includes('cut gzip')) expect({ body, bodyLost }).to.deep.equal({ body: '', bodyLost: true })
      expect(tookMs).to.be.below(1_800)
      if (code === 503 || code === 429) expect(headers['retry-after']).to.equal('7')
      if (code === 307) expect(headers['location']).to.equal('http://127.0.0.1:9/x')
      expect(await server.requests()).to.have.length(1)
      if (what.includes('stalls')) await until(server.isGone, 'the socket is gone')
    },
  ]),
  [
    'reads an empty body with any encoding',
    async () => {
      for (const encoding of ['br', 'gzip', 'deflate', 'zstd']) {
        const server = await opened(world, { script: [encoded('401 No', encoding, '')] })
        const { status, body, bodyLost } = await reply(world.transport(), requestTo(server.url))
        expect({ status, body }, encoding).to.deep.equal({ status: 401, body: '' })
        if (isOwn) expect(bodyLost).to.equal(undefined)
      }
    },
  ],
  [
    'reads the body of a refusal that arrives slowly but in time',
    async () => {
      const bytes = '{"message":"the reason"}'
      const begin = raw(`HTTP/1.1 400 No\r\nContent-Length: ${String(bytes.length)}\r\n\r\n`)
      const pieces = [...(begin.pieces ?? []), ...Array.from(Buffer.from(bytes), (byte) => base64(Uint8Array.of(byte)))]
      const server = await opened(world, { script: [{ pieces }] })
      expect(await reply(world.transport(), requestTo(server.url))).to.include({ status: 400, body: bytes })
    },
  ],
  [
    'waits for the body of a 200 reply until unsubscribed, and then closes the connection',
    async () => {
      const server = await opened(world, { script: [raw(halfReply('200 OK'))] })
      const emitted: unknown[] = []
      const subscription = new Subscription()
      subscription.add(
        world
          .transport()(requestTo(server.url))
          .subscribe({
            next: (one) => emitted.push(one),
            error: (one: unknown) => emitted.push(one),
          }),
      )
      await pause(1_300)
      expect(emitted).to.deep.equal([])
      subscription.unsubscribe()
      await until(server.isGone, 'the socket is gone')
      expect(emitted).to.deep.equal([])
    },
  ],
]
