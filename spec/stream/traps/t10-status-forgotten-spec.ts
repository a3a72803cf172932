import { expect } from 'chai'
import type { World } from '../../helpers/fake-cluster.ts'
import { ID, allShow, shows, snap, statusIs, statusUnknown } from '../../helpers/fake-cluster/replies.ts'
import { after, countOf } from '../../helpers/observe.ts'
import { errorOf, finished, outcomeOf, settle } from '../../helpers/settle.ts'

describe('T10: the status is 404', () => {
  const forgotten: World['status'] = () => after(2000, statusUnknown)

  for (const minutes of [6, 59])
    it(`finds in the snapshots that the job ended ${minutes} minutes ago`, () => {
      const endMs = -minutes * 60_000
      const settled = settle(
        { status: forgotten, snapshots: () => allShow(snap({ startMs: endMs - 1000, endMs })) },
        { id: ID, kind: 'copy-bck' },
      )
      expect(outcomeOf(settled)).to.deep.equal(finished(endMs))
      expect(settled.atMs).to.be.at.most(2000)
      expect(countOf(settled.asked, 'status')).to.equal(1)
      expect(countOf(settled.asked, 'snapshots')).to.be.at.most(2)
    })

  it('is no end while the job runs (a proxy that was restarted)', () => {
    const settled = settle(
      { status: forgotten, snapshots: (ms) => allShow(snap(ms < 20_000 ? {} : { endMs: 20_000 })) },
      { id: ID, kind: 'copy-bck' },
    )
    expect(outcomeOf(settled)).to.deep.equal(finished(20_000))
    expect(settled.atMs).to.be.within(20_000, 21_000)
  })

  it('is asked no more at each poll once it is known to be forgotten: each would take two seconds', () => {
    const { asked } = settle(
      { status: forgotten, snapshots: (ms) => allShow(snap(ms < 60_000 ? {} : { endMs: 60_000 })) },
      { id: ID, kind: 'copy-bck' },
    )
    // Twice until it is known, and once more when the targets tell of the end.
    expect(countOf(asked, 'status')).to.be.at.most(3)
  })

  it('passes for a job that was just started', () => {
    const settled = settle(
      {
        status: (ms) => (ms < 1500 ? after(2000, statusUnknown) : statusIs(ms < 6000 ? {} : { endMs: 6000 })),
        snapshots: (ms) => (ms < 2500 ? statusUnknown : allShow(snap(ms < 6000 ? {} : { endMs: 6000 }))),
      },
      { id: ID, kind: 'copy-bck' },
    )
    expect(outcomeOf(settled)).to.deep.equal(finished(6000))
  })

  it('is no end for a kind that the IC never knows: its snapshots are', () => {
    const settled = settle(
      { snapshots: (ms) => shows({ t2: [snap({ kind: 'blob-download', ...(ms < 3000 ? {} : { endMs: 3000 }) })] }) },
      { id: ID, kind: 'blob-download' },
    )
    expect(outcomeOf(settled)).to.deep.equal(finished(3000, 'blob-download'))
    expect(countOf(settled.asked, 'status')).to.equal(0)
  })

  it('together with a 404 of the targets, for ten seconds, is a job that nobody knows', () => {
    const settled = settle({}, { id: ID, kind: 'copy-bck' })
    expect(errorOf(settled)).to.include({ _tag: 'NotFound' })
    expect(settled.atMs).to.be.within(10_000, 13_000)
  })
})
