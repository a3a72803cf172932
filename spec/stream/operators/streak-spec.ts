import { expect } from 'chai'
import { expectTypeOf } from 'expect-type'
import fc from 'fast-check'
import type { Either } from 'fp-ts/lib/Either.js'
import { from, of, type Observable } from 'rxjs'
import { left, right } from '../../../lib/common/either.ts'
import { streak } from '../../../lib/operators/streak.ts'
import { marbles } from '../../helpers/marbles.ts'
import { itIsAnOperator } from './helpers/laws.ts'

const values: Record<string, Either<string, number>> = {
  x: right(0),
  1: right(1),
  2: right(2),
  3: right(3),
  l: left('l'),
}
const isPositive = (value: number): boolean => value > 0

describe('streak', () => {
  itIsAnOperator({
    operator: () => streak<string, number>(2, isPositive),
    values: { a: left('a'), b: left('b') },
    results: { a: left('a'), b: left('b') },
  })

  it('emits the last of n in a row, completes and unsubscribes from the source', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot(' -1-2-3-1-|  ', values)
      const subs = '       ^----!      '
      const expected = '   -----(3|)   '

      expectObservable(source.pipe(streak(3, isPositive))).toBe(expected, values)
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('starts again after a Right that does not satisfy the condition', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot(' -1-x-1-x-x-1-2-|', values)
      const subs = '       ^------------!   '
      const expected = '   -------------(2|)'

      expectObservable(source.pipe(streak(2, isPositive))).toBe(expected, values)
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('passes on a Left, which neither counts nor resets', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot(' -1-l-l-2-|  ', values)
      const subs = '       ^------!    '
      const expected = '   ---l-l-(2|) '

      expectObservable(source.pipe(streak(2, isPositive))).toBe(expected, values)
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('completes with the first satisfying value if n is 1', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot(' -x-l-1-2-|', values)
      const subs = '       ^----!    '
      const expected = '   ---l-(1|) '

      expectObservable(source.pipe(streak(1, isPositive))).toBe(expected, values)
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('treats numbers below 1 and NaN as 1', () => {
    for (const n of [0, -1, 0.5, NaN, -Infinity])
      marbles(({ hot, expectObservable }) => {
        const source = hot(' -x-1-2-|', values)
        const expected = '   ---(1|) '

        expectObservable(source.pipe(streak(n, isPositive))).toBe(expected, values)
      })
  })

  it('completes without a Right if the source completes before the streak', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -1-l-2-|', values)
      const subs = '        ^------!'
      const expected = '    ---l---|'

      expectObservable(source.pipe(streak(3, isPositive))).toBe(expected, values)
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('stops a source that emits synchronously after the streak', () => {
    marbles(({ expectObservable }) => {
      const source = of(values['1']!, values['l']!, values['2']!, values['3']!)

      expectObservable(source.pipe(streak(2, isPositive))).toBe('(l2|)', values)
    })
  })

  it('counts separately for each subscription, also if the operator is reused', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('    -1-2-3-1-2-3|', values)
      const expected1 = '     -----(3|)    '
      const expected2 = '     ---------(2|)'
      const second = '        ----^        '
      const operator = streak(3, isPositive)

      expectObservable(source.pipe(operator)).toBe(expected1, values)
      expectObservable(source.pipe(operator), second).toBe(expected2, values)
      expectSubscriptions(source.subscriptions).toBe(['^----!', '----^----!'])
    })
  })

  it('emits an error if the condition throws, and unsubscribes from the source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const defect = new Error('defect')
      const source = cold(' -l-1-1|', values)
      const subs = '        ^--!   '
      const expected = '    -l-#   '
      const result = source.pipe(
        streak(2, () => {
          throw defect
        }),
      )

      expectObservable(result).toBe(expected, values, defect)
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('equals a search for the first n Rights in a row', () => {
    const either = fc.oneof<fc.Arbitrary<Either<string, number>>[]>(
      fc.integer({ min: 0, max: 3 }).map((n) => right(n)),
      fc.constant(left('l')),
    )
    fc.assert(
      fc.property(fc.array(either), fc.integer({ min: 1, max: 4 }), (list, n) => {
        const seen: unknown[] = []
        from(list)
          .pipe(streak(n, isPositive))
          .subscribe((value) => seen.push(value))

        const expected: unknown[] = []
        const row: unknown[] = []
        for (const value of list) {
          if (row.length === n) break
          if (value._tag === 'Left') expected.push(value)
          else if (isPositive(value.right)) row.push(value)
          else row.length = 0
          if (row.length === n) expected.push(value)
        }
        expect(seen).to.deep.equal(expected)
      }),
    )
  })

  it('keeps both type parameters', () => {
    const result = of<Either<string, number>>(right(1)).pipe(
      streak(2, (value) => {
        expectTypeOf(value).toEqualTypeOf<number>()
        return true
      }),
    )
    expectTypeOf(result).toEqualTypeOf<Observable<Either<string, number>>>()
    expect(result).to.have.property('subscribe')
  })
})
