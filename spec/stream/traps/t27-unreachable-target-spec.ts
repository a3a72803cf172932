import { expect } from 'chai'
import {
  ID,
  allTargetsShow,
  snapshotsAre,
  snap,
  statusIs,
  targetUnreachable,
  refusal,
} from '../../helpers/fake-cluster/replies.ts'
import { errorOf, finished, outcomeOf, settle } from '../../helpers/settle.ts'

// Trap 27 of docs/protocol.md. `settle` runs one wait against scripted replies; `targetUnreachable` is the refusal of
// the proxy.
// An id in a title, such as H3, is a row of docs/faults.md.

describe('T27: while one target is unreachable, the reply for snapshots is 400 ErrFailedTo, and a wait', () => {
  it('continues until the target comes back (H3)', () => {
    const settled = settle(
      {
        snapshots: (ms) =>
          ms >= 2000 && ms < 33_000 ? targetUnreachable : allTargetsShow(snap(ms < 40_000 ? {} : { endMs: 40_000 })),
      },
      { id: ID, kind: 'copy-bck' },
    )
    expect(outcomeOf(settled)).to.deep.equal(finished(40_000))
    expect(settled.atMs).to.be.within(40_000, 41_000)
  })

  it('continues even if the first request fails', () => {
    const settled = settle(
      { snapshots: (ms) => (ms < 31_000 ? targetUnreachable : allTargetsShow(snap({ endMs: 20_000 }))) },
      { id: ID },
    )
    expect(outcomeOf(settled)).to.deep.equal(finished(20_000))
  })

  it('emits the abort that the status reports', () => {
    const settled = settle(
      {
        status: (ms) => statusIs(ms < 3000 ? {} : { endMs: 3000, aborted: true, err: 'broken pipe' }),
        snapshots: (ms) => (ms < 1000 ? allTargetsShow(snap({})) : targetUnreachable),
      },
      { id: ID, kind: 'copy-bck' },
    )
    expect(outcomeOf(settled)).to.include({ outcome: 'aborted', error: 'broken pipe' })
    expect(settled.atMs).to.be.within(3000, 4000)
  })

  it('accepts the end that the status reports after ten seconds without snapshots', () => {
    const settled = settle(
      {
        status: (ms) => statusIs(ms < 3000 ? {} : { endMs: 3000 }),
        snapshots: (ms) => (ms < 1000 ? allTargetsShow(snap({})) : targetUnreachable),
      },
      { id: ID, kind: 'copy-bck' },
    )
    expect(outcomeOf(settled)).to.deep.equal(finished(3000))
    const [endReportedMs, confirmedMs] = [3_000, 10_000]
    expect(settled.atMs).to.be.within(endReportedMs + confirmedMs, endReportedMs + confirmedMs + 1_000)
  })

  it('fails at once for any other 400 (H3)', () => {
    const settled = settle({ snapshots: () => refusal(400, 'invalid bucket name') }, { id: ID })
    expect(errorOf(settled)).to.include({ _tag: 'HttpError', status: 400 })
    expect(settled.atMs).to.equal(0)
  })

  it('emits `lost`, not `finished`, if the snapshots then omit the target', () => {
    const settled = settle(
      {
        snapshots: (ms) => {
          if (ms < 2000) return allTargetsShow(snap({}))
          return ms < 31_000
            ? targetUnreachable
            : snapshotsAre({ t1: [snap({ endMs: 9000 })], t3: [snap({ endMs: 9000 })] })
        },
        map: () => allTargetsShow({}),
      },
      { id: ID },
    )
    expect(outcomeOf(settled)).to.deep.include({ outcome: 'lost', success: false, lostTargets: ['t2'] })
    const [omittedMs, lostMs] = [31_000, 60_000]
    expect(settled.atMs).to.be.within(omittedMs + lostMs, omittedMs + lostMs + 3_000)
  })
})
