import { defer, delay, map, merge, mergeMap, share, take, takeUntil, type Observable } from 'rxjs'
import type { Cluster } from '../../cluster.ts'
import { defined } from '../../common/defined.ts'
import { isLeft, right } from '../../common/either.ts'
import type { Result } from '../../error.ts'
import { isOver } from '../../model/job-state.ts'
import type { JobSelector } from '../../model/selection.ts'
import { rights } from '../../operators/rights.ts'
import { progress } from '../../progress.ts'
import { wait, waitForIdle } from '../../wait.ts'
import { progressOf, type Progress } from '../../view/progress-of.ts'
import { NO_PROGRESS } from '../../view/progress.ts'
import { watchDetails } from '../../watch.ts'
import type { Ending } from '../ending.ts'
import type { Context } from '../verb.ts'
import { showWaits, type Seen } from './show-waits.ts'

/** What to wait for, and how long. */
export interface WaitPlan {
  /** Waits for each job separately. */
  readonly selectors: readonly JobSelector[]
  readonly timeoutMs: number
  /** Expected number of objects, for the percentage. */
  readonly total?: number
  /** Whether to wait until the jobs are idle, instead of finished. */
  readonly isIdle?: boolean
  /** Whether the first wait that does not succeed ends all waits. */
  readonly isFailFast?: boolean
}

/** Waits for jobs, shows their progress, and prints one line for each. The exit code is the worst one. */
export function waitFor(context: Context, cluster: Cluster, plan: WaitPlan): Promise<Ending> {
  const waits = plan.selectors.map((selector) => ({
    job: defined(selector),
    seen: seenOf(cluster, selector, plan),
  }))
  return showWaits(context, cluster, waits, plan.isFailFast)
}

/** The kind of a job, its progress, and then the result of the wait for it. The three streams share their requests. */
function seenOf(
  cluster: Cluster,
  selector: JobSelector,
  { timeoutMs, total, isIdle = false }: WaitPlan,
): Observable<Seen> {
  // The reply that ends the wait also updates the counters. The delay lets that update through.
  const result = (isIdle ? waitForIdle : wait)(cluster, selector, { timeoutMs }).pipe(delay(0), share())
  const shown = progress(cluster, selector, total === undefined ? {} : { total: { objects: total } })
  const counters = selector.id === undefined ? withoutEarlierRuns(shown) : shown
  const kinds = watchDetails(cluster, selector).pipe(
    rights(),
    mergeMap((snapshots) => Object.values(snapshots).flat().slice(0, 1)),
    take(1),
  )
  return merge(
    kinds.pipe(
      map(({ kind }) => ({ kind })),
      takeUntil(result),
    ),
    counters.pipe(
      map((now) => ({ progress: now })),
      takeUntil(result),
    ),
    result.pipe(map((now) => ({ result: now }))),
  )
}

/** The progress before any run. */
const NO_RUN: Result<Progress> = right(progressOf(NO_PROGRESS, { stallMs: Infinity, lost: new Set() }))

/**
 * Replaces the progress of runs that had ended before the wait. They do not count for a wait by kind (protocol T7), so
 * the output must not show their end as the end of the wait.
 */
function withoutEarlierRuns(shown: Observable<Result<Progress>>): Observable<Result<Progress>> {
  return defer(() => {
    let hasRun = false
    return shown.pipe(
      map((now) => {
        if (isLeft(now)) return now
        hasRun ||= !isOver(now.right.state)
        return hasRun ? now : NO_RUN
      }),
    )
  })
}
