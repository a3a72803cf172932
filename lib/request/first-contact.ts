import { isLeft, left } from '../common/either.ts'
import type { DecodeError, HttpError, JobError, Result } from '../error.ts'

/**
 * Whether the cluster has ever replied to this cluster value.
 *
 * Until then, a host name that does not exist and a page from an intermediary most likely mean that the address is wrong.
 * Later, both are always transient.
 */
export interface FirstContact {
  /** Whether the cluster itself has replied, with a value or with a refusal in AIStore's JSON. */
  hasReplied: boolean
  /** Whether any host was reached: it replied, or it refused or reset a connection. */
  reached: boolean
  /** Pages in a row: replies of an intermediary that does not ask the client to come back later. */
  readonly pages: Streak
  /** Failures in a row that say that the host is unknown. */
  readonly unknownHosts: Streak
}

interface Streak {
  count: number
  /** When the last failure that counts arrived. */
  atMs: number
}

const none = (): Streak => ({ count: 0, atMs: -Infinity })

/** What is known of a cluster that has never replied. */
export const firstContact = (): FirstContact => ({
  hasReplied: false,
  reached: false,
  pages: none(),
  unknownHosts: none(),
})

/** After this many failures in a row for each given endpoint, the address counts as wrong. */
const MOST_TRIES = 3

/** Codes of failures that only a host which exists can cause. */
const HOST_EXISTS = /^ECONN(REFUSED|RESET)$/

/** What is known of a request besides its result. */
interface Circumstances {
  readonly sentMs: number
  readonly atMs: number
  /** How many endpoints were given. */
  readonly endpoints: number
  /** The body of the reply, if there is one. */
  readonly body: string | undefined
}

/** Records that the cluster itself has replied. */
export const recordReply = (contact: FirstContact): void => {
  contact.hasReplied = true
  contact.reached = true
}

/**
 * Records the result of one request, and returns it. An error becomes permanent if the cluster has never replied and the
 * error completes a streak of three pages, or of three unknown hosts, for each given endpoint.
 *
 * Results of requests that were in flight at the same time count as one: a result counts only if its request was sent
 * after the previous result arrived.
 *
 * It is called only until the cluster has replied.
 */
export function recordContact<A>(
  contact: FirstContact,
  result: Result<A>,
  { sentMs, atMs, endpoints, body }: Circumstances,
): Result<A> {
  const { pages, unknownHosts } = contact
  if (!isLeft(result)) {
    recordReply(contact)
    return result
  }
  const error = result.left
  /** Adds the error to a streak. Returns whether that makes the streak long enough. */
  const countAndCheck = (streak: Streak): boolean => {
    if (sentMs > streak.atMs) {
      streak.count++
      streak.atMs = atMs
    }
    return streak.count >= MOST_TRIES * endpoints
  }
  switch (error._tag) {
    case 'TransportError':
      if (HOST_EXISTS.test(error.code)) contact.reached = true
      if (error.code !== 'ENOTFOUND') unknownHosts.count = 0
      else if (!contact.reached && countAndCheck(unknownHosts)) return left({ ...error, permanent: true })
      return result
    case 'HttpError':
    case 'DecodeError':
    case 'NotFound':
    case 'Unauthorized':
      contact.reached = true
      if (!isPage(error, body)) {
        pages.count = 0
        contact.hasReplied = isOfCluster(error)
        return result
      }
      return countAndCheck(pages) ? left({ ...(error as HttpError | DecodeError), permanent: true }) : result
    default:
      // No reply has arrived, or it is unknown whether it comes from the cluster.
      return result
  }
}

/**
 * Whether a server with this status asks the client to come back later. Such a reply proves nothing about the address.
 */
export const asksToComeBack = (status: number): boolean =>
  status === 408 || status === 425 || status === 429 || (status >= 500 && status !== 501)

/** The beginning of a reply of the cluster, whose end may have been cut off. */
const JSON_BEGINS = /^\s*[[{]/

/** Whether the reply comes from an intermediary that does not ask the client to come back later. */
const isPage = (error: JobError, body = ''): boolean =>
  (error._tag === 'HttpError' && error.notJson === true && !asksToComeBack(error.status)) ||
  (error._tag === 'DecodeError' && error.notJson === true && !JSON_BEGINS.test(body))

/** Whether a refusal is in AIStore's JSON. A refused token does not count, because any server may refuse a token. */
const isOfCluster = (error: JobError): boolean =>
  error._tag === 'NotFound' || (error._tag === 'HttpError' && error.notJson !== true)
