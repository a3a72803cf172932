import { expect } from 'chai'
import { of } from 'rxjs'
import type { LastSeen } from '../../../lib/error.ts'
import { followRun } from '../../../lib/view/follow.ts'
import type { Evidence } from '../../../lib/view/evidence.ts'
import { reduce } from '../../../lib/view/reduce.ts'
import { EMPTY_VIEW, type View } from '../../../lib/view/view.ts'
import { answerBy } from '../../../lib/view/answer.ts'
import { outcomeOf } from '../../../lib/view/outcome.ts'
import { WaitInterest } from '../../../lib/view/wait-interest.ts'
import {
  BUSY,
  failedRequest,
  viewFollowing,
  goalOf,
  goalOfKind,
  ID,
  listReply,
  mapReply,
  runningReply,
  statusReply,
  snapshotsReply,
  snapshotsOfKindReply,
  statusOf,
  unknownToIc,
} from './helpers/facts.ts'

// What a wait wants from the view, when it last got it, and what it emits when its budget ends. A tick is a reply that
// counts for the cadence of the wait.
//
// Of a reply such as `statusReply({}, 0, 100)`, the numbers are when its request was sent and when it came, in milliseconds.

const PACE = { sinceMs: 1_000, tickedMs: -Infinity, waitMs: 1_000 }

/** The view of a job that runs: a list and a reply of the targets show it. */
const runningView = [listReply([statusOf({})], 900), snapshotsReply({ t1: {}, t2: {} }, 950)].reduce<View>(
  reduce,
  followRun(EMPTY_VIEW, ID),
)

/** The time of the last tick of a wait that began at 1,000 and has computed its needs before this evidence. */
function lastTickAfter(...evidence: readonly Evidence[]): number | undefined {
  const wait = new WaitInterest(goalOf({ sinceMs: 1_000, kind: 'copy-bck' }))
  wait.select({ view: runningView, nowMs: 1_000, isWatched: () => false })
  wait.needs(runningView, PACE, 1_000)
  return wait.lastTick(evidence.reduce(reduce, runningView))?.atMs
}

describe('the last tick of a wait whose run has not changed', () => {
  const row = [statusOf({})]

  it('is a list that was requested in the millisecond in which the wait began, or later', () => {
    expect(lastTickAfter(listReply(row, 1_000, 1_005))).to.equal(1_005)
    expect(lastTickAfter(listReply(row, 1_001, 1_006))).to.equal(1_006)
  })

  it('is not a list that was requested before the wait began', () => {
    expect(lastTickAfter(listReply(row, 999, 1_004))).to.equal(undefined)
  })

  it('is the newest of several lists', () => {
    expect(lastTickAfter(listReply(row, 1_000, 1_005), listReply(row, 2_000, 2_005))).to.equal(2_005)
  })
})

describe('the last tick of a wait by kind', () => {
  const lastTick = (kind: string, ...log: readonly Evidence[]): number | undefined => {
    const goal = goalOfKind(kind)
    const wait = new WaitInterest(goal)
    const view = log.reduce<View>(reduce, viewFollowing(EMPTY_VIEW, goal))
    wait.select({ view, nowMs: 10, isWatched: () => false })
    return wait.lastTick(view)?.atMs
  }
  const list = listReply([statusOf({}, 'a')], 2, 3)

  it('is a reply about the kind until that has shown a run, and then also a list', () => {
    expect(lastTick('copy-bck', list)).to.equal(undefined)
    expect(lastTick('copy-bck', snapshotsOfKindReply('copy-bck', {}, 0, 1), list)).to.equal(1)
    expect(lastTick('copy-bck', snapshotsOfKindReply('copy-bck', { t1: { id: 'a' } }, 0, 1), list)).to.equal(3)
  })

  it('is a reply about the kind if later runs count too, whatever a list shows', () => {
    const reply = snapshotsOfKindReply('put-copies', { t1: { id: 'a', kind: 'put-copies' } }, 0, 1)
    expect(lastTick('put-copies', reply, list)).to.equal(1)
  })
})

