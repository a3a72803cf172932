import { Buffer } from 'node:buffer'
import { expect } from 'chai'
import { failure, opened, requestTo, raw, type Case, type World } from './world.ts'

// How a transport must fail if a reply is cut, or is no reply. A `Case` is a title with a check.

const BODY = JSON.stringify({ uuid: 'aB3dE5fG7', kind: 'copy-bck', err: 'ů'.repeat(9), stats: 'x'.repeat(20) })
const LENGTH = Buffer.byteLength(BODY)
const PLAIN = Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${String(LENGTH)}\r\n\r\n`)
const CHUNKED = Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
const CHUNKS = Buffer.from(`5\r\n${BODY.slice(0, 5)}\r\n${(LENGTH - 5).toString(16)}\r\n${BODY.slice(5)}\r\n0\r\n\r\n`)

/** Replies that end before they are complete, and bytes that are not a reply. */
export const cuts = (world: World): readonly Case[] => {
  const { isOwn } = world
  /** Other runtimes and browsers have other codes. */
  const expectCode = (code: string, pattern: RegExp): void => {
    if (isOwn) expect(code).to.match(pattern)
  }
  const codeAfterCut = async (whole: Buffer, at: number, how: 'end' | 'reset'): Promise<string> => {
    const server = await world.servers.open({ script: [raw(whole.subarray(0, at), how)] })
    const { code } = await failure(world.transport(), requestTo(server.url))
    await world.servers.close(server.port)
    return code
  }
  return [
    ...(['end', 'reset'] as const).flatMap((how) => [
      ...(
        [
          ['with a length', PLAIN, Buffer.from(BODY)],
          ['in chunks', CHUNKED, CHUNKS],
        ] as const
      ).map(([what, head, body]): Case => [
        `fails wherever a body ${what} is cut (${how})`,
        async () => {
          const whole = Buffer.concat([head, body])
          for (let at = head.length; at < whole.length; at++)
            // A reset may also throw away a head that had arrived.
            expectCode(
              await codeAfterCut(whole, at, how),
              how === 'reset' ? /^ERR_BODY_CUT$|^ECONNRESET$/ : /^ERR_BODY_CUT$/,
            )
        },
      ]),
      [
        `fails wherever a head is cut (${how})`,
        async () => {
          for (let at = 0; at < PLAIN.length; at++) expectCode(await codeAfterCut(PLAIN, at, how), /^ECONNRESET$/)
        },
      ] satisfies Case,
    ]),
    ...(
      [
        ['another protocol', 'SSH-2.0-OpenSSH_9\r\n', /^HPE_/],
        ['a head of 70 kB', `HTTP/1.1 200 OK\r\nX-Long: ${'x'.repeat(70_000)}\r\n\r\n`, /^HPE_HEADER_OVERFLOW$/],
        ['a chunk of no size', `${CHUNKED.toString()}what?\r\n`, /^HPE_/],
        [
          'a reply that switches to another protocol',
          'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n',
          /^ERR_UPGRADE$/,
        ],
      ] as const
    ).map(([what, bytes, pattern]): Case => [
      `fails if it receives ${what}`,
      async () => {
        const server = await opened(world, { script: [raw(bytes, isOwn ? undefined : 'end')] })
        expectCode((await failure(world.transport(), requestTo(server.url))).code, pattern)
      },
    ]),
  ]
}
