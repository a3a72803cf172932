import type { Refusal } from '../cluster/refusal.ts'
import type { Answer, Request } from './exchange.ts'
import { defined } from '../../common/defined.ts'

/** Where an error happened: at the proxy that received the request, or at the proxy that it was forwarded to. */
export interface Where {
  readonly request: Request
  /** Id of the proxy that handled the request. */
  readonly proxy: string
}

/** The path without percent-encoding, as the server prints it. */
const decoded = (path: string): string => {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

const bodyOf = (refusal: Refusal, { request, proxy }: Where): string => {
  const { status, message, tcode, target, path } = refusal
  const passedOn = proxy === request.node ? '' : `p[${request.node}]`
  return JSON.stringify({
    ...defined({ tcode }),
    message,
    method: request.method,
    url_path: path ?? (target === undefined ? decoded(request.path) : '/v1/xactions'),
    remote_addr: request.remote,
    caller: target === undefined ? passedOn : `p[${proxy}]`,
    node: target === undefined ? `p[${proxy}]` : `t[${target}]`,
    status,
  })
}

const NO_SNIFF = { 'content-type': 'application/json', 'x-content-type-options': 'nosniff' }

/** The server's error reply. A reply to HEAD has no body, so its error goes into a header. */
export const errorReply = (refusal: Refusal, where: Where): Answer => {
  const body = bodyOf(refusal, where)
  const delayMs = refusal.delayMs ?? 0
  return where.request.method === 'HEAD'
    ? { status: refusal.status, headers: { ...NO_SNIFF, 'hdr-error': body }, body: '', delayMs }
    : { status: refusal.status, headers: NO_SNIFF, body: `${body}\n`, delayMs }
}

/** An error reply of the node itself: a proxy (`p`) or a target (`t`). */
export const plainError = (status: number, message: string, request: Request, role: 'p' | 't'): Answer => {
  const body = { message, method: request.method, url_path: request.path, remote_addr: request.remote, caller: '' }
  return {
    status,
    headers: NO_SNIFF,
    body: `${JSON.stringify({ ...body, node: `${role}[${request.node}]`, status })}\n`,
    delayMs: 0,
  }
}
