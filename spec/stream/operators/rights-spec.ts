import { expect } from 'chai'
import { expectTypeOf } from 'expect-type'
import type { Either } from 'fp-ts/lib/Either.js'
import { of, type Observable } from 'rxjs'
import { left, right } from '../../../lib/common/either.ts'
import type { Result } from '../../../lib/error.ts'
import { rights } from '../../../lib/operators/rights.ts'
import { marbles } from '../../helpers/marbles.ts'
import { itIsAnOperator } from './helpers/laws.ts'

// `rights` emits the values of Rights and drops Lefts. In the marbles, `l` is a Left.

describe('rights', () => {
  itIsAnOperator<Either<unknown, unknown>, unknown>({
    operator: () => rights(),
    values: { a: right(1n), b: right(undefined) },
    results: { a: 1n, b: undefined },
  })

  it('emits the values of Rights and drops Lefts', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const values: Record<string, Either<string, string>> = { a: right('A'), b: right('B'), l: left('L') }
      const source = cold(' -l-a-l-(lbl)-l-|', values)
      const subs = '        ^--------------!'
      const expected = '    ---a---b-------|'

      expectObservable(source.pipe(rights())).toBe(expected, { a: 'A', b: 'B' })
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('calls onLeft with the error of each Left', () => {
    marbles(({ cold, expectObservable, flush }) => {
      const errors: string[] = []
      const values: Record<string, Either<string, string>> = { a: right('A'), l: left('L'), m: left('M') }

      expectObservable(cold('-l-a-m-|', values).pipe(rights({ onLeft: (error: string) => errors.push(error) }))).toBe(
        '---a---|',
        { a: 'A' },
      )
      flush()
      expect(errors).to.deep.equal(['L', 'M'])
    })
  })

  it('has the type of JobError in onLeft without an annotation', () => {
    const tags: string[] = []
    of<Result<string>>(left({ _tag: 'WaitTimeout', afterMs: 1 }))
      .pipe(rights({ onLeft: (error) => tags.push(error._tag) }))
      .subscribe()
    expect(tags).to.deep.equal(['WaitTimeout'])
  })

  it('has the type of the Right', () => {
    const result = of<Result<string>>(right('a')).pipe(rights())
    expectTypeOf(result).toEqualTypeOf<Observable<string>>()
    expect(result).to.have.property('subscribe')
  })
})
