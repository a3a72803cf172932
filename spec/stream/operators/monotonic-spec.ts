import { expect } from 'chai'
import {
  VirtualTimeScheduler,
  animationFrameScheduler,
  asapScheduler,
  asyncScheduler,
  queueScheduler,
  timer,
  type SchedulerLike,
} from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { useFakeTimers, type SinonFakeTimers } from 'sinon'
import { monotonic } from '../../../lib/operators/monotonic.ts'

// `monotonic` returns a clock that never goes back, even if the wall clock is set.

const DAY_MS = 86_400_000

/** A scheduler whose clock returns these times, one after the other. */
function withTimes(...times: readonly number[]): SchedulerLike {
  const remaining = [...times]
  const scheduler = new VirtualTimeScheduler()
  return { now: () => remaining.shift() ?? NaN, schedule: scheduler.schedule.bind(scheduler) }
}

/** Reads the clock several times. */
const readings = (now: () => number, count: number): readonly number[] => Array.from({ length: count }, now)

describe('monotonic', () => {
  describe('with the default scheduler', () => {
    let clock: SinonFakeTimers | undefined
    afterEach(() => clock?.restore())

    for (const stepMs of [-DAY_MS, DAY_MS])
      it(`advances by the elapsed time when the wall clock is set by ${stepMs} ms`, () => {
        clock = useFakeTimers({ now: 1_700_000_000_000 })
        const now = monotonic(asyncScheduler).now
        const first = now()
        clock.tick(1000)
        clock.setSystemTime(Date.now() + stepMs)
        expect(now() - first).to.equal(1000)
        clock.tick(500)
        expect(now() - first).to.equal(1500)
      })

    for (const [name, scheduler] of Object.entries({ animationFrameScheduler, asapScheduler, queueScheduler }))
      it(`advances by the elapsed time with ${name}, too, when the wall clock is set`, () => {
        clock = useFakeTimers({ now: 1_700_000_000_000 })
        const { now } = monotonic(scheduler)
        const first = now()
        clock.tick(1000)
        clock.setSystemTime(Date.now() + 70_000)
        expect(now() - first).to.equal(1000)
      })

    it('uses performance.now() even if the wall clock is set while it is read', () => {
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

    it('returns whole milliseconds', () => {
      clock = useFakeTimers({ now: 1_700_000_000_000 })
      const real = performance.now.bind(performance)
      const now = monotonic(asyncScheduler).now
      const first = now()
      performance.now = () => real() + 0.9
      clock.tick(3)
      expect(now() - first).to.equal(3)
    })

    it('returns virtual time inside TestScheduler.run, also in consecutive runs', () => {
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
      // The real time between two runs is short.
      expect(now() - start).to.be.within(60_000, 130_000)
    })
  })

  it('returns the time of any other scheduler', () => {
    expect(readings(monotonic(withTimes(7, 7, 9, DAY_MS)).now, 4)).to.deep.equal([7, 7, 9, DAY_MS])
  })

  it('stands still when the clock of the scheduler steps back, then advances with it', () => {
    expect(readings(monotonic(withTimes(100, 40, 45, 145)).now, 4)).to.deep.equal([100, 100, 105, 205])
  })

  it('stands still when the clock of the scheduler returns NaN', () => {
    expect(readings(monotonic(withTimes(1, 2, NaN, 3, 5)).now, 5)).to.deep.equal([1, 2, 2, 2, 4])
  })

  it('does not read the clock before its first call', () => {
    const scheduler = withTimes(5)
    monotonic(scheduler)
    expect(scheduler.now()).to.equal(5)
  })
})
