import type { ClusterMap } from '../codec/cluster-map.ts'
import type { JobStatus } from '../codec/job-status.ts'
import type { JobRef } from '../codec/running.ts'
import type { StatusList } from '../codec/status-list.ts'
import type { Snapshots } from '../codec/snapshots.ts'
import { isPermanent, type JobError, type Result } from '../error.ts'
import type { Selection } from '../model/selection.ts'

/** A query to the cluster, as data, such as `{ what: 'status', id: 'zOCwz4iJS' }`. */
export type Query =
  /** The full status of one run, with its error, from the Information Center. */
  | { readonly what: 'status'; readonly id: string }
  /** The status of one run of a kind. The Information Center chooses the run (protocol T7). */
  | { readonly what: 'newest'; readonly selection: Selection }
  /** The list: the statuses, without errors, of all jobs that the Information Center knows. */
  | { readonly what: 'statuses' }
  /** What each target shows of a run, of a kind, or of all jobs. */
  | { readonly what: 'snapshots'; readonly id?: string; readonly kind?: string; readonly onlyRunning?: true }
  /** The work list: the ids of the jobs that run on any target. */
  | { readonly what: 'running' }
  /** The cluster map, which names the targets. */
  | { readonly what: 'map' }

/** When a request was sent and when its reply came, in milliseconds of the environment's clock. */
export interface Times {
  readonly sentMs: number
  readonly atMs: number
}

/** Whether a request was sent at `fromMs` or later: only then does its reply tell about that time. */
export const isSentSince = <A extends Times>(one: A | undefined, fromMs: number): one is A =>
  one !== undefined && one.sentMs >= fromMs

type Reply<Q extends Query['what'], A> = Times & {
  readonly query: Extract<Query, { readonly what: Q }>
  readonly result: Result<A>
}

/** One query and its result. */
export type Evidence =
  | Reply<'status', JobStatus>
  | Reply<'newest', JobStatus>
  | Reply<'statuses', StatusList>
  | Reply<'snapshots', Snapshots>
  | Reply<'running', readonly JobRef[]>
  | Reply<'map', ClusterMap>

/** What a reply reported, and when. */
export interface Fact<A> extends Times {
  readonly value: A
}

/** The last request to one source. `error` is present if it failed. */
export interface Attempt extends Times {
  readonly error?: JobError
  /**
   * When the requests were sent whose replies were JSON but could not be decoded, since the last success. At most
   * three.
   */
  readonly decodeFailures: readonly number[]
}

/** The key of a query. Queries with the same key are the same request. */
export function keyOf(query: Query): string {
  switch (query.what) {
    case 'status':
      return `status ${query.id}`
    case 'newest':
      return `newest ${JSON.stringify(query.selection)}`
    case 'snapshots':
      return `snapshots ${query.id ?? ''} ${query.kind ?? ''}${query.onlyRunning === true ? ' running' : ''}`
    default:
      return query.what
  }
}

const NONE: readonly number[] = []

/** A wait ends after this many replies in a row that cannot be decoded. */
export const MOST_DECODE_FAILURES = 3

/** Returns the attempt for a piece of evidence. The previous attempt gives the count of decode failures. */
export function attemptOf({ sentMs, atMs, result }: Evidence, before: Attempt | undefined): Attempt {
  if (result._tag === 'Right') return { sentMs, atMs, decodeFailures: NONE }
  const { left: error } = result
  // A body that is not JSON came from an intermediary. It neither increments nor resets the count.
  const unreadable = error._tag === 'DecodeError' && error.notJson !== true
  const decodeFailures = before?.decodeFailures ?? NONE
  return {
    sentMs,
    atMs,
    error,
    decodeFailures: unreadable ? [...decodeFailures, sentMs].slice(-MOST_DECODE_FAILURES) : decodeFailures,
  }
}

/** Whether the request got no answer. A 404 is an answer, and the usual one for a job that has just started. */
export function hasFailed({ error }: Attempt): boolean {
  return error !== undefined && error._tag !== 'NotFound'
}

/** Whether a query is about more than one run. */
export function isAboutMany(query: Query): boolean {
  return query.what !== 'status' && !(query.what === 'snapshots' && query.id !== undefined)
}

/**
 * Whether the reply about many runs is itself the problem (too large, for example), so that requests for single runs
 * may succeed.
 */
export function isReplyError(error: JobError): boolean {
  return (
    ['DecodeError', 'ReplyTooLarge', 'NotFound', 'RedirectRefused'].includes(error._tag) ||
    (error._tag === 'HttpError' && isPermanent(error))
  )
}
