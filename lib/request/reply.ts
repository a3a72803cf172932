import { isLeft, left } from '../common/either.ts'
import type { JobError, RequestInfo, Result } from '../error.ts'
import { oneLine, without } from '../common/text.ts'
import { decode } from '../codec/decode.ts'
import { ErrorBody } from '../codec/error-body.ts'
import type { HttpResponse } from '../transport/transport.ts'
import type { Sent } from './sent.ts'

/** Decodes the body of a good reply. */
export type Decoder<A> = (body: string, request: RequestInfo) => Result<A>

/** Decodes a reply: the value of a good one, or the Left that its status or body means. No Left contains the token. */
export function readReply<A>(
  { response, token: { value: token } }: Sent,
  request: RequestInfo,
  nowMs: number,
  decoder: Decoder<A>,
): Result<A> {
  const { status, body } = response
  // The decoder refuses the bodies of 204 and 206, which carry no whole answer.
  if (status < 200 || status >= 300) return left(refusal(response, request, nowMs, token))
  const read = decoder(body, request)
  // The Left quotes the body, and a server may echo the token.
  return isLeft(read) ? decoder(without(token, body), request) : read
}

function refusal(response: HttpResponse, request: RequestInfo, nowMs: number, token: string | undefined): JobError {
  const { status, body } = response
  const decoded = decode(ErrorBody, body)
  const said = isLeft(decoded) ? undefined : decoded.right
  const html = /^\s*</.test(body)
  const line = (text: string): string => oneLine(without(token, text))
  const message =
    said?.message !== undefined
      ? line(said.message)
      : html
        ? `an HTML page of ${body.length} characters`
        : response.bodyLost === true
          ? 'a body that could not be read'
          : body.trim() === ''
            ? 'an empty body'
            : line(body)
  if (status === 401 || status === 403) return { _tag: 'Unauthorized', status, message, request }
  // An HTML page with 404 comes from a server in between: the cluster has not said that it does not know the job.
  if (status === 404 && !html) return { _tag: 'NotFound', message, request }
  const retryAfterMs = retryAfter(response.headers['retry-after'], nowMs)
  return {
    _tag: 'HttpError',
    status,
    ...(said?.tcode === undefined ? {} : { code: line(said.tcode) }),
    message,
    ...(said?.node === undefined ? {} : { node: line(said.node) }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    request,
  }
}

const LONGEST_MS = 2 ** 31 - 1

/** Reads seconds or an HTTP date; anything else counts as absent. */
function retryAfter(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined
  const text = header.trim()
  if (/^\d+$/.test(text)) return Math.min(LONGEST_MS, Number(text) * 1000)
  if (!/^[A-Za-z]{3,9},? /.test(text)) return undefined
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : Math.min(LONGEST_MS, Math.max(0, at - nowMs))
}
