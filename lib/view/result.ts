import { lastOf } from '../codec/instant.ts'
import type { TargetId } from '../codec/snapshots.ts'
import type { JobStatus } from '../codec/job-status.ts'
import { isAborted } from '../model/snapshot.ts'
import type { Outcome, WaitResult } from '../model/wait-result.ts'
import { causeOf } from './cause.ts'
import type { Case } from './case.ts'
import { statusOf } from './certainty.ts'
import { kindOf } from './goal.ts'
import { defined } from '../common/defined.ts'

function base({ view, goal, standing }: Case): Pick<WaitResult, 'jobId' | 'kind'> {
  const { runs } = standing
  const kind = kindOf(view, goal, standing)
  return {
    ...(runs.length === 0 ? {} : { jobId: [...runs].sort().join(',') }),
    ...defined({ kind }),
  }
}

const statusesOf = (c: Case): readonly JobStatus[] => c.runs.flatMap((run) => statusOf(c, run) ?? [])

/** The job is over: `err` counts in statuses and snapshots (T21), and so does an abort anywhere. */
export function endResult(c: Case): WaitResult {
  const statuses = statusesOf(c)
  const { parts } = c
  const aborted = statuses.some((status) => status.aborted) || parts.some(({ snap }) => isAborted(snap))
  const errors = [...parts.map(({ snap }) => snap.err), ...statuses.map(({ err }) => err)]
  const error = aborted
    ? (causeOf([...parts.map(({ snap }) => snap.abortErr), ...statuses.map(({ err }) => err)]) ??
      causeOf(errors) ??
      'aborted')
    : causeOf(errors)
  const outcome: Outcome = aborted ? 'aborted' : error === undefined ? 'finished' : 'failed'
  // The targets have the true times: each proxy stamps a status when the end reaches it (protocol 12).
  const endTime = lastOf(parts.map(({ snap }) => snap.endTime)) ?? lastOf(statuses.map((status) => status.endTime))
  return {
    ...base(c),
    outcome,
    success: outcome === 'finished',
    aborted,
    ...defined({ error, endTime }),
  }
}

/** What has gone wrong so far with a job that may go on. */
export function resultSoFar(c: Case): Omit<WaitResult, 'endTime'> {
  const { outcome, success, aborted, error } = endResult(c)
  return { ...base(c), outcome, success, aborted, ...defined({ error }) }
}

/** Alive, without work; an error or abort on the way is a failure all the same, also one that only a status shows. */
export function idleResult(c: Case): WaitResult {
  const result = resultSoFar(c)
  return result.outcome === 'finished' ? { ...base(c), outcome: 'idle', success: true, aborted: false } : result
}

/** Seen and gone: neither success nor failure can be claimed, unless an abort or an error was seen. */
export function lostResult(c: Case, targets: readonly TargetId[]): WaitResult {
  const gone = targets.length === 0 ? {} : { lostTargets: targets }
  const result = endResult(c)
  if (result.outcome !== 'finished') return { ...result, ...gone }
  const of = new Set(c.parts.map(({ target }) => target)).size
  const what =
    targets.length === 0 || targets.length === of
      ? 'the cluster knows the job no more'
      : `${targets.length} of ${of} targets are gone with their part of the job`
  return {
    ...base(c),
    outcome: 'lost',
    success: false,
    aborted: false,
    error: `${what}; whether it ended well cannot be told`,
    ...gone,
  }
}
