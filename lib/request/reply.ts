import { isLeft, left, right } from '../common/either.ts'
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

/** How the reply to a request is read. */
export interface ReplyReader<A> {
  readonly request: RequestInfo
  /** Reads the body of a reply with a status of 2xx. */
  readonly decode: Decoder<A>
  /** Adds to the error of a refusal what its body says. Absent if there is nothing to add. */
  readonly refusal?: Refused
  /**
   * The value that the body of a refusal with 400 holds; undefined if it holds none. Absent if a refusal never holds
   * one.
   *
   * @param wallMs the time of the reply by the wall clock
   */
  readonly valueInRefusal?: (body: ErrorBody, wallMs: number) => A | undefined
}

/** Returns the value of a reply, or the Left for its status or body. No Left contains the token. */
export function readReply<A>(sent: Sent, wallMs: number, reader: ReplyReader<A>): Result<A> {
  const {
    response: { status, body },
    token: { value: token },
  } = sent
  const { request, decode } = reader
  // A reply with 204 or 206 has no complete body, so the decoder rejects it.
  if (status < 200 || status >= 300) return readRefusal(sent, wallMs, reader)
  const read = decode(body, request, status)
  // The Left quotes the body, in which a server may repeat the token.
  return isLeft(read) ? decode(without(token, body), request, status) : read
}

/** The error of a reply with a status other than 2xx; rarely the value that it holds nevertheless. */
function readRefusal<A>(
  { response, token: { value: token } }: Sent,
  wallMs: number,
  { request, refusal, valueInRefusal }: ReplyReader<A>,
): Result<A> {
  const json = parseJson(response.body)
  const errorBody = isLeft(json) ? undefined : readError(json.right)
  const value = response.status === 400 && errorBody !== undefined ? valueInRefusal?.(errorBody, wallMs) : undefined
  if (value !== undefined) return right(value)
  const ofCluster = isLeft(json) ? hasLostBody(response) : isOfAIStore(json.right)
  const error = errorOf(response, request, wallMs, token, { errorBody, ofCluster })
  return left(refusal === undefined ? error : refusal(error, errorBody))
}

/** The error for a status. `ofCluster`: whether AIStore itself has sent it, not an intermediary. */
function errorOf(
  response: HttpResponse,
  request: RequestInfo,
  nowMs: number,
  token: string | undefined,
  { errorBody, ofCluster }: { readonly errorBody: ErrorBody | undefined; readonly ofCluster: boolean },
): JobError {
  const { status } = response
  const line = (text: string): string => oneLine(without(token, text))
  const message = errorBody?.message === undefined ? bodyText(response, line) : line(errorBody.message)
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

/** What the error says of a body that has no message of AIStore. */
function bodyText({ body, bodyLost }: HttpResponse, line: (text: string) => string): string {
  const isHtml = /^\s*</.test(body)
  if (isHtml) return `an HTML page of ${body.length} characters`
  if (bodyLost === true) return 'a body that could not be read'
  return body.trim() === '' ? 'an empty body' : line(body)
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
  if (atMs === undefined) return undefined
  const serverNowMs = httpDate(headers['date'] ?? '') ?? nowMs
  return Math.min(LONGEST_MS, Math.max(0, atMs - serverNowMs))
}

/**
 * Parses a date that begins with a weekday. `Date.parse` alone would also read other texts, such as numbers, as dates.
 */
function httpDate(text: string): number | undefined {
  const atMs = /^[A-Za-z]{3,9},? /.test(text) ? Date.parse(text) : NaN
  return Number.isNaN(atMs) ? undefined : atMs
}
