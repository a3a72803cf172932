import { isOver } from '../model/job-state.ts'
import type { Progress } from '../view/progress-of.ts'
import type { JobRow, JobTable } from '../view/rows.ts'

/** A job with the outcome that it had stays in the table for so long. */
export const KEPT_MS = 30_000

/** One job of the command's table: its row, and its counters where they are asked for. */
export interface WatchedJob {
  readonly row: JobRow
  readonly progress?: Progress | undefined
  /** When its end was seen. */
  readonly overMs?: number
}

/** The jobs that are shown, by id. */
export interface WatchedJobs {
  readonly byId: ReadonlyMap<string, WatchedJob>
  /** Jobs that the cluster still lists and that are not shown: they were over from the start, or long enough. */
  readonly past?: ReadonlySet<string>
}

export const NO_JOBS: WatchedJobs = { byId: new Map() }

/** A job that is aborted goes on counting until it has wound down; its end time tells. */
export function isOpen(row: JobRow | undefined): boolean {
  if (row === undefined || row.state === 'ended') return false
  return row.state === 'aborted' ? row.endTime === undefined : !isOver(row.state)
}

/** Takes in a table: jobs that run are shown, and jobs that have ended since the first table, for a while. */
export function withTable(before: WatchedJobs, table: JobTable, nowMs: number): WatchedJobs {
  const byId = new Map<string, WatchedJob>()
  const past = new Set<string>()
  for (const id of new Set([...before.byId.keys(), ...Object.keys(table)])) {
    const known = before.byId.get(id)
    const row = table[id] ?? leftRow(known)
    if (row === undefined) continue
    const job = isOpen(row) ? openJob(known, row) : overJob(known, row, nowMs)
    const isNew = before.past?.has(id) === false && row.state !== 'ended'
    const isShown = job.overMs === undefined || (known === undefined ? isNew : nowMs - job.overMs < KEPT_MS)
    if (isShown) byId.set(id, job)
    else past.add(id)
  }
  return { byId, past }
}

/** Takes in what a job counts by now. */
export function withProgress(before: WatchedJobs, id: string, progress: Progress): WatchedJobs {
  const known = before.byId.get(id)
  return known === undefined ? before : { ...before, byId: new Map(before.byId).set(id, { ...known, progress }) }
}

/** A job that ran and has left the table without an end is lost. */
function leftRow(known: WatchedJob | undefined): JobRow | undefined {
  return known !== undefined && isOpen(known.row) ? { ...known.row, state: 'lost' } : known?.row
}

function openJob(known: WatchedJob | undefined, row: JobRow): WatchedJob {
  // After an end, the same id is of another run, which counts from 0.
  const isSame = known !== undefined && (isOpen(known.row) || known.row.state === 'lost')
  return isSame ? { row, progress: known.progress } : { row }
}

function overJob(known: WatchedJob | undefined, row: JobRow, nowMs: number): WatchedJob {
  return { row, progress: known?.progress, overMs: known?.overMs ?? nowMs }
}
