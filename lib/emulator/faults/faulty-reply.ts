import { STATUS_CODES, type ServerResponse } from 'node:http'
import type { Answer } from '../http/exchange.ts'
import type { Fault } from './fault.ts'

/** Calls `call` after `ms` milliseconds of the cluster's time. */
export type Later = (ms: number, call: () => void) => void

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])
const PIECE = Buffer.alloc(65_536, 'x')

/** The body of a reply. Contents of objects are not copied. */
const bufferOf = ({ bytes, body }: Answer): Buffer =>
  bytes ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) : Buffer.from(body)

/** The correct reply with the headers or the bytes that the fault changes. */
const changed = (reply: Answer, fault: Fault | undefined): Answer => {
  const { headers } = reply
  switch (fault?.type) {
    case 'content-type':
      return { ...reply, headers: { ...headers, 'content-type': fault.value } }
    case 'content-encoding':
      return { ...reply, headers: { ...headers, 'content-encoding': fault.value } }
    case 'giant-header':
      return { ...reply, headers: { ...headers, 'x-giant': 'x'.repeat(fault.bytes ?? 70_000) } }
    case 'bom':
      return { ...reply, bytes: Buffer.concat([BYTE_ORDER_MARK, Buffer.from(reply.bytes ?? reply.body)]) }
    default:
      return reply
  }
}

/** Sends the first `at` bytes of the body, and then calls `then`. The headers have announced the whole body. */
const sendPart = (response: ServerResponse, body: Buffer, at: number, then: () => void): void => {
  response.flushHeaders()
  response.write(body.subarray(0, at), then)
}

/** Writes a JSON string of that many bytes, as fast as the client reads. */
const sendGiant = (response: ServerResponse, bytes: number): void => {
  let remaining = bytes - 2
  const write = (): void => {
    while (remaining > 0 && !response.destroyed) {
      const piece = PIECE.subarray(0, remaining)
      remaining -= piece.length
      if (!response.write(piece)) return
    }
    if (!response.destroyed) response.end('"')
  }
  response.on('drain', write)
  response.write('"')
  write()
}

/** Writes the head and the body one byte at a time. */
const sendSlowly = (response: ServerResponse, reply: Answer, body: Buffer, everyMs: number, later: Later): void => {
  const { socket } = response
  const lines = Object.entries({ ...reply.headers, 'content-length': body.length }).map(
    ([name, value]) => `${name}: ${value}`,
  )
  const head = [`HTTP/1.1 ${reply.status} ${STATUS_CODES[reply.status] ?? ''}`, ...lines, '', ''].join('\r\n')
  const bytes = Buffer.concat([Buffer.from(head), body])
  const next = (at: number): void => {
    if (socket === null || socket.destroyed) return
    if (at === bytes.length) {
      socket.end()
      return
    }
    socket.write(bytes.subarray(at, at + 1))
    later(everyMs, () => next(at + 1))
  }
  next(0)
}

/** Sends a reply, disturbed by the fault if there is one. The caller has already waited for a `slow` fault. */
export const send = (response: ServerResponse, correct: Answer, fault: Fault | undefined, later: Later): void => {
  const { socket } = response
  const reset = (): void => {
    // Bytes that were written must leave the kernel before the reset, because a reset drops unsent data.
    setImmediate(() => socket?.resetAndDestroy())
  }
  const reply = changed(correct, fault)
  const body = bufferOf(reply)
  // Half of a one-byte body is empty, which still makes the body incomplete.
  const half = Math.floor(body.length / 2)
  switch (fault?.type) {
    case 'stall':
      return
    case 'reset':
      socket?.resetAndDestroy()
      return
    case 'garbage':
      socket?.end('SSH-2.0-OpenSSH_9.6\r\n')
      return
    case 'slow-loris':
      sendSlowly(response, reply, body, fault.everyMs ?? 1_000, later)
      return
    case 'giant':
      response.writeHead(reply.status, { ...reply.headers })
      sendGiant(response, fault.bytes ?? 100 * 2 ** 20)
      return
    default:
      // The reply to a HEAD has no body, but the length of one.
      response.writeHead(reply.status, { 'content-length': body.length, ...reply.headers })
  }
  switch (fault?.type) {
    case 'reset-headers':
      sendPart(response, body, 0, reset)
      return
    case 'reset-body':
      sendPart(response, body, fault.at ?? half, reset)
      return
    case 'truncate':
      sendPart(response, body, fault.at ?? half, () => socket?.end())
      return
    case 'stall-body':
      sendPart(response, body, half, () => undefined)
      return
    case 'close-idle':
      response.end(body, () => later(fault.afterMs ?? 0, () => socket?.end()))
      return
    default:
      response.end(body)
  }
}
