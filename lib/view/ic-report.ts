import { isOfKind, isOver, type JobStatus } from '../codec/job-status.ts'
import { isDownloadId } from '../model/download.ts'
import type { Case } from './case.ts'
import { hasFailed, isSentSince, type Attempt } from './evidence.ts'
import { untilOf, type Goal } from './goal.ts'
import type { RunView, View } from './view.ts'

/**
 * How a wait uses the Information Center: it polls the Information Center in each tick (`first`), queries it only if
 * the replies of the targets leave a doubt (`in-doubt`), or never does (`never`).
 *
 * The Information Center answers from memory, but it needs 2 s for a job that it does not know, and it does not keep
 * every kind (protocol 4).
 */
export function useOfIc({ goal, info }: Pick<Case, 'goal' | 'info'>): 'first' | 'in-doubt' | 'never' {
  if (goal.selection.target !== undefined) return 'never'
  if (info === undefined) return 'in-doubt'
  if (info.ic !== true) return 'never'
  // Only the targets can report on single targets, and only they show that a job is idle.
  const needsTargets = untilOf(goal, info) === 'idle' || ONLY_TARGETS.has(goal.until)
  return info.icLate === true || info.idles === true || needsTargets ? 'in-doubt' : 'first'
}

const ONLY_TARGETS: ReadonlySet<Goal['until']> = new Set<Goal['until']>(['single', 'started', 'view'])

/** The last report of the Information Center on a run, among the replies to requests sent since the wait began. */
export interface IcReport {
  /** `unknown`: the Information Center replied that it does not know the run; `none`: it was not queried yet. */
  readonly state: 'none' | 'open' | 'over' | 'unknown' | 'failed'
  readonly sentMs: number
  readonly atMs: number
}

const NO_REPORT: IcReport = { state: 'none', sentMs: -Infinity, atMs: -Infinity }

/** Returns the last report of the Information Center on a run: from a list or from a request for its status. */
export function icReportOf({ view: { listTry, list }, goal }: Pick<Case, 'view' | 'goal'>, run: RunView): IcReport {
  // Only the download API knows how a download ended.
  if (isDownloadId(run.id)) return NO_REPORT
  const own = reportOfAttempt(goal, run.statusTry, run.full?.value)
  const listed = reportOfAttempt(goal, listTry, list?.value.get(run.id))
  return listed.sentMs > own.sentMs ? listed : own
}

/** The last request to the Information Center that covers the run: a list or a request for this run. */
export const lastIcTry = ({ listTry }: View, { statusTry }: RunView): Attempt | undefined =>
  (listTry?.sentMs ?? -Infinity) > (statusTry?.sentMs ?? -Infinity) ? listTry : statusTry

function reportOfAttempt(
  { sinceMs, selection }: Goal,
  attempt: Attempt | undefined,
  status: JobStatus | undefined,
): IcReport {
  if (!isSentSince(attempt, sinceMs)) return NO_REPORT
  const { sentMs, atMs } = attempt
  if (hasFailed(attempt)) return { state: 'failed', sentMs, atMs }
  // A run of another kind is another job.
  const isKnown = attempt.error === undefined && status !== undefined && isOfKind(selection.kind, status)
  if (!isKnown) return { state: 'unknown', sentMs, atMs }
  return { state: isOver(status) ? 'over' : 'open', sentMs, atMs }
}

/** Whether the Information Center has dropped the status. Each further query would take 2 s and end in a 404. */
export const hasIcForgotten = ({ unknown, parts }: RunView): boolean =>
  unknown !== undefined && unknown.times >= 2 && parts.size > 0

/**
 * Whether the last list lacks a run that was open in an earlier list: the member of the Information Center that sent
 * the list may have restarted.
 */
export const isLackedWhileOpen = ({ list }: View, { id, row }: RunView): boolean =>
  row !== undefined && !isOver(row.value) && list?.value.has(id) !== true

/** Whether the last list lacks any run that was open in an earlier list. */
export function lacksOpenRun(view: View): boolean {
  return view.changed.some((id) => {
    const run = view.runs.get(id)
    return run !== undefined && isLackedWhileOpen(view, run)
  })
}
