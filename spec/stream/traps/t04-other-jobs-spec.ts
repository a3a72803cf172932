import { expect } from 'chai'
import { ID, allTargetsShow, snapshotsAre, snap, statusIs } from '../../helpers/fake-cluster/replies.ts'
import { errorOf, outcomeOf, settle } from '../../helpers/settle.ts'

// Trap 4 of docs/protocol.md: a reply may contain other jobs than the selected one. `settle` runs one wait against
// scripted replies.
// An id in a title, such as J8, is a row of docs/faults.md.

describe('T4: a wait whose replies contain other jobs', () => {
  const others = [snap({ id: 'others123', endMs: 0 }), snap({ id: 'somebody1', aborted: true, kind: 'lru' })]

  it('ignores the end of another job', () => {
    const settled = settle(
      {
        snapshots: (ms) =>
          snapshotsAre({ t1: ms < 5000 ? [...others, snap({})] : [...others, snap({ endMs: 5000 })], t2: others }),
        map: () => allTargetsShow({}),
      },
      { id: ID },
    )
    expect(outcomeOf(settled)).to.include({ jobId: ID, outcome: 'finished', aborted: false })
    expect(settled.atMs).to.be.at.least(5000)
  })

  it('returns NotFound if the replies contain only other jobs', () => {
    const settled = settle({ snapshots: () => snapshotsAre({ t1: others, t2: others }) }, { id: ID })
    expect(errorOf(settled)._tag).to.equal('NotFound')
  })

  it('ignores the status of another job', () => {
    const settled = settle(
      {
        status: () => statusIs({ id: 'others123', endMs: 0 }),
        snapshots: (ms) => allTargetsShow(snap(ms < 4000 ? {} : { endMs: 4000 })),
      },
      { id: ID, kind: 'copy-bck' },
    )
    expect(outcomeOf(settled)).to.include({ jobId: ID, outcome: 'finished' })
    expect(settled.atMs).to.be.within(4000, 5000)
  })

  it('ignores a snapshot with the same id and another kind', () => {
    const settled = settle(
      { snapshots: () => allTargetsShow(snap({ kind: 'lru', endMs: 0 })) },
      { id: ID, kind: 'copy-bck' },
    )
    expect(errorOf(settled)._tag).to.equal('NotFound')
  })

  it('sends no request for an unknown kind, which would select all jobs (J8)', () => {
    const settled = settle({}, { kind: 'copy-bkc' })
    expect(errorOf(settled)).to.include({ _tag: 'InvalidArgument', argument: 'kind' })
    expect(settled.requestLog).to.deep.equal([])
  })
})
