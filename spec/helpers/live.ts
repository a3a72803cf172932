import { isLeft } from '../../lib/either.ts'
import { internalsOf, type Environment } from '../../lib/environment.ts'
import type { Result } from '../../lib/error.ts'
import type { JobEvent } from '../../lib/events/event.ts'
import type { JobTable } from '../../lib/jobs/row.ts'
import type { Life } from './jobs-world.ts'

// Jobs that begin and end, and what live streams say of them as short texts.

/** Three minutes, as the Information Center does. */
const REMEMBERED_MS = 180_000

/**
 * Begins at one moment and ends at another; unknown before, forgotten by the Information Center three minutes after.
 *
 * @param forgottenMs when the targets forget it; never unless told
 */
export const during = (
  fromMs: number,
  toMs: number = Infinity,
  {
    kind = 'copy-bck',
    err = '',
    aborted = false,
    forgottenMs = Infinity,
  }: { kind?: string; err?: string; aborted?: boolean; forgottenMs?: number } = {},
): Life => {
  const isOver = (ms: number): boolean => ms >= toMs
  const abortErr = aborted ? 'user abort' : ''
  return {
    kind,
    status: (ms) => {
      if (ms < fromMs || ms >= toMs + REMEMBERED_MS) return undefined
      return isOver(ms) ? { endMs: toMs, aborted, err: aborted ? abortErr : err } : {}
    },
    part: (_, ms) => {
      if (ms < fromMs || ms >= forgottenMs) return undefined
      return isOver(ms) ? { startMs: fromMs, endMs: toMs, aborted, abortErr, err } : { startMs: fromMs }
    },
  }
}

/** Three jobs: one that runs all the time, one that ends, one that had ended before. */
export const LONG = 'jobNoLong1'
export const ENDS = 'jobNoEnds1'
export const PAST = 'jobNoPast1'

export const eventText = (result: Result<JobEvent>): string =>
  isLeft(result) ? result.left._tag : `${result.right.type} ${result.right.job.id}`

export const tableText = (result: Result<JobTable>): string =>
  isLeft(result)
    ? result.left._tag
    : Object.values(result.right)
        .map(({ id, state, error }) => `${id} ${state}${error === undefined ? '' : `: ${error}`}`)
        .join(', ')

/** `text @ms` of each value. */
export const timed = <A>(
  { values, times }: { readonly values: readonly A[]; readonly times: readonly number[] },
  text: (value: A) => string,
): readonly string[] => values.map((value, n) => `${text(value)} @${times[n]}`)

/** The same, without what says what the one before said. */
export const changes = (texts: readonly string[]): readonly string[] => {
  const said = (text: string | undefined): string | undefined => text?.replace(/ @\d+$/, '')
  return texts.filter((text, n) => said(text) !== said(texts[n - 1]))
}

/** What a cluster still holds of those who watched: polls, who wants what, lanes, waits, looks. */
export const heldBy = (c: Environment): readonly number[] => {
  const internals = internalsOf(c)
  if (isLeft(internals)) throw new Error('no cluster')
  const { polls, wanted, lanes, waits, looked } = internals.right.shared
  return [polls.size, wanted.size, lanes.size, waits, looked.size]
}
