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

/** Minimum time between two redraws of a terminal, in milliseconds. */
const REDRAW_MS = 200

/** A job that the demo may start on the user's cluster, because it changes no data. */
export interface SafeJob {
  readonly kind: string
  readonly bucket: string
  readonly provider?: string | undefined
}

/** Watches the jobs of the user's cluster until an interrupt, or until the job that it started has ended. */
export async function runForeign(screen: Screen, endpoint: string, refreshMs: number, job?: SafeJob): Promise<number> {
  const cluster = createCluster(endpoint, { cadence: constant(refreshMs) })
  const interrupted = merge(fromEvent(process, 'SIGINT'), fromEvent(process, 'SIGTERM'))
  let code = 0
  const fail = (error: JobError): void => {
    screen.print(explain(error))
    code = 1
  }
  const watched = liveJobs(cluster, refreshMs).pipe(
    throttleTime(screen.live ? REDRAW_MS : refreshMs, asyncScheduler, { leading: true, trailing: true }),
    // A permanent error ends the watch. Any other error is printed, and the watch continues.
    takeUntilDone(() => false),
    scan(nextState, { problem: undefined, messages: [] }),
    tap(({ jobs, problem, messages }) => {
      if (problem !== undefined && isPermanent(problem)) fail(problem)
      else if (messages.length > 0) screen.print(...messages)
      else if (jobs !== undefined) show(screen, jobLines(jobs, endpoint, Date.now()))
    }),
  )
  const shown = job === undefined ? watched : watched.pipe(takeUntil(ended(screen, cluster, job, fail)))
  await lastValueFrom(shown.pipe(takeUntil(interrupted)), { defaultValue: undefined })
  return code
}

const show = (screen: Screen, lines: readonly string[]): void =>
  screen.live ? screen.draw(lines) : screen.print(...lines)

/** The newest jobs or problem, and the messages that have not been printed yet. */
interface WatchState {
  readonly jobs?: WatchedJobs
  readonly problem: JobError | undefined
  readonly messages: readonly string[]
}

/**
 * Reports a problem once, however long it lasts. Until it is over, there are no jobs, because the old ones are stale.
 */
function nextState({ problem }: WatchState, seen: Result<WatchedJobs>): WatchState {
  if (isRight(seen)) return { jobs: seen.right, problem: undefined, messages: [] }
  const isRepeated = problem !== undefined && explain(problem) === explain(seen.left)
  return { problem: seen.left, messages: isRepeated ? [] : [`${explain(seen.left)}; retrying until interrupted`] }
}

/** Starts the job, and emits when it has ended. */
function ended(
  screen: Screen,
  cluster: Cluster,
  { kind, bucket, provider }: SafeJob,
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
