import { asyncScheduler, map, scan, take, takeWhile, tap, throttleTime } from 'rxjs'
import { isRight } from '../../common/either.ts'
import { defined } from '../../common/defined.ts'
import { explain, isPermanent, type JobError, type Result } from '../../error.ts'
import { changes } from '../jobs/changes.ts'
import { DONE, failure, type Ending } from '../ending.ts'
import { columnsOf } from '../io.ts'
import { jobColumns } from '../jobs/job-columns.ts'
import { FILTERS, jobFilter } from '../jobs/job-filter.ts'
import { inOrder, infoOfWatched, type JobInfo } from '../jobs/job-info.ts'
import { jobRecord } from '../jobs/job-record.ts'
import { LOOK, lookOf, type Look } from '../jobs/look.ts'
import { liveJobs } from '../jobs/live-jobs.ts'
import { neverReached, untilFirst } from '../reach.ts'
import { screenOf } from '../screen.ts'
import { isHidden, subjectOf } from '../subject.ts'
import { jsonLine } from '../text/escape.ts'
import { watchBlock, watchLine } from '../jobs/watch-block.ts'
import type { WatchedJobs } from '../jobs/watched-jobs.ts'
import { REFRESH, SELECTION, type Context, type Verb } from '../verb.ts'

/** Minimum time between two updates of the output, in milliseconds. */
const REDRAW_MS = 200

/** Watches jobs until it is interrupted. */
export const watch: Verb = {
  name: 'watch',
  summary: 'watch jobs until interrupted; ended jobs stay, with their outcomes',
  usage: '[NAME] [ID] [BUCKET]',
  flags: {
    ...SELECTION,
    ...FILTERS,
    ...LOOK,
    ...REFRESH,
    count: { type: 'string', value: 'N', help: 'end after N updates' },
    verbose: { type: 'boolean', short: 'v', help: 'accepted as by `show`, but without effect' },
  },
  examples: ['aistore-rx watch', 'aistore-rx watch rebalance --json'],
  codes: [0, 4, 130, 143],
  run,
}

/** The jobs, and the error of the last poll if it failed. */
interface Seen {
  readonly jobs: WatchedJobs
  readonly atMs: number
  readonly problem?: JobError
}

async function run(context: Context): Promise<Ending> {
  const { args, refreshMs, last } = context
  const subject = subjectOf(args)
  const choose = jobFilter(args, subject)
  const look = lookOf(args, context.io)
  const cluster = context.cluster()
  context.setInterruptHint('the jobs go on')
  const selector = defined({ id: subject.ids.join(',') || undefined, kind: subject.kind })
  const view = viewOf(context, look, cluster.endpoints[0] ?? '')
  const updates = liveJobs(cluster, { refreshMs, selector, hasPast: args.has('all') || subject.ids.length > 0 }).pipe(
    throttleTime(REDRAW_MS, asyncScheduler, { leading: true, trailing: true }),
    scan(nextSeen, { jobs: { byId: new Map() }, atMs: 0 }),
    takeWhile(({ problem }) => problem === undefined || !isPermanent(problem), true),
    tap((seen) => {
      const shown = [...seen.jobs.byId.values()].filter(({ row }) => !isHidden(row, subject))
      view.show(choose(inOrder(shown.map(infoOfWatched))), seen)
    }),
    map(({ problem }) => (problem === undefined ? DONE : failure(problem))),
    take(args.count('count') ?? Infinity),
  )
  const end = await last(untilFirst(updates, neverReached(context, cluster)), DONE)
  view.close()
  return end
}

function nextSeen(previous: Seen, now: Result<WatchedJobs>): Seen {
  // While the cluster does not reply, the last known jobs stay, with the time of their report.
  return isRight(now) ? { jobs: now.right, atMs: Date.now() } : { ...previous, problem: now.left }
}

interface View {
  readonly isLive: boolean
  show(jobs: readonly JobInfo[], seen: Seen): void
  close(): void
}

/** Draws a table in place on a terminal; elsewhere, prints a line for each change. */
function viewOf({ args, io, printer }: Context, look: Look, endpoint: string): View {
  const screen = screenOf(io.stdout, io.env)
  const isLive = screen.live && !printer.isJson
  const changed = changes()
  const written = new Map<string, string>()
  let problem: string | undefined
  let hasNoted = false
  // Without this note, a command that writes to a pipe would print nothing until a job starts.
  const noteNone = (jobs: readonly JobInfo[], { problem: now }: Seen): void => {
    if (!hasNoted && jobs.length === 0 && now === undefined)
      printer.note('no job is running; waiting until interrupted')
    hasNoted = true
  }
  const noteProblem = ({ problem: now }: Seen): void => {
    // A permanent error ends the command, which then prints the error.
    const text = now === undefined || isPermanent(now) ? undefined : explain(now)
    if (text !== undefined && text !== problem) printer.note(`${text}; retrying`)
    problem = text
  }
  return {
    isLive,
    close: () => screen.close(),
    show: (jobs, seen) => {
      if (isLive) {
        screen.draw(() =>
          watchBlock(jobs, {
            ...seen,
            endpoint,
            nowMs: Date.now(),
            width: screen.columns,
            rows: screen.rows,
            look,
            hasHeader: !args.has('no-headers'),
          }),
        )
        return
      }
      noteProblem(seen)
      noteNone(jobs, seen)
      for (const job of changed(jobs, Date.now()))
        printer.lines(watchLine(job, jobColumns(Date.now(), look), columnsOf(io.stdout, io.env)))
      for (const job of printer.isJson ? jobs : []) {
        const record = jobRecord(job)
        const line = jsonLine(Object.entries(record).map(([name, value]) => `${name} ${String(value)}`))
        if (written.get(job.id) !== line) printer.record('job', record)
        written.set(job.id, line)
      }
    },
  }
}
