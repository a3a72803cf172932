import { isLeft } from '../either.ts'
import { describe, type Result } from '../error.ts'
import type { Started } from '../commands.ts'
import type { WaitResult } from '../wait-result.ts'
import { bar, bytes, count, table } from './format.ts'
import type { Plan } from './plans.ts'
import type { Row, Rows } from './rows.ts'

/** How far one of the demo's jobs has come. */
export interface Shown {
  readonly plan: Plan
  readonly job?: Started
  readonly result?: Result<WaitResult>
}

const rowOf = ({ job }: Shown, rows: Rows): Row | undefined =>
  job?.id === undefined ? undefined : rows.byId.get(job.id)

/** A metadata warm-up counts nothing: its bar is empty until it is full. */
function ratioOf({ plan }: Shown, row: Row | undefined): number {
  if (row === undefined) return 0
  return row.state === 'finished' || row.state === 'idle' ? 1 : row.objects / plan.total
}

/** The block that is drawn over itself; where there is little room, the bars give way. */
export function liveLines(shown: readonly Shown[], rows: Rows, columns: number): string[] {
  const width = Math.max(0, Math.min(30, columns - 77))
  return table(
    shown.map((one) => {
      const row = rowOf(one, rows)
      const running = row?.state === 'running' && row.objectsPerSecond !== undefined
      return [
        one.plan.title,
        (row?.state ?? 'starting').padEnd(8),
        bar(ratioOf(one, row), width),
        `${Math.round(ratioOf(one, row) * 100)} %`.padStart(5),
        (row === undefined ? '' : count(row.objects)).padStart(9),
        (running ? `${count(row.objectsPerSecond ?? 0)}/s` : '').padStart(9),
      ]
    }),
    [3, 4, 5],
  )
}

/** What is worth a line where nothing can be drawn over: each change of state, and each quarter of the way. */
export const stepLines = (shown: readonly Shown[], rows: Rows): string[] =>
  shown.map((one) => {
    const row = rowOf(one, rows)
    if (row === undefined) return `${one.plan.title}: starting`
    const quarter = row.state === 'running' ? ` ${Math.floor(ratioOf(one, row) * 4) * 25} %` : ''
    return `${one.plan.title}: ${row.kind}[${row.id}] ${row.state}${quarter}`
  })

/** The table at the end. */
export function resultLines(shown: readonly Shown[], rows: Rows): string[] {
  const header = ['JOB', 'KIND', 'ID', 'OUTCOME', 'OBJECTS', 'BYTES', 'ERROR']
  const body = shown.map((one) => {
    const row = rowOf(one, rows)
    const { plan, job, result } = one
    const counted = [count(row?.objects ?? 0), bytes(row?.bytes ?? 0)]
    if (result === undefined || isLeft(result))
      return [
        plan.title,
        job?.kind ?? '',
        job?.id ?? '',
        'unknown',
        ...counted,
        result === undefined ? '' : describe(result.left),
      ]
    const { kind = '', jobId = '', outcome, success, error = '' } = result.right
    return [plan.title, kind, jobId, success ? outcome : `${outcome} (failed)`, ...counted, error]
  })
  return table([header, ...body], [4, 5])
}
