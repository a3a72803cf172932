import process from 'node:process'
import { fromEvent, lastValueFrom, merge, scan, takeUntil, tap, type Observable } from 'rxjs'
import { constant } from '../cadence.ts'
import { createCluster, type Cluster } from '../cluster.ts'
import type { Snapshots } from '../codec/snapshots.ts'
import { start } from '../commands.ts'
import { isLeft, isRight } from '../either.ts'
import { describe, isPermanent, type JobError, type Result } from '../error.ts'
import { andThen } from '../operators/and-then.ts'
import { poll } from '../operators/poll.ts'
import { requireSuccess } from '../operators/require-success.ts'
import { takeUntilDone } from '../operators/take-until-done.ts'
import { details } from '../queries.ts'
import type { WaitResult } from '../wait-result.ts'
import { wait } from '../wait.ts'
import { jobLines } from './job-lines.ts'
import { nextRows, noRows, type Rows } from './rows.ts'
import type { Screen } from './screen.ts'

/** A job that a demo may start on a cluster that is not its own. */
export interface Harmless {
  readonly kind: string
  readonly bucket: string
  readonly provider?: string | undefined
}

/** Watches the running jobs of somebody's cluster until interrupted, or until the job that it was told to start is over. */
export async function runForeign(screen: Screen, endpoint: string, refreshMs: number, job?: Harmless): Promise<number> {
  const cluster = createCluster(endpoint, { cadence: constant(refreshMs) })
  const interrupted = merge(fromEvent(process, 'SIGINT'), fromEvent(process, 'SIGTERM'))
  let code = 0
  const fail = (error: JobError): void => {
    screen.print(describe(error))
    code = 1
  }
  const watched = details(cluster, { onlyRunning: true }).pipe(
    poll(constant(refreshMs)),
    // What time cannot heal ends the watch; anything else is said, and the watch goes on.
    takeUntilDone(() => false),
    scan(look, { rows: noRows, problem: undefined, news: [] }),
    tap(({ rows, problem, news }) => {
      if (problem !== undefined && isPermanent(problem)) fail(problem)
      else if (news.length > 0) screen.print(...news)
      else if (problem === undefined) show(screen, jobLines(rows, endpoint))
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
  readonly rows: Rows
  readonly problem: JobError | undefined
  readonly news: readonly string[]
}

/** A problem is said once, however long it lasts: what was seen before it is no picture of now. */
function look({ rows, problem }: Look, seen: Result<Snapshots>): Look {
  if (isRight(seen)) return { rows: nextRows(rows, seen.right, Date.now()), problem: undefined, news: [] }
  const said = problem !== undefined && describe(problem) === describe(seen.left)
  return { rows, problem: seen.left, news: said ? [] : [`${describe(seen.left)}; asking again until interrupted`] }
}

/** Starts the job, and emits when it is over. */
function ended(
  screen: Screen,
  cluster: Cluster,
  { kind, bucket, provider }: Harmless,
  fail: (error: JobError) => void,
): Observable<Result<WaitResult>> {
  return start(cluster, { kind, bucket: { name: bucket, ...(provider === undefined ? {} : { provider }) } }).pipe(
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
