import { expect } from 'chai'
import type { Evidence } from '../../../lib/view/evidence.ts'
import { followKind, followRun } from '../../../lib/view/follow.ts'
import type { Interest } from '../../../lib/view/interest.ts'
import { reduce } from '../../../lib/view/reduce.ts'
import { rollOf, type Interested } from '../../../lib/view/roll.ts'
import { EMPTY_VIEW } from '../../../lib/view/view.ts'
import { ID, listed, members, shown, shownOfKind, statusOf, told } from './helpers/facts.ts'

const member = (interest: Partial<Interest>): Interested => ({
  interest: { needs: () => [], answered: () => undefined, select: () => undefined, ...interest },
})

describe('rollOf', () => {
  it('returns the members that evidence concerns: by run, by kind, by everything, and by their own filter', () => {
    const roll = rollOf<Interested>()
    const [one, other] = [member({ ids: [ID] }), member({ ids: ['other1234'] })]
    const [kind, wide] = [member({ kind: 'copy-bck' }), member({ everything: true })]
    const hearer = member({ hears: ({ query }) => query.what === 'map' })
    for (const each of [one, other, kind, wide, hearer]) roll.add(each)
    const view = followKind(followRun(EMPTY_VIEW, ID), 'copy-bck')
    const affected = (piece: Evidence): readonly Interested[] => [
      ...roll.affectedBy(piece, reduce(view, piece)).affected,
    ]
    expect(affected(told({}, 0))).to.have.members([one, kind, wide])
    expect(affected(shownOfKind('copy-bck', {}, 0))).to.have.members([kind])
    expect(affected(members(['t1'], 0))).to.have.members([hearer])
    expect(affected(listed([statusOf({ kind: 'lru' }, 'third1234')], 0))).to.deep.equal([])
    expect(affected(shown({ t1: { kind: 'lru' } }, 0))).to.have.members([one, wide])
  })

  it('counts the distinct interests, not the members', () => {
    const roll = rollOf<Interested>()
    for (const ids of [[ID], [ID], ['a', 'b']]) roll.add(member({ ids }))
    expect([roll.members.size, roll.size(), [...roll.whoFollow(ID, undefined)].length]).to.deep.equal([3, 3, 2])
    roll.add(member({ kind: 'lru' }))
    roll.add(member({ everything: true, hears: () => false }))
    expect([roll.size(), roll.wanted().everything, roll.hasHearers(), [...roll.wanted().kinds]]).to.deep.equal([
      5,
      true,
      true,
      ['lru'],
    ])
  })

  it('returns what no member is interested in after one has left, and only once', () => {
    const roll = rollOf<Interested>()
    const [one, other] = [member({ ids: [ID, 'a'] }), member({ ids: [ID] })]
    const [kind, wide] = [member({ kind: 'lru' }), member({ everything: true })]
    for (const each of [one, other, kind, wide]) roll.add(each)
    expect(roll.remove(one)).to.deep.equal({ runs: ['a'], kind: false, everything: false })
    expect(roll.remove(one)).to.equal(undefined)
    expect([roll.wanted().run('a'), roll.wanted().run(ID)]).to.deep.equal([false, true])
    expect(roll.remove(other)).to.deep.equal({ runs: [ID], kind: false, everything: false })
    expect(roll.remove(kind)).to.deep.equal({ runs: [], kind: true, everything: false })
    expect(roll.remove(wide)).to.deep.equal({ runs: [], kind: false, everything: true })
    expect([roll.size(), roll.members.size, roll.wanted().everything]).to.deep.equal([0, 0, false])
  })

  it('is empty after it is cleared', () => {
    const roll = rollOf<Interested>()
    for (const each of [
      member({ ids: [ID], hears: () => true }),
      member({ kind: 'lru' }),
      member({ everything: true }),
    ])
      roll.add(each)
    roll.clear()
    expect([roll.size(), roll.members.size, roll.hasHearers(), [...roll.whoFollow(ID, 'lru')].length]).to.deep.equal([
      0,
      0,
      false,
      0,
    ])
  })
})
