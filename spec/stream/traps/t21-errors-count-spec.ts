import { expect } from 'chai'
import { waitForIdle } from '../../../lib/wait.ts'
import type { World } from '../../helpers/fake-cluster.ts'
import { ID, allShow, shows, snap, statusIs } from '../../helpers/fake-cluster/replies.ts'
import { outcomeOf, settle } from '../../helpers/settle.ts'

const failed = { jobId: ID, kind: 'delete-listrange', outcome: 'failed', success: false, aborted: false }

describe('T21: an error counts in both models', () => {
  const kind = 'delete-listrange'
  const one = { id: ID, kind }

  it('in a status that has ended', () => {
    const settled = settle({ status: () => statusIs({ kind, endMs: 0, err: 'does not exist' }) }, one)
    expect(outcomeOf(settled)).to.include({ ...failed, error: 'does not exist' })
  })

  it('in the snapshot of one target, whatever the status says', () => {
    const snapshots: World['snapshots'] = () =>
      shows({
        t1: [snap({ kind, endMs: 0 })],
        t2: [snap({ kind, endMs: 0, err: 'disk full' })],
        t3: [snap({ kind, endMs: 0 })],
      })
    expect(outcomeOf(settle({ status: () => statusIs({ kind }), snapshots }, one))).to.include({
      ...failed,
      error: 'disk full',
    })
    // The status ends well while the targets are looked at.
    const later = settle(
      {
        status: (ms) => statusIs({ kind, ...(ms < 1000 ? {} : { endMs: 1000 }) }),
        snapshots: (ms, ...more) => (ms < 1000 ? allShow(snap({ kind })) : snapshots(ms, ...more)),
      },
      one,
    )
    expect(outcomeOf(later)).to.include({ ...failed, error: 'disk full' })
  })

  it('with the targets that are at work to the end, so that no error is missed', () => {
    const settled = settle(
      {
        status: (ms) => statusIs({ kind, ...(ms < 2000 ? {} : { endMs: 2000 }) }),
        // The IC is early by some seconds; what t3 says at its end counts.
        snapshots: (ms) =>
          shows({
            t1: [snap({ kind, endMs: 0 })],
            t3: [snap({ kind, ...(ms < 6000 ? {} : { endMs: 6000, err: 'late' }) })],
          }),
      },
      one,
    )
    expect(outcomeOf(settled)).to.include({ ...failed, error: 'late' })
    expect(settled.atMs).to.be.at.least(6000)
  })

  it('while idle', () => {
    const settled = settle(
      { snapshots: () => shows({ t1: [snap({ kind: 'archive', idle: true, err: 'no such object' })] }) },
      { id: ID, kind: 'archive' },
      { by: waitForIdle },
    )
    expect(outcomeOf(settled)).to.include({ outcome: 'failed', success: false, error: 'no such object' })
  })

  it('as an abort: abort-err without the flag', () => {
    const settled = settle(
      {
        status: () => statusIs({ kind }),
        snapshots: () => allShow(snap({ kind, endMs: 0, abortErr: 'renewal abort' })),
      },
      one,
    )
    expect(outcomeOf(settled)).to.include({ outcome: 'aborted', success: false, aborted: true, error: 'renewal abort' })
  })

  it('in a status that is open while all snapshots have ended well', () => {
    const settled = settle(
      { status: () => statusIs({ kind, err: 'oops' }), snapshots: () => allShow(snap({ kind, endMs: 0 })) },
      one,
    )
    expect(outcomeOf(settled)).to.include({ ...failed, error: 'oops' })
  })

  it('with the words of one target, the same whatever the order of the reply', () => {
    const words = ['b: disk full', 'a: no quota', 'c: gone']
    const told = [words, [...words].reverse()].map((errs) =>
      outcomeOf(
        settle(
          {
            snapshots: () =>
              shows(Object.fromEntries(errs.map((err, n) => [`t${n + 1}`, [snap({ kind, endMs: 0, err })]]))),
          },
          one,
        ),
      ),
    )
    expect(told[0]).to.deep.equal(told[1])
    expect(told[0]?.error).to.equal('a: no quota')
  })
})