describe('a wait whose budget ends', () => {
  const lastSeen = (...log: readonly Evidence[]): unknown => {
    const wait = new WaitInterest(goalOf({ endsMs: 10_000 }))
    const view = log.reduce<View>(reduce, followRun(EMPTY_VIEW, ID))
    wait.left(view)
    const result = wait.expired(10_000, 10_000)
    return result._tag === 'Left' && result.left._tag === 'WaitTimeout' ? result.left.last : result
  }
  const failedPoll = (sentMs: number): Evidence => failedRequest({ what: 'snapshots', id: ID }, BUSY, sentMs)

  it('times out with the last status and the last snapshots', () => {
    expect(lastSeen(statusReply({}, 1), snapshotsReply({ t1: {} }, 2))).to.have.all.keys('status', 'snapshots')
    expect(lastSeen()).to.equal(undefined)
  })

  it('times out with the error of the last request, unless a report came after it', () => {
    expect(lastSeen(statusReply({}, 1), failedPoll(2))).to.have.property('error', BUSY)
    expect(lastSeen(failedPoll(1), statusReply({}, 2))).not.to.have.property('error')
  })
})

describe('a wait whose budget ends although all known parts are over', () => {
  const lastSeen = (...log: readonly Evidence[]): LastSeen | undefined => {
    const wait = new WaitInterest(goalOf({ endsMs: 10_000 }))
    const view = log.reduce<View>(reduce, followRun(EMPTY_VIEW, ID))
    wait.left(view)
    const result = wait.expired(10_000, 10_000)
    if (result._tag === 'Right' || result.left._tag !== 'WaitTimeout') throw new Error('no timeout')
    return result.left.last
  }
  const partsOver = snapshotsReply({ t1: { endTime: 2n }, t3: { endTime: 2n } }, 8_900)

  it('names the targets of the cluster map that have shown no part', () => {
    expect(lastSeen(partsOver, mapReply(['t4', 't1', 't2', 't3'], 8_950))?.missing).to.deep.equal(['t2', 't4'])
  })

  it('names no targets if a part still runs, or if none is missing', () => {
    expect(lastSeen(snapshotsReply({ t1: {} }, 8_900), mapReply(['t1', 't2'], 8_950))).not.to.have.property('missing')
    expect(lastSeen(partsOver, mapReply(['t1', 't3'], 8_950))).not.to.have.property('missing')
  })

  it('has the error of the cluster map, without which it cannot tell, also if the Information Center has replied since', () => {
    const last = lastSeen(partsOver, failedRequest({ what: 'map' }, BUSY, 8_950), statusReply({}, 8_960))
    expect(last).to.have.property('error', BUSY)
  })
})

describe('a wait for a condition', () => {
  const answerAfter = (answer: unknown, ...log: readonly Evidence[]): unknown => {
    const ending = { outcomeOf, answerOf: answerBy<unknown>(() => answer) }
    const wait = new WaitInterest<unknown>(goalOf({ until: 'view' }), ending)
    const view = log.reduce<View>(reduce, followRun(EMPTY_VIEW, ID))
    return wait.select({ view, nowMs: 9_000, isWatched: () => false })
  }

  it('has no answer while the condition returns undefined or false', () => {
    for (const none of [undefined, false] as const) expect(answerAfter(none, statusReply({}, 1))).to.equal(undefined)
  })

  it('has the answer of the condition as soon as there is one', () => {
    for (const answer of ['yes', true, 0, '', null, { then: 'later' }])
      expect(answerAfter(answer, statusReply({}, 1))).to.deep.equal({ _tag: 'Right', right: answer })
  })

  it('does not call the condition before a reply about the job', () => {
    expect(answerAfter('yes')).to.equal(undefined)
    expect(answerAfter('yes', failedRequest({ what: 'status', id: ID }, BUSY, 1))).to.equal(undefined)
    expect(answerAfter('yes', mapReply(['t1'], 1))).to.equal(undefined)
    expect(answerAfter('yes', runningReply([{ id: 'otherJob1', kind: 'lru' }], 1))).to.equal(undefined)
    const right = { _tag: 'Right', right: 'yes' }
    expect(answerAfter('yes', snapshotsReply({ t1: {} }, 1))).to.deep.equal(right)
    expect(answerAfter('yes', listReply([statusOf({})], 1))).to.deep.equal(right)
    expect(answerAfter('yes', runningReply([{ id: ID, kind: 'copy-bck' }], 1))).to.deep.equal(right)
    // That nobody knows the job is a reply too.
    expect(answerAfter('yes', unknownToIc(1))).to.deep.equal(right)
    expect(answerAfter('yes', snapshotsReply({}, 1))).to.deep.equal(right)
  })

  it('ends with InvalidArgument if the condition returns a promise or an Observable, which would hold at once', () => {
    for (const answer of [Promise.resolve(false), of(false)])
      expect(answerAfter(answer, statusReply({}, 1)))
        .to.have.property('left')
        .that.deep.includes({ _tag: 'InvalidArgument', argument: 'condition' })
  })
})
