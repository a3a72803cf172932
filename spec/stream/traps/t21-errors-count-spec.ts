import { expect } from 'chai'
import { waitForIdle } from '../../../lib/wait.ts'
import type { World } from '../../helpers/fake-cluster.ts'
import { ID, allTargetsShow, snapshotsAre, snap, statusIs } from '../../helpers/fake-cluster/replies.ts'
import { outcomeOf, settle } from '../../helpers/settle.ts'

// Trap 21 of docs/protocol.md: a job with an error may look like one that finished. `settle` runs one wait against
// scripted replies.

const failedResult = { jobId: ID, kind: 'delete-listrange', outcome: 'failed', success: false, aborted: false }

describe('T21: an error makes a wait fail', () => {
  const kind = 'delete-listrange'
  const theJob = { id: ID, kind }

  it('if the status of an ended job has it', () => {
    const settled = settle({ status: () => statusIs({ kind, endMs: 0, err: 'does not exist' }) }, theJob)
    expect(outcomeOf(settled)).to.include({ ...failedResult, error: 'does not exist' })
  })

  it('if the snapshot of one target has it, whatever the status reports', () => {
    const snapshots: World['snapshots'] = () =>
      snapshotsAre({
        t1: [snap({ kind, endMs: 0 })],
        t2: [snap({ kind, endMs: 0, err: 'disk full' })],
        t3: [snap({ kind, endMs: 0 })],
      })
    expect(outcomeOf(settle({ status: () => statusIs({ kind }), snapshots }, theJob))).to.include({
      ...failedResult,
      error: 'disk full',
    })
    // The status reports an end without an error; then the targets are polled.
    const later = settle(
      {
        status: (ms) => statusIs({ kind, ...(ms < 1000 ? {} : { endMs: 1000 }) }),
        snapshots: (ms, ...more) => (ms < 1000 ? allTargetsShow(snap({ kind })) : snapshots(ms, ...more)),
      },
      theJob,
    )
    expect(outcomeOf(later)).to.include({ ...failedResult, error: 'disk full' })
  })

  it('if a target reports it after the IC has reported the end', () => {
    const settled = settle(
      {
        status: (ms) => statusIs({ kind, ...(ms < 2000 ? {} : { endMs: 2000 }) }),
        // The IC reports the end some seconds early. The error of t3 still counts.
        snapshots: (ms) =>
          snapshotsAre({
            t1: [snap({ kind, endMs: 0 })],
            t3: [snap({ kind, ...(ms < 6000 ? {} : { endMs: 6000, err: 'late' }) })],
          }),
      },
      theJob,
    )
    expect(outcomeOf(settled)).to.include({ ...failedResult, error: 'late' })
    expect(settled.atMs).to.be.at.least(6000)
  })

  it('if an idle job has it', () => {
    const settled = settle(
      { snapshots: () => snapshotsAre({ t1: [snap({ kind: 'archive', idle: true, err: 'no such object' })] }) },
      { id: ID, kind: 'archive' },
      { by: waitForIdle },
    )
    expect(outcomeOf(settled)).to.include({ outcome: 'failed', success: false, error: 'no such object' })
  })

  it('as aborted if a snapshot has an abort-err without the aborted flag', () => {
    const settled = settle(
      {
        status: () => statusIs({ kind }),
        snapshots: () => allTargetsShow(snap({ kind, endMs: 0, abortErr: 'renewal abort' })),
      },
      theJob,
    )
    expect(outcomeOf(settled)).to.include({ outcome: 'aborted', success: false, aborted: true, error: 'renewal abort' })
  })

  it('if a status without an end has it and all snapshots have ended without one', () => {
    const settled = settle(
      { status: () => statusIs({ kind, err: 'oops' }), snapshots: () => allTargetsShow(snap({ kind, endMs: 0 })) },
      theJob,
    )
    expect(outcomeOf(settled)).to.include({ ...failedResult, error: 'oops' })
  })

  it('with the same error text for any order of targets in the reply', () => {
    const causes = ['b: disk full', 'a: no quota', 'c: gone']
    const results = [causes, [...causes].reverse()].map((errs) =>
      outcomeOf(
        settle(
          {
            snapshots: () =>
              snapshotsAre(Object.fromEntries(errs.map((err, n) => [`t${n + 1}`, [snap({ kind, endMs: 0, err })]]))),
          },
          theJob,
        ),
      ),
    )
    expect(results[0]).to.deep.equal(results[1])
    expect(results[0]?.error).to.equal('a: no quota')
  })
})
