import type { DownloadStatus } from '../codec/download.ts'
import type { JobSnap } from '../codec/job-snap.ts'
import { isOver } from '../codec/job-status.ts'
import { defined } from '../common/defined.ts'
import { ALL_TARGETS, downloadOf, filesOfDownload, snapOfDownload } from '../model/download.ts'
import { isTerminal } from '../model/snapshot.ts'
import type { Attempt } from './evidence.ts'
import { withTargetsReply, type Shown } from './parts.ts'
import { dueSince } from './due-times.ts'
import type { Pace } from './need.ts'
import type { RunNeeds } from './run-needs.ts'
import { nextRun, type RunView } from './view.ts'

/**
 * Reduces a reply of the download API about one download.
 *
 * The reply has only sums over the targets. A target that restarts forgets its part: the sums shrink, and the download
 * may look finished although files are missing. Such a reply counts as one that lacks a part, unless it shows a
 * failure.
 */
export function withDownload(run: RunView, shown: readonly Shown[], attempt: Attempt): RunView {
  const [only] = shown
  const status = only === undefined ? undefined : downloadOf(only.snap)
  if (only === undefined || status === undefined) return withTargetsReply(run, [], attempt)
  const before = run.parts.get(ALL_TARGETS)
  const mostFiles = Math.max(run.mostFiles ?? 0, filesOfDownload(status))
  // Keeps the earliest start, because the target that began first may be the one that has forgotten its part.
  const { startTime = only.snap.startTime } = before?.snap ?? {}
  const snap = { ...only.snap, ...(startTime === undefined ? {} : { startTime }) }
  const isFailure = isTerminal(snap) && (snap.err !== '' || snap.abortErr !== '')
  if (isFailure || !lacksFiles(status, mostFiles))
    return nextRun(withTargetsReply(run, [{ target: ALL_TARGETS, snap }], attempt), { mostFiles })
  const open = snapOfDownload(defined({ ...status, endTime: undefined }))
  const known =
    before === undefined
      ? withTargetsReply(run, [{ target: ALL_TARGETS, snap: open }], attempt)
      : nextRun(run, { parts: new Map([[ALL_TARGETS, { ...before, snap: withNewErrors(before.snap, open) }]]) })
  return nextRun(withTargetsReply(known, [], attempt), { absent: undefined, mostFiles })
}

/** The previous snapshot, with the files that have failed since. The counters never decrease. */
const withNewErrors = (before: JobSnap, open: JobSnap): JobSnap =>
  open.err === '' || open.err === before.err
    ? before
    : { ...open, stats: before.stats.objects > open.stats.objects ? before.stats : open.stats }

/**
 * Adds the number of files that the launch named. A target may have forgotten its part before the first reply. Then
 * only this number shows that files are missing, and an earlier reply that showed the end counts as one that lacks a
 * part.
 */
export function withExpectedFiles(run: RunView, files: number): RunView {
  const { parts, mostFiles = 0, targetsReply, snapshotsTry } = run
  if (files <= mostFiles) return run
  const next = nextRun(run, { mostFiles: files })
  const part = parts.get(ALL_TARGETS)
  if (part === undefined || targetsReply === undefined || !isTerminal(part.snap)) return next
  const { target, snap } = part
  const before = nextRun(next, { parts: new Map(), overSinceMs: undefined, endTookMs: undefined })
  const attempt = { ...targetsReply, decodeFailures: [] }
  return nextRun(withDownload(before, [{ target, snap }], attempt), { snapshotsTry })
}

/**
 * Whether a target has forgotten its files: the status counts fewer files than before, or the download has ended
 * although some files have neither finished nor failed.
 */
const lacksFiles = (status: DownloadStatus, mostFiles: number): boolean =>
  filesOfDownload(status) < mostFiles ||
  (status.endTime !== undefined && status.finished + status.failed < filesOfDownload(status))

/**
 * Adds the need to query the download API, because only it shows how far a download is and how it ended.
 *
 * A stream without ticks of its own needs that query only if a list shows that the download has ended, or lacks it.
 */
export function addNeedOfDownload(needs: RunNeeds, pace: Pace): void {
  const { goal, view } = needs.c
  const { id, row, parts, snapshotsTry } = needs.run
  const { list } = view
  if (pace.unpaced !== true) {
    needs.add('snapshots', dueSince(goal.sinceMs, snapshotsTry, pace))
    return
  }
  // Neither a list nor another stream has shown the download yet.
  if (row === undefined && parts.size === 0) return
  // Another stream has shown the download before the first list. A need that is never due keeps the run undecided.
  if (list === undefined) {
    needs.add('snapshots', Infinity)
    return
  }
  const listed = list.value.get(id)
  if (listed === undefined || isOver(listed)) needs.add('snapshots', dueSince(list.sentMs, snapshotsTry, pace))
}

/**
 * How many files the downloads must get: all files without the failed ones. Undefined if the targets do not know the
 * total.
 */
export const totalOfDownloads = (
  runs: readonly { readonly run: RunView }[],
): { readonly objects: number } | undefined => totalOfSnaps(runs.map(({ run }) => run.parts.get(ALL_TARGETS)?.snap))

/** How many files the downloads must get, from their snapshots. Undefined if the targets do not know the total. */
export function totalOfSnaps(snaps: readonly (JobSnap | undefined)[]): { readonly objects: number } | undefined {
  let objects = 0
  for (const snap of snaps) {
    const status = snap === undefined ? undefined : downloadOf(snap)
    if (status?.total === undefined) return undefined
    objects += status.total - status.failed
  }
  return snaps.length === 0 ? undefined : { objects }
}
