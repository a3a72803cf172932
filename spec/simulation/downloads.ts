import type { Download, Job, Run, Target, Task } from '../../lib/emulator/cluster/state.ts'

// A download is a job of its own for the users, for the proxies and for the oracle, but no target has a record of it: only
// the download API shows how far it is and which of its links failed.

interface DownloadRecord {
  readonly download: Download
  /** When a client removed the record of the download from the cluster. Infinity until then. */
  removedMs: number
}

const DOWNLOADS = new WeakMap<Job, DownloadRecord>()
/** When a target forgot its part of a download. */
const FORGOTTEN_MS = new WeakMap<Run, number>()

const TYPES: ReadonlySet<string> = new Set(['single', 'multi', 'range'])

/** Whether a kind of a plan is the type of a download. */
export const isDownloadType = (kind: string): boolean => TYPES.has(kind)

/** The kind under which the library shows a job. */
export const shownKind = (kind: string): string => (isDownloadType(kind) ? 'download' : kind)

/** Remembers a download of the emulator by its job. */
export const keepDownload = (download: Download): unknown =>
  DOWNLOADS.set(download.job, { download, removedMs: Infinity })

/** The download of a job; undefined if the job is no download. */
export const downloadOf = (job: Job): Download | undefined => DOWNLOADS.get(job)?.download

/** Records that a client has removed the record of a download. */
export const markRemoved = (job: Job, atMs: number): void => {
  const kept = DOWNLOADS.get(job)
  if (kept !== undefined) kept.removedMs = atMs
}

/** When a target first forgot the download, because the target died or a client removed the record. Infinity until then. */
export const goneMsOf = (job: Job): number =>
  Math.min(DOWNLOADS.get(job)?.removedMs ?? Infinity, ...job.runs.map((run) => FORGOTTEN_MS.get(run) ?? Infinity))

/** Whether the target of this part still knows the download. */
export const isRemembered = ({ job, target }: Run): boolean => {
  const kept = DOWNLOADS.get(job)
  return kept !== undefined && kept.removedMs === Infinity && !kept.download.forgottenBy.has(target.id)
}

/** Records that a target has died at `atMs`, and has thereby forgotten its parts of all downloads. */
export function markForgotten(jobs: Iterable<Job>, target: Target, atMs: number): void {
  for (const job of jobs)
    for (const run of downloadOf(job) === undefined ? [] : job.runs)
      if (run.target === target && !FORGOTTEN_MS.has(run)) FORGOTTEN_MS.set(run, atMs)
}

/** Whether a link of this part had failed at `atMs`. */
export const hasFailedLink = (run: Run, atMs: number): boolean => failedOf(run, atMs).length > 0

/**
 * Whether the target of this part has a file of the download: nobody notices the loss of a target without files. Also true
 * for a job that is no download.
 */
export const hasFiles = ({ job, target }: Run): boolean =>
  downloadOf(job)?.tasks.some((task) => task.target === target.id) !== false

/** The files of this part that had arrived or failed at `atMs`. */
const overOf = (run: Run, atMs: number): readonly Task[] =>
  (downloadOf(run.job)?.tasks ?? []).filter(
    ({ target, endMs }) =>
      target === run.target.id && endMs <= Math.min(atMs, run.abortMs, FORGOTTEN_MS.get(run) ?? Infinity),
  )

/** How many files of this part had arrived at `atMs`. */
export const arrivedOf = (run: Run, atMs: number): number =>
  overOf(run, atMs).filter(({ error }) => error === '').length

/** The files of this part that had failed at `atMs`. */
export const failedOf = (run: Run, atMs: number): readonly Task[] =>
  overOf(run, atMs).filter(({ error }) => error !== '')
