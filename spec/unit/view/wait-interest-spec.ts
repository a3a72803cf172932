import { expect } from 'chai'
import { followRun } from '../../../lib/view/follow.ts'
import type { Evidence } from '../../../lib/view/evidence.ts'
import { reduce } from '../../../lib/view/reduce.ts'
import { EMPTY_VIEW, type View } from '../../../lib/view/view.ts'
import { WaitInterest } from '../../../lib/view/wait-interest.ts'
import { goalOf, ID, listed, shown, statusOf } from './helpers/facts.ts'

const PACE = { sinceMs: 1_000, tickedMs: -Infinity, waitMs: 1_000 }

/** The view of a job that runs: a list and a reply of the targets show it. */
const running = [listed([statusOf({})], 900), shown({ t1: {}, t2: {} }, 950)].reduce<View>(
  reduce,
  followRun(EMPTY_VIEW, ID),
)

/** The time of the last tick of a wait that began at 1,000 and has computed its needs before this evidence. */
function lastTickAfter(...evidence: readonly Evidence[]): number | undefined {
  const wait = new WaitInterest(goalOf({ sinceMs: 1_000, kind: 'copy-bck' }))
  wait.select({ view: running, nowMs: 1_000, isWatched: () => false })
  wait.needs(running, PACE, 1_000)
  return wait.lastTick(evidence.reduce(reduce, running))?.atMs
}

describe('the last tick of a wait whose run has not changed', () => {
  const row = [statusOf({})]

  it('is a list that was requested in the millisecond in which the wait began, or later', () => {
    expect(lastTickAfter(listed(row, 1_000, 1_005))).to.equal(1_005)
    expect(lastTickAfter(listed(row, 1_001, 1_006))).to.equal(1_006)
  })

  it('is not a list that was requested before the wait began', () => {
    expect(lastTickAfter(listed(row, 999, 1_004))).to.equal(undefined)
  })

  it('is the newest of several lists', () => {
    expect(lastTickAfter(listed(row, 1_000, 1_005), listed(row, 2_000, 2_005))).to.equal(2_005)
  })
})
