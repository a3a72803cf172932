import type { Job } from '../../lib/emulator/cluster/state.ts'
import type { WaitResult } from '../../lib/model/wait-result.ts'
import { downloadOf, failedOf } from './downloads.ts'
import type { ReportViolation } from './invariants.ts'
import type { Session } from './recording.ts'
import { isOnTarget } from './runs.ts'

// I20: the result of a failed download names the files that failed, and no others.

/** From this many files on, the library polls only the counters of a download that runs. */
const MANY_FILES = 1_000

/**
 * I20: the result of a download names only files that failed, each with its error. The result of a failed download names all
 * failed files that the targets remember.
 */
export function checkLinks(
  job: Job,
  { outcome, files = [] }: WaitResult,
  { overMs }: Session,
  report: ReportViolation,
): void {
  const links = downloadOf(job)?.tasks.length
  if (links === undefined) {
    if (files.length > 0) report('I20', `${files.length} files of a ${job.kind} failed`)
    return
  }
  const failed = job.runs.flatMap((run) => failedOf(run, overMs).map((task) => ({ task, run })))
  for (const { name, error } of files)
    if (!failed.some(({ task }) => task.name === name && task.error === error))
      report('I20', `${name} has not failed with "${error}"`)
  if (outcome !== 'failed') return
  const missing = failed.find(({ task, run }) => isOnTarget(run) && !files.some(({ name }) => name === task.name))
  if (missing !== undefined) report('I20', `${missing.task.name} failed, but the result does not name it`)
  // While a download with very many files runs, the library polls only its counters. The record may be removed before the
  // library requests the files.
  const isCounted = failed.length > 0 && failed.every(({ run }) => !isOnTarget(run)) && links > MANY_FILES
  if (files.length === 0 && !isCounted) report('I20', 'a failed download names no file')
}
