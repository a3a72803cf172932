import { expect } from 'chai'
import { caseOf, type Case } from '../../../lib/view/case.ts'
import type { Evidence } from '../../../lib/view/evidence.ts'
import type { Goal } from '../../../lib/view/goal.ts'
import { idle, lost, over, soFar } from '../../../lib/view/result.ts'
import { ID, goalOf, goalOfKind, listed, live, shown, shownOfKind, snapOf, statusOf, told } from './helpers/facts.ts'

function known(log: readonly Evidence[], goal: Goal = goalOf({ kind: 'copy-bck' })): Case {
  const { view, standing } = live(goal, log)
  return caseOf(view, goal, standing, 0)
}
const OK = { endTime: 50n } as const
const base = { jobId: ID, kind: 'copy-bck' }

describe('over', () => {
  it('is `finished` if nothing failed, with the latest end that a target reports', () => {
    expect(over(known([told({ endTime: 99n }, 0), shown({ t1: OK, t2: { endTime: 70n } }, 0)]))).to.deep.equal({
      ...base,
      outcome: 'finished',
      success: true,
      aborted: false,
      endTime: 70n,
    })
    expect(over(known([told({ endTime: 99n }, 0)])).endTime).to.equal(99n)
  })

  it('is `failed` if any source reports an error (T21)', () => {
    const failed = { ...base, outcome: 'failed', success: false, aborted: false, endTime: 50n }
    expect(over(known([shown({ t1: OK, t2: { ...OK, err: 'disk full' } }, 0)]))).to.deep.equal({
      ...failed,
      error: 'disk full',
    })
    expect(over(known([told({ endTime: 99n, err: 'no quota' }, 0), shown({ t1: OK }, 0)]))).to.deep.equal({
      ...failed,
      error: 'no quota',
    })
  })

  it('is `aborted` if any source reports an abort, and prefers its cause to an error', () => {
    const aborted = { ...base, outcome: 'aborted', success: false, aborted: true }
    expect(
      over(known([shown({ t1: { aborted: true, abortErr: 'user abort', err: 'a broken pipe' } }, 0)])),
    ).to.deep.equal({
      ...aborted,
      error: 'user abort',
    })
    expect(over(known([shown({ t1: { aborted: true, err: 'a broken pipe' } }, 0)])).error).to.equal('a broken pipe')
    expect(over(known([told({ aborted: true }, 0)]))).to.deep.equal({ ...aborted, error: 'aborted' })
  })

  it('names all runs of a kind in a fixed order, and none before the first one is seen', () => {
    const goal = goalOfKind('put-copies')
    const seen = shownOfKind(
      'put-copies',
      { t1: [snapOf({ kind: 'put-copies' }, 'b')], t2: [snapOf({ kind: 'put-copies' }, 'a')] },
      0,
    )
    expect(over(known([seen], goal)).jobId).to.equal('a,b')
    expect(over(known([], goal))).not.to.have.property('jobId')
    expect(over(known([], goalOf()))).not.to.have.property('kind')
  })
})

describe('soFar', () => {
  it('has no end time', () => {
    expect(soFar(known([shown({ t1: { ...OK, err: 'disk full' }, t2: {} }, 0)]))).to.deep.equal({
      ...base,
      outcome: 'failed',
      success: false,
      aborted: false,
      error: 'disk full',
    })
  })
})

describe('idle', () => {
  it('is a success without an error, and a failure with one', () => {
    expect(idle(known([shown({ t1: { isIdle: true } }, 0)]))).to.deep.equal({
      ...base,
      outcome: 'idle',
      success: true,
      aborted: false,
    })
    expect(idle(known([shown({ t1: { isIdle: true, err: 'no quota' } }, 0)]))).to.deep.equal({
      ...base,
      outcome: 'failed',
      success: false,
      aborted: false,
      error: 'no quota',
    })
  })

  it('is no success if only a status shows an error or an abort', () => {
    const rests = shown({ t1: { isIdle: true } }, 0)
    const brief = (...log: readonly Evidence[]): readonly unknown[] => {
      const { outcome, success, error } = idle(known([rests, ...log]))
      return [outcome, success, error]
    }
    expect(brief(told({ endTime: 80n, err: 'no quota' }, 1))).to.deep.equal(['failed', false, 'no quota'])
    expect(brief(listed([statusOf({ aborted: true })], 1))).to.deep.equal(['aborted', false, 'aborted'])
    expect(brief(told({ endTime: 80n }, 1))).to.deep.equal(['idle', true, undefined])
  })
})

describe('lost', () => {
  const seen = shown({ t1: OK, t2: {} }, 0)

  it('reports neither success nor failure, and names the targets that are gone', () => {
    expect(lost(known([seen]), ['t2'])).to.deep.equal({
      ...base,
      outcome: 'lost',
      success: false,
      aborted: false,
      lostTargets: ['t2'],
      error: '1 of 2 targets are gone with their part of the job; whether it ended well cannot be told',
    })
    const whole = 'the cluster knows the job no more; whether it ended well cannot be told'
    expect([lost(known([seen]), []).error, lost(known([seen]), ['t1', 't2']).error]).to.deep.equal([whole, whole])
    expect(lost(known([seen]), [])).not.to.have.property('lostTargets')
  })

  it('reports an abort or an error that was seen', () => {
    expect(lost(known([shown({ t1: { err: 'disk full' } }, 0)]), ['t1'])).to.deep.equal({
      ...base,
      outcome: 'failed',
      success: false,
      aborted: false,
      error: 'disk full',
      lostTargets: ['t1'],
    })
  })
})
