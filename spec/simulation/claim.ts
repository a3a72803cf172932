import type { Job, Run } from '../../lib/emulator/cluster/state.ts'
import type { Truth } from './oracle.ts'
import type { SimPlan } from './plan.ts'

// Whether a reported end is true: the rule that I18 and I19 share.

/** Whether a part has ended or wound down after an abort. */
export const isOverAt = (run: Run, atMs: number): boolean => Math.min(run.endMs, run.abortEndMs) <= atMs

/**
 * Whether the users' clock was set forward before `byMs`, in a plan with late parts. The library has no other clock, so it
 * concludes that every part has had time to appear, although almost no time has passed for the cluster. A clock that is
 * set back makes nothing look lost.
 */
export const hasClockJumped = ({ jumps, jobs }: Pick<SimPlan, 'jumps' | 'jobs'>, byMs: number): boolean =>
  jumps.some((jump) => jump.byMs > 0 && jump.atMs <= byMs) && jobs.some(({ lateMs }) => lateMs !== undefined)

/** Whether the library must believe that this part does not exist: the clock jumped forward before the part appeared. */
export const isBelievedAbsent = (plan: SimPlan, { lateParts }: Truth, run: Run, byMs: number): boolean =>
  lateParts.has(run) && hasClockJumped(plan, byMs)

/** Why a reported end of these jobs is false; undefined if it is true. */
export function whyEndIsFalse(
  plan: SimPlan,
  end: string,
  jobs: readonly Job[],
  truth: Truth,
  atMs: number,
): string | undefined {
  const runs = jobs.flatMap((job) => job.runs)
  const isLost = jobs.some((job) => truth.knownLost.has(job))
  const isAnyAborted = runs.some((run) => run.abortMs <= atMs)
  const isAnyLost = runs.some((run) => run.lost)
  const isOver = runs.every(
    (run) => isOverAt(run, atMs) || (run.lost && !isLost) || isBelievedAbsent(plan, truth, run, atMs),
  )
  switch (end) {
    case 'finished': {
      const wrong = [
        isOver ? '' : 'the job is not over',
        jobs.some((job) => truth.knownErr.has(job)) ? 'the job has an error' : '',
        jobs.some((job) => truth.knownAborted.has(job)) ? 'the job was aborted' : '',
        isLost ? 'the job is lost' : '',
      ].filter((text) => text !== '')
      return wrong.length === 0 ? undefined : wrong.join(', ')
    }
    case 'failed':
      return truth.err ? undefined : 'nothing failed'
    case 'aborted':
      return isAnyAborted || isAnyLost || truth.isEndedByProxies ? undefined : 'nobody aborted it'
    case 'lost':
    case 'vanished':
      return truth.lost || truth.isPartMissing || hasClockJumped(plan, atMs) ? undefined : 'no part is missing'
    case 'ended':
      return isOver || isAnyAborted || isAnyLost || truth.isEndedByProxies ? undefined : 'the job is not over'
    default:
      return `${end} is not an end`
  }
}
