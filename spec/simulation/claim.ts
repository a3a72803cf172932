import type { Job, Run } from '../../lib/emulator/cluster/state.ts'
import type { Truth } from './oracle.ts'
import type { SimPlan } from './plan.ts'

const isOverAt = (run: Run, atMs: number): boolean => Math.min(run.endMs, run.abortEndMs) <= atMs

/**
 * Whether the users' clock was set forward before `byMs`, in a plan with late parts. Their scheduler's clock is the
 * only one, so they perceive a sleep in which each part had time to appear: they cannot know that only a moment passed
 * for the cluster. While a clock that was set back stands still, nothing becomes lost.
 */
export const hasLeapt = ({ jumps, jobs }: Pick<SimPlan, 'jumps' | 'jobs'>, byMs: number): boolean =>
  jumps.some((jump) => jump.byMs > 0 && jump.atMs <= byMs) && jobs.some(({ lateMs }) => lateMs !== undefined)

/** Whether a part was, as far as anybody could tell, none: it had not shown by then, although the clock had leapt. */
export const isTakenForNone = (plan: SimPlan, { unshown }: Truth, run: Run, byMs: number): boolean =>
  unshown.has(run) && hasLeapt(plan, byMs)

/** Why a reported end of these jobs is false; undefined if it is true. */
export function isFalseEnd(
  plan: SimPlan,
  end: string,
  jobs: readonly Job[],
  truth: Truth,
  atMs: number,
): string | undefined {
  const runs = jobs.flatMap((job) => job.runs)
  const isLost = jobs.some((job) => truth.knownLost.has(job))
  const isCut = runs.some((run) => run.abortMs <= atMs)
  const isAnyLost = runs.some((run) => run.lost)
  const isOver = runs.every(
    (run) => isOverAt(run, atMs) || (run.lost && !isLost) || isTakenForNone(plan, truth, run, atMs),
  )
  switch (end) {
    case 'finished': {
      const wrong = [
        isOver ? '' : 'the job is not over',
        jobs.some((job) => truth.knownErr.has(job)) ? 'the job has an error' : '',
        isCut ? 'the job was aborted' : '',
        isLost ? 'the job is lost' : '',
      ].filter((text) => text !== '')
      return wrong.length === 0 ? undefined : wrong.join(', ')
    }
    case 'failed':
      return truth.err ? undefined : 'nothing failed'
    case 'aborted':
      return isCut || isAnyLost || truth.decided ? undefined : 'nobody aborted it'
    case 'lost':
    case 'vanished':
      return truth.lost || truth.gone || hasLeapt(plan, atMs) ? undefined : 'no part is missing'
    case 'ended':
      return isOver || isCut || isAnyLost || truth.decided ? undefined : 'the job is not over'
    default:
      return `${end} is not an end`
  }
}
