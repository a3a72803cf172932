import { expect } from 'chai'
import { isLeft } from '../../lib/common/either.ts'
import { environmentOf, type ClusterLike } from '../../lib/environment.ts'
import type { Result } from '../../lib/error.ts'
import type { JobEvent } from '../../lib/view/job-event.ts'
import type { JobTable } from '../../lib/view/rows.ts'
import { resourceCount } from '../../lib/observer.ts'
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

const untimed = (text: string | undefined): string | undefined => text?.replace(/ @\d+$/, '')

/** The same, without those that say what the one before said. */
export const changes = (texts: readonly string[]): readonly string[] =>
  texts.filter((text, n) => untimed(text) !== untimed(texts[n - 1]))

/** A stream tells these texts one after the other, each at the latest at the moment written beside it. */
export const tells = (texts: readonly string[], latest: readonly string[]): void => {
  const told = changes(texts)
  expect(told.map(untimed)).to.deep.equal(latest.map(untimed))
  const msOf = (text: string): number => Number(text.replace(/^.* ?@/s, ''))
  const late = told.filter((text, n) => msOf(text) > msOf(latest[n]!))
  expect(late, `at the latest ${latest.join('; ')}`).to.deep.equal([])
}

/** How much a cluster still keeps for those who observe it. */
export const heldBy = (c: ClusterLike): number => {
  const internals = environmentOf(c)
  // Where its arguments were wrong, there is nothing that could keep.
  if (isLeft(internals)) return 0
  return resourceCount(internals.right) + internals.right.shared.evidenceListeners.size
}
