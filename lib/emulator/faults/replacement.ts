import { gzipSync } from 'node:zlib'
import { defined } from '../../common/defined.ts'
import { JSON_TYPE, reply, type Answer } from '../http/exchange.ts'
import type { AskedFor, Fault } from './fault.ts'

const PAGE = '<!doctype html><html><head><title>Sign in</title></head><body><h1>Sign in</h1></body></html>\n'

/** 0xC3 begins a character of two bytes, and 0x28 does not continue it. 0xFF never occurs in UTF-8. */
const NOT_UTF8 = Buffer.concat([Buffer.from('{"id":"'), Buffer.from([0xc3, 0x28, 0xff]), Buffer.from('"}')])

const ofBytes = (bytes: Uint8Array, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status: 200,
  headers: { 'content-type': JSON_TYPE, ...headers },
  body: '',
  bytes,
  delayMs: 0,
})

/** The reply that replaces the cluster's, for faults that keep the request from the cluster; otherwise undefined. */
export const replacementFor = (fault: Fault | undefined, { path, query }: AskedFor): Answer | undefined => {
  switch (fault?.type) {
    case 'wrong-type':
      return reply(PAGE, 'text/html; charset=utf-8', 0, fault.status)
    case 'status': {
      const { status, retryAfter, retryAfterSeconds } = fault
      const after = retryAfter ?? retryAfterSeconds?.toString()
      return { status, headers: defined({ 'retry-after': after }), body: '', delayMs: 0 }
    }
    case 'redirect': {
      const { status = 307, location = query === '' ? path : `${path}?${query}` } = fault
      return { status, headers: { location }, body: '', delayMs: 0 }
    }
    case 'body':
      return reply(fault.body, JSON_TYPE)
    case 'gzip-bomb':
      return ofBytes(gzipSync(Buffer.alloc(fault.bytes ?? 100 * 2 ** 20, ' ')), { 'content-encoding': 'gzip' })
    case 'deep': {
      const { depth = 100_000 } = fault
      return reply('['.repeat(depth) + ']'.repeat(depth), JSON_TYPE)
    }
    case 'invalid-utf8':
      return ofBytes(NOT_UTF8)
    case 'giant':
      // `send` writes the body piece by piece, because all of it may not fit into memory.
      return reply('', JSON_TYPE)
    default:
      return undefined
  }
}
