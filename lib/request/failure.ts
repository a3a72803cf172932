import { isCertificateError } from '#transport'
import type { JobError, RequestInfo } from '../error.ts'
import { oneLine, without } from '../common/text.ts'
import { codeOf } from '../transport/failure.ts'
import { REPLY_TOO_LARGE } from '../transport/transport.ts'

/** Converts an error of the transport to a JobError. The message may contain the token, so that is removed. */
export function failureOf(
  error: unknown,
  request: RequestInfo,
  limitBytes: number,
  token: string | undefined,
): JobError {
  const code = codeOf(error)
  if (code === REPLY_TOO_LARGE) return { _tag: 'ReplyTooLarge', limitBytes, request }
  const message = messageOf(error)
  return {
    _tag: 'TransportError',
    code,
    message: message === '' ? 'the request failed' : oneLine(without(token, message)),
    permanent: isCertificateError(code),
    ...(isUnsent(error, code) ? { nothingSent: true } : {}),
    request,
  }
}

/** Errors after which no server has received the request, for a transport that does not set `nothingSent` itself. */
const NOTHING_SENT = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT)$/

const isUnsent = (error: unknown, code: string): boolean =>
  NOTHING_SENT.test(code) ||
  (typeof error === 'object' && error !== null && 'nothingSent' in error && error.nothingSent === true)

function messageOf(error: unknown): string {
  const message = typeof error === 'object' && error !== null ? (error as { message?: unknown }).message : undefined
  return typeof message === 'string' ? message : ''
}
