import { expect } from 'chai'
import { Member } from '../../../lib/view/member.ts'
import { readyOf } from '../../../lib/view/ready.ts'

const [LIST, LOOKS] = [0b00001, 0b00100]
const member = (): Member =>
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
    const [one, other, both] = [member(), member(), member()]
    ready.park(one, LIST)
    ready.park(other, LOOKS)
    ready.park(both, LIST | LOOKS)
    ready.addParked(0)
    expect(ready.isEmpty()).to.equal(true)
    ready.addParked(LIST)
    expect(ready.take()).to.deep.equal([one, both])
    ready.addParked(LOOKS)
    expect(ready.take()).to.deep.equal([other])
    ready.addParked(LIST | LOOKS)
    expect(ready.take()).to.deep.equal([])
  })

  it('never returns a member that has left, and does not accumulate such members', () => {
    const ready = readyOf()
    const stays = member()
    ready.park(stays, LIST)
    const leaving = Array.from({ length: 100 }, member)
    for (const one of leaving) ready.park(one, LOOKS)
    for (const one of leaving) {
      one.isGone = true
      ready.drop(one)
    }
    expect(ready.parked()).to.be.at.most(2)
    ready.addParked(LIST | LOOKS)
    expect(ready.take()).to.deep.equal([stays])
  })

  it('returns a member only once if two replies concern it', () => {
    const ready = readyOf()
    const one = member()
    ready.add(one)
    ready.park(one, LIST)
    ready.addParked(LIST)
    expect(ready.take()).to.deep.equal([one])
  })
})
