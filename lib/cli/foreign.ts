import process from 'node:process'
import {
  asyncScheduler,
  fromEvent,
  lastValueFrom,
  merge,
  scan,
  takeUntil,
  tap,
  throttleTime,
  type Observable,
} from 'rxjs'
import { constant } from '../cadence.ts'
import { createCluster, type Cluster } from '../cluster.ts'
import { start } from '../commands.ts'
import { isLeft, isRight } from '../common/either.ts'
import { explain, isPermanent, type JobError, type Result } from '../error.ts'
import { andThen } from '../operators/and-then.ts'
import { requireSuccess } from '../operators/require-success.ts'
import { takeUntilDone } from '../operators/take-until-done.ts'
import type { WaitResult } from '../model/wait-result.ts'
import { wait } from '../wait.ts'
import { jobLines } from './job-lines.ts'
import { liveJobs } from './live-jobs.ts'
import type { Screen } from './screen.ts'
import type { WatchedJobs } from './watched-jobs.ts'
import { defined } from '../common/defined.ts'

/** The shortest time between two redraws of a terminal, in milliseconds. */
const DRAWN_MS = 200

/** A job that a demo may start on a cluster that is not its own. */
export interface Harmless {
  readonly kind: string
  readonly bucket: string
  readonly provider?: string | undefined
}

/** Watches the jobs of a given cluster until an interrupt, or until the job that the command started is over. */
export async function runForeign(screen: Screen, endpoint: string, refreshMs: number, job?: Harmless): Promise<number> {
  const cluster = createCluster(endpoint, { cadence: constant(refreshMs) })
  const interrupted = merge(fromEvent(process, 'SIGINT'), fromEvent(process, 'SIGTERM'))
  let code = 0
  const fail = (error: JobError): void => {
    screen.print(explain(error))
    code = 1
  }
  const watched = liveJobs(cluster, refreshMs).pipe(
    throttleTime(screen.live ? DRAWN_MS : refreshMs, asyncScheduler, { leading: true, trailing: true }),
    // What time cannot heal ends the watch; anything else is said, and the watch goes on.
    takeUntilDone(() => false),
    scan(look, { problem: undefined, news: [] }),
    tap(({ jobs, problem, news }) => {
      if (problem !== undefined && isPermanent(problem)) fail(problem)
      else if (news.length > 0) screen.print(...news)
      else if (jobs !== undefined) show(screen, jobLines(jobs, endpoint, Date.now()))
    }),
  )
  const shown = job === undefined ? watched : watched.pipe(takeUntil(ended(screen, cluster, job, fail)))
  await lastValueFrom(shown.pipe(takeUntil(interrupted)), { defaultValue: undefined })
  return code
}

const show = (screen: Screen, lines: readonly string[]): void =>
  screen.live ? screen.draw(lines) : screen.print(...lines)

/** What is known of the cluster, and what of it has not been said yet. */
interface Look {
  readonly jobs?: WatchedJobs
  readonly problem: JobError | undefined
  readonly news: readonly string[]
}

/** A problem is said once, however long it lasts: what was seen before it is no picture of now. */
function look({ problem }: Look, seen: Result<WatchedJobs>): Look {
  if (isRight(seen)) return { jobs: seen.right, problem: undefined, news: [] }
  const said = problem !== undefined && explain(problem) === explain(seen.left)
  return { problem: seen.left, news: said ? [] : [`${explain(seen.left)}; asking again until interrupted`] }
}

/** Starts the job, and emits when it is over. */
function ended(
  screen: Screen,
  cluster: Cluster,
  { kind, bucket, provider }: Harmless,
  fail: (error: JobError) => void,
): Observable<Result<WaitResult>> {
  return start(cluster, { kind, bucket: { name: bucket, ...defined({ provider }) } }).pipe(
    tap((started) => isRight(started) && screen.print(`started ${kind}[${started.right.id ?? ''}] over ${bucket}`)),
    andThen((job) => wait(cluster, job, { timeoutMs: Infinity })),
    tap((result) => {
      if (isRight(result)) screen.print(`${kind}[${result.right.jobId ?? ''}] ${result.right.outcome}`)
    }),
    requireSuccess(),
    tap((result) => {
      if (isLeft(result)) fail(result.left)
    }),
  )
}
