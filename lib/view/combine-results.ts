import { lastOf } from '../codec/instant.ts'
import { isLeft, isRight, right } from '../common/either.ts'
import type { Result } from '../error.ts'
import type { Outcome, WaitResult } from '../model/wait-result.ts'
import { defined } from '../common/defined.ts'

/** The outcomes from the worst to the best: the result of several jobs has the worst of their outcomes. */
const WORST: readonly Outcome[] = ['lost', 'failed', 'aborted', 'idle', 'not-running', 'started', 'finished']

/** Combines the results of a wait for several ids: the first Left, otherwise the worst outcome with all ids. */
export function combineResults(results: readonly Result<WaitResult>[]): Result<WaitResult> {
  const failed = results.find(isLeft)
  if (failed !== undefined) return failed
  const all = results.filter(isRight).map((one) => one.right)
  const worst = WORST.flatMap((outcome) => all.filter((one) => one.outcome === outcome))[0] as WaitResult
  const { kind, outcome, error } = worst
  const endTime = lastOf(all.map((one) => one.endTime))
  const files = all.flatMap((one) => one.files ?? [])
  const lostTargets = [...new Set(all.flatMap((one) => one.lostTargets ?? []))]
  return right(
    defined({
      jobId: all.map(({ jobId }) => jobId).join(','),
      kind,
      outcome,
      success: all.every(({ success }) => success),
      aborted: all.some(({ aborted }) => aborted),
      error,
      endTime,
      lostTargets: lostTargets.length === 0 ? undefined : lostTargets,
      files: files.length === 0 ? undefined : files,
    }),
  )
}
