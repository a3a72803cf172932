import { expect } from 'chai'
import { adaptive, constant, type Cadence } from '../../../lib/cadence.ts'
import type { Interest } from '../../../lib/view/interest.ts'
import { Member } from '../../../lib/view/member.ts'
import type { Plan } from '../../../lib/view/plan.ts'
import { poolOf } from '../../../lib/view/pool.ts'

// Members that need only the next list share it in a pool, so that ten thousand waits need one timer.

const interest: Interest = { ids: ['a'], needs: () => [], lastTick: () => undefined, select: () => undefined }
const subscriber = { next: () => undefined, error: () => undefined, complete: () => undefined, closed: false }

/** A member with this wait. */
const memberOf = (waitMs: number, more: Partial<Interest> = {}, cadence: Cadence = constant(waitMs)): Member => {
  const member = new Member({ ...interest, ...more }, subscriber, cadence, 0, () => undefined)
  member.waitMs = waitMs
  return member
}

/** A plan whose only need before 9,000 is the next list, which is due at 2,000. */
const PLAN: Plan = { earliestMs: 2_000, wakeMs: Infinity, awaitedSources: 0, listOnlyUntilMs: 9_000 }
const NOW_MS = 1_000

describe('poolOf', () => {
  /** The time to which the pool last set the timer of the next list. */
  let listDueMs = NaN
  const pool = poolOf({ set: (_, dueMs) => (listDueMs = dueMs) })
  /** When the member is due after it has tried to join. */
  const dueAfterJoin = (member: Member): number => pool.dueFor(member, PLAN, NOW_MS, true)
  afterEach(() => pool.clear())

  it('leaves the next list of a member to the pool: the member is due at its next other need', () => {
    expect(dueAfterJoin(memberOf(1_000))).to.equal(9_000)
    expect(pool.isEmpty()).to.equal(false)
    pool.setAfter(NOW_MS)
    expect(listDueMs).to.equal(2_000)
  })

  it('does not accept a member that may not join, needs more than the list, follows no run or has a varying cadence', () => {
    expect(pool.dueFor(memberOf(1_000), PLAN, NOW_MS, false)).to.equal(2_000)
    expect(pool.dueFor(memberOf(1_000), { ...PLAN, listOnlyUntilMs: NOW_MS }, NOW_MS, true)).to.equal(2_000)
    expect(dueAfterJoin(memberOf(1_000, { ids: undefined }))).to.equal(2_000)
    expect(dueAfterJoin(memberOf(1_000, {}, adaptive()))).to.equal(2_000)
    expect(pool.isEmpty()).to.equal(true)
  })

  it('requests the next list after the shortest wait of its members, whichever of them leave', () => {
    const [one, other, slow] = [memberOf(1_000), memberOf(1_000), memberOf(3_000)]
    for (const member of [one, other, slow]) dueAfterJoin(member)
    const listDueWithout = (member: Member): number => {
      pool.drop(member)
      pool.setAfter(NOW_MS)
      return listDueMs
    }
    expect(listDueWithout(one)).to.equal(2_000)
    expect(listDueWithout(other)).to.equal(4_000)
    expect(listDueWithout(slow)).to.equal(Infinity)
    expect(pool.isEmpty()).to.equal(true)
    // A member that is not in the pool changes nothing.
    expect(listDueWithout(one)).to.equal(Infinity)
  })

  it('counts a member once, with its last wait', () => {
    const member = memberOf(1_000)
    dueAfterJoin(member)
    dueAfterJoin(Object.assign(member, { waitMs: 4_000 }))
    pool.setAfter(NOW_MS)
    expect(listDueMs).to.equal(5_000)
    pool.drop(member)
    expect(pool.isEmpty()).to.equal(true)
  })

  it('sets no time for the list while one is in flight or none has come', () => {
    dueAfterJoin(memberOf(1_000))
    pool.setAfter(undefined)
    expect(listDueMs).to.equal(Infinity)
  })
})
