import { isNoBucket, type Bucket } from '../../codec/bucket.ts'
import { defined } from '../../common/defined.ts'
import { isOver } from '../../model/job-state.ts'
import type { Progress } from '../../view/progress-of.ts'
import type { JobOutcome } from './outcome-of.ts'
import type { JobRow, JobTable } from '../../view/rows.ts'
import { getOwn } from '../../common/get-own.ts'

/** How long a job stays in the table after its end, in milliseconds. */
export const SHOWN_AFTER_END_MS = 3_600_000

/** One job of the table: its row and, if they are polled, its counters. */
export interface WatchedJob {
  readonly row: JobRow
  readonly progress?: Progress | undefined
  /** From its snapshots. Stored here, because the row has no snapshots once its counters are no longer polled. */
  readonly bucket?: Bucket
  readonly startTime?: bigint
  /** When the table first listed the job as over. */
  readonly overMs?: number
}

/** The jobs in the table, by id. */
export interface WatchedJobs {
  readonly byId: ReadonlyMap<string, WatchedJob>
  /** Jobs that the cluster lists but the table does not, because they ended before the watch or long ago. */
  readonly past?: ReadonlySet<string>
}

export const NO_JOBS: WatchedJobs = { byId: new Map() }

/** Whether the job's counters can still change. An aborted job stays open until it has wound down and has an end time. */
export function isOpen(row: JobRow | undefined): boolean {
  if (row === undefined || row.state === 'ended') return false
  return row.state === 'aborted' ? row.endTime === undefined : !isOver(row.state)
}

/**
 * Updates the jobs from a newer table. A running job is shown, and a job that has ended since the first table is shown for
 * {@link SHOWN_AFTER_END_MS}.
 *
 * @param hasPast whether jobs that had ended before the first table are shown, too. Defaults to false
 */
export function withTable(before: WatchedJobs, table: JobTable, nowMs: number, hasPast = false): WatchedJobs {
  const byId = new Map<string, WatchedJob>()
  const past = new Set<string>()
  for (const id of new Set([...before.byId.keys(), ...Object.keys(table)])) {
    const known = before.byId.get(id)
    const row = getOwn(table, id) ?? rowOfLostJob(known)
    if (row === undefined) continue
    const job = isOpen(row) ? openJobOf(known, row) : endedJobOf(known, row, nowMs)
    const isRecent = job.overMs !== undefined && nowMs - job.overMs < SHOWN_AFTER_END_MS
    const isShown = known === undefined ? isNewEnd(before, row, hasPast) : isRecent
    if (job.overMs === undefined || isShown) byId.set(id, job)
    else past.add(id)
  }
  return { byId, past }
}

/** Whether a job that is over, and that the table does not show yet, belongs there. */
function isNewEnd({ past }: WatchedJobs, { id, state }: JobRow, hasPast: boolean): boolean {
  if (past?.has(id) === true) return false
  const isFirstTable = past === undefined
  return hasPast || (!isFirstTable && state !== 'ended')
}

/**
 * Adds the newest counters of a job. They never decrease: when a lost job returns, its counters are summed
 * again, and a target may be missing.
 */
export function withProgress(before: WatchedJobs, id: string, now: Progress): WatchedJobs {
  const known = before.byId.get(id)
  if (known === undefined) return before
  const last = known.progress
  const isBehind = last !== undefined && (now.objects < last.objects || now.bytes < last.bytes)
  const progress = isBehind ? atLeast(last, now) : now
  return { ...before, byId: new Map(before.byId).set(id, { ...known, progress }) }
}

/** The newer counters, but none below the last one. */
function atLeast(last: Progress, now: Progress): Progress {
  const ratio = last.ratio === undefined ? now.ratio : Math.max(last.ratio, now.ratio ?? 0)
  const objects = Math.max(last.objects, now.objects)
  const bytes = Math.max(last.bytes, now.bytes)
  return { ...now, objects, bytes, ...defined({ ratio }) }
}

/** Adds the outcome of a job that had ended before the watch. */
export function withOutcome(before: WatchedJobs, { id, ...outcome }: JobOutcome): WatchedJobs {
  const known = before.byId.get(id)
  if (known?.row.state !== 'ended') return before
  return { ...before, byId: new Map(before.byId).set(id, { ...known, row: { ...known.row, ...outcome } }) }
}

/** The row of a job that the table no longer lists. If it was running, it is lost. */
function rowOfLostJob(known: WatchedJob | undefined): JobRow | undefined {
  return known !== undefined && isOpen(known.row) ? { ...known.row, state: 'lost' } : known?.row
}

/** A job that runs. It keeps its counters until a new run begins. */
function openJobOf(known: WatchedJob | undefined, row: JobRow): WatchedJob {
  // A row that is open after an end belongs to a new run with the same id, whose counters begin at 0.
  const isSameRun = known !== undefined && (isOpen(known.row) || known.row.state === 'lost')
  return isSameRun
    ? { row, ...defined({ progress: known.progress }), ...originOf(known, row) }
    : { row, ...originOf(undefined, row) }
}

function endedJobOf(known: WatchedJob | undefined, listed: JobRow, nowMs: number): WatchedJob {
  // A list has no outcome for a job that had ended before the watch.
  const row = listed.state === 'ended' && known !== undefined && !isOpen(known.row) ? known.row : listed
  return { row, progress: known?.progress, ...originOf(known, row), overMs: known?.overMs ?? nowMs }
}

/** The bucket and the start of a job, from its snapshots. Without snapshots, they stay as they are known. */
function originOf(known: WatchedJob | undefined, { snapshots = {} }: JobRow): Pick<WatchedJob, 'bucket' | 'startTime'> {
  const snaps = Object.values(snapshots).flat()
  const started = snaps.flatMap(({ startTime }) => (startTime === undefined ? [] : [startTime]))
  return defined({
    bucket: snaps.map(({ bck }) => bck).find((bck) => !isNoBucket(bck)) ?? known?.bucket,
    startTime: started.length === 0 ? known?.startTime : started.reduce((first, one) => (one < first ? one : first)),
  })
}
