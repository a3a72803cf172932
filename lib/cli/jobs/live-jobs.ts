import {
  BehaviorSubject,
  connect,
  delay,
  distinct,
  EMPTY,
  filter,
  map,
  merge,
  mergeMap,
  pairwise,
  scan,
  take,
  takeUntil,
  timestamp,
  type Observable,
} from 'rxjs'
import { constant } from '../../cadence.ts'
import type { Cluster } from '../../cluster.ts'
import { isLeft, left, right } from '../../common/either.ts'
import type { JobError, Result } from '../../error.ts'
import { watchJobs } from '../../jobs.ts'
import type { JobSelector } from '../../model/selection.ts'
import { rights } from '../../operators/rights.ts'
import { progress } from '../../progress.ts'
import type { Progress } from '../../view/progress-of.ts'
import { tableOfRows, type JobRow, type JobTable } from '../../view/rows.ts'
import { outcomeOf, type JobOutcome } from './outcome-of.ts'
import { NO_JOBS, isOpen, withOutcome, withProgress, withTable, type WatchedJobs } from './watched-jobs.ts'
import { getOwn } from '../../common/get-own.ts'

/**
 * Maximum number of jobs whose counters are polled at the same time. Further jobs show only their state. The polls
 * of several jobs share a request, so this limits the work of the client, not of the cluster.
 */
export const MAX_WITH_PROGRESS = 200

const MAX_OUTCOMES_AT_ONCE = 20

interface JobProgress {
  readonly id: string
  readonly progress: Progress
}

/** The last known jobs, and the error of the last poll if it failed. */
interface Seen {
  readonly jobs: WatchedJobs
  readonly problem?: JobError | undefined
}

/** Which jobs to watch. */
export interface LiveOptions {
  /** How often to request the jobs. */
  readonly refreshMs: number
  /** By id and kind. Defaults to all jobs. */
  readonly selector?: JobSelector
  /** Whether to show also jobs that had ended before the watch. Defaults to false. */
  readonly hasPast?: boolean
}

/**
 * Watches running jobs with their counters, and each job for a while after its end.
 *
 * @returns The jobs, each time that a table or a counter changes; a Left instead while the jobs cannot be listed.
 */
export function liveJobs(
  cluster: Cluster,
  { refreshMs, selector, hasPast = false }: LiveOptions,
): Observable<Result<WatchedJobs>> {
  const tables = watchJobs(cluster, selector, { cadence: constant(refreshMs) })
  return tables.pipe(
    connect((shared) =>
      merge(
        shared,
        shared.pipe(rights(), counters(cluster, refreshMs)),
        hasPast ? shared.pipe(rights(), pastOutcomes(cluster)) : EMPTY,
      ),
    ),
    timestamp(),
    scan(
      ({ jobs, problem }: Seen, { value, timestamp: atMs }): Seen => {
        if ('progress' in value) return { jobs: withProgress(jobs, value.id, value.progress), problem }
        if ('state' in value) return { jobs: withOutcome(jobs, value), problem }
        return isLeft(value) ? { jobs, problem: value.left } : { jobs: withTable(jobs, value.right, atMs, hasPast) }
      },
      { jobs: NO_JOBS },
    ),
    map(({ jobs, problem }) => (problem === undefined ? right(jobs) : left(problem))),
  )
}

/** Follows the progress of each job from the first table that lists it as running until one that does not. */
const counters =
  (cluster: Cluster, refreshMs: number) =>
  (source: Observable<JobTable>): Observable<JobProgress> => {
    const progressOf = (tables: Observable<JobTable>, { id }: JobRow): Observable<JobProgress> =>
      tables.pipe(
        // The job may have ended while it waited for one of the slots.
        take(1),
        filter((table) => isOpen(getOwn(table, id))),
        mergeMap(() => progress(cluster, { id }, { cadence: constant(refreshMs) })),
        rights(),
        map((now) => ({ id, progress: now })),
        // The reply that reports the end also updates the counters. The delay lets that update through.
        takeUntil(
          tables.pipe(
            filter((table) => !isOpen(getOwn(table, id))),
            delay(0),
          ),
        ),
      )
    const progressOfAll = (tables: Observable<JobTable>): Observable<JobProgress> =>
      tables.pipe(
        pairwise(),
        mergeMap(newlyOpen),
        mergeMap((row) => progressOf(tables, row), MAX_WITH_PROGRESS),
      )
    return source.pipe(connect(progressOfAll, { connector: () => new BehaviorSubject(tableOfRows([])) }))
  }

/** The outcomes of the jobs that had ended before the watch. */
const pastOutcomes =
  (cluster: Cluster) =>
  (tables: Observable<JobTable>): Observable<JobOutcome> =>
    tables.pipe(
      mergeMap((table) => Object.values(table).filter(({ state }) => state === 'ended')),
      distinct(({ id }) => id),
      mergeMap((row) => outcomeOf(cluster, row), MAX_OUTCOMES_AT_ONCE),
    )

const newlyOpen = ([before, now]: readonly [JobTable, JobTable]): readonly JobRow[] =>
  Object.values(now).filter((row) => isOpen(row) && !isOpen(getOwn(before, row.id)))
