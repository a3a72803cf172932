import type { Either } from 'fp-ts/lib/Either.js'
import { connect, filter, map, merge, mergeMap, of, takeUntil, type Observable } from 'rxjs'
import type { Cluster } from '../../cluster.ts'
import { defined } from '../../common/defined.ts'
import { isLeft, left, right } from '../../common/either.ts'
import type { JobError, LaunchError, LaunchResult } from '../../error.ts'
import { isLast, jobsOf, type FollowEvent } from '../../launch/follow-events.ts'
import { follow, type FollowOptions } from '../../launch/follow.ts'
import type { Jobs, Launched } from '../../launch/launched.ts'
import { progress } from '../../progress.ts'
import type { Flags } from '../arguments.ts'
import { DONE, failure, type Ending } from '../ending.ts'
import { UsageError } from '../usage-error.ts'
import { escape } from '../text/escape.ts'
import { REFRESH, type Context } from '../verb.ts'
import { showWaits, type Seen } from '../wait/show-waits.ts'

/** The flags of every verb that launches a job. */
export const LAUNCH: Flags = {
  ...REFRESH,
  wait: { type: 'boolean', help: 'wait until the job is over, as `wait` does' },
  timeout: { type: 'string', value: 'DURATION', help: 'with --wait: give up after this time, with exit code 3' },
  total: { type: 'string', value: 'N', help: 'with --wait: objects that the job will process' },
}

/** The exit codes of every verb that launches a job, besides 2 (invalid command line). */
export const LAUNCH_CODES: readonly number[] = [0, 1, 3, 4, 129, 130, 143]

/** The launch that a command line describes. */
export interface LaunchPlan {
  /** The kind by which a user finds the job if the reply is lost. */
  readonly kind: string
  readonly launch: (cluster: Cluster) => Observable<LaunchResult<Launched>>
}

/** Launches a job once, prints its id and, with `--wait`, shows its progress and prints how it ended. */
export async function launch(context: Context, { kind, launch: send }: LaunchPlan): Promise<Ending> {
  const { args, printer, last } = context
  const timeoutMs = args.ms('timeout') ?? Infinity
  const total = args.count('total')
  if (timeoutMs !== Infinity && !args.has('wait')) throw new UsageError('--timeout requires --wait')
  const cluster = context.cluster()
  const lookUp = `the job may have started: aistore-rx show ${kind}`
  context.setInterruptHint(lookUp)
  const launched = await last<LaunchResult<Launched> | undefined>(send(cluster), undefined)
  if (launched === undefined) return DONE
  if (isLeft(launched)) return notLaunched(launched.left, lookUp)
  const jobs = jobsOf(launched.right)
  const job = jobOf(jobs)
  for (const one of jobs) printer.record('started', one)
  if (job.id === undefined) printer.note(`started ${job.kind}; the cluster returned no id`)
  else printer.lines(escape(job.id))
  if (!args.has('wait')) return DONE
  const options = { timeoutMs, ...defined({ total: total === undefined ? undefined : { objects: total } }) }
  return showWaits(context, cluster, [{ job, seen: seenOf(cluster, launched.right, job, options) }])
}

/** Emits the progress and the result of a launch, and also the errors of its progress, which `follow` does not emit. */
function seenOf(
  cluster: Cluster,
  launched: Launched,
  job: { readonly kind: string; readonly id?: string },
  options: FollowOptions,
): Observable<Seen> {
  // A job that this launch joined may have started earlier, but its time counts from the launch. A job of this launch
  // alone needs no limit.
  const sinceMs = Math.min(...jobsOf(launched).map((one) => ('shared' in one ? one.sinceMs : -Infinity)))
  const seen = (event: Either<JobError, FollowEvent>): readonly Seen[] => {
    if (isLeft(event)) return [{ result: left(event.left) }]
    if (event.right.type === 'ended') return [{ result: right(event.right.result) }]
    if (event.right.type === 'launched') return []
    const { progress: latest } = event.right
    return [{ progress: right({ ...latest, elapsedMs: Math.min(latest.elapsedMs, Date.now() - sinceMs) }) }]
  }
  const errors = progress(cluster, job).pipe(
    filter(isLeft),
    map((error) => ({ progress: error })),
  )
  return follow(cluster, of(right(launched)), options).pipe(
    connect((events) => merge(errors.pipe(takeUntil(events.pipe(filter(isLast)))), events.pipe(mergeMap(seen)))),
  )
}

/** The jobs of one launch as a single row, with their ids separated by commas. */
function jobOf(jobs: Jobs): { readonly kind: string; readonly id?: string } {
  const ids = jobs.flatMap(({ id }) => id ?? [])
  return { kind: jobs[0]?.kind ?? '', ...(ids.length === 0 ? {} : { id: ids.join(',') }) }
}

/** The request is never repeated: it may have had its effect although the reply was lost. */
function notLaunched({ mayHaveStarted, ...error }: LaunchError, lookUp: string): Ending {
  const ending = failure(error)
  return mayHaveStarted ? { ...ending, message: `${ending.message ?? ''}; ${lookUp}` } : ending
}
