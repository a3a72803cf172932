import { expect } from 'chai'
import { EMPTY, NEVER, Observable, map, of, throwError } from 'rxjs'
import { detour } from '../../../lib/operators/detour.ts'
import { marbles } from '../../helpers/marbles.ts'

describe('detour', () => {
  it('lets a value through that will do, and goes on with a stream where one is needed', () => {
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

  it('ends when both have ended', () => {
    marbles(({ cold, expectObservable }) => {
      const expected = '     --x-(y|)'
      expectObservable(cold('(a|)').pipe(detour(() => cold('--x-(y|)')))).toBe(expected)
      expectObservable(cold('a----|').pipe(detour<string>(() => EMPTY))).toBe('-----|')
    })
  })

  it('leaves one stream for the next, as a switchMap does', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const other = cold('     ---x-|')
      const source = cold('  a-b-----|')
      const subs = ['        ^-!', '--^----!']
      const expected = '     -----x--|'
      expectObservable(source.pipe(detour(() => other))).toBe(expected)
      expectSubscriptions(other.subscriptions).toBe(subs)
    })
  })

  it('leaves both when it is left, also in the value itself', () => {
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
    let heard = 0
    const subscription = source.pipe(detour(() => undefined)).subscribe(() => {
      heard++
      queueMicrotask(() => subscription.unsubscribe())
    })
    subscription.unsubscribe()
    expect({ left, heard }).to.deep.equal({ left: 1, heard: 1 })
  })

  it('hands on what goes wrong: in the source, in the other, in the choice', () => {
    const told = (source: Observable<unknown>): unknown => {
      let error: unknown
      source.subscribe({ error: (one: unknown) => (error = one) })
      return error
    }
    expect(told(throwError(() => new Error('source')).pipe(detour(() => NEVER)))).to.have.property('message', 'source')
    expect(told(of(1).pipe(detour<unknown>(() => throwError(() => new Error('other')))))).to.have.property(
      'message',
      'other',
    )
    const defect = new Error('defect')
    expect(
      told(
        of(1).pipe(
          detour(() => {
            throw defect
          }),
        ),
      ),
    ).to.equal(defect)
    expect(
      told(
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
