import { expect } from 'chai'
import { ID, allTargetsShow, snapshotsAre, snap, statusIs } from '../../helpers/fake-cluster/replies.ts'
import { countOf } from '../../helpers/observe.ts'
import { finished, outcomeOf, settle } from '../../helpers/settle.ts'

// Trap 9 of docs/protocol.md: the Information Center may never learn of an end. `settle` runs one wait against
// scripted replies.
// An id in a title, such as J1, is a row of docs/faults.md.

describe('T9: a wait, while the status has no end although the job has ended,', () => {
  const ends = (endMs: number) => (ms: number) => allTargetsShow(snap(ms < endMs ? {} : { endMs }))

  it('uses the snapshots of all targets', () => {
    const settled = settle({ status: () => statusIs(), snapshots: ends(0) }, { id: ID, kind: 'copy-bck' })
    expect(outcomeOf(settled)).to.deep.equal(finished(0))
    expect(settled.atMs).to.equal(0)
    expect(countOf(settled.requestLog, 'status')).to.be.at.most(1)
    expect(countOf(settled.requestLog, 'snapshots')).to.equal(1)
    expect(countOf(settled.requestLog, 'map')).to.be.at.most(2)
  })

  for (const [endMs, within] of [
    [3000, 3000],
    [60_000, 16_000],
    [280_000, 16_000],
  ] as const)
    it(`reports an end after ${endMs / 1000} s at most ${within / 1000} s late`, () => {
      const settled = settle({ status: () => statusIs(), snapshots: ends(endMs) }, { id: ID, kind: 'copy-bck' })
      expect(outcomeOf(settled)).to.deep.equal(finished(endMs))
      expect(settled.atMs - endMs).to.be.within(0, within)
    })

  it('reports an end at least one interval before the timeout', () => {
    for (let endMs = 50_000; endMs <= 58_900; endMs += 300) {
      const settled = settle(
        { status: () => statusIs(), snapshots: ends(endMs) },
        { id: ID, kind: 'copy-bck' },
        { timeoutMs: 60_000 },
      )
      expect(outcomeOf(settled), `ended at ${endMs}`).to.deep.equal(finished(endMs))
    }
  })

  it('treats a run that is listed twice, as ended and as running, as running (J1)', () => {
    const settled = settle(
      {
        status: () => statusIs(),
        snapshots: (ms) => {
          const twice = [snap({ endMs: 0 }), snap(ms < 5000 ? {} : { endMs: 5000 })]
          return snapshotsAre({ t1: twice, t2: [...twice].reverse(), t3: twice })
        },
      },
      { id: ID, kind: 'copy-bck' },
    )
    expect(settled.atMs).to.be.at.least(5000)
    expect(outcomeOf(settled).outcome).to.equal('finished')
  })

  for (const order of ['finished first', 'aborted first'])
    it(`treats a run that is listed twice, as finished and as aborted, as aborted (${order}) (J2)`, () => {
      const twice = [snap({ endMs: 10 }), snap({ endMs: 20, aborted: true, abortErr: 'user abort' })]
      const list = order === 'finished first' ? twice : [...twice].reverse()
      const settled = settle(
        { snapshots: () => snapshotsAre({ t1: list, t2: list, t3: list }) },
        { id: ID, kind: 'copy-bck' },
      )
      expect(outcomeOf(settled)).to.include({ outcome: 'aborted', success: false, error: 'user abort' })
    })

  it('uses the later of two runs with the same id (J1)', () => {
    const early = snap({ startMs: -5000, endMs: -4000 })
    const settled = settle(
      {
        status: () => statusIs(),
        snapshots: (ms) => allTargetsShow(snap(ms < 4000 ? { startMs: -10 } : { startMs: -10, endMs: 4000 })),
      },
      { id: ID, kind: 'copy-bck' },
    )
    const mixed = settle(
      {
        status: () => statusIs(),
        snapshots: (ms) => {
          const list = [snap(ms < 4000 ? { startMs: -10 } : { startMs: -10, endMs: 4000 }), early]
          return snapshotsAre({ t1: list, t2: [...list].reverse(), t3: list })
        },
      },
      { id: ID, kind: 'copy-bck' },
    )
    expect(mixed).to.deep.include({ result: settled.result, atMs: settled.atMs })
    expect(mixed.atMs).to.be.at.least(4000)
  })
})
