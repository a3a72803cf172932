import type { ServerResponse } from 'node:http'
import type { Answer } from '../http/exchange.ts'
import type { Fault } from './fault.ts'

const PAGE = '<!doctype html><html><head><title>Sign in</title></head><body><h1>Sign in</h1></body></html>\n'

/** The answer that takes the place of the cluster's, for faults that keep the request from it. */
export const insteadOf = (fault: Fault | undefined): Answer | undefined => {
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

/** Sends an answer as the fault has it; every fault but the slow one touches the socket. */
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
  // Of a body that is too short to halve, nothing arrives: a byte that is missing is enough.
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => {
    if (fault.type === 'truncate') socket?.end()
    // The half has to be on its way before the reset, which drops what is still in the kernel.
    else setImmediate(() => socket?.resetAndDestroy())
  })
  response.flushHeaders()
}
