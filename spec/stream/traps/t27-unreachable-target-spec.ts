import { expect } from 'chai'
import { ID, allShow, shows, snap, statusIs, unreachable, refusal } from '../../helpers/fake-cluster/replies.ts'
import { errorOf, finished, outcomeOf, settle } from '../../helpers/settle.ts'

describe('T27: one unreachable target turns the snapshots into 400 ErrFailedTo', () => {
  it('which is transient: the target comes back (H3)', () => {
    const settled = settle(
      {
        snapshots: (ms) =>
          ms >= 2000 && ms < 33_000 ? unreachable : allShow(snap(ms < 40_000 ? {} : { endMs: 40_000 })),
      },
      { id: ID, kind: 'copy-bck' },
    )
    expect(outcomeOf(settled)).to.deep.equal(finished(40_000))
    expect(settled.atMs).to.be.within(40_000, 41_000)
  })

  it('which is transient also for the first request', () => {
    const settled = settle(
      { snapshots: (ms) => (ms < 31_000 ? unreachable : allShow(snap({ endMs: 20_000 }))) },
      { id: ID },
    )
    expect(outcomeOf(settled)).to.deep.equal(finished(20_000))
  })

  it('while the status reports an abort because of it', () => {
    const settled = settle(
      {
        status: (ms) => statusIs(ms < 3000 ? {} : { endMs: 3000, aborted: true, err: 'broken pipe' }),
        snapshots: (ms) => (ms < 1000 ? allShow(snap({})) : unreachable),
      },
      { id: ID, kind: 'copy-bck' },
    )
    expect(outcomeOf(settled)).to.include({ outcome: 'aborted', error: 'broken pipe' })
    expect(settled.atMs).to.be.within(3000, 4000)
  })

  it('while the status reports an end without an error, which is accepted after ten seconds without snapshots', () => {
    const settled = settle(
      {
        status: (ms) => statusIs(ms < 3000 ? {} : { endMs: 3000 }),
        snapshots: (ms) => (ms < 1000 ? allShow(snap({})) : unreachable),
      },
      { id: ID, kind: 'copy-bck' },
    )
    expect(outcomeOf(settled)).to.deep.equal(finished(3000))
    expect(settled.atMs).to.be.within(13_000, 14_000)
  })

  it('unlike any other 400, which is permanent (H3)', () => {
    const settled = settle({ snapshots: () => refusal(400, 'invalid bucket name') }, { id: ID })
    expect(errorOf(settled)).to.include({ _tag: 'HttpError', status: 400 })
    expect(settled.atMs).to.equal(0)
  })

  it('and then omits the target, whose part is lost, not finished', () => {
    const settled = settle(
      {
        snapshots: (ms) =>
          ms < 2000
            ? allShow(snap({}))
            : ms < 31_000
              ? unreachable
              : shows({ t1: [snap({ endMs: 9000 })], t3: [snap({ endMs: 9000 })] }),
        map: () => allShow({}),
      },
      { id: ID },
    )
    expect(outcomeOf(settled)).to.deep.include({ outcome: 'lost', success: false, lostTargets: ['t2'] })
    expect(settled.atMs).to.be.within(91_000, 94_000)
  })
})
