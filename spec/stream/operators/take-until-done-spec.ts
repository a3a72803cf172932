import { expect } from 'chai'
import { expectTypeOf } from 'expect-type'
import { of, type Observable } from 'rxjs'
import { left, right } from '../../../lib/common/either.ts'
import type { JobError, Result } from '../../../lib/error.ts'
import { takeUntilDone } from '../../../lib/operators/take-until-done.ts'
import { marbles } from '../../helpers/marbles.ts'
import { itIsAnOperator } from './helpers/laws.ts'

const request = { method: 'GET', path: '/v1/cluster', query: 'what=status' }
const values: Record<string, Result<string>> = {
  a: right('a'),
  b: right('b'),
  d: right('done'),
  h: left({ _tag: 'HttpError', status: 503, message: 'busy', request }),
  p: left({ _tag: 'ReplyTooLarge', limitBytes: 1, request }),
}
const isDone = (value: string): boolean => value === 'done'

describe('takeUntilDone', () => {
  itIsAnOperator({
    operator: () => takeUntilDone(isDone),
    values: { a: right('a'), b: right('b') },
    results: { a: right('a'), b: right('b') },
  })

  it('emits the Right that is done, completes and unsubscribes from the source', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot(' --a--b--d--a--|', values)
      const subs = '       ^-------!      '
      const expected = '   --a--b--(d|)   '

      expectObservable(source.pipe(takeUntilDone(isDone))).toBe(expected, values)
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('passes on Lefts with transient errors', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot(' --h--h--a--h--d--|', values)
      const subs = '       ^-------------!   '
      const expected = '   --h--h--a--h--(d|)'

      expectObservable(source.pipe(takeUntilDone(isDone))).toBe(expected, values)
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('emits a Left with a permanent error, and completes', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot(' --a--p--d--|', values)
      const subs = '       ^----!      '
      const expected = '   --a--(p|)   '

      expectObservable(source.pipe(takeUntilDone(isDone))).toBe(expected, values)
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('decides for each error separately whether it is permanent', () => {
    const errors: readonly (readonly [error: JobError, ends: boolean])[] = [
      [{ _tag: 'TransportError', code: 'ECONNREFUSED', message: '', permanent: false, request }, false],
      [{ _tag: 'TransportError', code: 'CERT_HAS_EXPIRED', message: '', permanent: true, request }, true],
      [{ _tag: 'RequestTimeout', afterMs: 1, request }, false],
      [{ _tag: 'NotFound', message: '', request }, false],
      [{ _tag: 'Unauthorized', status: 401, message: '', request }, true],
      [{ _tag: 'HttpError', status: 400, code: 'ErrFailedTo', message: '', request }, false],
      [
        { _tag: 'HttpError', status: 400, code: 'Error', message: 'Get "http://t1:9/v1/download": EOF', request },
        false,
      ],
      [{ _tag: 'HttpError', status: 400, code: 'Error', message: 'Get the bucket first', request }, true],
      [{ _tag: 'HttpError', status: 400, message: '', request }, true],
    ]
    for (const [error, ends] of errors)
      marbles(({ cold, expectObservable }) => {
        const marked: Record<string, Result<string>> = { e: left(error), a: right('a') }
        const source = cold('     -e-a|', marked)
        const expected = ends ? ' -(e|)' : '-e-a|'

        expectObservable(source.pipe(takeUntilDone(() => false))).toBe(expected, marked)
      })
  })

  it('stops a source that emits synchronously after the first value that is done', () => {
    marbles(({ expectObservable }) => {
      expectObservable(of(values['d']!, values['a']!).pipe(takeUntilDone(isDone))).toBe('(d|)', values)
    })
  })

  it('waits again for each subscription', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('   -a-d-a|', values)
      const expected1 = '     -a-(d|)      '
      const expected2 = '     -----a-(d|)  '
      const second = '        ----^        '
      const result = source.pipe(takeUntilDone(isDone))

      expectObservable(result).toBe(expected1, values)
      expectObservable(result, second).toBe(expected2, values)
      expectSubscriptions(source.subscriptions).toBe(['^--!', '----^--!'])
    })
  })

  it('emits an error if the condition throws, and unsubscribes from the source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const defect = new Error('defect')
      const source = cold(' -h-a-a|', values)
      const subs = '        ^--!   '
      const expected = '    -h-#   '
      const result = source.pipe(
        takeUntilDone(() => {
          throw defect
        }),
      )

      expectObservable(result).toBe(expected, values, defect)
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('keeps the type of the value', () => {
    const result = of<Result<string>>(right('a')).pipe(
      takeUntilDone((value) => {
        expectTypeOf(value).toEqualTypeOf<string>()
        return true
      }),
    )
    expectTypeOf(result).toEqualTypeOf<Observable<Result<string>>>()
    expect(result).to.have.property('subscribe')
  })
})
