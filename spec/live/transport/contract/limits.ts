import { Buffer } from 'node:buffer'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { answer, failure, opened, requestTo, raw, reply, until, type Case, type World } from './world.ts'

// How much of a reply a transport must read, and in which encodings. A `Case` is a title with a check.

const TEXT = JSON.stringify({ err: 'ů€🐎', stats: 'x'.repeat(500) })
const TOO_LARGE = 'REPLY_TOO_LARGE'
const encoded = (encoding: string, body: Uint8Array) => answer(body, `HTTP/1.1 200 OK\r\nContent-Encoding: ${encoding}`)

/** How much is read, and in which encodings. */
export const limits = (world: World): readonly Case[] => [
  ...[false, true].map((isChunked): Case => [
    `reads a reply of the largest allowed size, and fails with one byte more (${isChunked ? 'in chunks' : 'with a length'})`,
    async () => {
      const transport = world.transport()
      for (const bytes of [63, 64, 65]) {
        const body = 'x'.repeat(bytes)
        const chunks = `a\r\n${body.slice(0, 10)}\r\n${(bytes - 10).toString(16)}\r\n${body.slice(10)}\r\n0\r\n\r\n`
        const server = await opened(world, {
          script: [isChunked ? raw(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`) : answer(body)],
        })
        const request = requestTo(server.url, { maxReplyBytes: 64 })
        if (bytes <= 64) expect((await reply(transport, request)).body).to.have.length(bytes)
        else expect((await failure(transport, request)).code).to.equal(TOO_LARGE)
      }
    },
  ]),
  [
    'counts bytes, not characters',
    async () => {
      const server = await opened(world, { script: [answer('€'.repeat(10))] })
      const transport = world.transport()
      const requestOf = (maxReplyBytes: number) => requestTo(server.url, { maxReplyBytes })
      expect((await reply(transport, requestOf(30))).body).to.equal('€'.repeat(10))
      expect((await failure(transport, requestOf(29))).code).to.equal(TOO_LARGE)
    },
  ],
  [
    'closes the connection of a reply that never ends',
    async () => {
      const endless = { ...raw('HTTP/1.1 200 OK\r\n\r\n'), flood: true }
      const server = await opened(world, { script: [endless] })
      expect((await failure(world.transport(), requestTo(server.url))).code).to.equal(TOO_LARGE)
      await until(server.isGone, 'the socket is gone')
    },
  ],
  [
    'emits the status of a refusal whose body never ends, and closes the connection',
    async () => {
      const endless = { ...raw('HTTP/1.1 503 Busy\r\nRetry-After: 3\r\n\r\n'), flood: true }
      const server = await opened(world, { script: [endless] })
      const { status, headers, bodyLost } = await reply(world.transport(), requestTo(server.url))
      expect({ status, bodyLost, after: headers['retry-after'] }).to.deep.equal({
        status: 503,
        bodyLost: true,
        after: '3',
      })
      await until(server.isGone, 'the socket is gone')
    },
  ],
  ...(
    [
      ['gzip', gzipSync(TEXT)],
      ['x-gzip', gzipSync(TEXT)],
      ['br', brotliCompressSync(TEXT)],
      ['deflate', deflateSync(TEXT)],
    ] as const
  ).map(([encoding, bytes]): Case => [
    `inflates ${encoding}, and counts the inflated bytes`,
    async () => {
      const server = await opened(world, { script: [encoded(encoding, bytes)] })
      const transport = world.transport()
      const size = Buffer.byteLength(TEXT)
      expect(bytes.length).to.be.below(size - 1)
      expect((await reply(transport, requestTo(server.url, { maxReplyBytes: size }))).body).to.equal(TEXT)
      expect((await failure(transport, requestTo(server.url, { maxReplyBytes: size - 1 }))).code).to.equal(TOO_LARGE)
    },
  ]),
  [
    'fails when a small compressed body inflates beyond the limit',
    async () => {
      const bomb = gzipSync(Buffer.alloc(20_000_000))
      const server = await opened(world, { script: [encoded('gzip', bomb)] })
      expect((await failure(world.transport(), requestTo(server.url))).code).to.equal(TOO_LARGE)
    },
  ],
  ...(world.isOwn ? own(world) : []),
]

const own = (world: World): readonly Case[] => [
  [
    'inflates two encodings on top of each other, and deflate without its header',
    async () => {
      const twice = encoded('gzip, br', brotliCompressSync(gzipSync(TEXT)))
      const server = await opened(world, { script: [twice, encoded('deflate', deflateRawSync(TEXT))] })
      const transport = world.transport()
      expect((await reply(transport, requestTo(server.url))).body).to.equal(TEXT)
      expect((await reply(transport, requestTo(server.url))).body).to.equal(TEXT)
    },
  ],
  [
    'refuses a body with more than two encodings, and does not inflate it',
    async () => {
      const thrice = gzipSync(gzipSync(gzipSync(TEXT)))
      const server = await opened(world, { script: [encoded('gzip, gzip, gzip', thrice)] })
      expect((await failure(world.transport(), requestTo(server.url))).code).to.equal('ERR_CONTENT_ENCODING')
    },
  ],
  [
    'requests no encoding, and fails if a reply has an encoding that it cannot decode',
    async () => {
      const server = await opened(world, {
        script: [encoded('snappy', Buffer.from(TEXT)), encoded('gzip', Buffer.from(TEXT))],
      })
      const transport = world.transport()
      expect((await failure(transport, requestTo(server.url))).code).to.equal('ERR_CONTENT_ENCODING')
      expect((await failure(transport, requestTo(server.url))).code).to.match(/^Z_/)
      expect((await server.requests())[0]?.headers['accept-encoding']).to.equal('identity')
    },
  ],
]
