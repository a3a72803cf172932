import type { JobStatus } from '../codec/job-status.ts'
import type { Snapshots } from '../codec/snapshots.ts'
import type { JobState } from '../job-state.ts'

/** One job of a live table. */
export interface JobRow {
  readonly id: string
  readonly kind: string
  /**
   * `ended`: over, and nobody has asked how: it ended before the table was watched, or just now. (A list of the
   * Information Center never tells errors, T11; the end of a job that was seen at work is asked for.)
   */
  readonly state: JobState | 'ended'
  /** Nanoseconds since the Unix epoch. */
  readonly endTime?: bigint
  readonly error?: string
  /** What its targets show, while somebody watches just that (`watchDetails`, `progress`). */
  readonly snapshots?: Snapshots
}

/** Jobs by id, without a prototype. */
export type JobTable = Readonly<Record<string, JobRow>>

/** Without a prototype, an id may be any text. */
export function tableOfRows(rows: Iterable<JobRow>): JobTable {
  const jobs = Object.create(null) as Record<string, JobRow>
  for (const row of rows) jobs[row.id] = row
  return jobs
}

const fromRows = new WeakMap<JobStatus, JobRow>()
const inFull = new WeakMap<JobStatus, JobRow>()

/** The row of a status: the very same object for the very same status. Of a row of a list, `err` says nothing. */
export function rowOf(status: JobStatus, full: boolean): JobRow {
  const rows = full ? inFull : fromRows
  const known = rows.get(status)
  if (known !== undefined) return known
  const { id, kind, endTime, err } = status
  const row: JobRow = {
    ...{ id, kind, state: stateOf(status, full) },
    ...(endTime === undefined ? {} : { endTime }),
    ...(err === '' ? {} : { error: err }),
  }
  rows.set(status, row)
  return row
}

const stateOf = ({ aborted, endTime, err }: JobStatus, full: boolean): JobRow['state'] =>
  aborted ? 'aborted' : endTime === undefined ? 'running' : !full ? 'ended' : err === '' ? 'finished' : 'failed'
