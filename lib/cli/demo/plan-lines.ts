import { isLeft } from '../../common/either.ts'
import { defined } from '../../common/defined.ts'
import { explain, type Result } from '../../error.ts'
import type { Started } from '../../commands.ts'
import type { WaitResult } from '../../model/wait-result.ts'
import type { Progress } from '../../view/progress-of.ts'
import { bytes, count } from '../../common/format.ts'
import { bar } from '../text/bar.ts'
import { layout, type Column } from '../text/table.ts'
import type { Plan } from './plans.ts'

/** The state of one of the demo's jobs. */
export interface Shown {
  readonly plan: Plan
  readonly job?: Started
  readonly progress?: Progress | undefined
  readonly result?: Result<WaitResult> | undefined
}

const TITLE: Column<Shown> = { title: 'JOB', cell: ({ plan }) => plan.title, least: 12 }
const OBJECTS = ({ progress }: Shown): string => (progress === undefined ? '' : count(progress.objects))
// Room for the widest text, so that the columns do not move while the numbers grow.
const [STATE_CELLS, COUNT_CELLS] = [8, 9]

/** The lines for a terminal, which are redrawn in place. A narrow terminal gets shorter bars, a very narrow one also fewer columns. */
export const liveLines = (shown: readonly Shown[], columns: number): readonly string[] => {
  const barCells = Math.max(8, Math.min(30, columns - 77))
  return layout<Shown>(
    [
      TITLE,
      { title: 'STATE', cell: ({ progress }) => (progress?.state ?? 'starting').padEnd(STATE_CELLS) },
      { title: 'BAR', cell: ({ progress }) => bar(progress?.ratio ?? 0, barCells), drop: 1 },
      { title: '%', cell: ({ progress }) => `${Math.round((progress?.ratio ?? 0) * 100)} %`.padStart(5) },
      { title: 'OBJECTS', cell: (one) => OBJECTS(one).padStart(COUNT_CELLS), drop: 3 },
      { title: 'RATE', cell: (one) => rateOf(one).padStart(COUNT_CELLS), drop: 2 },
    ],
    shown,
    columns,
    false,
  )
}

const rateOf = ({ progress }: Shown): string =>
  progress?.objectsPerSecond === undefined ? '' : `${count(progress.objectsPerSecond)}/s`

/** The lines for other output. They change only with the state of a job and after each quarter of its work. */
export const stepLines = (shown: readonly Shown[]): readonly string[] =>
  shown.map(({ plan, job, progress }) => {
    const { state = 'starting', ratio = 0 } = progress ?? {}
    if (job === undefined || state === 'starting') return `${plan.title}: starting`
    const quarter = state === 'running' ? ` ${Math.floor(ratio * 4) * 25} %` : ''
    return `${plan.title}: ${job.kind}[${job.id ?? ''}] ${state}${quarter}`
  })

/** The final table with the outcomes. */
export const resultLines = (shown: readonly Shown[], columns: number, hasHeader = true): readonly string[] =>
  layout<Shown>(
    [
      TITLE,
      { title: 'KIND', cell: ({ job }) => job?.kind ?? '', drop: 3 },
      { title: 'ID', cell: ({ job }) => job?.id ?? '', drop: 4 },
      { title: 'OUTCOME', cell: outcomeOf },
      { title: 'OBJECTS', cell: OBJECTS, isRight: true, drop: 2 },
      { title: 'BYTES', cell: ({ progress }) => bytes(progress?.bytes ?? 0), isRight: true, drop: 1 },
      { title: 'ERROR', cell: errorOf, isOptional: true, drop: 5, least: 12 },
    ],
    shown,
    columns,
    hasHeader,
  )

function outcomeOf({ result }: Shown): string {
  if (result === undefined || isLeft(result)) return 'unknown'
  const { outcome, success } = result.right
  return success || outcome === 'failed' ? outcome : `${outcome} (failed)`
}

function errorOf({ result }: Shown): string {
  if (result === undefined) return ''
  return isLeft(result) ? explain(result.left) : (result.right.error ?? '')
}

/** A job of the demo as `--json` writes it: counters are strings, and what is unknown is absent. */
export function recordOf(shown: Shown): object {
  const { plan, job, progress, result } = shown
  const ended = result && (isLeft(result) ? 'unknown' : result.right.outcome)
  return {
    title: plan.title,
    ...defined({
      kind: job?.kind,
      id: job?.id,
      state: progress?.state,
      objects: progress?.objects.toString(),
      bytes: progress?.bytes.toString(),
      outcome: ended,
      error: errorOf(shown) || undefined,
    }),
  }
}
