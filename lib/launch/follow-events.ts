import { map, merge, of, takeWhile, tap, type Observable } from 'rxjs'
import { defined } from '../common/defined.ts'
import { isLeft, right } from '../common/either.ts'
import type { ClusterLike, Environment } from '../environment.ts'
import type { Result } from '../error.ts'
import type { WaitResult } from '../model/wait-result.ts'
import type { Progress } from '../view/progress-of.ts'
import { allOf, wait, type WaitOptions } from '../wait.ts'
import { completed, progressSince } from './launch-progress.ts'
import type { Jobs, Launched, Total } from './launched.ts'

/** An event of {@link follow}. `jobs` is plain data that can be stored. It is empty if the server was done when it replied. */
export type FollowEvent =
  /** The cluster has accepted the launch. */
  | { readonly type: 'launched'; readonly jobs: Jobs }
  /** The progress of all jobs together. */
  | { readonly type: 'progressed'; readonly jobs: Jobs; readonly progress: Progress }
  /** The jobs are over, or idle if their kind idles. Of several jobs, the outcome is the worst. */
  | {
      readonly type: 'ended'
      readonly jobs: Jobs
      readonly result: WaitResult
      /** The last progress. After a success its ratio, if there is one, is 1. Absent if no reply had counters. */
      readonly progress?: Progress
    }

/** The jobs of a launch: none if it was done already. */
export function jobsOf(launched: Launched): Jobs {
  if (isList(launched)) return launched
  return 'done' in launched ? [] : [launched]
}

const event = (one: FollowEvent): Result<FollowEvent> => right(one)

const isList = (launched: Launched): launched is Jobs => Array.isArray(launched)

/** Whether this is the last value of the stream: the event `ended` or, as in a wait, a Left. */
export const isLast = (event: Result<FollowEvent>): boolean => isLeft(event) || event.right.type === 'ended'

interface EventsOptions extends WaitOptions {
  readonly stallMs?: number | undefined
}

/** @internal The events after a launch. */
export function eventsOf(
  cluster: ClusterLike,
  env: Environment,
  launched: Launched,
  total: Total | undefined,
  { timeoutMs, cadence, stallMs }: EventsOptions,
): Observable<Result<FollowEvent>> {
  const jobs = jobsOf(launched)
  const first = of(event({ type: 'launched', jobs }))
  const [one] = jobs
  if (one === undefined) {
    const { kind } = isList(launched) ? { kind: undefined } : launched
    const result: WaitResult = { ...defined({ kind }), outcome: 'finished', success: true, aborted: false }
    return merge(first, of(event({ type: 'ended', jobs, result })))
  }
  const id = jobs.every((job) => job.id !== undefined) ? jobs.map((job) => job.id).join(',') : undefined
  const expected = jobs.length === 1 && 'expected' in one ? one.expected : undefined
  const paged = jobs.some((job) => 'paged' in job) ? true : undefined
  const selector = { kind: one.kind, ...defined({ id, expected, paged }) }
  let lastProgress: Progress | undefined
  const progressed = progressSince(cluster, env, selector, jobs, { ...defined({ cadence, stallMs, total }) }).pipe(
    tap((progress) => (lastProgress = progress)),
    map((progress) => event({ type: 'progressed', jobs, progress })),
  )
  const options = { timeoutMs, cadence }
  const result = jobs.every((job) => 'mayBeUnknown' in job)
    ? endOfMaybeUnknown(cluster, jobs, options)
    : wait(cluster, selector, options)
  const ended = result.pipe(
    map((result) =>
      isLeft(result)
        ? result
        : event({
            type: 'ended',
            jobs,
            result: result.right,
            ...defined({ progress: completed(lastProgress, result.right) }),
          }),
    ),
  )
  return merge(first, progressed, ended).pipe(takeWhile((event) => !isLast(event), true))
}

/**
 * The error message of AIStore for a bucket that does not exist: the bucket is in quotes. No message about a job has
 * this form.
 */
const NO_BUCKET = /\bbucket "/

/** Each job has its own wait, since a job that no target knows says nothing about the other jobs. */
function endOfMaybeUnknown(cluster: ClusterLike, jobs: Jobs, options: WaitOptions): Observable<Result<WaitResult>> {
  const byId = new Map(jobs.map(({ id, kind }) => [id, kind]))
  return allOf(
    [...byId].map(([id, kind]) =>
      wait(cluster, { kind, ...defined({ id }) }, options).pipe(map((result) => orNothingToDo(result, id, kind))),
    ),
  )
}

/**
 * A job with `mayBeUnknown` that no target knows had nothing to do, so it is a success. A missing bucket is an error.
 */
const orNothingToDo = (result: Result<WaitResult>, jobId: string | undefined, kind: string): Result<WaitResult> =>
  isLeft(result) && result.left._tag === 'NotFound' && !NO_BUCKET.test(result.left.message)
    ? right({ ...defined({ jobId, kind }), outcome: 'finished', success: true, aborted: false })
    : result
