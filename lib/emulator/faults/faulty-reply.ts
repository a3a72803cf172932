import type { ServerResponse } from 'node:http'
import type { Answer } from '../http/exchange.ts'
import type { Fault } from './fault.ts'

const PAGE = '<!doctype html><html><head><title>Sign in</title></head><body><h1>Sign in</h1></body></html>\n'

/** The reply that replaces the cluster's, for faults that keep the request from the cluster; otherwise undefined. */
export const replacementFor = (fault: Fault | undefined): Answer | undefined => {
  switch (fault?.type) {
    case 'wrong-type':
      return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body: PAGE, delayMs: 0 }
    case 'status': {
      const { retryAfterSeconds } = fault
      const headers: Record<string, string> =
        retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }
      return { status: fault.status, headers, body: '', delayMs: 0 }
    }
    default:
      return undefined
  }
}

/** Sends a reply, disturbed by the fault if there is one. The caller has already waited for a `slow` fault. */
export const send = (response: ServerResponse, reply: Answer, fault: Fault | undefined): void => {
  const { socket } = response
  if (fault?.type === 'stall') return
  if (fault?.type === 'reset') {
    socket?.resetAndDestroy()
    return
  }
  const body = Buffer.from(reply.bytes ?? reply.body)
  response.writeHead(reply.status, { ...reply.headers, 'content-length': body.length })
  if (fault?.type !== 'reset-body' && fault?.type !== 'truncate') {
    response.end(body)
    return
  }
  // Half of a one-byte body is empty, which still makes the body incomplete.
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => {
    if (fault.type === 'truncate') socket?.end()
    // The first half must leave the kernel before the reset, because a reset drops unsent data.
    else setImmediate(() => socket?.resetAndDestroy())
  })
  response.flushHeaders()
}
