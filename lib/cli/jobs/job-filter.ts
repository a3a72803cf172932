import { show } from '../../common/text.ts'
import type { Arguments, Flags } from '../arguments.ts'
import { UsageError } from '../usage-error.ts'
import { findKind } from '../../model/kind.ts'
import type { JobInfo } from './job-info.ts'
import type { Subject } from '../subject.ts'
import { bucketText } from '../../model/bucket-text.ts'

export const REGEX: Flags = {
  regex: { type: 'string', value: 'REGEXP', help: 'only jobs whose id, kind or name matches' },
}

export const FILTERS: Flags = {
  ...REGEX,
  all: { type: 'boolean', help: 'jobs that have ended, too' },
  filter: {
    type: 'string',
    multiple: true,
    value: 'COLUMN=REGEXP',
    help: 'only rows whose column matches; repeatable',
  },
  top: { type: 'string', value: 'N', help: 'at most N rows' },
}

const CELLS: Readonly<Record<string, (job: JobInfo) => string>> = {
  id: ({ id }) => id,
  kind: ({ kind }) => kind,
  bucket: ({ bucket = '' }) => bucket,
  state: ({ state }) => state,
  error: ({ error = '' }) => error,
}

/** Chooses jobs by the bucket of a command line, its `--filter`s and its `--top`. */
export function jobFilter(args: Arguments, { bucket }: Subject): (jobs: readonly JobInfo[]) => readonly JobInfo[] {
  const wanted = bucket === undefined ? undefined : bucketText(bucket)
  const filters = args.texts('filter').map(filterOf)
  const hasMatch = regexOf(args)
  const top = args.count('top') ?? Infinity
  return (jobs) =>
    jobs
      .filter((job) => (wanted === undefined || job.bucket === wanted) && hasMatch(job))
      .filter((job) => filters.every((matches) => matches(job)))
      .slice(0, top)
}

function filterOf(text: string): (job: JobInfo) => boolean {
  const [, column = '', pattern = ''] = /^(\w+)=(.+)$/.exec(text) ?? []
  const cell = CELLS[column.toLowerCase()]
  if (cell === undefined)
    throw new UsageError(
      `--filter expected COLUMN=REGEXP, where COLUMN is one of ${Object.keys(CELLS).join(', ')}; got ${show(text)}`,
    )
  const regexp = regexpOf(`--filter ${column}`, pattern)
  return (job) => regexp.test(cell(job))
}

/** Chooses jobs by `--regex`, which matches the id, the kind, or the name that `ais` shows for the kind. */
export function regexOf(args: Arguments): (job: Pick<JobInfo, 'id' | 'kind'>) => boolean {
  const pattern = args.text('regex')
  if (pattern === undefined) return () => true
  const regexp = regexpOf('--regex', pattern)
  return ({ id, kind }) => [id, kind, findKind(kind)?.displayName ?? ''].some((text) => regexp.test(text))
}

function regexpOf(flag: string, pattern: string): RegExp {
  try {
    return new RegExp(pattern)
  } catch {
    throw new UsageError(`${flag}: ${show(pattern)} is no regular expression`)
  }
}
