// A prefetch each night, with a deadline: if the prefetch is not over by then, it is stopped, and an alarm is raised.
import { exhaustMap, tap, timer, type Observable } from 'rxjs'
import { ended, explain, follow, isLeft, prefetch, requireSuccess, within } from 'aistore-rx'
import type { Bucket, Cluster, ObjectSelection, Result, WaitResult } from 'aistore-rx'

export interface Night {
  /** A remote bucket. */
  readonly bucket: Bucket
  readonly what: ObjectSelection
  /** The time from the launch to the deadline. */
  readonly deadlineMs: number
  readonly alarm: (text: string) => void
}

/** One night: the result, or a Left after the alarm. */
export const night = (cluster: Cluster, { bucket, what, deadlineMs, alarm }: Night): Observable<Result<WaitResult>> => {
  let hasStalled = false
  return follow(cluster, prefetch(cluster, { bucket, what, continueOnError: true }), {
    timeoutMs: Infinity, // The deadline below is the limit.
    abortOnUnsubscribe: true, // At the deadline, `within` unsubscribes.
  }).pipe(
    tap((event) => {
      if (isLeft(event) || event.right.type !== 'progressed' || !event.right.progress.stalled || hasStalled) return
      hasStalled = true
      alarm('the prefetch makes no progress')
    }),
    ended(),
    requireSuccess(),
    within(deadlineMs),
    tap((result) => {
      if (!isLeft(result)) return
      const { left: error } = result
      alarm(error._tag === 'WaitTimeout' ? 'the prefetch missed its deadline and was stopped' : explain(error))
    }),
  )
}

const DAY_MS = 86_400_000

/** Runs every night, never two at the same time. The stream does not end. */
export const main = (cluster: Cluster, options: Night, firstInMs: number): Observable<Result<WaitResult>> =>
  timer(firstInMs, DAY_MS).pipe(exhaustMap(() => night(cluster, options)))
