import {
  delay,
  map,
  merge,
  mergeMap,
  scan,
  share,
  take as takeFirst,
  takeUntil,
  takeWhile,
  type Observable,
} from 'rxjs'
import type { Cluster } from '../../cluster.ts'
import { isLeft, isRight } from '../../common/either.ts'
import { defined } from '../../common/defined.ts'
import { explain, type JobError, type Result } from '../../error.ts'
import { stateOfAll } from '../../model/job-state.ts'
import type { JobSelector } from '../../model/selection.ts'
import { rights } from '../../operators/rights.ts'
import type { WaitResult } from '../../model/wait-result.ts'
import { progress } from '../../progress.ts'
import type { Progress } from '../../view/progress-of.ts'
import { wait, waitForIdle } from '../../wait.ts'
import { watchDetails } from '../../watch.ts'
import { DONE, worseOf, type Ending } from '../ending.ts'
import { EXIT, exitOf } from '../exit-code.ts'
import { iso } from '../jobs/job-record.ts'
import { neverReached, untilFirst } from '../reach.ts'
import type { Context } from '../verb.ts'
import { jobName, type Waited, type Waiting } from './wait-lines.ts'
import { waitView } from './wait-view.ts'

/** What to wait for, and how long. */
export interface WaitPlan {
  /** Waits for each of them on its own. */
  readonly selectors: readonly JobSelector[]
  readonly timeoutMs: number
  readonly total?: number
  readonly isIdle?: boolean
  readonly isFailFast?: boolean
}

/** Waits for jobs, shows their progress, and prints one line for each. The exit code is the worst one. */
export async function waitFor(context: Context, cluster: Cluster, plan: WaitPlan): Promise<Ending> {
  const { printer, last } = context
  const view = waitView(context)
  const open = new Map<JobSelector, Waiting>(plan.selectors.map((selector) => [selector, defined(selector)]))
  const setGoesOn = (): void => context.setGoesOn(goesOn([...open.values()]))
  setGoesOn()
  const change = (selector: JobSelector, more: Partial<Waiting>): Waiting => {
    const waiting = { ...open.get(selector), ...more }
    open.set(selector, waiting)
    setGoesOn()
    return waiting
  }
  const take = (selector: JobSelector, now: Seen): readonly Ending[] => {
    if ('kind' in now) change(selector, now)
    else if ('progress' in now) {
      if (isLeft(now.progress)) view.hindered(now.progress.left)
      else view.update(selector, change(selector, { progress: now.progress.right }))
    } else {
      const { waited, ending } = endOf(change(selector, {}), now.result)
      open.delete(selector)
      setGoesOn()
      view.ended(selector, waited)
      printer.record('outcome', recordOf(waited, now.result))
      return [ending]
    }
    return []
  }
  const each = plan.selectors.map((selector) =>
    follow(cluster, selector, plan).pipe(mergeMap((now) => take(selector, now))),
  )
  const worst = merge(...each).pipe(
    scan(worseOf, DONE),
    takeWhile(({ code }) => !(plan.isFailFast === true && code !== EXIT.done), true),
  )
  const end = await last(untilFirst(worst, neverReached(context, cluster)), DONE)
  view.close()
  return end
}

type Seen =
  { readonly kind: string } | { readonly progress: Result<Progress> } | { readonly result: Result<WaitResult> }

/** The kind of a job, its progress, and then the result of the wait for it. They share their requests. */
function follow(
  cluster: Cluster,
  selector: JobSelector,
  { timeoutMs, total, isIdle = false }: WaitPlan,
): Observable<Seen> {
  // The reply that ends the wait also updates the counters. The delay lets that update through.
  const result = (isIdle ? waitForIdle : wait)(cluster, selector, { timeoutMs }).pipe(delay(0), share())
  const counters = progress(cluster, selector, total === undefined ? {} : { total: { objects: total } })
  const kinds = watchDetails(cluster, selector).pipe(
    rights(),
    mergeMap((snapshots) => Object.values(snapshots).flat().slice(0, 1)),
    takeFirst(1),
  )
  return merge(
    kinds.pipe(
      map(({ kind }) => ({ kind })),
      takeUntil(result),
    ),
    counters.pipe(
      map((now) => ({ progress: now })),
      takeUntil(result),
    ),
    result.pipe(map((now) => ({ result: now }))),
  )
}

function endOf(waiting: Waiting, result: Result<WaitResult>): { readonly waited: Waited; readonly ending: Ending } {
  const tookMs = waiting.progress && Math.round(waiting.progress.elapsedMs)
  if (isRight(result)) {
    const { jobId = waiting.id, kind = waiting.kind, outcome, success, error } = result.right
    const waited = { outcome, ...defined({ id: jobId, kind, tookMs, error }) }
    return { waited, ending: success ? DONE : { code: EXIT.jobFailed, error: 'JobFailed' } }
  }
  const error = result.left
  const isLate = error._tag === 'WaitTimeout'
  const state = isLate ? `last seen ${lastState(waiting, error)}` : explain(error)
  const waited = {
    ...waiting,
    outcome: isLate ? 'timed-out' : 'unknown',
    error: state,
    ...defined({ tookMs: isLate ? error.afterMs : tookMs }),
  }
  return { waited, ending: { code: exitOf(error), message: explain(error), error: error._tag } }
}

function lastState({ progress: now }: Waiting, error: JobError): string {
  const snapshots = error._tag === 'WaitTimeout' ? error.last?.snapshots : undefined
  return now?.state ?? (snapshots === undefined ? 'never' : stateOfAll(Object.values(snapshots).flat()))
}

const recordOf = ({ id, kind, outcome, tookMs, error }: Waited, result: Result<WaitResult>): object => ({
  outcome,
  success: isRight(result) && result.right.success,
  ...defined({ id, kind, tookMs, error, endTime: isRight(result) ? iso(result.right.endTime) : undefined }),
})

/** What a user needs to know after Ctrl-C: the command is over, the jobs are not. */
function goesOn(selectors: readonly Waiting[]): string {
  const names = selectors.map(jobName)
  const words = selectors.map(({ id, kind }) => id ?? kind ?? '')
  return `${names.join(', ')} ${names.length === 1 ? 'goes' : 'go'} on: aistore-rx wait ${words.join(' ')}`
}
