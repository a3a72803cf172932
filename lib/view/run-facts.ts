import { isOver } from '../codec/job-status.ts'
import { isDownloadId } from '../model/download.ts'
import { selects, type Selection } from '../model/selection.ts'
import { isTerminal } from '../model/snapshot.ts'
import type { RunView, View } from './view.ts'

// What a stream about many jobs asks about one run of the view.

/** Whether a stream about many jobs selects the run. */
export function isSelected(selection: Selection, run: RunView): boolean {
  const { ids, kind, bucket, target } = selection
  if (ids.length > 0 && !ids.includes(run.id)) return false
  if (kind !== undefined && run.kind !== kind) return false
  // Snapshots of a kind never show downloads, so a download that only another stream has shown does not count.
  if (kind !== undefined && ids.length === 0 && isDownloadId(run.id)) return false
  if (bucket === undefined && target === undefined) return true
  for (const part of run.parts.values()) if (selects(selection, part.target, part.snap)) return true
  return false
}

/** Whether any reply has shown the run; the work list does not count. */
export const isKnown = ({ row, full, parts }: RunView): boolean =>
  row !== undefined || full !== undefined || parts.size > 0

/** Whether the last work list shows the run. */
export const isAtWork = ({ running }: View, { id }: RunView): boolean => running?.value.has(id) === true

/** Whether the last list or the last work list shows the run. */
export const isInList = (view: View, run: RunView): boolean =>
  view.list?.value.has(run.id) === true || isAtWork(view, run)

/** Whether the run is over on all targets or, if none shows it, by its status. */
export function isOverEverywhere(run: RunView, view: View): boolean {
  if (run.parts.size > 0) return [...run.parts.values()].every(({ snap }) => isTerminal(snap))
  const status = run.full?.value ?? run.row?.value
  return status !== undefined && isOver(status) && !isAtWork(view, run)
}

/** When the run ended, as far as it is known: the latest end that a target shows, or that its status shows. */
export function lastEndNs({ parts, row, full }: RunView): bigint {
  let last = full?.value.endTime ?? row?.value.endTime ?? 0n
  for (const { snap } of parts.values()) if (snap.endTime !== undefined && snap.endTime > last) last = snap.endTime
  return last
}
