import type { Either } from 'fp-ts/lib/Either.js'
import type { JobStatus } from './codec/job-status.ts'
import type { Snapshots } from './codec/snapshots.ts'
import type { WaitResult } from './wait-result.ts'

/** What was asked when something went wrong; never headers, never bodies, so that no secret can travel in an error. */
export interface RequestInfo {
  /** The logical method: `GET` for every question, although a browser sends it as `POST`. */
  readonly method: string
  readonly path: string
  /** The query string without its question mark, empty where there is none. */
  readonly query: string
}

/** No reply arrived: refused, reset, no such host, a certificate that does not hold. */
export interface TransportError {
  readonly _tag: 'TransportError'
  /** The system's code, such as `ECONNREFUSED`, or `EUNKNOWN`. */
  readonly code: string
  readonly message: string
  /** True where asking again cannot help (certificates). */
  readonly permanent: boolean
  readonly request: RequestInfo
}

/** One request, its body included, took longer than `requestTimeoutMs`. */
export interface RequestTimeout {
  readonly _tag: 'RequestTimeout'
  readonly afterMs: number
  readonly request: RequestInfo
}

/** The cluster refused or failed. */
export interface HttpError {
  readonly _tag: 'HttpError'
  readonly status: number
  /** AIStore's error type name (`tcode`), such as `ErrBusy`. */
  readonly code?: string
  readonly message: string
  /** The node that refused, as the cluster names it. */
  readonly node?: string
  readonly retryAfterMs?: number
  readonly request: RequestInfo
}

/** 404: the cluster does not know this job, or this bucket, now. */
export interface NotFound {
  readonly _tag: 'NotFound'
  readonly message: string
  readonly request: RequestInfo
}

/** 401 or 403, or a `token()` that failed (then without a status). */
export interface Unauthorized {
  readonly _tag: 'Unauthorized'
  readonly status?: number
  readonly message: string
  readonly request?: RequestInfo
}

/** A reply that is not what the wire promises. */
export interface DecodeError {
  readonly _tag: 'DecodeError'
  /** At most ten, each one line that begins with the JSON path. */
  readonly problems: readonly string[]
  /** Present where the reply was not JSON at all: somebody else answered, and time may heal it. */
  readonly notJson?: true
  readonly request: RequestInfo
}

/** The reply was longer than `maxReplyBytes`; reading stopped there. */
export interface ReplyTooLarge {
  readonly _tag: 'ReplyTooLarge'
  readonly limitBytes: number
  readonly request: RequestInfo
}

/** The cluster pointed at an origin that is neither given by the user nor in its map; nothing was sent there. */
export interface RedirectRefused {
  readonly _tag: 'RedirectRefused'
  /** Origin and path of the refused address. */
  readonly location: string
  readonly request: RequestInfo
}

/** What a wait knew when its budget ended. */
export interface LastSeen {
  readonly status?: JobStatus
  readonly snapshots?: Snapshots
  /** The newest question that brought nothing, if nothing was learnt since. */
  readonly error?: JobError
}

/** The budget of a wait ended; the job itself was not stopped. */
export interface WaitTimeout {
  readonly _tag: 'WaitTimeout'
  readonly afterMs: number
  readonly last?: LastSeen
}

/** A job that did not succeed, made a Left by `requireSuccess()`. */
export interface JobFailed {
  readonly _tag: 'JobFailed'
  readonly result: WaitResult
}

/** An argument that cannot be meant; found before anything is sent. */
export interface InvalidArgument {
  readonly _tag: 'InvalidArgument'
  readonly argument: string
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
