import type { Either } from 'fp-ts/lib/Either.js'
import type { JobStatus } from './codec/job-status.ts'
import type { Snapshots } from './codec/snapshots.ts'
import { oneLine, unbroken } from './common/text.ts'
import type { WaitResult } from './model/wait-result.ts'

/** The request that went wrong; never its headers and body, so that an error cannot hold a secret. */
export interface RequestInfo {
  /** The logical method: `GET` for every question, although a browser sends it as `POST`. */
  readonly method: string
  /** As sent to the cluster, without a path prefix of the endpoint. */
  readonly path: string
  /** The query string without its question mark, empty where there is none. */
  readonly query: string
}

/** No reply arrived: refused, reset, no such host, a certificate that does not hold. */
export interface TransportError {
  /** Tells the errors apart: switch over it. */
  readonly _tag: 'TransportError'
  /** The system's code, such as `ECONNREFUSED`, or `EUNKNOWN`. */
  readonly code: string
  /** From the transport, without the token. */
  readonly message: string
  /** True if asking again cannot help (certificates). */
  readonly permanent: boolean
  /** True if no server has seen the request, so that a command may be sent again without being carried out twice. */
  readonly nothingSent?: true
  /** The request that failed. */
  readonly request: RequestInfo
}

/** One request, its body included, took longer than `requestTimeoutMs`. */
export interface RequestTimeout {
  /** Tells the errors apart: switch over it. */
  readonly _tag: 'RequestTimeout'
  /** The limit that applied; a wait doubles it after each timeout. */
  readonly afterMs: number
  /** The request that was given up; it may still take effect. */
  readonly request: RequestInfo
}

/** The cluster refused or failed. */
export interface HttpError {
  /** Tells the errors apart: switch over it. */
  readonly _tag: 'HttpError'
  /** The HTTP status, other than 401, 403 and the 404 of a cluster. */
  readonly status: number
  /** AIStore's error type name (`tcode`), such as `ErrBusy`. */
  readonly code?: string
  /** AIStore's own text if the reply has one. */
  readonly message: string
  /** The node that refused, as the cluster names it. */
  readonly node?: string
  /** From the header `Retry-After`, if the reply has one. */
  readonly retryAfterMs?: number
  /** The request that failed. */
  readonly request: RequestInfo
}

/** 404: the cluster does not know this job, or this bucket, now. */
export interface NotFound {
  /** Tells the errors apart: switch over it. */
  readonly _tag: 'NotFound'
  /** AIStore's own text, which mostly names what is missing. */
  readonly message: string
  /** The request that failed. */
  readonly request: RequestInfo
}

/** 401 or 403, or a `token()` that failed (then without a status). */
export interface Unauthorized {
  /** Tells the errors apart: switch over it. */
  readonly _tag: 'Unauthorized'
  /** Absent if no request was sent, since `token()` failed. */
  readonly status?: number
  /** Never quotes the token. */
  readonly message: string
  /** Absent if no request was sent. */
  readonly request?: RequestInfo
}

/** A reply that is not what the wire promises. */
export interface DecodeError {
  /** Tells the errors apart: switch over it. */
  readonly _tag: 'DecodeError'
  /** At most ten, each one line that begins with the JSON path. */
  readonly problems: readonly string[]
  /** Present if the reply was not JSON: something else than the cluster answered, and time may heal it. */
  readonly notJson?: true
  /** The request whose reply cannot be decoded. */
  readonly request: RequestInfo
}

/** The reply was longer than `maxReplyBytes`; reading stopped there. */
export interface ReplyTooLarge {
  /** Tells the errors apart: switch over it. */
  readonly _tag: 'ReplyTooLarge'
  /** The option `maxReplyBytes`, which the reply exceeds. */
  readonly limitBytes: number
  /** The request that failed. */
  readonly request: RequestInfo
}

/** The cluster redirected to an origin that is neither given by the user nor in its map; nothing was sent there. */
export interface RedirectRefused {
  /** Tells the errors apart: switch over it. */
  readonly _tag: 'RedirectRefused'
  /** Origin and path of the refused address. */
  readonly location: string
  /** The request that was redirected. */
  readonly request: RequestInfo
}

/** What a wait knew when its budget ended. */
export interface LastSeen {
  /** The last status of the Information Center. */
  readonly status?: JobStatus
  /** What each target showed last. */
  readonly snapshots?: Snapshots
  /** The error of the newest request, if nothing was learnt since. */
  readonly error?: JobError
}

/** The budget of a wait ended; the job itself was not stopped. */
export interface WaitTimeout {
  /** Tells the errors apart: switch over it. */
  readonly _tag: 'WaitTimeout'
  /** The budget: the `timeoutMs` of the wait. */
  readonly afterMs: number
  /** Absent if the wait learnt nothing in time. */
  readonly last?: LastSeen
}

/** A job that did not succeed, made a Left by `requireSuccess()`. */
export interface JobFailed {
  /** Tells the errors apart: switch over it. */
  readonly _tag: 'JobFailed'
  /** How it ended; `outcome` and `error` say why that is no success. */
  readonly result: WaitResult
}

