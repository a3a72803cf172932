import { expect } from 'chai'
import { caseOf, type Case } from '../../../lib/view/case.ts'
import type { Evidence } from '../../../lib/view/evidence.ts'
import type { Goal } from '../../../lib/view/goal.ts'
import { idleResult, lostResult, endResult, resultSoFar } from '../../../lib/view/result.ts'
import {
  ID,
  goalOf,
  goalOfKind,
  listReply,
  waitAfter,
  snapshotsReply,
  snapshotsOfKindReply,
  snapOf,
  statusOf,
  statusReply,
} from './helpers/facts.ts'

// The results that waits emit, from what the targets and the Information Center have shown.
//
// Of a reply such as `statusReply({}, 0, 100)`, the numbers are when its request was sent and when it came, in milliseconds.

/** The case after this evidence. */
function caseAfter(log: readonly Evidence[], goal: Goal = goalOf({ kind: 'copy-bck' })): Case {
  const { view, standing } = waitAfter(goal, log)
  return caseOf(view, goal, standing, 0)
}
const ENDED_WELL = { endTime: 50n } as const
const IDENTITY = { jobId: ID, kind: 'copy-bck' }

describe('endResult', () => {
  it('is `finished` if nothing failed, with the latest end that a target reports', () => {
    expect(
      endResult(
        caseAfter([statusReply({ endTime: 99n }, 0), snapshotsReply({ t1: ENDED_WELL, t2: { endTime: 70n } }, 0)]),
      ),
    ).to.deep.equal({
      ...IDENTITY,
      outcome: 'finished',
      success: true,
      aborted: false,
      endTime: 70n,
    })
    expect(endResult(caseAfter([statusReply({ endTime: 99n }, 0)])).endTime).to.equal(99n)
  })

  it('is `failed` if any source reports an error (T21)', () => {
    const failed = { ...IDENTITY, outcome: 'failed', success: false, aborted: false, endTime: 50n }
    expect(
      endResult(caseAfter([snapshotsReply({ t1: ENDED_WELL, t2: { ...ENDED_WELL, err: 'disk full' } }, 0)])),
    ).to.deep.equal({
      ...failed,
      error: 'disk full',
    })
    expect(
      endResult(caseAfter([statusReply({ endTime: 99n, err: 'no quota' }, 0), snapshotsReply({ t1: ENDED_WELL }, 0)])),
    ).to.deep.equal({
      ...failed,
      error: 'no quota',
    })
  })

  it('is `aborted` if any source reports an abort, and prefers its cause to an error', () => {
    const aborted = { ...IDENTITY, outcome: 'aborted', success: false, aborted: true }
    expect(
      endResult(
        caseAfter([snapshotsReply({ t1: { aborted: true, abortErr: 'user abort', err: 'a broken pipe' } }, 0)]),
      ),
    ).to.deep.equal({
      ...aborted,
      error: 'user abort',
    })
    expect(endResult(caseAfter([snapshotsReply({ t1: { aborted: true, err: 'a broken pipe' } }, 0)])).error).to.equal(
      'a broken pipe',
    )
    expect(endResult(caseAfter([statusReply({ aborted: true }, 0)]))).to.deep.equal({ ...aborted, error: 'aborted' })
  })

  it('names all runs of a kind in a fixed order, and has no id before the first run is seen', () => {
    const goal = goalOfKind('put-copies')
    const seen = snapshotsOfKindReply(
      'put-copies',
      { t1: [snapOf({ kind: 'put-copies' }, 'b')], t2: [snapOf({ kind: 'put-copies' }, 'a')] },
      0,
    )
    expect(endResult(caseAfter([seen], goal)).jobId).to.equal('a,b')
    expect(endResult(caseAfter([], goal))).not.to.have.property('jobId')
    expect(endResult(caseAfter([], goalOf()))).not.to.have.property('kind')
  })
})

describe('resultSoFar', () => {
  it('has no end time', () => {
    expect(
      resultSoFar(caseAfter([snapshotsReply({ t1: { ...ENDED_WELL, err: 'disk full' }, t2: {} }, 0)])),
    ).to.deep.equal({
      ...IDENTITY,
      outcome: 'failed',
      success: false,
      aborted: false,
      error: 'disk full',
    })
  })
})

describe('idleResult', () => {
  it('is a success without an error, and a failure with one', () => {
    expect(idleResult(caseAfter([snapshotsReply({ t1: { isIdle: true } }, 0)]))).to.deep.equal({
      ...IDENTITY,
      outcome: 'idle',
      success: true,
      aborted: false,
    })
    expect(idleResult(caseAfter([snapshotsReply({ t1: { isIdle: true, err: 'no quota' } }, 0)]))).to.deep.equal({
      ...IDENTITY,
      outcome: 'failed',
      success: false,
      aborted: false,
      error: 'no quota',
    })
  })

  it('is not a success if only a status shows an error or an abort', () => {
    const rests = snapshotsReply({ t1: { isIdle: true } }, 0)
    const brief = (...log: readonly Evidence[]): readonly unknown[] => {
      const { outcome, success, error } = idleResult(caseAfter([rests, ...log]))
      return [outcome, success, error]
    }
    expect(brief(statusReply({ endTime: 80n, err: 'no quota' }, 1))).to.deep.equal(['failed', false, 'no quota'])
    expect(brief(listReply([statusOf({ aborted: true })], 1))).to.deep.equal(['aborted', false, 'aborted'])
    expect(brief(statusReply({ endTime: 80n }, 1))).to.deep.equal(['idle', true, undefined])
  })
})

describe('lostResult', () => {
  const snapshotsOfTwo = snapshotsReply({ t1: ENDED_WELL, t2: {} }, 0)

  it('reports neither success nor failure, and names the targets that are gone', () => {
    expect(lostResult(caseAfter([snapshotsOfTwo]), ['t2'])).to.deep.equal({
      ...IDENTITY,
      outcome: 'lost',
      success: false,
      aborted: false,
      lostTargets: ['t2'],
      error: '1 of 2 targets are gone with their part of the job; it is unknown whether it succeeded',
    })
    const whole = 'the cluster no longer knows the job; it is unknown whether it succeeded'
    expect([
      lostResult(caseAfter([snapshotsOfTwo]), []).error,
      lostResult(caseAfter([snapshotsOfTwo]), ['t1', 't2']).error,
    ]).to.deep.equal([whole, whole])
    expect(lostResult(caseAfter([snapshotsOfTwo]), [])).not.to.have.property('lostTargets')
  })

  it('reports an abort or an error that was seen', () => {
    expect(lostResult(caseAfter([snapshotsReply({ t1: { err: 'disk full' } }, 0)]), ['t1'])).to.deep.equal({
      ...IDENTITY,
      outcome: 'failed',
      success: false,
      aborted: false,
      error: 'disk full',
      lostTargets: ['t1'],
    })
  })
})
