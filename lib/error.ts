import { toJson } from './codec/to-json.ts'
import type { Either } from 'fp-ts/lib/Either.js'
import type { JobStatus } from './codec/job-status.ts'
import type { Snapshots } from './codec/snapshots.ts'
import { adviceOn, WHY_REFUSED } from './common/advice.ts'
import { few, oneLine, show, unbroken } from './common/text.ts'
import { isUnreachable } from './common/unreachable.ts'
import { soFar } from './model/so-far.ts'
import type { WaitResult } from './model/wait-result.ts'

/** A request, without its headers and body, so that an error never contains a secret. */
export interface RequestInfo {
  /** The logical method: `GET` for every query, although a browser sends it as `POST`. */
  readonly method: string
  /** The path as sent to the cluster, without a path prefix of the endpoint. */
  readonly path: string
  /** The query string without its question mark; empty if there is none. */
  readonly query: string
}

/** No reply arrived: connection refused or reset, unknown host, or an invalid certificate. */
export interface TransportError {
  /** Tells the errors apart: switch over it. */
  readonly _tag: 'TransportError'
  /** The code of the system error, such as `ECONNREFUSED`; `EUNKNOWN` if there is none. */
  readonly code: string
  /** The message of the transport; the token is removed from it. */
  readonly message: string
  /**
   * Whether a retry cannot succeed: after a certificate error, and after `ENOTFOUND` three times in a row if no host
   * was ever reached.
   */
  readonly permanent: boolean
  /** True if no server has seen the request, so that a command may be sent again without being carried out twice. */
  readonly nothingSent?: true
  /** The request that failed. */
  readonly request: RequestInfo
}

/** One request, including the body of its reply, took longer than `requestTimeoutMs`. */
export interface RequestTimeout {
  /** Tells the errors apart: switch over it. */
  readonly _tag: 'RequestTimeout'
  /** The limit that was exceeded, in milliseconds; a wait doubles it after each timeout. */
  readonly afterMs: number
  /** True if the user's `token()` function emitted no token in that time, so that no request was sent. */
  readonly nothingSent?: true
  /** The request that timed out; it may still take effect, unless nothing was sent. */
  readonly request: RequestInfo
}

/** The cluster replied with an HTTP error. */
export interface HttpError {
  /** Tells the errors apart: switch over it. */
  readonly _tag: 'HttpError'
  /** The HTTP status; never 401, 403 or a 404 of the cluster, which have errors of their own. */
  readonly status: number
  /** AIStore's error type name (`tcode`), such as `ErrBusy`. */
  readonly code?: string
  /** AIStore's error message, or a description of the body if it has none. */
  readonly message: string
  /** The id of the node that reported the error. */
  readonly node?: string
  /** The header `Retry-After` in milliseconds, if the reply has one. */
  readonly retryAfterMs?: number
  /**
   * Present if the reply is not AIStore's JSON, but for example an HTML page, a text or a redirect to a page. It then
   * came from an intermediary, so the error is transient whatever its status.
   */
  readonly notJson?: true
  /**
   * Present on the third such reply in a row, if the cluster itself has never replied: the address is probably wrong.
   */
  readonly permanent?: true
  /** The request that failed. */
  readonly request: RequestInfo
}

/** 404: the cluster does not know this job or this bucket at the moment. */
export interface NotFound {
  /** Tells the errors apart: switch over it. */
  readonly _tag: 'NotFound'
  /** AIStore's error message, which usually names what is missing. */
  readonly message: string
  /** The request that failed. */
  readonly request: RequestInfo
}

/** The cluster refused the token (401 or 403), or the user's `token()` function failed. */
export interface Unauthorized {
  /** Tells the errors apart: switch over it. */
  readonly _tag: 'Unauthorized'
  /** The HTTP status, 401 or 403. Absent if `token()` failed, so that no request was sent. */
  readonly status?: number
  /** The reason; it never contains the token. */
  readonly message: string
  /** The request that was refused. Absent if no request was sent. */
  readonly request?: RequestInfo
}

/** The body of a reply does not have the expected form. */
export interface DecodeError {
  /** Tells the errors apart: switch over it. */
  readonly _tag: 'DecodeError'
  /** At most ten problems, one line each, beginning with the JSON path. */
  readonly problems: readonly string[]
  /** Present if the body was not JSON: the reply came from an intermediary, so the error is transient. */
  readonly notJson?: true
  /**
   * Present on the third such reply in a row, if the cluster itself has never replied: the address is probably wrong.
   */
  readonly permanent?: true
  /** The request whose reply cannot be decoded. */
  readonly request: RequestInfo
}

