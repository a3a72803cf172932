import { expect } from 'chai'
import type { Evidence } from '../../../lib/view/evidence.ts'
import { followKind, followRun } from '../../../lib/view/follow.ts'
import type { Interest } from '../../../lib/view/interest.ts'
import { reduce } from '../../../lib/view/reduce.ts'
import { memberIndexOf, type Interested } from '../../../lib/view/member-index.ts'
import { EMPTY_VIEW } from '../../../lib/view/view.ts'
import {
  ID,
  listReply,
  mapReply,
  snapshotsReply,
  snapshotsOfKindReply,
  statusOf,
  statusReply,
} from './helpers/facts.ts'

// The index finds the members (subscribers) that a reply concerns, by the runs and kinds that they follow.
//
// Of a reply such as `statusReply({}, 0, 100)`, the numbers are when its request was sent and when it came, in milliseconds.

const member = (interest: Partial<Interest>): Interested => ({
  interest: { needs: () => [], lastTick: () => undefined, select: () => undefined, ...interest },
})

describe('memberIndexOf', () => {
  it('returns the members that evidence concerns: by run, by kind, by everything, and by their own filter', () => {
    const index = memberIndexOf<Interested>()
    const [one, other] = [member({ ids: [ID] }), member({ ids: ['other1234'] })]
    const [kind, wide] = [member({ kind: 'copy-bck' }), member({ everything: true })]
    const mapListener = member({ wantsReply: ({ query }) => query.what === 'map' })
    for (const each of [one, other, kind, wide, mapListener]) index.add(each)
    const view = followKind(followRun(EMPTY_VIEW, ID), 'copy-bck')
    const affected = (piece: Evidence): readonly Interested[] => [
      ...index.affectedBy(piece, reduce(view, piece)).affected,
    ]
    expect(affected(statusReply({}, 0))).to.have.members([one, kind, wide])
    expect(affected(snapshotsOfKindReply('copy-bck', {}, 0))).to.have.members([kind])
    expect(affected(mapReply(['t1'], 0))).to.have.members([mapListener])
    expect(affected(listReply([statusOf({ kind: 'lru' }, 'third1234')], 0))).to.deep.equal([])
    expect(affected(snapshotsReply({ t1: { kind: 'lru' } }, 0))).to.have.members([one, wide])
  })

  it('needs the runs that a stream about everything has not decided', () => {
    const index = memberIndexOf<Interested>()
    const decided = member({ everything: true, isUndecided: () => false })
    const undecided = member({ everything: true, isUndecided: (id) => id === ID })
    index.add(decided)
    index.add(member({ everything: true }))
    expect(index.followed().isNeeded(ID)).to.equal(false)
    index.add(undecided)
    expect(index.followed().isNeeded('other1234')).to.equal(false)
    expect(index.followed().isNeeded(ID)).to.equal(true)
    index.remove(undecided)
    expect(index.followed().isNeeded(ID)).to.equal(false)
  })

  it('counts the distinct interests, not the members', () => {
    const index = memberIndexOf<Interested>()
    for (const ids of [[ID], [ID], ['a', 'b']]) index.add(member({ ids }))
    expect([index.all.size, index.size(), [...index.followersOf(ID, undefined)].length]).to.deep.equal([3, 3, 2])
    index.add(member({ kind: 'lru' }))
    index.add(member({ everything: true, wantsReply: () => false }))
    expect(index.size()).to.equal(5)
    expect(index.followed().everything).to.equal(true)
    expect(index.hasReplyRecipients()).to.equal(true)
    expect([...index.followed().kinds]).to.deep.equal(['lru'])
  })

  it('returns the runs and kinds that nobody follows after a member has left, and returns them once', () => {
    const index = memberIndexOf<Interested>()
    const [one, other] = [member({ ids: [ID, 'a'] }), member({ ids: [ID] })]
    const [kind, wide] = [member({ kind: 'lru' }), member({ everything: true })]
    for (const each of [one, other, kind, wide]) index.add(each)
    expect(index.remove(one)).to.deep.equal({ runs: ['a'], kind: false, everything: false })
    expect(index.remove(one)).to.equal(undefined)
    expect([index.followed().isNeeded('a'), index.followed().isNeeded(ID)]).to.deep.equal([false, true])
    expect(index.remove(other)).to.deep.equal({ runs: [ID], kind: false, everything: false })
    expect(index.remove(kind)).to.deep.equal({ runs: [], kind: true, everything: false })
    expect(index.remove(wide)).to.deep.equal({ runs: [], kind: false, everything: true })
    expect(index.size()).to.equal(0)
    expect(index.all.size).to.equal(0)
    expect(index.followed().everything).to.equal(false)
  })

  it('is empty after it is cleared', () => {
    const index = memberIndexOf<Interested>()
    for (const each of [
      member({ ids: [ID], wantsReply: () => true }),
      member({ kind: 'lru' }),
      member({ everything: true }),
    ])
      index.add(each)
    index.clear()
    expect(index.size()).to.equal(0)
    expect(index.all.size).to.equal(0)
    expect(index.hasReplyRecipients()).to.equal(false)
    expect([...index.followersOf(ID, 'lru')].length).to.equal(0)
  })
})
