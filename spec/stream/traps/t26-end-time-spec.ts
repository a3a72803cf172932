import { expect } from 'chai'
import { ID, allTargetsShow, ns, snapshotsAre, snap, statusIs } from '../../helpers/fake-cluster/replies.ts'
import { outcomeOf, settle } from '../../helpers/settle.ts'

// Trap 26 of docs/protocol.md: an end time is in nanoseconds, beyond what a number can hold. `ns(0)` is the wall time
// at virtual time 0.

describe('T26: the end time', () => {
  it('is exact to the nanosecond if it comes from a status', () => {
    const settled = settle({ status: () => statusIs({ endMs: 0 }) }, { id: ID, kind: 'copy-bck' })
    expect(outcomeOf(settled).endTime).to.equal(1795427154572988356n)
    expect(BigInt(Number(ns(0)))).not.to.equal(ns(0))
  })

  it('is that of the target that ended last, not the time when the proxy was notified', () => {
    const settled = settle(
      {
        status: (ms) => statusIs(ms < 9000 ? {} : { endMs: 8999 }),
        snapshots: (ms) =>
          ms < 8000
            ? allTargetsShow(snap({}))
            : snapshotsAre({ t1: [snap({ endMs: 7001 })], t2: [snap({ endMs: 7003 })], t3: [snap({ endMs: 7002 })] }),
      },
      { id: ID, kind: 'copy-bck' },
    )
    expect(outcomeOf(settled).endTime).to.equal(ns(7003))
  })

  it('is absent if an abort is reported before its end', () => {
    const settled = settle(
      { status: () => statusIs(), snapshots: () => allTargetsShow(snap({ aborted: true, abortErr: 'user abort' })) },
      { id: ID, kind: 'copy-bck' },
    )
    expect(outcomeOf(settled)).to.deep.equal({
      jobId: ID,
      kind: 'copy-bck',
      outcome: 'aborted',
      success: false,
      aborted: true,
      error: 'user abort',
    })
  })

  for (const [title, startMs, endMs] of [
    ['before the start time', 5000, 1000],
    ['in the future', 0, 9e9],
  ] as const)
    it(`is not changed, even if it is ${title}`, () => {
      const settled = settle(
        { snapshots: () => allTargetsShow(snap({ startMs, endMs })) },
        { id: ID, kind: 'copy-bck' },
      )
      expect(outcomeOf(settled)).to.deep.include({ outcome: 'finished', endTime: ns(endMs) })
    })
})