/** An argument that cannot be meant; found before anything is sent. */
export interface InvalidArgument {
  /** Tells the errors apart: switch over it. */
  readonly _tag: 'InvalidArgument'
  /** Its name, such as `id` or `requestTimeoutMs`. */
  readonly argument: string
  /** What was passed, and what is accepted instead. */
  readonly message: string
}

/** Everything that could not be learnt, as plain data: compare by value, switch over `_tag`. */
export type JobError =
  | TransportError
  | RequestTimeout
  | HttpError
  | NotFound
  | Unauthorized
  | DecodeError
  | ReplyTooLarge
  | RedirectRefused
  | WaitTimeout
  | JobFailed
  | InvalidArgument

/** A Right is what the cluster said, a Left is what could not be learnt. */
export type Result<A> = Either<JobError, A>

export const invalidArgument = (argument: string, message: string): InvalidArgument => ({
  _tag: 'InvalidArgument',
  argument,
  message,
})

/**
 * Tells whether time cannot heal an error.
 *
 * A wait gives up at once on a permanent error and goes on after any other until its budget ends.
 *
 * A `token()` that failed, a 404 and a single reply that does not decode are not permanent by themselves.
 *
 * @param error what a question brought
 * @returns true for InvalidArgument, JobFailed, RedirectRefused, ReplyTooLarge, a refused token (401, 403), certificate
 * errors, and 400 (other than ErrFailedTo), 405 and 501
 * @example
 * isPermanent({ _tag: 'HttpError', status: 503, message: '', request }) // false
 */
export function isPermanent(error: JobError): boolean {
  switch (error._tag) {
    case 'InvalidArgument':
    case 'JobFailed':
    case 'RedirectRefused':
    case 'ReplyTooLarge':
      return true
    case 'TransportError':
      return error.permanent
    case 'Unauthorized':
      return error.status !== undefined
    case 'HttpError':
      // 400 is also AIStore's answer while a target is unreachable (T27).
      return error.status === 400 ? error.code !== 'ErrFailedTo' : error.status === 405 || error.status === 501
    case 'RequestTimeout':
    case 'NotFound':
    case 'DecodeError':
    case 'WaitTimeout':
      return false
  }
}

/**
 * Explains an error in one line for people.
 *
 * It names the request, and what to do if that is known; it holds no header and no body.
 *
 * @example
 * explain({ _tag: 'WaitTimeout', afterMs: 5000 })
 * // 'the wait ended after 5 s without an answer; the job itself was not stopped'
 */
export function explain(error: JobError): string {
  return unbroken(sentence(error))
}

function sentence(error: JobError): string {
  switch (error._tag) {
    case 'TransportError':
      return `${asked(error.request)} got no reply: ${error.message} (${error.code})`
    case 'RequestTimeout':
      return `${asked(error.request)} got no whole reply within ${seconds(error.afterMs)}`
    case 'HttpError':
      return `${asked(error.request)} was answered ${error.status}${error.code === undefined ? '' : ` ${error.code}`}: ${error.message}`
    case 'NotFound':
      return `${asked(error.request)} found nothing: ${error.message}`
    case 'Unauthorized':
      return `not authorized${error.status === undefined ? '' : ` (${error.status})`}: ${error.message}`
    case 'DecodeError':
      return `${asked(error.request)} was answered with something else than expected: ${error.problems.join('; ')}`
    case 'ReplyTooLarge':
      return `${asked(error.request)} was answered with more than ${error.limitBytes} bytes; ask for less, or raise maxReplyBytes`
    case 'RedirectRefused':
      return `${asked(error.request)} was sent on to ${error.location}; nothing was sent there, since it is no member of this cluster, or not by a 307 or 308, or once too often`
    case 'WaitTimeout': {
      const { last } = error
      const why = last?.error === undefined ? '' : `; the last question failed: ${sentence(last.error)}`
      const said = last === undefined ? 'an answer' : `an end${why}`
      return `the wait ended after ${seconds(error.afterMs)} without ${said}; the job itself was not stopped`
    }
    case 'JobFailed': {
      const { jobId, kind, outcome, error: why } = error.result
      return `job ${[kind, jobId].filter(Boolean).join(' ')} ended as ${outcome}${why === undefined ? '' : `: ${oneLine(why)}`}`
    }
    case 'InvalidArgument':
      return `${error.argument}: ${error.message}`
  }
}

const asked = ({ method, path, query }: RequestInfo): string => `${method} ${path}${query === '' ? '' : `?${query}`}`

const seconds = (ms: number): string => `${ms / 1000} s`

/**
 * The one exception of this library: a {@link JobError} on its way through the error channel.
 *
 * Thrown by `orThrow()` only; `error` is the Left that it carries.
 *
 * @example
 * wait(c, { id }).pipe(orThrow()).subscribe({ error: (e) => e instanceof AisError && console.log(e.error._tag) })
 */
export class AisError extends Error {
  /** The same for every error of this class; `_tag` tells them apart. */
  override readonly name = 'AisError'
  /** As of `error`. */
  readonly _tag: JobError['_tag']
  /** The error as data, as the stream had it in a Left. */
  readonly error: JobError

  constructor(error: JobError) {
    super(explain(error))
    this._tag = error._tag
    this.error = error
  }
}
