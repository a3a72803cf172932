import { forkJoin, from, map, mergeMap, of, switchMap, take, toArray, type Observable } from 'rxjs'
import { isLeft, right } from '../../common/either.ts'
import { defined } from '../../common/defined.ts'
import { explain, type Result } from '../../error.ts'
import type { Snapshots } from '../../codec/snapshots.ts'
import type { Cluster } from '../../cluster.ts'
import { watchJobs } from '../../jobs.ts'
import { isOver, type JobState } from '../../model/job-state.ts'
import { isDownloadId } from '../../model/download.ts'
import type { JobSelector } from '../../model/selection.ts'
import { mergeSnapshots, partsById } from '../../model/snapshot.ts'
import { rights } from '../../operators/rights.ts'
import { details } from '../../queries.ts'
import type { JobTable } from '../../view/rows.ts'
import { DONE, failure, type Ending } from '../ending.ts'
import { EXIT } from '../exit-code.ts'
import { columnsOf, isLive } from '../io.ts'
import { jobColumns, targetColumns } from '../jobs/job-columns.ts'
import { FILTERS, jobFilter } from '../jobs/job-filter.ts'
import { infosOf, type JobInfo } from '../jobs/job-info.ts'
import { LOOK, lookOf, type Look } from '../jobs/look.ts'
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
  details: 'ETA assumes the average pace of the run so far; `watch` measures the pace.',
  flags: {
    ...SELECTION,
    ...FILTERS,
    ...LOOK,
    ...REFRESH,
    verbose: { type: 'boolean', short: 'v', help: 'the targets of each job, too' },
  },
  examples: ['aistore-rx show --all', 'aistore-rx show copy-bucket --bucket ais://photos --json'],
  codes: [0, 4, 129, 130, 143],
  // `ais show job --refresh` is a habit of `ais` users.
  run: (context) => (context.args.text('refresh') === undefined ? once(context) : watch.run(context)),
}

async function once(context: Context): Promise<Ending> {
  const { args, printer, last } = context
  const subject = subjectOf(args)
  const choose = jobFilter(args, subject)
  const look = lookOf(args, context.io)
  const cluster = context.cluster()
  const selector: JobSelector = defined({ id: subject.ids.join(',') || undefined, kind: subject.kind })
  const showsEnded = args.has('all') || subject.ids.length > 0
  const replies: Observable<Replies | undefined> = forkJoin([
    watchJobs(cluster, selector).pipe(take(1)),
    // A kind without jobs is not an error, and an id that no target knows may be known to the Information Center.
    details(cluster, selector).pipe(map(emptyIfUnknown)),
  ]).pipe(switchMap((both) => withDownloads(cluster, both)))
  const seen = await last(replies, undefined)
  if (seen === undefined) return DONE
  const [table, snapshots] = seen
  if (isLeft(table)) return failure(table.left)
  if (isLeft(snapshots)) printer.note(`without counters: ${explain(snapshots.left)}`)
  const known = await last(
    withOutcomes(cluster, infosOf(table.right, isLeft(snapshots) ? {} : snapshots.right, Date.now()), showsEnded),
    [],
  )
  const missing = missingIds(subject, known)
  const hidden = new Set(
    Object.values(table.right)
      .filter((row) => isHidden(row, subject))
      .map(({ id }) => id),
  )
  const jobs = choose(known.filter((job) => (showsEnded || isOpen(job)) && !hidden.has(job.id)))
  if (jobs.length > 0) print(context, jobs, look)
  else if (missing === undefined)
    printer.note(showsEnded ? 'no job' : 'no job is running; --all shows those that have ended')
  return missing === undefined
    ? DONE
    : { code: EXIT.unreachable, message: `the cluster does not know ${missing}`, error: 'NotFound' }
}

type Replies = readonly [Result<JobTable>, Result<Snapshots>]

/** Adds the counters of running downloads, which only the download API has. */
function withDownloads(cluster: Cluster, [table, snapshots]: Replies): Observable<Replies> {
  if (isLeft(table) || isLeft(snapshots)) return of([table, snapshots])
  const known = partsById(snapshots.right)
  const unknown = Object.values(table.right).filter((row) => isDownloadId(row.id) && isOpen(row) && !known.has(row.id))
  return from(unknown).pipe(
    mergeMap(({ id }) => details(cluster, { id }).pipe(rights())),
    toArray(),
    map((downloads): Replies => [table, right(mergeSnapshots([snapshots.right, ...downloads]))]),
  )
}

/** The maximum number of jobs whose outcomes are requested; lists have no outcomes. */
const MAX_OUTCOMES = 100

/**
 * Requests the outcomes of jobs in the state `ended`, and of jobs that the list shows as running although all their targets
 * have ended: for some kinds, the Information Center learns of the end late. A job without an answer in time stays as it
 * is.
 */
function withOutcomes(cluster: Cluster, jobs: readonly JobInfo[], showsEnded: boolean): Observable<readonly JobInfo[]> {
  const unknown = jobs.filter((job) => (job.state === 'ended' ? showsEnded : isOpen(job) && isDone(job)))
  return from(unknown.slice(0, MAX_OUTCOMES)).pipe(
    mergeMap((job) => outcomeOf(cluster, job)),
    toArray(),
    map((outcomes) => new Map(outcomes.map((outcome) => [outcome.id, outcome]))),
    map((outcomes) => jobs.map((job) => ({ ...job, ...outcomes.get(job.id) }))),
  )
}

/** Whether the job has ended on all targets that show it. */
const isDone = ({ targets = [] }: JobInfo): boolean =>
  targets.length > 0 && targets.every(({ state }) => isOver(state as JobState))

const emptyIfUnknown = (result: Result<Snapshots>): Result<Snapshots> =>
  isLeft(result) && result.left._tag === 'NotFound' ? right({}) : result

function missingIds({ ids }: Subject, known: readonly JobInfo[]): string | undefined {
  const missing = ids.filter((id) => !known.some((job) => job.id === id))
  return missing.length === 0 ? undefined : missing.join(', ')
}

function print({ args, printer, io }: Context, jobs: readonly JobInfo[], look: Look): void {
  const width = columnsOf(io.stdout, io.env)
  const titles = args.has('no-headers') ? 0 : 1
  const isVerbose = args.has('verbose')
  // A terminal shows as many jobs as fit above the prompt. With `--top` or `--verbose`, it shows all of the jobs.
  const rows =
    isLive(io.stdout, io.env) && !isVerbose && args.text('top') === undefined ? (io.stdout.rows ?? Infinity) : Infinity
  const fits = jobs.length + titles < rows
  const shown = fits ? jobs : jobs.slice(0, Math.max(1, rows - 2 - titles))
  // A rate needs two polls.
  const columns = jobColumns(Date.now(), look).filter(({ title }) => title !== 'RATE')
  const table = layout(columns, shown, width, !args.has('no-headers'))
  printer.lines(...table.slice(0, titles))
  for (const [i, job] of shown.entries()) {
    printer.lines(table[i + titles] ?? '')
    if (isVerbose)
      printer.lines(...layout(targetColumns(look), job.targets ?? [], width - 2).map((line) => `  ${line}`))
  }
  if (!fits) printer.lines(cut(`... ${jobs.length - shown.length} more, --filter or --top`, width))
  for (const job of jobs) printer.record('job', jobRecord(job, isVerbose))
}
