import { lastOf } from '../codec/instant.ts'
import type { TargetId } from '../codec/snapshots.ts'
import { isAborted } from '../snapshot.ts'
import type { Outcome, WaitResult } from '../wait-result.ts'
import type { Memory } from './memory.ts'
import { statusesOf } from './witness.ts'

/** What is known of the job itself, for every outcome. */
function base({ runs, kind }: Memory): Pick<WaitResult, 'jobId' | 'kind'> {
  return { ...(runs.size === 0 ? {} : { jobId: [...runs].sort().join(',') }), ...(kind === undefined ? {} : { kind }) }
}

/** The job is over: what its status and its parts say of success. `err` counts in both (T21), and an abort anywhere. */
export function over(memory: Memory): WaitResult {
  const statuses = statusesOf(memory)
  const parts = [...memory.parts.values()]
  const aborted = statuses.some((status) => status.aborted) || parts.some(({ snap }) => isAborted(snap))
  const errors = [...parts.map(({ snap }) => snap.err), ...statuses.map(({ err }) => err)]
  const error = aborted
    ? (cause([...parts.map(({ snap }) => snap.abortErr), ...statuses.map(({ err }) => err)]) ??
      cause(errors) ??
      'aborted')
    : cause(errors)
  const outcome: Outcome = aborted ? 'aborted' : error === undefined ? 'finished' : 'failed'
  // The true times are those of the targets: each proxy stamps a status when it heard of the end (protocol 12).
  const endTime = lastOf(parts.map(({ snap }) => snap.endTime)) ?? lastOf(statuses.map((status) => status.endTime))
  return {
    ...base(memory),
    outcome,
    success: outcome === 'finished',
    aborted,
    ...(error === undefined ? {} : { error }),
    ...(endTime === undefined ? {} : { endTime }),
  }
}

/** What is known to have gone wrong with a job that may go on. */
export function soFar(memory: Memory): Omit<WaitResult, 'endTime'> {
  const { outcome, success, aborted, error } = over(memory)
  return { ...base(memory), outcome, success, aborted, ...(error === undefined ? {} : { error }) }
}

/** Alive, without work; an error on the way is a failure all the same. */
export function idle(memory: Memory): WaitResult {
  const error = cause([...memory.parts.values()].map(({ snap }) => snap.err))
  return {
    ...base(memory),
    outcome: error === undefined ? 'idle' : 'failed',
    success: error === undefined,
    aborted: false,
    ...(error === undefined ? {} : { error }),
  }
}

/** Seen and gone: neither success nor failure can be claimed, unless what was seen was an abort. */
export function lost(memory: Memory, targets: readonly TargetId[]): WaitResult {
  const parts = [...memory.parts.values()]
  const gone = targets.length === 0 ? {} : { lostTargets: targets }
  const told = over(memory)
  // What is known to have gone wrong stays so, whoever is gone.
  if (told.outcome !== 'finished') return { ...told, ...gone }
  const of = new Set(parts.map(({ target }) => target)).size
  const what =
    targets.length === 0 || targets.length === of
      ? 'the cluster knows the job no more'
      : `${targets.length} of ${of} targets are gone with their part of the job`
  return {
    ...base(memory),
    outcome: 'lost',
    success: false,
    aborted: false,
    error: `${what}; whether it ended well cannot be told`,
    ...gone,
  }
}

/** What targets write that were told of an abort, not of its cause. */
const HEARSAY = /^(?:remote target aborted|IC\(notifications\) abort)/

/** Targets tell different things of one event: the cause rather than its echo, whatever the order of the reply. */
const cause = (texts: readonly string[]): string | undefined =>
  texts
    .filter((text) => text !== '')
    .sort((a, b) => Number(HEARSAY.test(a)) - Number(HEARSAY.test(b)) || (a < b ? -1 : a > b ? 1 : 0))[0]
