import { forkJoin, from, map, mergeMap, take, toArray, type Observable } from 'rxjs'
import { isLeft, right } from '../../common/either.ts'
import { defined } from '../../common/defined.ts'
import { explain, type Result } from '../../error.ts'
import type { Snapshots } from '../../codec/snapshots.ts'
import type { Cluster } from '../../cluster.ts'
import { watchJobs } from '../../jobs.ts'
import { isOver, type JobState } from '../../model/job-state.ts'
import type { JobSelector } from '../../model/selection.ts'
import { details } from '../../queries.ts'
import type { JobTable } from '../../view/rows.ts'
import { DONE, failure, type Ending } from '../ending.ts'
import { EXIT } from '../exit-code.ts'
import { columnsOf, hasColour, isLive } from '../io.ts'
import { jobColumns, targetColumns } from '../jobs/job-columns.ts'
import { FILTERS, jobFilter } from '../jobs/job-filter.ts'
import { infosOf, type JobInfo } from '../jobs/job-info.ts'
import { jobRecord } from '../jobs/job-record.ts'
import { outcomeOf } from '../jobs/outcome-of.ts'
import { isHidden, subjectOf, type Subject } from '../subject.ts'
import { layout } from '../text/table.ts'
import { cut } from '../text/width.ts'
import { isOpen } from '../jobs/watched-jobs.ts'
import { REFRESH, SELECTION, type Context, type Verb } from '../verb.ts'
import { watch } from './watch.ts'

/** Shows jobs once. */
export const show: Verb = {
  name: 'show',
  summary: 'show jobs once; running ones, or --all',
  usage: '[NAME] [ID] [BUCKET]',
  flags: {
    ...SELECTION,
    ...FILTERS,
    ...REFRESH,
    verbose: { type: 'boolean', short: 'v', help: 'the targets of each job, too' },
  },
  examples: ['aistore-rx show --all', 'aistore-rx show copy-bucket --bucket ais://photos --json'],
  codes: [0, 4, 130, 143],
  // `ais show job --refresh` is a habit.
  run: (context) => (context.args.text('refresh') === undefined ? once(context) : watch.run(context)),
}

async function once(context: Context): Promise<Ending> {
  const { args, printer, last } = context
  const subject = subjectOf(args)
  const choose = jobFilter(args, subject)
  const cluster = context.cluster()
  const selector: JobSelector = defined({ id: subject.ids.join(',') || undefined, kind: subject.kind })
  const hasEnded = args.has('all') || subject.ids.length > 0
  const replies: Observable<readonly [Result<JobTable>, Result<Snapshots>] | undefined> = forkJoin([
    watchJobs(cluster, selector).pipe(take(1)),
    // A kind without jobs is not an error, and an id that no target knows may be known to the Information Center.
    details(cluster, selector).pipe(map(emptyIfUnknown)),
  ])
  const seen = await last(replies, undefined)
  if (seen === undefined) return DONE
  const [table, snapshots] = seen
  if (isLeft(table)) return failure(table.left)
  if (isLeft(snapshots)) printer.note(`without counters: ${explain(snapshots.left)}`)
  const known = await last(
    withOutcomes(cluster, infosOf(table.right, isLeft(snapshots) ? {} : snapshots.right), hasEnded),
    [],
  )
  const missing = missingIds(subject, known)
  const hidden = new Set(
    Object.values(table.right)
      .filter((row) => isHidden(row, subject))
      .map(({ id }) => id),
  )
  const jobs = choose(known.filter((job) => (hasEnded || isOpen(job)) && !hidden.has(job.id)))
  if (jobs.length > 0) print(context, jobs)
  else if (missing === undefined)
    printer.note(hasEnded ? 'no job' : 'no job is running; --all shows those that have ended')
  return missing === undefined
    ? DONE
    : { code: EXIT.unreachable, message: `the cluster does not know ${missing}`, error: 'NotFound' }
}

/** How many jobs are asked for their outcome, which lists do not have. */
const MAX_OUTCOMES = 100

/**
 * Finds out how jobs have ended, which takes further requests. A job stays as it is where there is no answer in time.
 *
 * It does so for the state `ended`, and for a job that runs by the list although all its targets are done: for some
 * kinds, the Information Center learns late of an end.
 */
function withOutcomes(cluster: Cluster, jobs: readonly JobInfo[], hasEnded: boolean): Observable<readonly JobInfo[]> {
  const open = jobs.filter((job) => (job.state === 'ended' ? hasEnded : isOpen(job) && isDone(job)))
  return from(open.slice(0, MAX_OUTCOMES)).pipe(
    mergeMap((job) => outcomeOf(cluster, job)),
    toArray(),
    map((outcomes) => new Map(outcomes.map((outcome) => [outcome.id, outcome]))),
    map((outcomes) => jobs.map((job) => ({ ...job, ...outcomes.get(job.id) }))),
  )
}

const isDone = ({ targets = [] }: JobInfo): boolean =>
  targets.length > 0 && targets.every(({ state }) => isOver(state as JobState))

const emptyIfUnknown = (result: Result<Snapshots>): Result<Snapshots> =>
  isLeft(result) && result.left._tag === 'NotFound' ? right({}) : result

function missingIds({ ids }: Subject, known: readonly JobInfo[]): string | undefined {
  const missing = ids.filter((id) => !known.some((job) => job.id === id))
  return missing.length === 0 ? undefined : missing.join(', ')
}

function print({ args, printer, io }: Context, jobs: readonly JobInfo[]): void {
  const width = columnsOf(io.stdout, io.env)
  const isColoured = !args.has('no-color') && hasColour(io.stdout, io.env)
  const titles = args.has('no-headers') ? 0 : 1
  const isVerbose = args.has('verbose')
  // The prompt takes the last row of a terminal. A user who asks for a number of jobs or for their targets gets all of them.
  const rows =
    isLive(io.stdout, io.env) && !isVerbose && args.text('top') === undefined ? (io.stdout.rows ?? Infinity) : Infinity
  const fits = jobs.length + titles < rows
  const shown = fits ? jobs : jobs.slice(0, Math.max(1, rows - 2 - titles))
  // A rate needs two polls.
  const columns = jobColumns(Date.now(), isColoured).filter(({ title }) => title !== 'RATE')
  const table = layout(columns, shown, width, !args.has('no-headers'))
  printer.lines(...table.slice(0, titles))
  for (const [i, job] of shown.entries()) {
    printer.lines(table[i + titles] ?? '')
    if (isVerbose) printer.lines(...layout(targetColumns, job.targets ?? [], width - 2).map((line) => `  ${line}`))
  }
  if (!fits) printer.lines(cut(`... ${jobs.length - shown.length} more, --filter or --top`, width))
  for (const job of jobs) printer.record('job', jobRecord(job, isVerbose))
}
