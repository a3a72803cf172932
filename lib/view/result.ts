import { lastOf } from '../codec/instant.ts'
import type { TargetId } from '../codec/snapshots.ts'
import type { DownloadError } from '../codec/download.ts'
import { ALL_TARGETS, downloadOf } from '../model/download.ts'
import { isAborted } from '../model/snapshot.ts'
import type { Outcome, WaitResult } from '../model/wait-result.ts'
import { causeOf } from './cause.ts'
import type { Case } from './case.ts'
import { statusOf } from './certainty.ts'
import { kindOf } from './goal.ts'
import { defined } from '../common/defined.ts'

/**
 * The result of a job that is over. An `err` counts both in statuses and in snapshots (protocol T21), and so does an
 * abort.
 */
export function endResult(c: Case): WaitResult {
  const { view, goal, standing, parts } = c
  const statuses = c.runs.flatMap((run) => statusOf(c, run) ?? [])
  const aborted = statuses.some((status) => status.aborted) || parts.some(({ snap }) => isAborted(snap))
  const statusErrors = statuses.map(({ err }) => err)
  const failure = causeOf([...parts.map(({ snap }) => snap.err), ...statusErrors])
  const abortCause = aborted ? causeOf([...parts.map(({ snap }) => snap.abortErr), ...statusErrors]) : undefined
  const error = abortCause ?? failure ?? (aborted ? 'aborted' : undefined)
  const unlessAborted: Outcome = error === undefined ? 'finished' : 'failed'
  const outcome: Outcome = aborted ? 'aborted' : unlessAborted
  // The end times of the targets are exact. A proxy records the time at which it learns of the end, which is later
  // (protocol 12).
  const endTime = lastOf(parts.map(({ snap }) => snap.endTime)) ?? lastOf(statuses.map((status) => status.endTime))
  return defined({
    jobId: [...standing.runs].sort().join(',') || undefined,
    kind: kindOf(view, goal, standing),
    outcome,
    success: outcome === 'finished',
    aborted,
    error,
    endTime,
    files: failedFilesOf(c),
  })
}

/** The files of a download that failed. */
function failedFilesOf({ parts }: Case): readonly DownloadError[] | undefined {
  const [only] = parts
  const errors = only === undefined ? undefined : downloadOf(only.snap)?.errors
  return errors === undefined || errors.length === 0 ? undefined : errors
}

/** What has gone wrong so far with a job that may still run. */
export const resultSoFar = (c: Case): Omit<WaitResult, 'endTime'> => defined({ ...endResult(c), endTime: undefined })

/**
 * The result of a job that is idle. An error or abort so far is a failure all the same, even if only a status shows it.
 */
export function idleResult(c: Case): WaitResult {
  const result = resultSoFar(c)
  return result.outcome === 'finished' ? { ...result, outcome: 'idle' } : result
}

/**
 * The result of a job that was seen and is gone. It claims neither success nor failure, unless an abort or an error was
 * seen.
 */
export function lostResult(c: Case, missing: readonly TargetId[]): WaitResult {
  // The download API shows one part for all targets, and so does not tell which target is gone.
  const targets = missing.filter((target) => target !== ALL_TARGETS)
  const lostMembers = targets.length === 0 ? {} : { lostTargets: targets }
  const result = endResult(c)
  if (result.outcome !== 'finished') return { ...result, ...lostMembers }
  const count = new Set(c.parts.map(({ target }) => target)).size
  const isDownloadPartForgotten = missing.length > targets.length && c.runs.every(({ absent }) => absent === undefined)
  let what = 'the cluster no longer knows the job'
  if (isDownloadPartForgotten) what = 'a target has forgotten its part of the download'
  else if (targets.length > 0 && targets.length < count)
    what = `${targets.length} of ${count} targets are gone with their part of the job`
  const error = `${what}; it is unknown whether it succeeded`
  return { ...resultSoFar(c), outcome: 'lost', success: false, error, ...lostMembers }
}
