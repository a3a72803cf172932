import { isLeft, left } from '../common/either.ts'
import type { JobError, RequestInfo, Result } from '../error.ts'
import { oneLine, without } from '../common/text.ts'
import { decode } from '../codec/decode.ts'
import { ErrorBody } from '../codec/error-body.ts'
import type { HttpResponse } from '../transport/transport.ts'
import type { Sent } from './sent.ts'
import { defined } from '../common/defined.ts'

/** Decodes the body of a successful reply. */
export type Decoder<A> = (body: string, request: RequestInfo, status: number) => Result<A>

/** Completes the error of a refusal. `body` is absent if it is not an error body of the cluster. */
export type Refused = (error: JobError, body: ErrorBody | undefined) => JobError

/** Returns the value of a successful reply, or the Left for its status or body. No Left contains the token. */
export function readReply<A>(
  { response, token: { value: token } }: Sent,
  request: RequestInfo,
  nowMs: number,
  decoder: Decoder<A>,
  refused?: Refused,
): Result<A> {
  const { status, body } = response
  // The bodies of 204 and 206 are not whole, so the decoder rejects them.
  if (status < 200 || status >= 300) return left(refusal(response, request, nowMs, token, refused))
  const read = decoder(body, request, status)
  // The Left quotes the body, in which a server may repeat the token.
  return isLeft(read) ? decoder(without(token, body), request, status) : read
}

function refusal(
  response: HttpResponse,
  request: RequestInfo,
  nowMs: number,
  token: string | undefined,
  refused: Refused | undefined,
): JobError {
  const decoded = decode(ErrorBody, response.body)
  const errorBody = isLeft(decoded) ? undefined : decoded.right
  const error = errorOf(response, request, nowMs, token, errorBody)
  return refused === undefined ? error : refused(error, errorBody)
}

function errorOf(
  response: HttpResponse,
  request: RequestInfo,
  nowMs: number,
  token: string | undefined,
  errorBody: ErrorBody | undefined,
): JobError {
  const { status, body } = response
  const html = /^\s*</.test(body)
  const line = (text: string): string => oneLine(without(token, text))
  const message =
    errorBody?.message !== undefined
      ? line(errorBody.message)
      : html
        ? `an HTML page of ${body.length} characters`
        : response.bodyLost === true
          ? 'a body that could not be read'
          : body.trim() === ''
            ? 'an empty body'
            : line(body)
  if (status === 401 || status === 403) return { _tag: 'Unauthorized', status, message, request }
  // An HTML page with 404 comes from a server in between, so it does not mean that the cluster does not know the job.
  if (status === 404 && !html) return { _tag: 'NotFound', message, request }
  const retryAfterMs = retryAfter(response.headers['retry-after'], nowMs)
  return {
    _tag: 'HttpError',
    status,
    ...(errorBody?.tcode === undefined ? {} : { code: line(errorBody.tcode) }),
    message,
    ...(errorBody?.node === undefined ? {} : { node: line(errorBody.node) }),
    ...defined({ retryAfterMs }),
    request,
  }
}

const LONGEST_MS = 2 ** 31 - 1

/** Parses a Retry-After, in seconds or as an HTTP date. Anything else counts as absent. */
function retryAfter(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined
  const text = header.trim()
  if (/^\d+$/.test(text)) return Math.min(LONGEST_MS, Number(text) * 1000)
  if (!/^[A-Za-z]{3,9},? /.test(text)) return undefined
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : Math.min(LONGEST_MS, Math.max(0, at - nowMs))
}
