import { expect } from 'chai'
import { Subscription, VirtualTimeScheduler, of, timeout, NEVER, type SchedulerAction, type SchedulerLike } from 'rxjs'
import { monotonic } from '../../../lib/operators/monotonic.ts'
import { sharedTimers } from '../../../lib/operators/shared-timers.ts'

// `sharedTimers` is a scheduler that sets one timer for all work that is due in the same millisecond.

type Work<T> = (this: SchedulerAction<T>, state?: T) => void

/** Shared timers over virtual time. `set` is the number of underlying timers so far, `open` that of those not fired or cancelled. */
function shared(): { time: VirtualTimeScheduler; timers: SchedulerLike; set: () => number; open: () => number } {
  const time = new VirtualTimeScheduler()
  const all: Subscription[] = []
  const beneath: SchedulerLike = {
    now: () => time.now(),
    schedule<T>(work: Work<T>, delay = 0, state?: T) {
      const timer = time.schedule(work, delay, state)
      all.push(timer)
      return timer
    },
  }
  return {
    time,
    timers: sharedTimers(beneath, () => time.now()),
    set: () => all.length,
    open: () => all.filter(({ closed }) => !closed).length,
  }
}

/** A scheduler over virtual time, with a clock that can be set back. */
function wallClock(): { time: VirtualTimeScheduler; wall: SchedulerLike; setBack: (ms: number) => void } {
  const time = new VirtualTimeScheduler()
  let stepMs = 0
  const wall: SchedulerLike = {
    now: () => time.now() - stepMs,
    schedule<T>(work: Work<T>, delay = 0, state?: T) {
      return time.schedule(work, delay, state)
    },
  }
  return { time, wall, setBack: (ms) => void (stepMs += ms) }
}

describe('sharedTimers', () => {
  it('sets one timer for all work that is due at the same time, and runs the work in scheduling order', () => {
    const { time, timers, set } = shared()
    const ran: string[] = []
    for (const name of ['a', 'b', 'c']) timers.schedule(() => ran.push(`${name} ${time.now()}`), 100)
    timers.schedule(() => ran.push(`earlier ${time.now()}`), 50)
    timers.schedule(() => timers.schedule(() => ran.push(`same ${time.now()}`), 40), 60)
    time.flush()
    expect(ran).to.deep.equal(['earlier 50', 'a 100', 'b 100', 'c 100', 'same 100'])
    expect(set()).to.equal(3)
  })

  it('cancels the timer when the last work that shares it is cancelled', () => {
    const { time, timers, open } = shared()
    const ran: string[] = []
    const [one, other] = [timers.schedule(() => ran.push('one'), 100), timers.schedule(() => ran.push('other'), 100)]
    one.unsubscribe()
    one.unsubscribe()
    expect(open()).to.equal(1)
    other.unsubscribe()
    expect(open()).to.equal(0)
    timers.schedule(() => ran.push('later'), 100)
    time.flush()
    expect(ran).to.deep.equal(['later'])
  })

  it('does not run work that other work cancels at the same time', () => {
    const { time, timers } = shared()
    const ran: string[] = []
    const cancelled = new Subscription()
    timers.schedule(() => cancelled.unsubscribe(), 100)
    cancelled.add(timers.schedule(() => ran.push('cancelled'), 100))
    timers.schedule(() => ran.push('other'), 100)
    time.flush()
    expect(ran).to.deep.equal(['other'])
  })

  it('runs all work that is due if one throws, and propagates the error', () => {
    const { time, timers } = shared()
    const ran: string[] = []
    timers.schedule(() => {
      throw new Error('a defect')
    }, 100)
    timers.schedule(() => ran.push('other'), 100)
    expect(() => time.flush()).to.throw('a defect')
    expect(ran).to.deep.equal(['other'])
  })

  it('passes the state on, and lets work reschedule itself until it is cancelled', () => {
    const { time, timers } = shared()
    const ran: string[] = []
    const repeated = timers.schedule<number>(
      function (n) {
        ran.push(`${n} at ${time.now()}`)
        this.schedule(n + 1, 10)
      },
      100,
      1,
    )
    timers.schedule(() => repeated.unsubscribe(), 125)
    time.flush()
    expect(ran).to.deep.equal(['1 at 100', '2 at 110', '3 at 120'])
  })

  it('sets two timers for two equal times of a wall clock that was set back in between', () => {
    const { time, wall, setBack } = wallClock()
    const timers = sharedTimers(wall, () => time.now())
    const ran: number[] = []
    timers.schedule(() => ran.push(time.now()), 100)
    time.schedule(() => {
      setBack(50)
      timers.schedule(() => ran.push(time.now()), 100)
    }, 50)
    time.flush()
    expect(ran).to.deep.equal([100, 150])
  })

  it('sets two timers for one time of a clock that stood still while the wall clock was set back', () => {
    const { time, wall, setBack } = wallClock()
    const timers = sharedTimers(wall, monotonic(wall).now)
    const ran: number[] = []
    const set = (): unknown => timers.schedule(() => ran.push(time.now()), 100)
    set()
    time.schedule(() => {
      setBack(1_000)
      set()
      set()
    }, 50)
    time.schedule(set, 100)
    time.flush()
    expect(ran).to.deep.equal([100, 150, 150, 200])
  })

  it('works as the scheduler of the timeout operator', () => {
    const { time, timers, open } = shared()
    const received: string[] = []
    const late = (): void =>
      void NEVER.pipe(timeout({ first: 100, scheduler: timers, with: () => of('late') })).subscribe((one) =>
        received.push(`${one} ${time.now()}`),
      )
    late()
    late()
    of('in time')
      .pipe(timeout({ first: 100, scheduler: timers }))
      .subscribe((one) => received.push(one))
    time.flush()
    expect(received).to.deep.equal(['in time', 'late 100', 'late 100'])
    expect(open()).to.equal(0)
  })

  it('passes work without a delay or with an infinite delay to the scheduler', () => {
    const { timers, set } = shared()
    for (const delay of [0, Infinity]) timers.schedule(() => undefined, delay)
    timers.schedule(() => undefined)
    expect(set()).to.equal(3)
  })
})
