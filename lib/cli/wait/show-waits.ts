import { merge, mergeMap, scan, takeWhile, type Observable } from 'rxjs'
import type { Cluster } from '../../cluster.ts'
import { isLeft, isRight } from '../../common/either.ts'
import { defined } from '../../common/defined.ts'
import { explain, type JobError, type Result } from '../../error.ts'
import { stateOfAll } from '../../model/job-state.ts'
import type { WaitResult } from '../../model/wait-result.ts'
import type { Progress } from '../../view/progress-of.ts'
import { DONE, worseOf, type Ending } from '../ending.ts'
import { EXIT, exitOf } from '../exit-code.ts'
import { iso } from '../jobs/job-record.ts'
import { neverReached, untilFirst } from '../reach.ts'
import type { Context } from '../verb.ts'
import { jobName, type Waited, type Waiting } from './wait-lines.ts'
import { waitView } from './wait-view.ts'

/** News of a job: its kind, its progress, or its outcome. */
export type Seen =
  { readonly kind: string } | { readonly progress: Result<Progress> } | { readonly result: Result<WaitResult> }

/** One wait of the command, which has one bar and one line. */
export interface OneWait {
  readonly job: Waiting
  readonly seen: Observable<Seen>
}

/** Shows the progress of waits, and prints one line for each. The exit code is the worst one. */
export async function showWaits(
  context: Context,
  cluster: Cluster,
  waits: readonly OneWait[],
  isFailFast = false,
): Promise<Ending> {
  const { printer, last } = context
  const view = waitView(context)
  const open = new Map<OneWait, Waiting>(waits.map((one) => [one, one.job]))
  const setHint = (): void => context.setInterruptHint(hintOf([...open.values()]))
  setHint()
  const change = (one: OneWait, more: Partial<Waiting>): Waiting => {
    const waiting = { ...open.get(one), ...more }
    open.set(one, waiting)
    setHint()
    return waiting
  }
  const addSeen = (one: OneWait, now: Seen): readonly Ending[] => {
    if ('kind' in now) change(one, now)
    else if ('progress' in now) {
      if (isLeft(now.progress)) view.pollFailed(one, now.progress.left)
      else view.update(one, change(one, { progress: now.progress.right }))
    } else {
      const { waited, ending } = endOf(change(one, {}), now.result)
      open.delete(one)
      setHint()
      view.ended(one, waited)
      printer.record('outcome', recordOf(waited, now.result))
      return [ending]
    }
    return []
  }
  const each = waits.map((one) => one.seen.pipe(mergeMap((now) => addSeen(one, now))))
  const worst = merge(...each).pipe(
    scan(worseOf, DONE),
    takeWhile(({ code }) => !(isFailFast && code !== EXIT.done), true),
  )
  const end = await last(untilFirst(worst, neverReached(context, cluster)), DONE)
  view.close()
  return end
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

function recordOf({ id, kind, outcome, tookMs, error }: Waited, result: Result<WaitResult>): object {
  const { success = false, endTime, files } = isRight(result) ? result.right : ({} as Partial<WaitResult>)
  return { outcome, success, ...defined({ id, kind, tookMs, error, endTime: iso(endTime), files }) }
}

/** The text after Ctrl-C: the command has ended, but the jobs go on. */
function hintOf(selectors: readonly Waiting[]): string {
  const names = selectors.map(jobName)
  const words = selectors.map(({ id, kind }) => id ?? kind ?? '')
  return `${names.join(', ')} ${names.length === 1 ? 'goes' : 'go'} on: aistore-rx wait ${words.join(' ')}`
}
