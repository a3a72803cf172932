import { isOver } from '../model/job-state.ts'
import type { Progress } from '../view/progress-of.ts'
import type { JobRow, JobTable } from '../view/rows.ts'

/** How long a job stays in the table after its end, in milliseconds. */
export const SHOWN_AFTER_END_MS = 30_000

/** One job of the table: its row and, if they are polled, its counters. */
export interface WatchedJob {
  readonly row: JobRow
  readonly progress?: Progress | undefined
  /** When its end was first seen. */
  readonly overMs?: number
}

/** The jobs in the table, by id. */
export interface WatchedJobs {
  readonly byId: ReadonlyMap<string, WatchedJob>
  /** Jobs that the cluster lists but the table does not, because they ended before the watch or long ago. */
  readonly past?: ReadonlySet<string>
}

export const NO_JOBS: WatchedJobs = { byId: new Map() }

/** Whether the job's counters can still change. An aborted job counts until it has wound down and has an end time. */
export function isOpen(row: JobRow | undefined): boolean {
  if (row === undefined || row.state === 'ended') return false
  return row.state === 'aborted' ? row.endTime === undefined : !isOver(row.state)
}

/** Adds a new table. Running jobs are shown, and those that have ended since the first table are shown for a while. */
export function withTable(before: WatchedJobs, table: JobTable, nowMs: number): WatchedJobs {
  const byId = new Map<string, WatchedJob>()
  const past = new Set<string>()
  for (const id of new Set([...before.byId.keys(), ...Object.keys(table)])) {
    const known = before.byId.get(id)
    const row = table[id] ?? rowOfLostJob(known)
    if (row === undefined) continue
    const job = isOpen(row) ? openJob(known, row) : overJob(known, row, nowMs)
    const isNew = before.past?.has(id) === false && row.state !== 'ended'
    const isShown = job.overMs === undefined || (known === undefined ? isNew : nowMs - job.overMs < SHOWN_AFTER_END_MS)
    if (isShown) byId.set(id, job)
    else past.add(id)
  }
  return { byId, past }
}

/** Adds the newest counters of a job. */
export function withProgress(before: WatchedJobs, id: string, progress: Progress): WatchedJobs {
  const known = before.byId.get(id)
  return known === undefined ? before : { ...before, byId: new Map(before.byId).set(id, { ...known, progress }) }
}

/** The row of a job that the table no longer lists. If it was running, it is lost. */
function rowOfLostJob(known: WatchedJob | undefined): JobRow | undefined {
  return known !== undefined && isOpen(known.row) ? { ...known.row, state: 'lost' } : known?.row
}

function openJob(known: WatchedJob | undefined, row: JobRow): WatchedJob {
  // After an end, the same id means a new run, which counts from 0.
  const isSame = known !== undefined && (isOpen(known.row) || known.row.state === 'lost')
  return isSame ? { row, progress: known.progress } : { row }
}

function overJob(known: WatchedJob | undefined, row: JobRow, nowMs: number): WatchedJob {
  return { row, progress: known?.progress, overMs: known?.overMs ?? nowMs }
}
