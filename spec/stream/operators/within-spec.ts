import { expect } from 'chai'
import { expectTypeOf } from 'expect-type'
import { NEVER, Subject, VirtualTimeScheduler, asyncScheduler, of, take, type Observable } from 'rxjs'
import { useFakeTimers, type SinonFakeTimers } from 'sinon'
import { left, right } from '../../../lib/common/either.ts'
import { show } from '../../../lib/common/text.ts'
import type { Result } from '../../../lib/error.ts'
import { within } from '../../../lib/operators/within.ts'
import { marbles } from '../../helpers/marbles.ts'
import { itIsAnOperator } from './helpers/laws.ts'

// `within` limits the total time of a stream, and emits a Left when the time is over.

const expiry = (afterMs: number): Result<never> => left({ _tag: 'WaitTimeout', afterMs })
const values: Record<string, Result<string>> = {
  a: right('a'),
  b: right('b'),
  l: left({ _tag: 'WaitTimeout', afterMs: 7 }),
}

describe('within', () => {
  for (const ms of [1000, 90 * 24 * 60 * 60 * 1000, Infinity])
    describe(`of ${ms} ms`, () => {
      itIsAnOperator({
        operator: () => within<string>(ms),
        values: { a: right('a'), b: values['l']! },
        results: { a: right('a'), b: values['l']! },
      })
    })

  it('emits a Left when the time is over, completes and unsubscribes from the source', () => {
    marbles(({ hot, time, expectObservable, expectSubscriptions }) => {
      const source = hot('     -a---b---a---b---', values)
      const budget = time('    ----------|      ')
      const subs = '           ^---------!      '
      const expected = '       -a---b---a(t|)   '

      expectObservable(source.pipe(within(budget))).toBe(expected, { ...values, t: expiry(10) })
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('limits the total time: values do not restart it', () => {
    marbles(({ hot, time, expectObservable, expectSubscriptions }) => {
      const source = hot('     aaaaaaaaaaaaaaaaa', values)
      const budget = time('    ------|          ')
      const subs = '           ^-----!          '
      const expected = '       aaaaaa(at|)      '

      expectObservable(source.pipe(within(budget))).toBe(expected, { ...values, t: expiry(6) })
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('limits a source that never emits', () => {
    marbles(({ cold, time, expectObservable, expectSubscriptions }) => {
      const source = cold<Result<string>>('-')
      const budget = time('    ------|   ')
      const subs = '           ^-----!   '
      const expected = '       ------(t|)'

      expectObservable(source.pipe(within(budget))).toBe(expected, { t: expiry(6) })
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('completes without a Left if the source completes exactly when the time is over', () => {
    marbles(({ cold, time, expectObservable, expectSubscriptions }) => {
      const source = cold('    ---a--(b|)', values)
      const budget = time('    ------|   ')
      const subs = '           ^-----!   '
      const expected = '       ---a--(b|)'

      expectObservable(source.pipe(within(budget))).toBe(expected, values)
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('emits a value that arrives exactly when the time is over before the Left', () => {
    marbles(({ cold, time, expectObservable, expectSubscriptions }) => {
      const source = cold('    ---a--b-|  ', values)
      const budget = time('    ------|    ')
      const subs = '           ^-----!    '
      const expected = '       ---a--(bt|)'

      expectObservable(source.pipe(within(budget))).toBe(expected, { ...values, t: expiry(6) })
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('emits nothing after the Left, not even a value that arrives while it emits the Left', () => {
    const time = new VirtualTimeScheduler()
    const source = new Subject<Result<string>>()
    const seen: unknown[] = []
    source.pipe(within(100, time)).subscribe({
      next: (value) => {
        seen.push(value)
        source.next(right('late'))
      },
      complete: () => seen.push('complete'),
    })
    time.flush()
    expect(seen).to.deep.equal([expiry(100), 'complete'])
    expect(source.observed).to.equal(false)
  })

  it('starts a new budget for each subscription', () => {
    marbles(({ cold, time, expectObservable, expectSubscriptions }) => {
      const source = cold('     -a---a---a', values)
      const budget = time('     ------|      ')
      const second = '          --^           '
      const expected1 = '       -a---a(t|)    '
      const expected2 = '       ---a---a(t|)  '
      const result = source.pipe(within(budget))

      expectObservable(result).toBe(expected1, { ...values, t: expiry(6) })
      expectObservable(result, second).toBe(expected2, { ...values, t: expiry(6) })
      expectSubscriptions(source.subscriptions).toBe(['^-----!', '--^-----!'])
    })
  })

  it('does not end one subscription when another ends', () => {
    marbles(({ hot, time, expectObservable, expectSubscriptions }) => {
      const source = hot('      -a-a-a-a|     ', values)
      const budget = time('     ------|       ')
      const second = '          ---^          '
      const expected1 = '       -a-a-a(t|)    '
      const expected2 = '       ---a-a-a|     '
      const result = source.pipe(within(budget))

      expectObservable(result).toBe(expected1, { ...values, t: expiry(6) })
      expectObservable(result, second).toBe(expected2, values)
      expectSubscriptions(source.subscriptions).toBe(['^-----!', '---^----!'])
    })
  })

  it('emits only synchronous values before the Left with a budget of 0', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' a-b', values)
      const subs = '        (^!) '
      const expected = '    (at|)'

      expectObservable(source.pipe(within(0))).toBe(expected, { ...values, t: expiry(0) })
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('emits a Left for an invalid budget, and does not subscribe to the source', () => {
    for (const ms of [NaN, -1, -Infinity, null, '1000', 5n, Symbol('5')] as unknown as readonly number[])
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('-a|', values)
        const message = `got ${show(ms)}; takes milliseconds from 0, or Infinity`

        expectObservable(source.pipe(within(ms))).toBe('(t|)', {
          t: left({ _tag: 'InvalidArgument', argument: 'ms', message }),
        })
        expectSubscriptions(source.subscriptions).toBe([])
      })
  })

  it('supports a budget above 2^31-1 ms, exact to the millisecond', () => {
    for (const ms of [2 ** 31 - 1, 2 ** 31, 90 * 24 * 60 * 60 * 1000])
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const source = cold('-a', values)

        expectObservable(source.pipe(within(ms))).toBe(`-a ${ms - 2}ms (t|)`, { ...values, t: expiry(ms) })
        expectSubscriptions(source.subscriptions).toBe(`^ ${ms - 1}ms !`)
      })
  })

  it('uses only the given scheduler', () => {
    const time = new VirtualTimeScheduler()
    const other = new VirtualTimeScheduler()
    const seen: unknown[] = []
    NEVER.pipe(within(1000, time)).subscribe((value) => seen.push([time.now(), value]))
    other.flush()
    expect(seen).to.deep.equal([])
    time.flush()
    expect(seen).to.deep.equal([[1000, expiry(1000)]])
  })

  it('does not use the scheduler of a marble test if another is given', () => {
    const time = new VirtualTimeScheduler()
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold('-a 8s a|', values).pipe(within(1000, time))).toBe('-a 8s a|', values)
    })
  })

  describe('on the clock', () => {
    let clock: SinonFakeTimers
    beforeEach(() => {
      clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] })
    })
    afterEach(() => clock.restore())

    const running = (
      ms: number,
    ): { readonly seen: unknown[]; readonly source: Subject<Result<string>>; readonly stop: () => void } => {
      const seen: unknown[] = []
      const source = new Subject<Result<string>>()
      const subscription = source.pipe(within(ms)).subscribe((value) => seen.push(value))
      return { seen, source, stop: () => subscription.unsubscribe() }
    }

    it('uses asyncScheduler by default', () => {
      const { seen, source } = running(1000)
      clock.tick(999)
      expect(seen).to.deep.equal([])
      clock.tick(1)
      expect(seen).to.deep.equal([expiry(1000)])
      expect(clock.countTimers()).to.equal(0)
      expect(source.observed).to.equal(false)
    })

    it('supports a budget above 2^31-1 ms, exact to the millisecond', () => {
      for (const ms of [2 ** 31, 90 * 24 * 60 * 60 * 1000]) {
        const { seen } = running(ms)
        clock.tick(ms - 1)
        expect(seen, `${ms}, a millisecond before`).to.deep.equal([])
        clock.tick(1)
        expect(seen).to.deep.equal([expiry(ms)])
        expect(clock.countTimers()).to.equal(0)
      }
    })

    it('leaves no timer when the source completes early', () => {
      for (const ms of [1000, 2 ** 31, 90 * 24 * 60 * 60 * 1000]) {
        const { source } = running(ms)
        expect(clock.countTimers()).to.equal(1)
        source.complete()
        expect(clock.countTimers(), `${ms}`).to.equal(0)
      }
    })

    it('leaves no timer when the source errors', () => {
      const source = new Subject<Result<string>>()
      const errors: unknown[] = []
      source.pipe(within(1000)).subscribe({ error: (e: unknown) => errors.push(e) })
      const defect = new Error('defect')
      source.error(defect)
      expect(errors).to.deep.equal([defect])
      expect(clock.countTimers()).to.equal(0)
    })

    it('leaves no timer on unsubscribe', () => {
      for (const ms of [1000, 2 ** 31, 90 * 24 * 60 * 60 * 1000]) {
        const { source, stop } = running(ms)
        clock.tick(999)
        stop()
        expect(clock.countTimers(), `${ms}`).to.equal(0)
        expect(source.observed).to.equal(false)
      }
    })

    it('sets no timer if the source completes or the subscriber unsubscribes synchronously', () => {
      of(right('a')).pipe(within(1000)).subscribe()
      of(right('a'), right('b')).pipe(within(1000), take(1)).subscribe()
      expect(clock.countTimers()).to.equal(0)
    })

    it('sets no timer for a budget of Infinity', () => {
      const { seen } = running(Infinity)
      expect(clock.countTimers()).to.equal(0)
      clock.tick(2 ** 33)
      expect(seen).to.deep.equal([])
    })
  })

  it('keeps the type of the value', () => {
    const result = of<Result<string>>(right('a')).pipe(within(1000, asyncScheduler))
    expectTypeOf(result).toEqualTypeOf<Observable<Result<string>>>()
  })
})
