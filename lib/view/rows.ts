import { lastOf } from '../codec/instant.ts'
import type { Snapshots } from '../codec/snapshots.ts'
import { isOver as isOverState, stateOfAll, type JobState } from '../model/job-state.ts'
import { same } from '../common/same.ts'
import { DOWNLOAD_KIND, isDownloadId } from '../model/download.ts'
import { buildSnapshots } from '../model/snapshot.ts'
import type { WaitResult } from '../model/wait-result.ts'
import { causeOf } from './cause.ts'
import type { Case } from './case.ts'
import { hasAllParts, hasFullEnd, lacksPart, statusOf } from './certainty.ts'
import { liveState, stateOfResult } from './state.ts'
import type { RunView } from './view.ts'
import { defined } from '../common/defined.ts'
import { setOwn } from '../common/set-own.ts'

/** One job of a live table. */
export interface JobRow {
  /** The id of the job, which is the key of the row in its table. */
  readonly id: string
  /** The kind's own name, never its display name. */
  readonly kind: string
  /**
   * `ended`: the job was over before the table had a subscriber, and it is unknown how it ended: a list of the
   * Information Center has no errors (protocol T11), and the table sends no request for such a job. For a job that was
   * seen running, the table always learns how it ended.
   */
  readonly state: JobState | 'ended'
  /** When the job ended, in nanoseconds since the Unix epoch. */
  readonly endTime?: bigint
  /** What has gone wrong so far. Present for a job that still runs, too. */
  readonly error?: string
  /**
   * Present on the job of the targets that all downloads share, while the table has a download (`dnl-...`). Users start
   * downloads, not this job: hide its row to show each download once. Absent while this row is the only sign of a
   * download.
   */
  readonly carrier?: true
  /** The snapshots of its targets, while a stream watches them (`watchDetails`, `progress`). */
  readonly snapshots?: Snapshots
}

/** Jobs by id. Any text may be an id. */
export type JobTable = Readonly<Record<string, JobRow>>

/** The table of these rows. */
export function tableOfRows(rows: Iterable<JobRow>): JobTable {
  const jobs: Record<string, JobRow> = {}
  for (const row of rows) setOwn(jobs, row.id, row)
  return jobs
}

/** The row of a run whose end is known. */
export function endedRow({ id, kind = '' }: RunView, result: WaitResult): JobRow {
  const { endTime, error } = result
  return {
    id,
    kind: result.kind ?? kind,
    state: stateOfResult(result),
    ...defined({ endTime, error }),
  }
}

/** The row of a run that still runs, or whose end is not certain yet. */
export function openRow(c: Case, { id, kind = '' }: RunView): JobRow {
  const error = causeOf(c.parts.flatMap(({ snap }) => [snap.abortErr, snap.err]))
  return { id, kind, state: liveState(c), ...defined({ error }) }
}

/**
 * The row of a run that was over at the first reply. No request is sent about it, so the row has only what the view
 * knows.
 *
 * While another stream that saw the run at work waits for a confirmation, the row shows no more than `ended` (law 7).
 */
export function pastRow(c: Case, run: RunView): JobRow {
  const { id, kind = '' } = run
  const snaps = c.parts.map(({ snap }) => snap)
  const status = statusOf(c, run)
  const targetState = stateOfAll(snaps)
  // If the Information Center keeps the job, its status may hold an error that no target shows. If its list has shown
  // the end, a wait that finds a failure waits for that status too.
  const mayIcKnowMore = c.info === undefined || c.info.ic === true || run.icSeenMs !== undefined
  const isIcCertain =
    !mayIcKnowMore || (targetState === 'failed' && (run.icEndSeenMs === undefined || hasFullEnd(c, run)))
  // A success needs the map, which tells whether another target has a part.
  const areAllShown = targetState === 'finished' ? hasAllParts(c, run) : !lacksPart(c, run)
  const isCertain = isOverState(targetState) && (isIcCertain || targetState === 'aborted') && areAllShown
  const isAbortListed = status?.aborted === true && !wasOpen(run)
  const listedState = isAbortListed ? 'aborted' : 'ended'
  const state = isCertain ? targetState : listedState
  const error = causeOf([...snaps.flatMap(({ abortErr, err }) => [abortErr, err]), status?.err ?? ''])
  const endTime = lastOf(snaps.map((snap) => snap.endTime)) ?? status?.endTime
  return {
    id,
    kind,
    state,
    ...defined({ endTime, error }),
  }
}

/** Whether the Information Center showed the run as open before it showed its end. */
const wasOpen = ({ icSeenMs = Infinity, icEndSeenMs = -Infinity }: RunView): boolean => icSeenMs < icEndSeenMs

/** Returns the row with `carrier` if the table has a download, and without `carrier` otherwise. */
export const markedRow = (row: JobRow, hasDownload: boolean): JobRow =>
  row.kind === DOWNLOAD_KIND && !isDownloadId(row.id) ? defined({ ...row, carrier: hasDownload || undefined }) : row

/**
 * Adds the snapshots of the targets to a row, if a stream watches them. Returns the same object as before if nothing
 * has changed.
 */
export function reusedRow(before: JobRow | undefined, row: JobRow, run: RunView, isWatched: boolean): JobRow {
  const next = isWatched && run.parts.size > 0 ? { ...row, snapshots: snapshotsOf(run) } : row
  return before !== undefined && same(before, next) ? before : next
}

/** The snapshots of the parts that the last reply has shown. */
function snapshotsOf({ parts }: RunView): Snapshots {
  return buildSnapshots(
    [...parts.values()].flatMap(({ target, snap, missing }) =>
      missing === undefined ? [[target, [snap]] as const] : [],
    ),
  )
}
