import { isDownloadId } from '../model/download.ts'
import { stateOfAll, type JobState } from '../model/job-state.ts'
import type { Case } from './case.ts'
import { statusOf } from './certainty.ts'
import { endOutcomeOf } from './outcome.ts'
import type { WaitResult } from '../model/wait-result.ts'
import type { RunView } from './view.ts'

/**
 * The state of a job as one wait sees it: its outcome once that is certain, otherwise the state that its targets show,
 * otherwise that of its status.
 */
export function stateOfCase(c: Case): JobState {
  const { view, goal, standing, nowMs } = c
  const outcome = endOutcomeOf(view, { ...goal, until: 'end' }, standing, nowMs)
  if (outcome?._tag === 'Right') return stateOfResult(outcome.right)
  return liveState(c)
}

/** The state of a job that has ended in this way. */
export function stateOfResult({ outcome }: WaitResult): JobState {
  return outcome === 'started' || outcome === 'not-running' ? 'running' : outcome
}

/**
 * The state of a job whose end is not certain. It is never finished or failed, and aborted only if a target shows the
 * abort.
 *
 * An abort that only the Information Center reports does not count: it is not confirmed yet, and events report an abort
 * only after its confirmation.
 */
export function liveState(c: Case): JobState {
  const { parts, runs, view } = c
  const targetState = stateOfAll(parts.map(({ snap }) => snap))
  const isListed = (run: RunView): boolean =>
    statusOf(c, run) !== undefined ||
    (run.row !== undefined && isDownloadId(run.id)) ||
    view.running?.value.has(run.id) === true
  if (parts.length === 0) return runs.some(isListed) ? 'running' : 'starting'
  return targetState === 'finished' || targetState === 'failed' ? 'running' : targetState
}
