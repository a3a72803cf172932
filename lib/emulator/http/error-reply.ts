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

/** The body of an error reply. A target that refuses is named as the node, and the proxy as its caller. */
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

/** The reply with the body of an error. A reply to HEAD has no body, so its error goes into a header. */
const withBody = (body: string, status: number, { method }: Request, delayMs = 0): Answer =>
  method === 'HEAD'
    ? { status, headers: { ...NO_SNIFF, 'hdr-error': body }, body: '', delayMs }
    : { status, headers: NO_SNIFF, body: `${body}\n`, delayMs }

/** The server's error reply. */
export const errorReply = (refusal: Refusal, where: Where): Answer =>
  withBody(bodyOf(refusal, where), refusal.status, where.request, refusal.delayMs)

/** An error reply of the node itself: a proxy (`p`) or a target (`t`). */
export const plainError = (
  status: number,
  message: string,
  request: Request,
  role: 'p' | 't',
  tcode?: string,
): Answer => {
  const { method, path, remote } = request
  const from = { method, url_path: decoded(path), remote_addr: remote, caller: '', node: `${role}[${request.node}]` }
  return withBody(JSON.stringify({ ...defined({ tcode }), message, ...from, status }), status, request)
}
