import { expect } from 'chai'
import {
  NEVER,
  Subject,
  concat,
  defer,
  finalize,
  ignoreElements,
  map,
  merge,
  of,
  take,
  throwError,
  timer,
  type Observable,
} from 'rxjs'
import { gateOf } from '../../lib/operators/gate.ts'
import { marbles } from '../helpers/marbles.ts'
import { itIsAnOperator } from './helpers/laws.ts'

const defect = new Error('defect')
const thrown = (): never => {
  throw defect
}

describe('gateOf', () => {
  itIsAnOperator({
    // Wide enough: a gate is one for all that it lets through.
    operator: () => gateOf(9),
    values: { a: 1, b: 2 },
    results: { a: 1, b: 2 },
  })

  it('lets so many run at a time, the others in the order in which they came', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const [a, b, c, d] = [cold('---(a|)'), cold('-----(b|)'), cold('--(c|)'), cold('-(d|)')] as const
      const gate = gateOf(2)
      expectObservable(gate(a)).toBe(' ---(a|)   ')
      expectObservable(gate(b)).toBe(' -----(b|) ')
      expectObservable(gate(c)).toBe(' -----(c|) ')
      expectObservable(gate(d)).toBe(' ------(d|)')
      expectSubscriptions(a.subscriptions).toBe('^--!')
      expectSubscriptions(b.subscriptions).toBe('^----!')
      expectSubscriptions(c.subscriptions).toBe('---^-!')
      expectSubscriptions(d.subscriptions).toBe('-----^!')
    })
  })

  it('is one for all that it lets through, and none for those of another', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('--(a|)')
      const gate = gateOf(1)
      expectObservable(gate(source)).toBe('     --(a|)')
      expectObservable(gateOf(1)(source)).toBe('--(a|)')
      expectObservable(gate(source)).toBe('     ----(a|)')
      expectSubscriptions(source.subscriptions).toBe(['^-!', '^-!', '--^-!'])
    })
  })

  it('gives the place of one that errs, or is left, to the next', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const [fails, hangs, a, b] = [cold('--#'), cold('-'), cold('----(a|)'), cold('-(b|)')] as const
      const gate = gateOf(2)
      expectObservable(gate(fails)).toBe('         --#')
      expectObservable(gate(hangs), '^---!').toBe('-')
      expectObservable(gate(a)).toBe('             ------(a|)')
      expectObservable(gate(b)).toBe('             -----(b|)')
      expectSubscriptions(hangs.subscriptions).toBe('^---!')
      expectSubscriptions(a.subscriptions).toBe('    --^---!')
      expectSubscriptions(b.subscriptions).toBe('    ----^!')
    })
  })

  it('never asks for one that was left while it waited', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const [a, b, c] = [cold('-----(a|)'), cold('-(b|)'), cold('-(c|)')] as const
      const gate = gateOf(1)
      expectObservable(gate(a)).toBe('-----(a|)')
      expectObservable(gate(b), '^--!').toBe('-')
      expectObservable(gate(c)).toBe('------(c|)')
      expectSubscriptions(b.subscriptions).toBe([])
      expectSubscriptions(c.subscriptions).toBe('-----^!')
    })
  })

  /** A source that knows how many of it run at a time. */
  const counting = (source: Observable<unknown>) => {
    const seen = { now: 0, most: 0 }
    const one = defer(() => {
      seen.now += 1
      seen.most = Math.max(seen.most, seen.now)
      return source.pipe(finalize(() => (seen.now -= 1)))
    })
    return { seen, one }
  }

  it('never lets more through, whoever comes and goes, and keeps no place for who has left', () => {
    for (const leavesMs of [1, 5, 9, 25])
      marbles(({ expectObservable, flush }) => {
        const { seen, one } = counting(timer(10))
        const gate = gateOf(3)
        const leave = Array.from({ length: 20 }, () => gate(one))
        const stay = Array.from({ length: 9 }, () => gate(one).pipe(map(() => 'x')))
        expectObservable(merge(...leave).pipe(ignoreElements()), `^ ${leavesMs - 1}ms !`).toBe('-')
        expectObservable(merge(...stay)).toBe(`${leavesMs + 10}ms (xxx) 5ms (xxx) 5ms (xxx|)`)
        flush()
        expect(seen).to.deep.equal({ now: 0, most: 3 })
      })
  })

  it('lets what answers at once through at once, any number, one after the other', () => {
    const { seen: running, one } = counting(of(1))
    const seen: unknown[] = []
    const gate = gateOf(2)
    merge(...Array.from({ length: 1000 }, () => gate(one))).subscribe((value) => seen.push(value))
    expect([seen.length, running]).to.deep.equal([1000, { now: 0, most: 1 }])
  })

  it('lets any number go that have waited for one, though each answers at once', () => {
    const gate = gateOf(1)
    const first = new Subject<number>()
    let answered = 0
    gate(first).subscribe()
    for (let n = 0; n < 20_000; n++) gate(of(n)).subscribe(() => (answered += 1))
    expect(answered).to.equal(0)
    first.complete()
    expect(answered).to.equal(20_000)
  })

  it('frees the place of one that is left inside of its value, and of one that cannot be subscribed to', () => {
    const gate = gateOf(2)
    const errors: unknown[] = []
    gate(concat(of(1), NEVER))
      .pipe(take(1))
      .subscribe()
    gate(defer(() => thrown())).subscribe({ error: (error: unknown) => errors.push(error) })
    gate(throwError(() => defect)).subscribe({ error: (error: unknown) => errors.push(error) })
    expect(errors).to.deep.equal([defect, defect])
    let running = 0
    for (let n = 0; n < 5; n++) gate(defer(() => ((running += 1), NEVER))).subscribe()
    expect(running).to.equal(2)
  })
})
