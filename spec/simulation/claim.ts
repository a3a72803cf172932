import type { Job, Run } from '../../lib/emulator/cluster/state.ts'
import type { Truth } from './oracle.ts'
import type { SimPlan } from './plan.ts'

const isOverAt = (run: Run, atMs: number): boolean => Math.min(run.endMs, run.abortEndMs) <= atMs

/**
 * Whether the users' clock was set forward by then, in a plan with parts that show late. Their scheduler's clock is the only
 * one there is, so to them that is a sleep, in which a part had the time to show: nobody could know that the cluster has
 * lived but a moment. A clock that was set back stands still, and takes nothing for lost.
 */
export const hasLeapt = ({ jumps, jobs }: Pick<SimPlan, 'jumps' | 'jobs'>, byMs: number): boolean =>
  jumps.some((jump) => jump.byMs > 0 && jump.atMs <= byMs) && jobs.some(({ lateMs }) => lateMs !== undefined)

/** Whether a part was, as far as anybody could tell, none: it had not shown by then, although the clock had leapt. */
export const isTakenForNone = (plan: SimPlan, { unshown }: Truth, run: Run, byMs: number): boolean =>
  unshown.has(run) && hasLeapt(plan, byMs)

/** What is not true of an end that was told of these jobs; undefined where it is. */
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
      return truth.lost || truth.gone || hasLeapt(plan, atMs) ? undefined : 'every part is there'
    case 'ended':
      return isOver || isCut || isAnyLost || truth.decided ? undefined : 'it is not over'
    default:
      return `${end} is no end`
  }
}
