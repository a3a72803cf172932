import { from, map, mergeMap, of, scan, switchMap, type Observable } from 'rxjs'
import type { Cluster } from '../../cluster.ts'
import { abort } from '../../commands.ts'
import { isLeft, left, right } from '../../common/either.ts'
import { defined } from '../../common/defined.ts'
import { explain, type Result } from '../../error.ts'
import { running } from '../../listings.ts'
import { isOver, stateOfAll } from '../../model/job-state.ts'
import { isTerminal } from '../../model/snapshot.ts'
import { details } from '../../queries.ts'
import { wait } from '../../wait.ts'
import { DONE, failure, worseOf, type Ending } from '../ending.ts'
import { UsageError } from '../usage-error.ts'
import { subjectOf } from '../subject.ts'
import { escape } from '../text/escape.ts'
import { REFRESH, SELECTION, type Context, type Verb } from '../verb.ts'

const TIMEOUT_MS = 30_000
/** The number of jobs that are aborted at the same time. */
const AT_ONCE = 8

/** Aborts jobs, and waits until they have stopped. */
export const stop: Verb = {
  name: 'stop',
  summary: 'abort jobs, and wait until they have stopped',
  usage: 'ID... | NAME | --all',
  flags: {
    ...SELECTION,
    ...REFRESH,
    all: { type: 'boolean', help: 'every running job; requires --yes' },
    yes: { type: 'boolean', short: 'y', help: 'confirms --all' },
    timeout: { type: 'string', value: 'DURATION', help: 'how long to wait for the effect (30s)' },
  },
  examples: ['aistore-rx stop zOCwz4iJS', 'aistore-rx stop rebalance --timeout 2m'],
  codes: [0, 3, 4, 129, 130, 143],
  run,
}

/** The result of one abort. */
interface Stopped {
  readonly id: string
  /** Absent if it cannot be known. */
  readonly outcome?: string
  readonly wasOver: boolean
}

async function run(context: Context): Promise<Ending> {
  const { args, printer, last } = context
  const { ids, kind, bucket } = subjectOf(args)
  const isAll = args.has('all')
  if (ids.length === 0 && kind === undefined && !isAll)
    throw new UsageError('stop expected an id, the name of a kind, or --all --yes')
  if (isAll && !args.has('yes')) throw new UsageError('stop --all aborts every running job of the cluster; add --yes')
  const timeoutMs = args.ms('timeout') ?? TIMEOUT_MS
  const cluster = context.cluster()
  const chosen: Observable<Result<readonly string[]>> =
    ids.length > 0
      ? of(right(ids))
      : running(cluster, defined({ kind, bucket })).pipe(
          map((result) => (isLeft(result) ? result : right(result.right.map(({ id }) => id)))),
        )
  const found = await last<Result<readonly string[]>>(chosen, right([]))
  if (isLeft(found)) return failure(found.left)
  if (found.right.length === 0) printer.note(`no ${kind ?? 'job'} is running`)
  else context.setInterruptHint(`the abort may be under way: aistore-rx show ${found.right.join(' ')}`)
  const worst = from(found.right).pipe(
    mergeMap((id) => stopJob(cluster, id, timeoutMs).pipe(map((result) => ({ id, result }))), AT_ONCE),
    map(({ id, result }) => {
      if (isLeft(result) && found.right.length > 1) printer.note(`${id}: ${explain(result.left)}`)
      if (!isLeft(result)) print(context, result.right)
      return isLeft(result) ? failure(result.left) : DONE
    }),
    scan(worseOf, DONE),
  )
  return last(worst, DONE)
}

/** Aborts a job unless it is over, and emits its outcome. The job may end by itself before the abort has an effect. */
function stopJob(cluster: Cluster, id: string, timeoutMs: number): Observable<Result<Stopped>> {
  const ended = (wasOver: boolean): Observable<Result<Stopped>> =>
    wait(cluster, { id }, { timeoutMs }).pipe(
      map((result) => (isLeft(result) ? left(result.left) : right({ id, wasOver, outcome: result.right.outcome }))),
    )
  return details(cluster, { id }).pipe(
    switchMap((known) => {
      const snaps = isLeft(known) ? [] : Object.values(known.right).flat()
      const isEnded = snaps.length > 0 && snaps.every(isTerminal) && isOver(stateOfAll(snaps))
      // Targets report an abort about a second before the job has stopped.
      if (isEnded && snaps.every(({ endTime }) => endTime !== undefined)) return ended(true)
      return abort(cluster, { id }, { confirm: true, timeoutMs }).pipe(
        switchMap((result) => (isLeft(result) ? of(result) : ended(false))),
      )
    }),
  )
}

function print({ printer }: Context, { id, outcome = 'ended', wasOver }: Stopped): void {
  const isStopped = outcome === 'aborted' && !wasOver
  printer.lines(`${escape(id)}  ${isStopped ? 'stopped' : `already over: ${outcome}`}`)
  printer.record('stopped', { id, outcome, wasOver: !isStopped })
}
