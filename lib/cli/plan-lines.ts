import { isLeft } from '../common/either.ts'
import { explain, type Result } from '../error.ts'
import type { Started } from '../commands.ts'
import type { WaitResult } from '../model/wait-result.ts'
import type { Progress } from '../view/progress-of.ts'
import { bar, bytes, count, table } from './format.ts'
import type { Plan } from './plans.ts'

/** The state of one of the demo's jobs. */
export interface Shown {
  readonly plan: Plan
  readonly job?: Started
  readonly progress?: Progress | undefined
  readonly result?: Result<WaitResult> | undefined
}

/** The lines for a terminal, which are redrawn in place. In a narrow terminal, the bars are shorter. */
export function liveLines(shown: readonly Shown[], columns: number): string[] {
  const width = Math.max(0, Math.min(30, columns - 77))
  return table(
    shown.map(({ plan, progress }) => {
      const { state = 'starting', ratio = 0, objects, objectsPerSecond } = progress ?? {}
      return [
        plan.title,
        state.padEnd(8),
        bar(ratio, width),
        `${Math.round(ratio * 100)} %`.padStart(5),
        (objects === undefined ? '' : count(objects)).padStart(9),
        (objectsPerSecond === undefined ? '' : `${count(objectsPerSecond)}/s`).padStart(9),
      ]
    }),
    [3, 4, 5],
  )
}

/** The lines for other output. They change only with the state of a job and after each quarter of its work. */
export const stepLines = (shown: readonly Shown[]): string[] =>
  shown.map(({ plan, job, progress }) => {
    const { state = 'starting', ratio = 0 } = progress ?? {}
    if (job === undefined || state === 'starting') return `${plan.title}: starting`
    const quarter = state === 'running' ? ` ${Math.floor(ratio * 4) * 25} %` : ''
    return `${plan.title}: ${job.kind}[${job.id ?? ''}] ${state}${quarter}`
  })

/** The final table with the outcomes. */
export function resultLines(shown: readonly Shown[]): string[] {
  const header = ['JOB', 'KIND', 'ID', 'OUTCOME', 'OBJECTS', 'BYTES', 'ERROR']
  const body = shown.map(({ plan, job, progress, result }) => {
    const counted = [count(progress?.objects ?? 0), bytes(progress?.bytes ?? 0)]
    if (result === undefined || isLeft(result))
      return [
        plan.title,
        job?.kind ?? '',
        job?.id ?? '',
        'unknown',
        ...counted,
        result === undefined ? '' : explain(result.left),
      ]
    const { kind = '', jobId = '', outcome, success, error = '' } = result.right
    return [plan.title, kind, jobId, success ? outcome : `${outcome} (failed)`, ...counted, error]
  })
  return table([header, ...body], [4, 5])
}
