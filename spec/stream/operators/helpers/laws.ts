import { expect } from 'chai'
import { Observable, concatMap, of, take, type OperatorFunction } from 'rxjs'
import { marbles } from '../../../helpers/marbles.ts'

// The laws that each public operator obeys.

interface Law<A, B> {
  /** Creates an operator that synchronously emits exactly one value for each of `values`. */
  readonly operator: () => OperatorFunction<A, B>
  readonly values: { readonly a: A; readonly b: A }
  /** The values that the operator emits for `values`. */
  readonly results: { readonly a: B; readonly b: B }
}

/** The specs that each operator must pass if it handles values one by one. */
export function itIsAnOperator<A, B>({ operator, values, results }: Law<A, B>): void {
  it('does not subscribe to the source before it is subscribed to', () => {
    marbles(({ cold, expectSubscriptions }) => {
      const source = cold('-a-b-|', values)

      source.pipe(operator())
      expectSubscriptions(source.subscriptions).toBe([])
    })
  })

  it('passes on values and completion', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a--b-|', values)
      const subs = '        ^-----!'
      const expected = '    -a--b-|'

      expectObservable(source.pipe(operator())).toBe(expected, results)
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('passes on the values that a hot source emits after the subscription', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  -b-^-a--b-|', values)
      const subs = '           ^------!'
      const expected = '       --a--b-|'

      expectObservable(source.pipe(operator())).toBe(expected, results)
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('completes if the source is empty', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' ---|', values)
      const subs = '        ^--!'
      const expected = '    ---|'

      expectObservable(source.pipe(operator())).toBe(expected, results)
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('does not complete if the source does not complete', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -', values)
      const subs = '        ^-----!'
      const unsub = '       ^-----!'
      const expected = '    -------'

      expectObservable(source.pipe(operator()), unsub).toBe(expected, results)
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('propagates an error of the source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const defect = new Error('defect')
      const source = cold(' -a--#', values, defect)
      const subs = '        ^---!'
      const expected = '    -a--#'

      expectObservable(source.pipe(operator())).toBe(expected, results, defect)
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('unsubscribes from the source on unsubscribe', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a--b-|', values)
      const subs = '        ^--!    '
      const unsub = '       ^--!    '
      const expected = '    -a--    '

      expectObservable(source.pipe(operator()), unsub).toBe(expected, results)
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('unsubscribes from the source through other operators', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a--b-|', values)
      const subs = '        ^--!    '
      const unsub = '       ^--!    '
      const expected = '    -a--    '
      const result = source.pipe(
        concatMap((value) => of(value)),
        operator(),
        concatMap((value) => of(value)),
      )

      expectObservable(result, unsub).toBe(expected, results)
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('unsubscribes from the source if the subscriber unsubscribes while it handles a value', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a--b-|   ', values)
      const subs = '        ^!        '
      const expected = '    -(a|)     '

      expectObservable(source.pipe(operator(), take(1))).toBe(expected, results)
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('accepts a source that emits synchronously', () => {
    marbles(({ expectObservable }) => {
      expectObservable(of(values.a, values.b).pipe(operator())).toBe('(ab|)', results)
    })
  })

  it('stops a source that emits synchronously on unsubscribe', () => {
    const made: number[] = []
    const source = new Observable<A>((subscriber) => {
      for (let i = 0; i < 10 && !subscriber.closed; i += 1) {
        made.push(i)
        subscriber.next(values.a)
      }
    })

    source.pipe(operator(), take(3)).subscribe()
    expect(made).to.deep.equal([0, 1, 2])
  })

  it('shares no state between two subscriptions', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('  -a--b-|   ', values)
      const first = '        ^------!  '
      const second = '       --^------!'
      const expected1 = '    -a--b-|   '
      const expected2 = '    ---a--b-| '
      const result = source.pipe(operator())

      expectObservable(result, first).toBe(expected1, results)
      expectObservable(result, second).toBe(expected2, results)
      expectSubscriptions(source.subscriptions).toBe(['^-----!', '--^-----!'])
    })
  })
}
