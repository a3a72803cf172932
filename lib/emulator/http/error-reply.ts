import type { Refusal } from '../cluster/refusal.ts'
import type { Answer, Request } from './exchange.ts'
import { defined } from '../../common/defined.ts'

/** Where an error happened: at the asked proxy, at another one that it was passed on to, or at a target. */
export interface Where {
  readonly request: Request
  /** The proxy that dealt with the request. */
  readonly proxy: string
}

const bodyOf = (refusal: Refusal, { request, proxy }: Where): string => {
  const { status, message, tcode, target, path } = refusal
  const passedOn = proxy === request.node ? '' : `p[${request.node}]`
  return JSON.stringify({
    ...defined({ tcode }),
    message,
    method: request.method,
    url_path: target === undefined ? request.path : (path ?? '/v1/xactions'),
    remote_addr: request.remote,
    caller: target === undefined ? passedOn : `p[${proxy}]`,
    node: target === undefined ? `p[${proxy}]` : `t[${target}]`,
    status,
  })
}

const NO_SNIFF = { 'content-type': 'application/json', 'x-content-type-options': 'nosniff' }

/** The server's error reply. A HEAD has no body, so the same text goes into a header. */
export const errorReply = (refusal: Refusal, where: Where): Answer => {
  const body = bodyOf(refusal, where)
  const delayMs = refusal.delayMs ?? 0
  return where.request.method === 'HEAD'
    ? { status: refusal.status, headers: { ...NO_SNIFF, 'hdr-error': body }, body: '', delayMs }
    : { status: refusal.status, headers: NO_SNIFF, body: `${body}\n`, delayMs }
}

/** A plain error of a node itself, which may be a target. */
export const plainError = (status: number, message: string, request: Request, role: 'p' | 't'): Answer => {
  const body = { message, method: request.method, url_path: request.path, remote_addr: request.remote, caller: '' }
  return {
    status,
    headers: NO_SNIFF,
    body: `${JSON.stringify({ ...body, node: `${role}[${request.node}]`, status })}\n`,
    delayMs: 0,
  }
}
