import { expect } from 'chai'
import { Observable, concatMap, of, take, type OperatorFunction } from 'rxjs'
import { marbles } from '../../../helpers/marbles.ts'

interface Law<A, B> {
  /** A new operator, set so that it gives exactly one value at once for each of `values`. */
  readonly operator: () => OperatorFunction<A, B>
  readonly values: { readonly a: A; readonly b: A }
  /** What it makes of them. */
  readonly results: { readonly a: B; readonly b: B }
}

/** The specs that every operator has to pass that takes values one by one. */
export function itIsAnOperator<A, B>({ operator, values, results }: Law<A, B>): void {
  it('asks nothing before it is subscribed to', () => {
    marbles(({ cold, expectSubscriptions }) => {
      const source = cold('-a-b-|', values)

      source.pipe(operator())
      expectSubscriptions(source.subscriptions).toBe([])
    })
  })

  it('hands values and completion on', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a--b-|', values)
      const subs = '        ^-----!'
      const expected = '    -a--b-|'

      expectObservable(source.pipe(operator())).toBe(expected, results)
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('hands a hot source on from where it is joined', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  -b-^-a--b-|', values)
      const subs = '           ^------!'
      const expected = '       --a--b-|'

      expectObservable(source.pipe(operator())).toBe(expected, results)
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('completes with a source that is empty', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' ---|', values)
      const subs = '        ^--!'
      const expected = '    ---|'

      expectObservable(source.pipe(operator())).toBe(expected, results)
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('never ends with a source that never does', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -', values)
      const subs = '        ^-----!'
      const unsub = '       ^-----!'
      const expected = '    -------'

      expectObservable(source.pipe(operator()), unsub).toBe(expected, results)
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('hands a defect of the source on', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const defect = new Error('defect')
      const source = cold(' -a--#', values, defect)
      const subs = '        ^---!'
      const expected = '    -a--#'

      expectObservable(source.pipe(operator())).toBe(expected, results, defect)
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('leaves the source when it is left', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a--b-|', values)
      const subs = '        ^--!    '
      const unsub = '       ^--!    '
      const expected = '    -a--    '

      expectObservable(source.pipe(operator()), unsub).toBe(expected, results)
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('does not break the chain when it is left', () => {
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

  it('leaves the source inside the value that its subscriber leaves at', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a--b-|   ', values)
      const subs = '        ^!        '
      const expected = '    -(a|)     '

      expectObservable(source.pipe(operator(), take(1))).toBe(expected, results)
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('takes a source that emits at once', () => {
    marbles(({ expectObservable }) => {
      expectObservable(of(values.a, values.b).pipe(operator())).toBe('(ab|)', results)
    })
  })

  it('stops listening to a source that emits at once when it is left', () => {
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
