import { expect } from 'chai'
import { Member } from '../../../lib/view/member.ts'
import { readyOf } from '../../../lib/view/ready.ts'

// `readyOf` keeps which members await which source. The needs of a member are computed again only after a reply of
// such a source.

const [LIST, SNAPSHOTS] = [0b00001, 0b00100]
const newMember = (): Member =>
  new Member(
    { needs: () => [], lastTick: () => undefined, select: () => undefined },
    { next: () => undefined, error: () => undefined, complete: () => undefined, closed: false },
    undefined,
    0,
    () => undefined,
  )

describe('readyOf', () => {
  it('returns the members that wait for a reply of the source, and keeps the others', () => {
    const ready = readyOf()
    const [one, other, both] = [newMember(), newMember(), newMember()]
    ready.park(one, LIST)
    ready.park(other, SNAPSHOTS)
    ready.park(both, LIST | SNAPSHOTS)
    ready.addParked(0)
    expect(ready.isEmpty()).to.equal(true)
    ready.addParked(LIST)
    expect(ready.take()).to.deep.equal([one, both])
    ready.addParked(SNAPSHOTS)
    expect(ready.take()).to.deep.equal([other])
    ready.addParked(LIST | SNAPSHOTS)
    expect(ready.take()).to.deep.equal([])
  })

  it('never returns a member that has left, and does not accumulate such members', () => {
    const ready = readyOf()
    const stays = newMember()
    ready.park(stays, LIST)
    const leaving = Array.from({ length: 100 }, newMember)
    for (const one of leaving) ready.park(one, SNAPSHOTS)
    for (const one of leaving) {
      one.isGone = true
      ready.drop(one)
    }
    expect(ready.parked()).to.be.at.most(2)
    ready.addParked(LIST | SNAPSHOTS)
    expect(ready.take()).to.deep.equal([stays])
  })

  it('returns a member only once if two replies concern it', () => {
    const ready = readyOf()
    const one = newMember()
    ready.add(one)
    ready.park(one, LIST)
    ready.addParked(LIST)
    expect(ready.take()).to.deep.equal([one])
  })
})
