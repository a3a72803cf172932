import { expect } from 'chai'
import { Subject, VirtualTimeScheduler, asyncScheduler, of, take } from 'rxjs'
import { useFakeTimers, type SinonFakeTimers } from 'sinon'
import { stalled } from '../../../lib/operators/stalled.ts'
import { marbles } from '../../helpers/marbles.ts'

// `stalled` emits whether its source has been silent for a given time. In the marbles, `f` is false and `t` is true.

const values = { f: false, t: true }

describe('stalled', () => {
  it('emits false first, true after the given silence, and false with the next value', () => {
    marbles(({ hot, expectObservable, expectSubscriptions, time }) => {
      const ms = time('    ----|                 ')
      const source = hot('  --a--b-------c-d-----| ')
      const subs = '        ^--------------------! '
      const expected = '    f--------t---f-----t-| '
      expectObservable(source.pipe(stalled(ms))).toBe(expected, values)
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('measures from the subscription, also if the source never emits', () => {
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold('-').pipe(stalled(3)), '^----!').toBe('f--t', values)
    })
  })

  it('completes immediately with the source, stalled or not', () => {
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold('-a|').pipe(stalled(5))).toBe('f-|', values)
      expectObservable(cold('--------|').pipe(stalled(5))).toBe('f----t--|', values)
      expectObservable(of(1).pipe(stalled(5))).toBe('(f|)', values)
    })
  })

  it('propagates an error of the source', () => {
    const defect = new Error('defect')
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold('-a-#', undefined, defect).pipe(stalled(5))).toBe('f--#', values, defect)
    })
  })

  it('treats negative numbers and NaN as 0, and never stalls with Infinity', () => {
    for (const ms of [0, -1, NaN, -Infinity])
      marbles(({ cold, expectObservable }) => {
        expectObservable(cold('-').pipe(stalled(ms)), '^-!').toBe('(ft)', values)
      })
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold('-').pipe(stalled(Infinity)), '^ 144000m !').toBe('f', values)
    })
  })

  it('supports times longer than a JavaScript timer does', () => {
    const clock: SinonFakeTimers = useFakeTimers()
    try {
      const seen: boolean[] = []
      const ms = 90 * 86_400_000
      const subscription = new Subject().pipe(stalled(ms)).subscribe((value) => seen.push(value))
      clock.tick(ms - 1)
      expect(seen).to.deep.equal([false])
      clock.tick(1)
      expect(seen).to.deep.equal([false, true])
      subscription.unsubscribe()
    } finally {
      clock.restore()
    }
  })

  it('unsubscribes from the source and cancels its timer on unsubscribe', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-a-a')
      expectObservable(source.pipe(stalled(5)), '^--!').toBe('f', values)
      expectObservable(source.pipe(stalled(5), take(1))).toBe('(f|)', values)
      expectSubscriptions(source.subscriptions).toBe('^--!')
    })
  })

  it('shares no state between two subscriptions', () => {
    marbles(({ hot, expectObservable }) => {
      const result = hot('a---a----------').pipe(stalled(3))
      expectObservable(result, '^--------!').toBe('       f--tf--t', values)
      expectObservable(result, '------^-----!').toBe('    ------f--t', values)
    })
  })

  it('uses only the given scheduler', () => {
    const scheduler = new VirtualTimeScheduler()
    const clock: SinonFakeTimers = useFakeTimers()
    try {
      const seen: boolean[] = []
      new Subject().pipe(stalled(1000, scheduler)).subscribe((value) => seen.push(value))
      clock.tick(10_000)
      expect(seen).to.deep.equal([false])
      expect(clock.countTimers()).to.equal(0)
      scheduler.flush()
      expect(seen).to.deep.equal([false, true])
      new Subject().pipe(stalled(1000, asyncScheduler), take(2)).subscribe()
      expect(clock.countTimers()).to.equal(1)
    } finally {
      clock.restore()
    }
  })
})
