import type { Snapshots } from '../../../../lib/codec/snapshots.ts'
import { left, right } from '../../../../lib/common/either.ts'
import type { Result } from '../../../../lib/error.ts'
import type { KindInfo } from '../../../../lib/model/kind.ts'
import { trackerOf, type Tracker } from '../../../../lib/view/tracker.ts'
import { chosenRuns, observationOf } from '../../../../lib/view/chosen-runs.ts'
import type { Evidence } from '../../../../lib/view/evidence.ts'
import { followEverything, followRun } from '../../../../lib/view/follow.ts'
import { progressOf, type Progress, type Total } from '../../../../lib/view/progress-of.ts'
import { NO_PROGRESS, reduceProgress } from '../../../../lib/view/progress.ts'
import type { Observed } from '../../../../lib/view/interest.ts'
import { reduce } from '../../../../lib/view/reduce.ts'
import { EMPTY_VIEW } from '../../../../lib/view/view.ts'
import type { snapshotsOf } from '../../../helpers/parts.ts'
import { defined } from '../../../../lib/common/defined.ts'

// Feeds replies of the targets to the selectors of streams one by one, without a clock and without requests.

/** Kinds whose end is certain at once: no other source has to confirm that the parts are over. */
const KINDS: readonly KindInfo[] = ['lru', 'rebalance'].map((kind) => ({ kind, scope: 'target' }))

/** A reply of the targets, and the millisecond of our clock at which it came. */
export interface TimedReply {
  readonly atMs: number
  readonly result: Result<Snapshots>
}

const request = { method: 'GET', path: '/v1/cluster', query: 'what=qryxstats' }
export const NOT_FOUND: Result<never> = left({ _tag: 'NotFound', message: 'not found', request })

/** Replies with the times at which they came. */
export const repliesAt = (
  ...replies: readonly (readonly [atMs: number, reply: Result<Snapshots> | ReturnType<typeof snapshotsOf>])[]
): readonly TimedReply[] =>
  replies.map(([atMs, one]) => ({ atMs, result: '_tag' in one ? (one as Result<Snapshots>) : right(one) }))

export interface ProgressSelection {
  /** Empty: by kind. */
  readonly ids: readonly string[]
  readonly kind?: string
  readonly onlyRunning: boolean
  readonly stallMs: number
  /** How far the wall clock is ahead of the clock that times replies, in milliseconds. Defaults to 0. */
  readonly wallMs?: number
}

/** Progress of the run with the id `a`. */
export const BY_ID: ProgressSelection = { ids: ['a'], onlyRunning: false, stallMs: 60_000 }
/** Progress of the run of the kind `lru`. */
export const BY_KIND: ProgressSelection = { ...BY_ID, ids: [], kind: 'lru' }

/** Yields the tracker after each reply; it is always the same object, so read it before the next step. */
function* steps(
  replies: readonly TimedReply[],
  { ids, kind, onlyRunning }: ProgressSelection,
): Generator<{ readonly tracker: Tracker; readonly observed: Observed; readonly touched: ReadonlySet<string> }> {
  const byKind = kind === undefined ? {} : { kind }
  const how = { isListed: false, keepsPast: ids.length > 0 && !onlyRunning }
  const tracker = trackerOf({ ids, onlyRunning, ...byKind }, KINDS, replies[0]?.atMs ?? 0, how)
  let view = ids.length > 0 ? ids.reduce(followRun, EMPTY_VIEW) : followEverything(EMPTY_VIEW)
  for (const { atMs, result } of replies) {
    const evidence: Evidence = { query: { what: 'snapshots', ...byKind }, sentMs: atMs, atMs, result }
    view = reduce(view, evidence)
    const observed = { view, nowMs: atMs, evidence, isWatched: () => false }
    yield { tracker, observed, touched: tracker.reduce(observed) }
  }
}

/** The progress after each reply. */
export function progressesOf(
  replies: readonly TimedReply[],
  aim: ProgressSelection = BY_ID,
  total?: Total,
): readonly Progress[] {
  const { stallMs, wallMs = 0 } = aim
  const choose = chosenRuns(aim)
  const all: Progress[] = []
  let pace = NO_PROGRESS
  for (const { tracker, observed } of steps(replies, aim)) {
    const { nowMs: atMs } = observed
    const reply = observationOf(tracker, choose(tracker), observed, { atMs, wallMs: atMs + wallMs })
    pace = reduceProgress(pace, reply, stallMs)
    all.push(progressOf(pace, { ...defined({ total }), stallMs, lost: reply.lost }))
  }
  return all
}
