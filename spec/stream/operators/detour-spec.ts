import { expect } from 'chai'
import { EMPTY, NEVER, Observable, map, of, throwError } from 'rxjs'
import { detour } from '../../../lib/operators/detour.ts'
import { marbles } from '../../helpers/marbles.ts'

// `detour` replaces a value by an inner stream, if its function returns one for the value.

describe('detour', () => {
  it('emits a value as it is, or the values of an inner stream if the function returns one', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('  -a---b-------c|')
      const other = cold('        --x-y|')
      const subs = ['        -----^----!']
      const expected = '     -a-----x-y---c|'
      const result = source.pipe(detour((value) => (value === 'b' ? other : undefined)))
      expectObservable(result).toBe(expected)
      expectSubscriptions(other.subscriptions).toBe(subs)
    })
  })

  it('completes when the source and the inner stream have completed', () => {
    marbles(({ cold, expectObservable }) => {
      const expected = '     --x-(y|)'
      expectObservable(cold('(a|)').pipe(detour(() => cold('--x-(y|)')))).toBe(expected)
      expectObservable(cold('a----|').pipe(detour<string>(() => EMPTY))).toBe('-----|')
    })
  })

  it('switches to the next inner stream, like switchMap', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const other = cold('     ---x-|')
      const source = cold('  a-b-----|')
      const subs = ['        ^-!', '--^----!']
      const expected = '     -----x--|'
      expectObservable(source.pipe(detour(() => other))).toBe(expected)
      expectSubscriptions(other.subscriptions).toBe(subs)
    })
  })

  it('unsubscribes from both streams on unsubscribe, also while it emits', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const other = cold('   ---x')
      const source = cold('  a----b')
      expectObservable(source.pipe(detour(() => other)), '--!').toBe('---')
      expectSubscriptions(source.subscriptions).toBe('^-!')
      expectSubscriptions(other.subscriptions).toBe('^-!')
    })
    let left = 0
    const source = new Observable<number>((subscriber) => {
      subscriber.next(1)
      return () => left++
    })
    let received = 0
    const subscription = source.pipe(detour(() => undefined)).subscribe(() => {
      received++
      queueMicrotask(() => subscription.unsubscribe())
    })
    subscription.unsubscribe()
    expect({ left, received }).to.deep.equal({ left: 1, received: 1 })
  })

  it('propagates errors of the source, of the inner stream and of the function', () => {
    const errorOf = (source: Observable<unknown>): unknown => {
      let error: unknown
      source.subscribe({ error: (one: unknown) => (error = one) })
      return error
    }
    expect(errorOf(throwError(() => new Error('source')).pipe(detour(() => NEVER)))).to.have.property(
      'message',
      'source',
    )
    expect(errorOf(of(1).pipe(detour<unknown>(() => throwError(() => new Error('other')))))).to.have.property(
      'message',
      'other',
    )
    const defect = new Error('defect')
    expect(
      errorOf(
        of(1).pipe(
          detour(() => {
            throw defect
          }),
        ),
      ),
    ).to.equal(defect)
    expect(
      errorOf(
        of(1).pipe(
          detour(() => undefined),
          map(() => {
            throw defect
          }),
        ),
      ),
    ).to.equal(defect)
  })
})
