import { expect } from 'chai'
import {
  Subscription,
  VirtualTimeScheduler,
  asyncScheduler,
  of,
  queueScheduler,
  timer,
  timeout,
  type SchedulerLike,
} from 'rxjs'
import { useFakeTimers, type SinonFakeTimers } from 'sinon'
import { MAX_TIMER_MS, longTimers } from '../../../lib/operators/long-timer.ts'
import { marbles } from '../../helpers/marbles.ts'

// `longTimers` makes a scheduler whose timers may be longer than 2^31-1 ms, which JavaScript does not support.
// An id in a title, such as K5, is a row of docs/faults.md.

const DAY_MS = 24 * 60 * 60 * 1000
const DELAYS = [0, 1, MAX_TIMER_MS - 1, MAX_TIMER_MS, MAX_TIMER_MS + 1, 2 * MAX_TIMER_MS, 2 * MAX_TIMER_MS + 1]
const LONG = [...DELAYS, 30 * DAY_MS, 90 * DAY_MS, 10 * 365 * DAY_MS]

/** Passes all work to `scheduler` and records each delay that a JavaScript timer would get. */
function recorded(scheduler: SchedulerLike): { readonly scheduler: SchedulerLike; readonly delays: number[] } {
  const delays: number[] = []
  return {
    delays,
    scheduler: {
      now: () => scheduler.now(),
      schedule: (work, delay = 0, state) => {
        delays.push(delay)
        return scheduler.schedule(work, delay, state as never)
      },
    },
  }
}

describe('longTimers', () => {
  let clock: SinonFakeTimers | undefined
  const fake = (): SinonFakeTimers =>
    (clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] }))
  afterEach(() => {
    clock?.restore()
    clock = undefined
  })

  it('uses the longest delay that a JavaScript timer supports', () => {
    expect(MAX_TIMER_MS).to.equal(2_147_483_647)
  })

  it('fires once, exact to the millisecond, in virtual time (K5)', () => {
    for (const delay of LONG) {
      const time = new VirtualTimeScheduler()
      const fired: number[] = []
      longTimers(time).schedule(() => fired.push(time.now()), delay)
      time.flush()
      expect(fired, String(delay)).to.deep.equal([delay])
    }
  })

  it('fires exact to the millisecond in a marble test', () => {
    marbles(({ expectObservable }) => {
      const scheduler = longTimers(asyncScheduler)

      expectObservable(timer(MAX_TIMER_MS, scheduler)).toBe('    2147483647ms (0|)', { 0: 0 })
      expectObservable(timer(MAX_TIMER_MS + 1, scheduler)).toBe('2147483648ms (0|)', { 0: 0 })
      expectObservable(timer(90 * DAY_MS, scheduler)).toBe('     7776000000ms (0|)', { 0: 0 })
    })
  })

  it('fires exact to the millisecond on the clock, and leaves no timer', () => {
    for (const delay of LONG) {
      const time = fake()
      const fired: number[] = []
      longTimers(asyncScheduler).schedule(() => fired.push(Date.now()), delay)
      time.tick(Math.max(0, delay - 1))
      expect(fired, `${delay}, a millisecond before`).to.have.lengthOf(delay === 0 ? fired.length : 0)
      time.tick(1)
      expect(fired, String(delay)).to.deep.equal([delay])
      expect(time.countTimers(), `${delay}: timers`).to.equal(0)
      time.restore()
    }
  })

  it('splits a delay into parts that a timer supports', () => {
    for (const delay of LONG) {
      const time = new VirtualTimeScheduler()
      const { scheduler, delays } = recorded(time)
      longTimers(scheduler).schedule(() => undefined, delay)
      time.flush()
      expect(delays, String(delay)).to.have.lengthOf(Math.max(1, Math.ceil(delay / MAX_TIMER_MS)))
      expect(Math.max(...delays)).to.be.at.most(MAX_TIMER_MS)
    }
  })

  it('can be cancelled during each part of the delay, and leaves no timer', () => {
    for (const at of [0, 1, MAX_TIMER_MS, MAX_TIMER_MS + 1, 80 * DAY_MS, 90 * DAY_MS - 1]) {
      const time = fake()
      const fired: number[] = []
      const subscription = longTimers(asyncScheduler).schedule(() => fired.push(Date.now()), 90 * DAY_MS)
      time.tick(at)
      expect(time.countTimers()).to.equal(1)
      subscription.unsubscribe()
      expect(time.countTimers(), `after ${at}: timers`).to.equal(0)
      time.tick(365 * DAY_MS)
      expect(fired).to.deep.equal([])
      time.restore()
    }
  })

  it('never fires after Infinity, and sets no timer for it (K5)', () => {
    const { scheduler, delays } = recorded(asyncScheduler)
    const subscription = longTimers(scheduler).schedule(() => expect.fail('fired'), Infinity)
    expect(subscription).to.be.instanceOf(Subscription)
    expect(delays).to.deep.equal([])
  })

  it('fires once and immediately for NaN and negative delays, like timers (K5)', () => {
    for (const delay of [NaN, -1, -Infinity]) {
      const time = fake()
      let fired = 0
      longTimers(asyncScheduler).schedule(() => (fired += 1), delay)
      time.tick(1000)
      expect(fired, String(delay)).to.equal(1)
      expect(time.countTimers()).to.equal(0)
      time.restore()
    }
  })

  it('passes the state to the work after short and long delays', () => {
    for (const delay of [0, MAX_TIMER_MS + 1]) {
      const time = new VirtualTimeScheduler()
      const states: unknown[] = []
      longTimers(time).schedule((state?: string) => states.push(state), delay, 'state')
      time.flush()
      expect(states).to.deep.equal(['state'])
    }
  })

  it('uses the clock of the given scheduler', () => {
    const time = new VirtualTimeScheduler()
    time.frame = 42
    expect(longTimers(time).now()).to.equal(42)
  })

  it('keeps timers independent of each other', () => {
    const time = new VirtualTimeScheduler()
    const scheduler = longTimers(time)
    const fired: unknown[] = []
    scheduler.schedule(() => fired.push(['a', time.now()]), 90 * DAY_MS)
    const stopped = scheduler.schedule(() => fired.push(['b', time.now()]), 60 * DAY_MS)
    scheduler.schedule(() => {
      stopped.unsubscribe()
    }, 50 * DAY_MS)
    time.flush()
    expect(fired).to.deep.equal([['a', 90 * DAY_MS]])
  })

  it('works as the scheduler of the timeout operator', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-')
      const result = source.pipe(
        timeout({ first: 30 * DAY_MS, scheduler: longTimers(asyncScheduler), with: () => of('late') }),
      )

      expectObservable(result).toBe('2592000000ms (l|)', { l: 'late' })
      expectSubscriptions(source.subscriptions).toBe('^ 2591999999ms !')
    })
  })

  it('runs work without a delay synchronously if the scheduler does', () => {
    const fired: string[] = []
    longTimers(queueScheduler).schedule(() => fired.push('work'))
    expect(fired).to.deep.equal(['work'])
  })
})
