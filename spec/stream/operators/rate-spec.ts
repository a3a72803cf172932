import { expectTypeOf } from 'expect-type'
import { VirtualTimeScheduler, map, of, timer, type Observable } from 'rxjs'
import { expect } from 'chai'
import { rate, type Rated } from '../../../lib/operators/rate.ts'
import { marbles } from '../../helpers/marbles.ts'
import { itIsAnOperator } from './helpers/laws.ts'

// `rate` adds how fast a counter grows. In the marbles, a letter is a value of the counter (`counts`); `n` is not a
// number.

const counts: Record<string, number> = { a: 0, b: 10, c: 80, d: 90, e: 5, n: NaN }
const perSecond = (rated: Rated<number>): number | undefined => rated.perSecond
const defect = new Error('defect')

describe('rate', () => {
  itIsAnOperator<number, Rated<number>>({
    operator: () => rate((value) => value),
    values: { a: 1, b: 2 },
    results: { a: { value: 1 }, b: { value: 2 } },
  })

  it('emits the rate with the value after three values and three seconds', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold(' a 999ms b 2999ms c|', counts)
      const expected = '    a 999ms b 2999ms c|'
      expectObservable(source.pipe(rate((value) => value))).toBe(expected, {
        a: { value: 0 },
        b: { value: 10 },
        c: { value: 80, perSecond: 20 },
      })
    })
  })

  it('starts again if the counter goes back or is not a number', () => {
    for (const back of ['e', 'n'])
      marbles(({ cold, expectObservable }) => {
        const source = cold(`a 999ms b 2999ms c 999ms ${back} 999ms d 999ms d|`, counts)
        const expected = '    u 999ms u 2999ms x 999ms u        999ms u 999ms u|'
        const result = source.pipe(
          rate((value) => value),
          map(perSecond),
        )
        expectObservable(result).toBe(expected, { u: undefined, x: 20 })
      })
  })

  it('uses the given window length', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold(' a 1999ms c 1999ms c 1999ms d 1999ms d|', counts)
      const expected = '    u 1999ms u 1999ms x 1999ms y 1999ms y|'
      const result = source.pipe(
        rate((value) => value, { windowMs: 4000 }),
        map(perSecond),
      )
      expectObservable(result).toBe(expected, { u: undefined, x: 20, y: 2.5 })
    })
  })

  it('uses only the given scheduler', () => {
    const scheduler = new VirtualTimeScheduler()
    const seen: unknown[] = []
    timer(0, 2000, scheduler)
      .pipe(
        map((nth) => nth * 30),
        rate((value) => value, { scheduler }),
        map(perSecond),
      )
      .subscribe((value) => {
        seen.push(value)
        if (seen.length === 3) scheduler.maxFrames = 0
      })
    scheduler.maxFrames = 4000
    scheduler.flush()
    expect(seen).to.deep.equal([undefined, undefined, 15])
  })

  it('emits an error if the counter function throws, and unsubscribes from the source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a-b-|', counts)
      const subs = '        ^--!  '
      const expected = '    -a-#  '
      const result = source.pipe(
        rate((value) => {
          if (value === 10) throw defect
          return value
        }),
      )
      expectObservable(result).toBe(expected, { a: { value: 0 } }, defect)
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('keeps the type of the value', () => {
    expectTypeOf(of('a').pipe(rate((text) => text.length))).toEqualTypeOf<Observable<Rated<string>>>()
  })
})
