import { isLeft, left } from '../common/either.ts'
import type { JobError, RequestInfo, Result } from '../error.ts'
import { oneLine, without } from '../common/text.ts'
import { ErrorBody, isOfAIStore } from '../codec/error-body.ts'
import { parseJson } from '../codec/json.ts'
import type { HttpResponse } from '../transport/transport.ts'
import { asksToComeBack } from './first-contact.ts'
import { locationOf } from './redirect.ts'
import type { Sent } from './sent.ts'
import { defined } from '../common/defined.ts'

/** Decodes the body of a successful reply. */
export type Decoder<A> = (body: string, request: RequestInfo, status: number) => Result<A>

/** Adds to the error of a refusal what its body says. `body` is absent if it is not an error body of the cluster. */
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
  // A reply with 204 or 206 has no complete body, so the decoder rejects it.
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
  const json = parseJson(response.body)
  const errorBody = isLeft(json) ? undefined : readError(json.right)
  const ofCluster = isLeft(json) ? hasLostBody(response) : isOfAIStore(json.right)
  const error = errorOf(response, request, nowMs, token, { errorBody, ofCluster })
  return refused === undefined ? error : refused(error, errorBody)
}

function errorOf(
  response: HttpResponse,
  request: RequestInfo,
  nowMs: number,
  token: string | undefined,
  { errorBody, ofCluster }: { readonly errorBody: ErrorBody | undefined; readonly ofCluster: boolean },
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
  if (status === 404 && ofCluster) return { _tag: 'NotFound', message, request }
  const retryAfterMs = retryAfter(response.headers, nowMs)
  return {
    _tag: 'HttpError',
    status,
    ...(errorBody?.tcode === undefined ? {} : { code: line(errorBody.tcode) }),
    message,
    ...(errorBody?.node === undefined ? {} : { node: line(errorBody.node) }),
    ...defined({
      retryAfterMs,
      notJson: ofCluster || mayBeOfCluster(response) ? undefined : (true as const),
    }),
    request,
  }
}

function readError(json: unknown): ErrorBody | undefined {
  const decoded = ErrorBody.decode(json)
  return isLeft(decoded) ? undefined : decoded.right
}

/**
 * Whether the body was lost on the way, and may have been AIStore's JSON. The refusal then counts by its status. A 400
 * cannot: only the code in its body shows whether it is transient or permanent.
 */
const hasLostBody = ({ status, bodyLost, headers }: HttpResponse): boolean =>
  bodyLost === true && status !== 400 && !/html/i.test(headers['content-type'] ?? '')

/**
 * Whether a reply without AIStore's JSON may be from the cluster: a redirect, or an empty reply whose status asks the
 * client to come back later. A proxy sends such a reply while it starts.
 */
const mayBeOfCluster = (response: HttpResponse): boolean =>
  locationOf(response) !== undefined || (response.body.trim() === '' && asksToComeBack(response.status))

const LONGEST_MS = 2 ** 31 - 1

/**
 * Parses a Retry-After, in seconds or as an HTTP date. Anything else counts as absent.
 *
 * A date is compared with the server's own `Date`, since the clock of the client may be wrong.
 */
function retryAfter(headers: HttpResponse['headers'], nowMs: number): number | undefined {
  const text = headers['retry-after']?.trim()
  if (text === undefined) return undefined
  if (/^\d+$/.test(text)) return Math.min(LONGEST_MS, Number(text) * 1000)
  const atMs = httpDate(text)
  return atMs === undefined
    ? undefined
    : Math.min(LONGEST_MS, Math.max(0, atMs - (httpDate(headers['date'] ?? '') ?? nowMs)))
}

/** Parses a date that begins with a weekday. `Date.parse` alone would also read other texts, such as numbers, as dates. */
function httpDate(text: string): number | undefined {
  const atMs = /^[A-Za-z]{3,9},? /.test(text) ? Date.parse(text) : NaN
  return Number.isNaN(atMs) ? undefined : atMs
}
