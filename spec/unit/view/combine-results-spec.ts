import { expect } from 'chai'
import fc from 'fast-check'
import { left, right } from '../../../lib/common/either.ts'
import { combineResults } from '../../../lib/view/combine-results.ts'
import type { WaitResult } from '../../../lib/model/wait-result.ts'

// A wait for several ids has one result: `combineResults` of theirs.

const resultOf = (jobId: string, outcome: WaitResult['outcome'], more: Partial<WaitResult> = {}): WaitResult => ({
  jobId,
  kind: 'lru',
  outcome,
  success: outcome === 'finished' || outcome === 'idle',
  aborted: outcome === 'aborted',
  ...more,
})

describe('combineResults', () => {
  it('has all ids in their order, and the latest end time', () => {
    expect(
      combineResults([
        right(resultOf('b', 'finished', { endTime: 7n })),
        right(resultOf('a', 'finished', { endTime: 3n })),
      ]),
    ).to.deep.equal(
      right({ jobId: 'b,a', kind: 'lru', outcome: 'finished', success: true, aborted: false, endTime: 7n }),
    )
  })

  it('has no end time if one result has none', () => {
    expect(
      combineResults([right(resultOf('a', 'finished', { endTime: 3n })), right(resultOf('b', 'idle'))]),
    ).not.to.have.nested.property('right.endTime')
  })

  it('has the outcome of the worst result, and all targets that are gone', () => {
    const all = [
      right(resultOf('a', 'aborted', { error: 'user abort', lostTargets: ['t2'] })),
      right(resultOf('b', 'lost', { error: 'gone', lostTargets: ['t1', 't2'] })),
      right(resultOf('c', 'finished')),
    ]
    expect(combineResults(all)).to.deep.equal(
      right({
        jobId: 'a,b,c',
        kind: 'lru',
        outcome: 'lost',
        success: false,
        aborted: true,
        error: 'gone',
        lostTargets: ['t2', 't1'],
      }),
    )
  })

  it('is the first Left', () => {
    const error = { _tag: 'WaitTimeout', afterMs: 5 } as const
    expect(
      combineResults([right(resultOf('a', 'finished')), left(error), left({ _tag: 'WaitTimeout', afterMs: 6 })]),
    ).to.deep.equal(left(error))
  })

  it('is a success only if each result is one, and aborted if any result is', () => {
    const one = fc.constantFrom<WaitResult['outcome']>('finished', 'failed', 'aborted', 'idle', 'lost')
    fc.assert(
      fc.property(fc.array(one, { minLength: 1, maxLength: 6 }), (outcomes) => {
        const result = combineResults(outcomes.map((outcome, n) => right(resultOf(`job${n}`, outcome))))
        if (result._tag === 'Left') throw new Error('a Left of Rights')
        const { success, aborted, outcome } = result.right
        expect(success).to.equal(outcomes.every((each) => each === 'finished' || each === 'idle'))
        expect(aborted).to.equal(outcomes.includes('aborted'))
        expect(outcomes).to.include(outcome)
        expect(outcome === 'finished' || outcome === 'idle').to.equal(success)
      }),
    )
  })
})
