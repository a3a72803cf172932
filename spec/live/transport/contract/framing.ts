import { Buffer } from 'node:buffer'
import { expect } from 'chai'
import { answer, OK, opened, requestTo, raw, reply, failure, base64, type Case, type World } from './world.ts'

// How a transport must send requests and read whole replies. A `Case` is a title with a check.

const ECHO_SERVER = { script: [{ echo: true }] }

/** How requests are written to the wire, and how replies are read. */
export const framing = (world: World): readonly Case[] => {
  const { isOwn } = world
  // `fetch` sends no body with a GET.
  const methodWithBody = isOwn ? 'GET' : 'POST'
  return [
    [
      `sends a request with a body as ${methodWithBody}, with the length in bytes`,
      async () => {
        const server = await opened(world, ECHO_SERVER)
        const body = '{"ID":"žluťoučký 🐎"}'
        await reply(world.transport(), requestTo(server.url, { body, headers: { 'content-type': 'application/json' } }))
        const [one] = await server.requests()
        expect(one).to.include({ method: methodWithBody, body })
        expect(one?.headers).to.include({
          'content-length': String(Buffer.byteLength(body)),
          'content-type': 'application/json',
        })
        expect(one?.headers['x-http-method-override']).to.equal(isOwn ? undefined : 'GET')
        expect(one?.headers).to.not.have.property('transfer-encoding')
      },
    ],
    [
      'sends the other methods unchanged',
      async () => {
        const server = await opened(world, ECHO_SERVER)
        const transport = world.transport()
        for (const method of ['GET', 'DELETE']) await reply(transport, requestTo(server.url, { method }))
        for (const method of ['POST', 'PUT', 'DELETE'])
          await reply(transport, requestTo(server.url, { method, body: '{}' }))
        expect((await server.requests()).map(({ method, body }) => `${method} ${body}`)).to.deep.equal([
          'GET ',
          'DELETE ',
          'POST {}',
          'PUT {}',
          'DELETE {}',
        ])
      },
    ],
    [
      'reads each reply completely before the next request on the connection',
      async () => {
        const server = await opened(world, ECHO_SERVER)
        const transport = world.transport()
        const bodies = ['', '{}', 'é'.repeat(1000), undefined, '🐎', 'x'.repeat(100_000), '']
        for (const body of bodies) {
          const { body: text } = await reply(transport, requestTo(server.url, body === undefined ? {} : { body }))
          expect((JSON.parse(text) as { body: string }).body).to.equal(body ?? '')
        }
        expect(await server.requests()).to.have.length(bodies.length)
        if (isOwn) expect(await server.connections()).to.equal(1)
      },
    ],
    [
      'sends no request before it is subscribed to, and one for each subscription',
      async () => {
        const server = await opened(world, ECHO_SERVER)
        const transport = world.transport()
        const cold = transport(requestTo(`${server.url}/cold`))
        await reply(transport, requestTo(`${server.url}/other`))
        await reply(() => cold, requestTo(''))
        await reply(() => cold, requestTo(''))
        expect((await server.requests()).map(({ url }) => url)).to.deep.equal(['/other', '/cold', '/cold'])
      },
    ],
    [
      'emits one whole reply with its headers in lower case, several values with commas between',
      async () => {
        const head = "HTTP/1.1 418 I'm a teapot\r\nX-Mixed-Case: Kept\r\nX-Two: a\r\nX-Two: b"
        const server = await opened(world, { script: [answer('short and stout', head)] })
        const { status, headers, body } = await reply(world.transport(), requestTo(server.url))
        expect({ status, body }).to.deep.equal({ status: 418, body: 'short and stout' })
        expect(headers).to.include({ 'x-mixed-case': 'Kept', 'x-two': 'a, b' })
      },
    ],
    [
      'emits only the headers of the reply, whatever a library has added to Object.prototype',
      async () => {
        const server = await opened(world, { script: [OK] })
        const prototype = Object.prototype as { toJSON?: unknown }
        try {
          prototype.toJSON = () => 'x'
          const { status, headers } = await reply(world.transport(), requestTo(server.url))
          expect(status).to.equal(200)
          expect(Object.keys(headers)).to.not.include('tojson').and.not.include('toJSON')
        } finally {
          delete prototype.toJSON
        }
      },
    ],
    [
      'emits a redirect as a reply and does not follow it',
      async () => {
        const target = await opened(world, ECHO_SERVER)
        const head = `HTTP/1.1 307 Temporary Redirect\r\nLocation: ${target.url}/there`
        const server = await opened(world, { script: [answer('', head)] })
        const { status, headers } = await reply(world.transport(), requestTo(server.url, { body: '{}' }))
        expect(status).to.equal(307)
        expect(headers['location']).to.equal(`${target.url}/there`)
        expect(await target.connections()).to.equal(0)
      },
    ],
    [
      'reads replies without a body, and skips interim replies such as 103',
      async () => {
        const hints = 'HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n'
        const transport = world.transport()
        const none = await opened(world, { script: [raw('HTTP/1.1 204 No Content\r\n\r\n')] })
        expect(await reply(transport, requestTo(none.url))).to.include({ status: 204, body: '' })
        const late = await opened(world, { script: [raw(`${hints}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}`)] })
        expect(await reply(transport, requestTo(late.url))).to.include({ status: 200, body: '{}' })
      },
    ],
    [
      'decodes characters whose bytes arrive in several pieces',
      async () => {
        const bytes = Buffer.from('aé€🐎z')
        const head = `HTTP/1.1 200 OK\r\nContent-Length: ${String(bytes.length)}\r\n\r\n`
        const pieces = [head, ...[...bytes].map((byte) => Uint8Array.of(byte))].map(base64)
        const server = await opened(world, { script: [{ pieces }] })
        expect((await reply(world.transport(), requestTo(server.url))).body).to.equal('aé€🐎z')
      },
    ],
    [
      'drops a leading byte order mark, and replaces bytes that are not UTF-8',
      async () => {
        const wrong = Buffer.from([0x61, 0xff, 0x62, 0xe2, 0x82])
        const transport = world.transport()
        for (const [bytes, text] of [
          ['\ufeff{"a":"\ufeff"}', '{"a":"\ufeff"}'],
          [wrong, 'a\ufffdb\ufffd'],
        ] as const) {
          const server = await opened(world, { script: [answer(bytes)] })
          expect((await reply(transport, requestTo(server.url))).body).to.equal(text)
        }
      },
    ],
    [
      'writes header values as HTTP does, and does not quote those that HTTP cannot carry',
      async () => {
        const server = await opened(world, ECHO_SERVER)
        const transport = world.transport()
        const odd = { 'x-number': 5, 'x-list': ['a', 'b'] } as unknown as Record<string, string>
        await reply(transport, requestTo(server.url, { headers: odd }))
        expect((await server.requests())[0]?.headers).to.include({ 'x-number': '5', 'x-list': 'a, b' })
        for (const value of ['canary\n', 'canary\r\nx: y', 'canary\0', 'canary€']) {
          const error = await failure(transport, requestTo(server.url, { headers: { authorization: value } }))
          expect(error.code).to.equal('ERR_INVALID_CHAR')
          expect(JSON.stringify([error, error.message])).to.not.include('canary')
        }
        expect(await server.requests()).to.have.length(1)
      },
    ],
  ]
}