/** The reply was longer than `maxReplyBytes`; the rest was not read. */
export interface ReplyTooLarge {
  /** Tells the errors apart: switch over it. */
  readonly _tag: 'ReplyTooLarge'
  /** The option `maxReplyBytes`, which the reply exceeds. */
  readonly limitBytes: number
  /** The request that failed. */
  readonly request: RequestInfo
}

/** The cluster redirected to an address that may not receive the request; nothing was sent there. */
export interface RedirectRefused {
  /** Tells the errors apart: switch over it. */
  readonly _tag: 'RedirectRefused'
  /** The origin and path of the refused address. */
  readonly location: string
  /**
   * Why it is refused: it is `no-member` of the cluster (neither a given endpoint nor in the cluster map), its `scheme` is
   * not http or https or would give up TLS, it holds `credentials`, it is `unreadable`, or it came after too many redirects.
   */
  readonly reason?: 'no-member' | 'scheme' | 'credentials' | 'unreadable' | 'too-many'
  /** The request that was redirected. */
  readonly request: RequestInfo
}

/** What a wait had learned when it timed out. */
export interface LastSeen {
  /** The last status from the Information Center. */
  readonly status?: JobStatus
  /** The last snapshots from each target. */
  readonly snapshots?: Snapshots
  /**
   * Targets of the cluster map that have shown no part of the job, although it has ended on all other targets. The job
   * may have an error there.
   */
  readonly missing?: readonly string[]
  /**
   * The error of the last request, if no request has succeeded since, or the error of the request for the cluster map.
   */
  readonly error?: JobError
}

/** A wait timed out; the job itself was not stopped. */
export interface WaitTimeout {
  /** Tells the errors apart: switch over it. */
  readonly _tag: 'WaitTimeout'
  /** The `timeoutMs` of the wait, in milliseconds. */
  readonly afterMs: number
  /** What the wait had learned; absent if nothing. */
  readonly last?: LastSeen
}

/** A job did not succeed; from `requireSuccess()` and `waitUntil()`. */
export interface JobFailed {
  /** Tells the errors apart: switch over it. */
  readonly _tag: 'JobFailed'
  /** How the job ended; see `outcome` and `error`. */
  readonly result: WaitResult
}

/** An argument is invalid; detected before anything is sent. */
export interface InvalidArgument {
  /** Tells the errors apart: switch over it. */
  readonly _tag: 'InvalidArgument'
  /** The name of the argument, such as `id` or `requestTimeoutMs`. */
  readonly argument: string
  /** The value that was passed, and the values that are accepted. */
  readonly message: string
}

/** The reason why there is no answer, as plain data: compare it by value, switch over `_tag`. */
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

/** The Left of a launch: the error, and whether the job may be running nevertheless. */
export type LaunchError = JobError & {
  /**
   * Whether the job may have started although there is no answer, as after a timeout. Look for it with `findJobs`
   * before you launch it again. False if the cluster has certainly not started it.
   */
  readonly mayHaveStarted: boolean
}

/** The result of a launch. */
export type LaunchResult<A> = Either<LaunchError, A>

/**
 * The result of a query or command: a Right is the answer of the cluster; a Left means that there is no answer, because
 * the request was refused, timed out, found nothing or could not be decoded.
 */
export type Result<A> = Either<JobError, A>

/** @internal The error of an invalid argument. The message says what was passed, and what is accepted. */
export const invalidArgument = (argument: string, message: string): InvalidArgument => ({
  _tag: 'InvalidArgument',
  argument,
  message,
})

/** The error of an argument that does not fit; undefined if it fits. */
export const checkArgument = (
  argument: string,
  value: unknown,
  fits: boolean,
  takes: string,
): InvalidArgument | undefined => (fits ? undefined : invalidArgument(argument, `got ${show(value)}; takes ${takes}`))

/**
 * Returns whether an error is permanent, so that a retry cannot succeed.
 *
 * A wait gives up at once on a permanent error. After a transient error it goes on until it times out. A failed
 * `token()`, a 404 and a single reply that cannot be decoded are transient.
 *
 * @param error the Left of a stream
 * @returns true for InvalidArgument, JobFailed, RedirectRefused, ReplyTooLarge, a refused token (401, 403), certificate
 * errors, and AIStore's own refusals with 400 (unless a target is unreachable), 405 and 501. As long as the cluster has
 * never replied, the third unknown host in a row and the third page from an intermediary in a row are permanent, too
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
    case 'DecodeError':
      return error.permanent === true
    case 'HttpError':
      if (error.notJson === true) return error.permanent === true
      // AIStore also replies with 400 while a target is unreachable (protocol T27).
      return error.status === 400 ? !isUnreachable(error) : error.status === 405 || error.status === 501
    case 'RequestTimeout':
    case 'NotFound':
    case 'WaitTimeout':
      return false
  }
}

/**
 * Returns a one-line message for an error, for people.
 *
 * The message names the request and, if known, a remedy. It contains no header and no body.
 *
 * @param error the Left of a stream
 * @returns one line
 * @example
 * explain({ _tag: 'WaitTimeout', afterMs: 5000 })
 * // 'the wait timed out after 5 s without an answer; the job itself was not stopped'
 */
