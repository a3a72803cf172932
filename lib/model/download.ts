import { NO_BUCKET } from '../codec/bucket.ts'
import type { DownloadStatus, DownloadTask } from '../codec/download.ts'
import type { JobSnap } from '../codec/job-snap.ts'
import { NO_STATS } from '../codec/job-stats.ts'
import type { JobStatus } from '../codec/job-status.ts'
import type { Snapshots } from '../codec/snapshots.ts'
import { defined } from '../common/defined.ts'
import { left, right } from '../common/either.ts'
import { oneLine, show } from '../common/text.ts'
import { invalidArgument, type Result } from '../error.ts'
import { buildSnapshots } from './snapshot.ts'

// A download is not a job of the targets: neither snapshots nor a status show how it ended (protocol T14). The download
// API does: its reply is read here as one snapshot for all targets. Everything else then treats a download as a job.

/** Whether an id is that of a download. */
export const isDownloadId = (id: string): boolean => id.startsWith('dnl-')

/** Checks the id of a download. */
export function checkDownloadId(id: unknown): Result<string> {
  return typeof id === 'string' && /^dnl-[A-Za-z0-9_-]{1,60}$/.test(id)
    ? right(id)
    : left(invalidArgument('id', `got ${show(id)}; takes the id of a download such as "dnl-FH-CdapbR"`))
}

/**
 * The kind of every download. The Information Center reports its type instead, such as `multi`. The download API has no
 * type.
 */
export const DOWNLOAD_KIND = 'download'

/** All names that AIStore has for the kind of a download. */
export const DOWNLOAD_NAMES: ReadonlySet<string> = new Set([DOWNLOAD_KIND, 'single', 'multi', 'range', 'backend'])

/**
 * The id of a made-up target, whose snapshot is the sum that the download API reports over all targets. No real target
 * can have this id.
 */
export const ALL_TARGETS = '*'

/** The reply of the download API as the snapshot of a job. Its `ext` is the reply. */
export function snapOfDownload(status: DownloadStatus): JobSnap {
  const { id, startTime, endTime, finished, aborted } = status
  return {
    id,
    kind: DOWNLOAD_KIND,
    bck: NO_BUCKET,
    ...defined({ startTime, endTime }),
    stats: { ...NO_STATS, objects: BigInt(finished), bytes: bytesOf(status) },
    aborted,
    abortErr: aborted ? 'the download was aborted' : '',
    err: aborted ? '' : errorOfDownload(status),
    isIdle: false,
    ext: status,
    joggers: 0,
    workers: 0,
    chanFull: 0,
  }
}

/** The reply of the download API as the snapshots of a job. */
export const snapshotsOfDownload = (status: DownloadStatus): Snapshots =>
  buildSnapshots([[ALL_TARGETS, [snapOfDownload(status)]]])

/** The reply of the download API as the status of a job, with its error. */
export function statusOfDownload(status: DownloadStatus): JobStatus {
  const { id, endTime, aborted } = status
  const { err, abortErr } = snapOfDownload(status)
  return { id, kind: DOWNLOAD_KIND, err: abortErr === '' ? err : abortErr, ...defined({ endTime }), aborted }
}

/** The reply of the download API in a snapshot; undefined for the snapshot of another job. */
export const downloadOf = ({ id, ext }: JobSnap): DownloadStatus | undefined =>
  isDownloadId(id) ? (ext as DownloadStatus) : undefined

/** The number of files of a download, as far as the targets know it. */
export const filesOfDownload = ({ scheduled, total = 0 }: DownloadStatus): number => Math.max(scheduled, total)

function bytesOf({ finishedTasks, currentTasks }: DownloadStatus): bigint {
  const sum = (tasks: readonly DownloadTask[]): bigint => tasks.reduce((all, task) => all + task.downloaded, 0n)
  return sum(finishedTasks) + sum(currentTasks)
}

/** An error text names at most this many failed files. */
const MOST_NAMED = 3

/** What went wrong so far; empty if nothing has. */
function errorOfDownload({ failed, errors, total, scheduled, endTime, allDispatched }: DownloadStatus): string {
  if (failed > 0) {
    const named = errors.slice(0, MOST_NAMED).map(({ name, error }) => `; ${oneLine(name)}: ${oneLine(error)}`)
    const more = failed - named.length
    const others = named.length > 0 && more > 0 ? `; and ${more} more` : ''
    return `${failed} of ${total ?? scheduled} files failed${named.join('')}${others}`
  }
  // The download failed, but no file has an error text: the server could not list the bucket, for example.
  return endTime !== undefined && !allDispatched ? 'the targets gave up before they had scheduled all files' : ''
}
