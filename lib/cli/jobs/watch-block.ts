import { explain, type JobError } from '../../error.ts'
import { jobColumns } from './job-columns.ts'
import type { JobInfo } from './job-info.ts'
import type { Look } from './look.ts'
import { clock, dateTime } from '../../common/format.ts'
import { escape } from '../text/escape.ts'
import { layout, type Column } from '../text/table.ts'
import { cut } from '../text/width.ts'
import { isOpen } from './watched-jobs.ts'

/** How a block of lines is to be drawn. */
export interface BlockOptions {
  readonly endpoint: string
  readonly nowMs: number
  /** When the jobs were last reported. */
  readonly atMs: number
  readonly problem?: JobError
  readonly width: number
  readonly rows: number
  readonly look: Look
  readonly hasHeader: boolean
}

/** The block of `watch`: a title, the error of the last poll if it failed, and as many jobs as fit into the rows. */
export function watchBlock(jobs: readonly JobInfo[], options: BlockOptions): readonly string[] {
  const { endpoint, nowMs, atMs, problem, width, rows, look, hasHeader } = options
  const time = (look.hasDate ? dateTime : clock)(problem === undefined ? nowMs : atMs)
  const title = cut(`${escape(endpoint)}  ${time}  ${countsOf(jobs)}`, width)
  const trouble = problem === undefined ? [] : [cut(escape(`${explain(problem)}; retrying`), width)]
  const room = Math.max(0, rows - 1 - trouble.length - (hasHeader ? 1 : 0))
  const fits = jobs.length <= room
  const shown = fits ? jobs : jobs.slice(0, Math.max(0, room - 1))
  const more = fits ? [] : [cut(`... ${jobs.length - shown.length} more, --filter or --top`, width)]
  const table = jobs.length === 0 ? [] : layout(jobColumns(nowMs, look), shown, width, hasHeader)
  return [title, ...trouble, ...table, ...more].slice(0, Math.max(1, rows))
}

function countsOf(jobs: readonly JobInfo[]): string {
  const open = jobs.filter(isOpen)
  const idle = open.filter(({ state }) => state === 'idle').length
  const counts = { running: open.length - idle, idle }
  const texts = Object.entries(counts).flatMap(([state, number]) => (number === 0 ? [] : [`${number} ${state}`]))
  return texts.join(', ') || 'no job is running'
}

/** The line of a job, for output that cannot be redrawn. */
export const watchLine = (job: JobInfo, columns: readonly Column<JobInfo>[], width: number): string =>
  layout(columns, [job], width, false)[0] ?? ''