export function explain(error: JobError): string {
  const { mayHaveStarted = false } = error as Partial<LaunchError>
  return unbroken(`${sentence(error)}${mayHaveStarted ? '; the job may have started nevertheless' : ''}`)
}

/** The message for each type of error. */
function sentence(error: JobError): string {
  switch (error._tag) {
    case 'TransportError':
      return `${requestLine(error.request)} failed: ${error.message} (${error.code})`
    case 'RequestTimeout':
      return error.nothingSent === true
        ? `${requestLine(error.request)} was not sent, because token() gave no token within ${seconds(error.afterMs)}`
        : `${requestLine(error.request)} got no complete reply within ${seconds(error.afterMs)}`
    case 'HttpError':
      if (error.notJson === true)
        return `${requestLine(error.request)} got HTTP ${error.status} from an intermediary: ${error.message}${adviceOn(error)}`
      return `${requestLine(error.request)} failed with HTTP ${error.status}${error.code === undefined ? '' : ` ${error.code}`}: ${error.message}${adviceOn(error)}`
    case 'NotFound':
      return `${requestLine(error.request)} found nothing: ${error.message}`
    case 'Unauthorized':
      return `not authorized${error.status === undefined ? '' : ` (${error.status})`}: ${error.message}`
    case 'DecodeError':
      return `${requestLine(error.request)} got an unexpected reply: ${few(error.problems, '; ')}${adviceOn(error)}`
    case 'ReplyTooLarge':
      return `${requestLine(error.request)} got a reply of more than ${error.limitBytes} bytes; select fewer jobs, or raise maxReplyBytes`
    case 'RedirectRefused':
      return `${requestLine(error.request)} was redirected to ${error.location}; not followed${error.reason === undefined ? '' : WHY_REFUSED[error.reason]}`
    case 'WaitTimeout': {
      const { last } = error
      const known = last === undefined ? '' : soFar(last.status, last.snapshots, last.missing)
      const why = last?.error === undefined ? '' : `the last request failed: ${sentence(last.error)}`
      const details = [known, why].filter(Boolean).map((detail) => `; ${detail}`)
      return `the wait timed out after ${seconds(error.afterMs)}${last === undefined ? ' without an answer' : details.join('')}; the job itself was not stopped`
    }
    case 'JobFailed': {
      const { jobId, kind, outcome, error: why } = error.result
      return `job ${[kind, jobId].filter(Boolean).join(' ')} ended as ${outcome}${why === undefined ? '' : `: ${oneLine(why)}`}`
    }
    case 'InvalidArgument':
      return `${error.argument}: ${error.message}`
  }
}

const requestLine = ({ method, path, query }: RequestInfo): string =>
  `${method} ${path}${query === '' ? '' : `?${query}`}`

const seconds = (ms: number): string => `${ms / 1000} s`

/**
 * The only exception of this library: it carries a {@link JobError} through the error channel of a stream.
 *
 * Only `orThrow()` throws it; its `error` is the Left of the stream.
 *
 * @example
 * wait(cluster, { id }).pipe(orThrow()).subscribe({ error: (e) => e instanceof AisError && console.log(e.error._tag) })
 */
export class AisError extends Error {
  /** The same for every error of this class; use `_tag` to distinguish them. */
  override readonly name = 'AisError'
  /** The `_tag` of `error`. */
  readonly _tag: JobError['_tag']
  /** The error as data: the Left of the stream. */
  readonly error: JobError

  constructor(error: JobError) {
    super(explain(error))
    this._tag = error._tag
    this.error = error
  }

  /**
   * Returns what `JSON.stringify` writes: the message and the error as data, in which each bigint is its decimal
   * string.
   *
   * @returns a plain object: `name`, `_tag`, `message` and `error`; without the stack
   */
  toJSON(): { readonly name: string; readonly _tag: string; readonly message: string; readonly error: unknown } {
    const { name, _tag, message, error } = this
    return { name, _tag, message, error: toJson(error) }
  }
}

/** @internal For functions that return no stream: throws AisError if the argument does not fit. */
export function requireArgument(argument: string, value: unknown, fits: boolean, takes: string): void {
  const invalid = checkArgument(argument, value, fits, takes)
  if (invalid !== undefined) throw new AisError(invalid)
}
