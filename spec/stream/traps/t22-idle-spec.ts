import { expect } from 'chai'
import { constant } from '../../../lib/cadence.ts'
import { waitForIdle } from '../../../lib/wait.ts'
import type { World } from '../../helpers/fake-cluster.ts'
import { ID, allTargetsShow, snapshotsUnknown, snapshotsAre, snap } from '../../helpers/fake-cluster/replies.ts'
import { countOf } from '../../helpers/observe.ts'
import { refused } from '../../helpers/scripted.ts'
import { finished, outcomeOf, settle } from '../../helpers/settle.ts'

// A kind that idles never ends by itself. `is_idle` means that nothing is to do now, so a single reply proves
// little.
// An id in a title, such as J9, is a row of docs/faults.md.

const kind = 'put-copies'
const theJob = { id: ID, kind }
const idleResult = { jobId: ID, kind, outcome: 'idle', success: true, aborted: false }
const busySnap = snap({ kind })
const idleSnap = snap({ kind, idle: true })

describe('T22: is_idle', () => {
  it('must be reported twice, at least two seconds apart', () => {
    const settled = settle({ snapshots: () => allTargetsShow(idleSnap) }, theJob, {
      by: waitForIdle,
      cadence: constant(300),
    })
    expect(outcomeOf(settled)).to.deep.equal(idleResult)
    expect(settled.atMs).to.equal(2100)
    expect(countOf(settled.requestLog, 'snapshots')).to.equal(8)
    expect(countOf(settled.requestLog, 'status')).to.equal(0)
  })

  it('needs only two replies if they are far apart', () => {
    const settled = settle({ snapshots: () => allTargetsShow(idleSnap) }, theJob, { cadence: constant(8000) })
    expect(countOf(settled.requestLog, 'snapshots')).to.equal(2)
    expect(settled.atMs).to.equal(8000)
    expect(outcomeOf(settled)).to.deep.equal(idleResult)
  })

  it('must be reported again after the job was busy in between (J9)', () => {
    const settled = settle(
      { snapshots: (ms) => allTargetsShow(ms === 1000 || ms === 3000 ? busySnap : idleSnap) },
      theJob,
    )
    expect(settled.atMs).to.equal(6000)
  })

  it('must be reported again after one of the targets was busy in between', () => {
    const settled = settle(
      { snapshots: (ms) => snapshotsAre({ t1: [idleSnap], t2: [ms === 2000 ? busySnap : idleSnap], t3: [idleSnap] }) },
      theJob,
    )
    expect(settled.atMs).to.equal(5000)
  })

  it('must be reported by each target that has shown a part', () => {
    // The part of t2 is busy, then missing, and idle from 9 s on.
    const settled = settle(
      {
        snapshots: (ms) =>
          snapshotsAre({ t1: [idleSnap], ...(ms > 0 && ms < 9000 ? {} : { t2: [ms === 0 ? busySnap : idleSnap] }) }),
      },
      theJob,
    )
    expect(outcomeOf(settled)).to.deep.equal(idleResult)
    expect(settled.atMs).to.equal(11_000)
  })

  it('is not affected by a failed request', () => {
    const settled = settle({ snapshots: (ms) => (ms === 1000 ? refused : allTargetsShow(idleSnap)) }, theJob)
    expect(settled.atMs).to.equal(2000)
  })

  it('must be reported again after no target knew the job in between', () => {
    const settled = settle({ snapshots: (ms) => (ms === 1000 ? snapshotsUnknown : allTargetsShow(idleSnap)) }, theJob)
    expect(settled.atMs).to.equal(4000)
  })

  it('does not count for a job that has not started', () => {
    const settled = settle(
      { snapshots: (ms) => allTargetsShow(ms < 4000 ? snap({ kind, startMs: null, idle: true }) : idleSnap) },
      theJob,
    )
    expect(settled.atMs).to.equal(6000)
  })

  it('does not count for a job that has ended', () => {
    const settled = settle({ snapshots: () => allTargetsShow(snap({ kind, endMs: -1000, idle: true })) }, theJob)
    expect(outcomeOf(settled)).to.deep.equal(finished(-1000, kind))
    expect(settled.atMs).to.equal(0)
  })

  it('must be reported again after a busy target has ended', () => {
    const settled = settle(
      { snapshots: (ms) => snapshotsAre({ t1: [idleSnap], t2: [ms < 1000 ? busySnap : snap({ kind, endMs: 500 })] }) },
      theJob,
    )
    expect(outcomeOf(settled)).to.deep.equal(idleResult)
    expect(settled.atMs).to.equal(3000)
  })

  it('counts for the job if some targets are idle and the others have ended', () => {
    const settled = settle(
      { snapshots: () => snapshotsAre({ t1: [idleSnap], t2: [snap({ kind, endMs: 0 })] }) },
      theJob,
    )
    expect(outcomeOf(settled)).to.deep.equal(idleResult)
  })

  for (const [when, atMs] of [
    ['at the first poll', 0],
    ['between two polls', 1000],
  ] as const)
    it(`does not hide an abort ${when} (J10)`, () => {
      const settled = settle(
        {
          snapshots: (ms) =>
            snapshotsAre({
              t1: [ms < atMs ? idleSnap : snap({ kind, idle: true, aborted: true, abortErr: 'user abort' })],
              t2: [idleSnap],
            }),
        },
        theJob,
      )
      expect(outcomeOf(settled)).to.include({ outcome: 'aborted', success: false, aborted: true, error: 'user abort' })
      expect(settled.atMs).to.equal(atMs)
    })

  it('must be reported for all runs of a kind whose targets have separate runs (ec-put)', () => {
    const put = (id: string, resting: boolean): object => snap({ id, kind: 'ec-put', idle: resting })
    const settled = settle(
      {
        snapshots: (ms, { id }) =>
          id === undefined
            ? snapshotsAre({ t1: [put('ownRunOf1', true)], t2: ms < 1000 ? [] : [put('ownRunOf2', ms >= 7000)] })
            : snapshotsAre({ t1: [put('ownRunOf1', true)] }),
      },
      { kind: 'ec-put' },
    )
    expect(outcomeOf(settled)).to.include({ jobId: 'ownRunOf1,ownRunOf2', outcome: 'idle' })
    expect(settled.atMs).to.equal(9000)
  })

  it('means the end for a job that does not idle, and waitForIdle returns its outcome', () => {
    const world = (endMs: number): World => ({ snapshots: (ms) => allTargetsShow(snap(ms < endMs ? {} : { endMs })) })
    const settled = settle(world(4000), { id: ID, kind: 'copy-bck' }, { by: waitForIdle })
    expect(outcomeOf(settled)).to.deep.equal(finished(4000))
  })
})
