import { expect } from 'chai'
import { VirtualTimeScheduler, asyncScheduler, timer, type SchedulerLike } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { useFakeTimers, type SinonFakeTimers } from 'sinon'
import { monotonic } from '../../../lib/operators/monotonic.ts'

const DAY_MS = 86_400_000

/** A scheduler that tells these times, one after the other. */
function telling(...times: readonly number[]): SchedulerLike {
  const left = [...times]
  const scheduler = new VirtualTimeScheduler()
  return { now: () => left.shift() ?? NaN, schedule: scheduler.schedule.bind(scheduler) }
}

const readings = (now: () => number, count: number): readonly number[] => Array.from({ length: count }, now)

describe('monotonic', () => {
  describe('of the default scheduler', () => {
    let clock: SinonFakeTimers | undefined
    afterEach(() => clock?.restore())

    for (const stepMs of [-DAY_MS, DAY_MS])
      it(`goes on by what passes when the wall clock is set by ${stepMs} ms`, () => {
        clock = useFakeTimers({ now: 1_700_000_000_000 })
        const now = monotonic(asyncScheduler).now
        const first = now()
        clock.tick(1000)
        clock.setSystemTime(Date.now() + stepMs)
        expect(now() - first).to.equal(1000)
        clock.tick(500)
        expect(now() - first).to.equal(1500)
      })

    it('goes by performance.now() even if the wall clock is set while it is read', () => {
      clock = useFakeTimers({ now: 1_700_000_000_000 })
      const { now: wallNow } = asyncScheduler
      const now = monotonic(asyncScheduler).now
      const first = now()
      try {
        asyncScheduler.now = () => {
          clock?.setSystemTime(Date.now() - DAY_MS)
          return Date.now()
        }
        clock.tick(10)
        expect(now() - first).to.equal(10)
      } finally {
        asyncScheduler.now = wallNow
      }
    })

    it('tells whole milliseconds', () => {
      clock = useFakeTimers({ now: 1_700_000_000_000 })
      const real = performance.now.bind(performance)
      const now = monotonic(asyncScheduler).now
      const first = now()
      performance.now = () => real() + 0.9
      clock.tick(3)
      expect(now() - first).to.equal(3)
    })

    it('tells virtual time inside of TestScheduler.run, each run after the other', () => {
      const now = monotonic(asyncScheduler).now
      const start = now()
      for (const nth of [0, 1]) {
        const seen: number[] = []
        new TestScheduler(() => undefined).run(({ flush }) => {
          const first = now()
          for (const ms of [0, 5, 60_000]) timer(ms).subscribe(() => seen.push(now() - first))
          flush()
        })
        expect(seen, `run ${nth}`).to.deep.equal([0, 5, 60_000])
      }
      // What passes in reality between two runs is not much.
      expect(now() - start).to.be.within(60_000, 130_000)
    })
  })

  it('is the now of any other scheduler', () => {
    expect(readings(monotonic(telling(7, 7, 9, DAY_MS)).now, 4)).to.deep.equal([7, 7, 9, DAY_MS])
  })

  it('stands still where that steps back, and goes on from there', () => {
    expect(readings(monotonic(telling(100, 40, 45, 145)).now, 4)).to.deep.equal([100, 100, 105, 205])
  })

  it('stands still where that is not a number', () => {
    expect(readings(monotonic(telling(1, 2, NaN, 3, 5)).now, 5)).to.deep.equal([1, 2, 2, 2, 4])
  })

  it('starts with the first reading, not before', () => {
    const scheduler = telling(5)
    monotonic(scheduler)
    expect(scheduler.now()).to.equal(5)
  })
})
