import { expect } from 'chai'
import type { World } from '../../helpers/fake-cluster.ts'
import { ID, allTargetsShow, snapshotsAre, snap, statusIs, statusUnknown } from '../../helpers/fake-cluster/replies.ts'
import { after, countOf } from '../../helpers/observe.ts'
import { errorOf, finished, outcomeOf, settle } from '../../helpers/settle.ts'

// Trap 10 of docs/protocol.md: the Information Center forgets a status after some minutes. `settle` runs one wait
// against scripted replies.
// An id in a title, such as J11, is a row of docs/faults.md.

describe('T10: a reply 404 to the request for the status', () => {
  const forgotten: World['status'] = () => after(2000, statusUnknown)

  for (const minutes of [6, 59])
    it(`does not hide an end ${minutes} minutes ago, which the snapshots show (J11)`, () => {
      const endMs = -minutes * 60_000
      const settled = settle(
        { status: forgotten, snapshots: () => allTargetsShow(snap({ startMs: endMs - 1000, endMs })) },
        { id: ID, kind: 'copy-bck' },
      )
      expect(outcomeOf(settled)).to.deep.equal(finished(endMs))
      expect(settled.atMs).to.be.at.most(2000)
      expect(countOf(settled.requestLog, 'status')).to.equal(1)
      expect(countOf(settled.requestLog, 'snapshots')).to.be.at.most(2)
    })

  it('is not an end while the job runs (a restarted proxy)', () => {
    const settled = settle(
      { status: forgotten, snapshots: (ms) => allTargetsShow(snap(ms < 20_000 ? {} : { endMs: 20_000 })) },
      { id: ID, kind: 'copy-bck' },
    )
    expect(outcomeOf(settled)).to.deep.equal(finished(20_000))
    expect(settled.atMs).to.be.within(20_000, 21_000)
  })

  it('does not cause a request for the status at each poll, since each reply takes two seconds', () => {
    const { requestLog } = settle(
      { status: forgotten, snapshots: (ms) => allTargetsShow(snap(ms < 60_000 ? {} : { endMs: 60_000 })) },
      { id: ID, kind: 'copy-bck' },
    )
    // Two requests until the 404 is confirmed, and one more when the targets report the end.
    expect(countOf(requestLog, 'status')).to.be.at.most(3)
  })

  it('is transient for a job that has just started', () => {
    const settled = settle(
      {
        status: (ms) => (ms < 1500 ? after(2000, statusUnknown) : statusIs(ms < 6000 ? {} : { endMs: 6000 })),
        snapshots: (ms) => (ms < 2500 ? statusUnknown : allTargetsShow(snap(ms < 6000 ? {} : { endMs: 6000 }))),
      },
      { id: ID, kind: 'copy-bck' },
    )
    expect(outcomeOf(settled)).to.deep.equal(finished(6000))
  })

  it('is not an end for a kind that the IC does not track; its snapshots report the end', () => {
    const settled = settle(
      {
        snapshots: (ms) =>
          snapshotsAre({ t2: [snap({ kind: 'blob-download', ...(ms < 3000 ? {} : { endMs: 3000 }) })] }),
      },
      { id: ID, kind: 'blob-download' },
    )
    expect(outcomeOf(settled)).to.deep.equal(finished(3000, 'blob-download'))
    expect(countOf(settled.requestLog, 'status')).to.equal(0)
  })

  it('is NotFound if the targets reply 404 for ten seconds, too', () => {
    const settled = settle({}, { id: ID, kind: 'copy-bck' })
    expect(errorOf(settled)).to.include({ _tag: 'NotFound' })
    expect(settled.atMs).to.be.within(10_000, 13_000)
  })
})
