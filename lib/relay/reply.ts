import { stringifyJson } from '../codec/json.ts'
import type { HttpError, JobError } from '../error.ts'
import { asksToComeBack } from '../request/first-contact.ts'
import { scrubbed } from './scrub.ts'

/** What the relay sends back. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Of the headers of the cluster, only Retry-After is passed on. */
const HEADERS = {
  'content-type': 'application/json; charset=utf-8',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
  'cross-origin-resource-policy': 'same-origin',
}

/** A reply 200 with this text as its body. */
export const answered = (body: string): Reply => ({ status: 200, headers: HEADERS, body })

/** A refusal in AIStore's own JSON, which the library reads in the page. */
export function refused(
  status: number,
  message: string,
  more: Readonly<Record<string, string>> = {},
  code = '',
): Reply {
  const body = stringifyJson({ tcode: code, message, status })
  return { status, headers: { ...HEADERS, ...more }, body }
}

/** A refusal because the relay is busy. The time to wait is random, so that the clients do not return together. */
export const busy = (status: 429 | 503, message: string, random: () => number): Reply =>
  refused(status, message, { 'retry-after': String(1 + Math.floor(random() * 3)) })

/**
 * The status of a refusal. The page takes it for the status of the cluster, so the status of an intermediary becomes 502,
 * unless this status asks the client to retry later. A status below 400 also becomes 502: a reply with 304, for example, would have no body.
 */
const statusFor = ({ status, notJson }: HttpError): number =>
  status < 400 || (notJson === true && !asksToComeBack(status)) ? 502 : status

/** The reply for a request that failed. Texts of the cluster are scrubbed, because they may contain internal addresses. */
export function failed(error: JobError): Reply {
  switch (error._tag) {
    case 'InvalidArgument':
      return refused(400, `${error.argument}: ${error.message}`)
    case 'NotFound':
      return refused(404, scrubbed(error.message))
    case 'HttpError':
      return refused(
        statusFor(error),
        scrubbed(error.message),
        error.retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(error.retryAfterMs / 1000)) },
        error.code,
      )
    case 'RequestTimeout':
      return refused(504, 'the cluster did not answer in time')
    case 'TransportError':
      return refused(502, 'the cluster cannot be reached')
    case 'Unauthorized':
      // The page has no part in this failure of the server's token. A 401 would make the page end its own session.
      return refused(502, 'the cluster refused the token of the relay')
    case 'ReplyTooLarge':
      return refused(502, 'the reply of the cluster is too large')
    default:
      return refused(502, 'the cluster sent a reply that cannot be read')
  }
}
