import {
  BehaviorSubject,
  connect,
  delay,
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
import { constant } from '../cadence.ts'
import type { Cluster } from '../cluster.ts'
import { isLeft, left, right } from '../common/either.ts'
import type { JobError, Result } from '../error.ts'
import { watchJobs } from '../jobs.ts'
import { rights } from '../operators/rights.ts'
import { progress } from '../progress.ts'
import type { Progress } from '../view/progress-of.ts'
import { tableOfRows, type JobRow, type JobTable } from '../view/rows.ts'
import { NO_JOBS, isOpen, withProgress, withTable, type WatchedJobs } from './watched-jobs.ts'

/** Of so many jobs at once are the counters asked for; of the others the state is shown. */
export const MOST_COUNTED = 50

interface Counted {
  readonly id: string
  readonly progress: Progress
}

interface Seen {
  readonly jobs: WatchedJobs
  readonly problem?: JobError | undefined
}

/**
 * Watches all jobs that run, with their counters, and each job for a while after its end.
 *
 * @returns the jobs each time that a table or a counter is new; a Left instead as long as the lists of the cluster bring none
 */
export function liveJobs(cluster: Cluster, refreshMs: number): Observable<Result<WatchedJobs>> {
  const tables = watchJobs(cluster, undefined, { cadence: constant(refreshMs) })
  return tables.pipe(
    connect((shared) => merge(shared, shared.pipe(rights(), counters(cluster, refreshMs)))),
    timestamp(),
    scan(
      ({ jobs, problem }: Seen, { value, timestamp: atMs }): Seen => {
        if ('id' in value) return { jobs: withProgress(jobs, value.id, value.progress), problem }
        return isLeft(value) ? { jobs, problem: value.left } : { jobs: withTable(jobs, value.right, atMs) }
      },
      { jobs: NO_JOBS },
    ),
    map(({ jobs, problem }) => (problem === undefined ? right(jobs) : left(problem))),
  )
}

/** Follows the progress of each job from the table in which it runs to the one in which it does not. */
const counters =
  (cluster: Cluster, refreshMs: number) =>
  (source: Observable<JobTable>): Observable<Counted> => {
    const counted = (tables: Observable<JobTable>, { id }: JobRow): Observable<Counted> =>
      tables.pipe(
        // It may have ended while it waited for its turn.
        take(1),
        filter((table) => isOpen(table[id])),
        mergeMap(() => progress(cluster, { id }, { cadence: constant(refreshMs) })),
        rights(),
        map((now) => ({ id, progress: now })),
        // What the reply that tells of the end says of the counters comes with it.
        takeUntil(
          tables.pipe(
            filter((table) => !isOpen(table[id])),
            delay(0),
          ),
        ),
      )
    const all = (tables: Observable<JobTable>): Observable<Counted> =>
      tables.pipe(
        pairwise(),
        mergeMap(opened),
        mergeMap((row) => counted(tables, row), MOST_COUNTED),
      )
    return source.pipe(connect(all, { connector: () => new BehaviorSubject(tableOfRows([])) }))
  }

const opened = ([before, now]: readonly [JobTable, JobTable]): readonly JobRow[] =>
  Object.values(now).filter((row) => isOpen(row) && !isOpen(before[row.id]))
