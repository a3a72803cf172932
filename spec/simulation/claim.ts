import type { Job, Run } from '../../lib/emulator/cluster/state.ts'
import type { Truth } from './oracle.ts'

const isOverAt = (run: Run, atMs: number): boolean => Math.min(run.endMs, run.abortEndMs) <= atMs

/** What is not true of an end that was told of these jobs; undefined where it is. */
export function isFalseEnd(end: string, jobs: readonly Job[], truth: Truth, atMs: number): string | undefined {
  const runs = jobs.flatMap((job) => job.runs)
  const isLost = jobs.some((job) => truth.knownLost.has(job))
  const isCut = runs.some((run) => run.abortMs <= atMs)
  const isAnyLost = runs.some((run) => run.lost)
  const isOver = runs.every((run) => isOverAt(run, atMs) || (run.lost && !isLost))
  switch (end) {
    case 'finished': {
      const wrong = [
        isOver ? '' : 'it is not over',
        jobs.some((job) => truth.knownErr.has(job)) ? 'with an error' : '',
        isCut ? 'aborted' : '',
        isLost ? 'lost' : '',
      ].filter((text) => text !== '')
      return wrong.length === 0 ? undefined : wrong.join(', ')
    }
    case 'failed':
      return truth.err ? undefined : 'nothing failed'
    case 'aborted':
      return isCut || isAnyLost || truth.decided ? undefined : 'nobody did'
    case 'lost':
    case 'vanished':
      return truth.lost || truth.gone ? undefined : 'every part is there'
    case 'ended':
      return isOver || isCut || isAnyLost || truth.decided ? undefined : 'it is not over'
    default:
      return `${end} is no end`
  }
}
