import { expect } from 'chai'
import { expectTypeOf } from 'expect-type'
import { from, of, type Observable } from 'rxjs'
import { left, right } from '../../../lib/common/either.ts'
import type { Result } from '../../../lib/error.ts'
import { requireSuccess } from '../../../lib/operators/require-success.ts'
import type { Outcome, WaitResult } from '../../../lib/model/wait-result.ts'
import { marbles } from '../../helpers/marbles.ts'
import { itIsAnOperator } from './helpers/laws.ts'

// `requireSuccess` turns the result of a job that did not succeed into a Left.

const resultOf = (outcome: Outcome, success: boolean): WaitResult => ({
  jobId: 'zOCwz4iJS',
  kind: 'lru',
  outcome,
  success,
  aborted: outcome === 'aborted',
  endTime: 1795427154572988356n,
})
const finished = right(resultOf('finished', true))
const expiry = left({ _tag: 'WaitTimeout', afterMs: 1 } as const)

describe('requireSuccess', () => {
  itIsAnOperator<Result<WaitResult>, Result<WaitResult>>({
    operator: requireSuccess,
    values: { a: finished, b: expiry },
    results: { a: finished, b: expiry },
  })

  it('turns each unsuccessful outcome into a Left and continues', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const failed = resultOf('failed', false)
      const aborted = resultOf('aborted', false)
      const lost = resultOf('lost', false)
      const source = cold(' -f-a-l-s-|', { f: right(failed), a: right(aborted), l: right(lost), s: finished })
      const subs = '        ^--------!'
      const expected = '    -f-a-l-s-|'

      expectObservable(source.pipe(requireSuccess())).toBe(expected, {
        f: left({ _tag: 'JobFailed', result: failed }),
        a: left({ _tag: 'JobFailed', result: aborted }),
        l: left({ _tag: 'JobFailed', result: lost }),
        s: finished,
      })
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('depends on `success` alone', () => {
    const seen: unknown[] = []
    of(right(resultOf('finished', false)), right(resultOf('idle', true)))
      .pipe(requireSuccess())
      .subscribe(({ _tag }) => seen.push(_tag))
    expect(seen).to.deep.equal(['Left', 'Right'])
  })

  it('passes successful results and Lefts on unchanged', () => {
    const seen: unknown[] = []
    from<Result<WaitResult>[]>([finished, expiry])
      .pipe(requireSuccess())
      .subscribe((value) => seen.push(value))
    expect(seen[0]).to.equal(finished)
    expect(seen[1]).to.equal(expiry)
  })

  it('keeps the type of its source', () => {
    const result = of<Result<WaitResult>>(finished).pipe(requireSuccess())
    expectTypeOf(result).toEqualTypeOf<Observable<Result<WaitResult>>>()
  })
})
