import os from 'node:os'
import { expect } from 'chai'
import { NEVER, asyncScheduler, type Observable, type SchedulerLike } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import sinon from 'sinon'
import { constant } from '../../../lib/cadence.ts'
import type { Result } from '../../../lib/error.ts'
import type { WaitResult } from '../../../lib/model/wait-result.ts'
import { progress } from '../../../lib/progress.ts'
import { wait } from '../../../lib/wait.ts'
import type { World } from '../../helpers/fake-cluster.ts'
import {
  ID,
  allTargetsShow,
  mapOf,
  ns,
  refusal,
  snapshotsAre,
  snap,
  statusIs,
  statusUnknown,
} from '../../helpers/fake-cluster/replies.ts'
import { after, observe, virtual } from '../../helpers/observe.ts'
import type { Recorded } from '../../helpers/recorded.ts'
import { clusterOf, type Reply, silent } from '../../helpers/scripted.ts'
import { finished, outcomeOf, settle } from '../../helpers/settle.ts'

// Waits on a machine that sleeps, or whose wall clock is set.

const theJob = { id: ID, kind: 'copy-bck' }
const HOUR_MS = 3_600_000

describe('a wait on a machine that slept', () => {
  let clock: sinon.SinonFakeTimers
  beforeEach(() => (clock = sinon.useFakeTimers({ now: 0 })))
  afterEach(() => clock.restore())

  /** When the machine falls asleep, and for how long; the budget of the wait; its job. */
  interface SleepOptions {
    readonly sleepsAtMs?: number
    readonly forMs?: number
    readonly timeoutMs?: number
    readonly selector?: { readonly id: string; readonly kind: string }
  }

  /** Waits on a machine that sleeps, and for ten seconds after it has woken up. By default, the budget ends in the sleep. */
  function waitWithSleep(
    world: World,
    { sleepsAtMs = 5500, forMs = HOUR_MS, timeoutMs = 10_000, selector = theJob }: SleepOptions = {},
  ) {
    const cluster = virtual(world, asyncScheduler)
    const values: Result<WaitResult>[] = []
    const times: number[] = []
    wait(clusterOf(cluster, { cadence: constant(1000) }), selector, { timeoutMs }).subscribe((value) => {
      values.push(value)
      times.push(clock.now)
    })
    clock.tick(sleepsAtMs)
    clock.jump(forMs)
    clock.tick(10_000)
    return {
      value: values[0],
      atMs: times[0],
      count: values.length,
      requests: cluster.requests,
      timers: clock.countTimers(),
    }
  }
  /**
   * A job that runs. The targets reply with `then` from the poll at 5 s on. The Information Center does not reply to that
   * poll, and then replies with `status`.
   */
  const after5s = (then: (ms: number) => Reply, status: World['status'] = () => silent): World => ({
    status: (ms, ...more) => {
      if (ms < 4500) return statusIs()
      return ms < 5500 ? silent : status(ms, ...more)
    },
    snapshots: (ms) => (ms < 4500 ? allTargetsShow(snap({})) : then(ms)),
  })
  /** Asserts that the wait has sent each query after the sleep, at most `most` times. */
  const expectOneOfEach = (requests: readonly Recorded[], most = 1): void => {
    const afterSleep = requests.filter(({ atMs }) => atMs >= HOUR_MS)
    expect(afterSleep).to.have.length.above(0)
    for (const query of new Set(afterSleep.map((request) => request.query)))
      expect(
        afterSleep.filter((request) => request.query === query),
        query,
        // The wait requests the map, and so does the cluster, because the known map is old.
      ).to.have.length.at.most(query === 'what=smap' ? 2 : most)
  }

  it('polls once more before it times out, and reports the end within two seconds', () => {
    const { value, atMs, count, timers, requests } = waitWithSleep(after5s(() => allTargetsShow(snap({ endMs: 9000 }))))
    expect(value).to.deep.equal({ _tag: 'Right', right: finished(9000) })
    expect({ count, timers }).to.deep.equal({ count: 1, timers: 0 })
    // The Information Center never replies, so the wait gives up on its reply after two seconds.
    expect(atMs).to.be.within(HOUR_MS + 5500, HOUR_MS + 7500)
    expectOneOfEach(requests)
  })

  it('remembers the part of a target that has left the map in the meantime', () => {
    const seen = (ms: number): Record<string, readonly object[]> => ({
      ...(ms < 4500 ? { t1: [snap({})] } : {}),
      t2: [snap(ms < 4500 ? {} : { endMs: 9000 })],
      t3: [snap(ms < 4500 ? {} : { endMs: 9000 })],
    })
    const { value } = waitWithSleep(
      {
        status: (ms) => (ms < 4500 ? statusIs() : silent),
        snapshots: (ms) => snapshotsAre(seen(ms)),
        map: (ms) => mapOf(ms < 4500 ? ['t1', 't2', 't3'] : ['t2', 't3']),
      },
      { sleepsAtMs: 4000 },
    )
    expect(value).to.have.nested.property('left._tag', 'WaitTimeout')
  })

  it('reports the end although the IC has forgotten the status and its reply 404 takes two seconds', () => {
    const { value } = waitWithSleep(
      after5s(
        () => allTargetsShow(snap({ endMs: 9000 })),
        () => after(2000, statusUnknown),
      ),
    )
    expect(value).to.deep.equal({ _tag: 'Right', right: finished(9000) })
  })

  it('reports an abort of the IC if the targets are unavailable', () => {
    const { value } = waitWithSleep(
      after5s(
        () => ({ status: 503, body: '' }),
        () => statusIs({ endMs: 7000, aborted: true, err: 'user abort' }),
      ),
    )
    expect(value).to.have.nested.property('right.outcome', 'aborted')
  })

  it('does not count the sleep as a time in which the Information Center was silent', () => {
    const { value } = waitWithSleep(
      {
        status: (ms) => (ms < 2000 ? silent : statusIs({ endMs: 500, err: 'disk full' })),
        snapshots: () => allTargetsShow(snap({ endMs: 500 })),
      },
      { sleepsAtMs: 1500, timeoutMs: 2 * HOUR_MS },
    )
    expect(value).to.have.nested.property('right.outcome', 'failed')
  })

  it('does not count the sleep as a time in which the targets were silent', () => {
    const { value } = waitWithSleep(
      {
        status: () => statusIs({ endMs: 500 }),
        snapshots: (ms) => (ms < 2000 ? silent : allTargetsShow(snap({ endMs: 500, err: 'disk full' }))),
      },
      { sleepsAtMs: 1500, timeoutMs: 2 * HOUR_MS },
    )
    expect(value).to.have.nested.property('right.outcome', 'failed')
  })

  it('waits for replies for two seconds at most, and leaves nothing open', () => {
    const { value, atMs, count, requests, timers } = waitWithSleep(after5s(() => silent))
    expect(value).to.have.nested.property('left._tag', 'WaitTimeout')
    expect({ atMs, count, timers }).to.deep.equal({ atMs: HOUR_MS + 7500, count: 1, timers: 0 })
    expect(requests.filter(({ state }) => state === 'open')).to.deep.equal([])
    expectOneOfEach(requests)
  })

  it('times out with the last replies if the job is still running', () => {
    const { value, requests } = waitWithSleep(after5s(() => allTargetsShow(snap({}))))
    expect(value).to.have.nested.property('left.last.snapshots.t1[0].id', ID)
    expectOneOfEach(requests, 2)
  })

  for (const late of [0, 1, 999])
    it(`does not poll again if the timer was ${late} ms late`, () => {
      const { value, atMs, requests } = waitWithSleep(
        after5s(() => allTargetsShow(snap({ endMs: 9000 }))),
        { forMs: 4500 + late },
      )
      expect(value).to.have.nested.property('left._tag', 'WaitTimeout')
      expect(atMs).to.equal(10_000 + late)
      expect(requests.filter(({ atMs: askedAt }) => askedAt > 5500)).to.deep.equal([])
    })

  it('continues with one request for each query, not a burst, if the budget lasts', () => {
    const { value, requests } = waitWithSleep(
      {
        status: (ms) => statusIs(ms < HOUR_MS ? {} : { endMs: 9000 }),
        snapshots: (ms) => allTargetsShow(snap(ms < HOUR_MS ? {} : { endMs: 9000 })),
      },
      { timeoutMs: Infinity },
    )
    expect(value).to.deep.equal({ _tag: 'Right', right: finished(9000) })
    expectOneOfEach(requests)
  })

  it('reports idleness as soon as two seconds have passed since the first reply that showed it', () => {
    const { value, atMs } = waitWithSleep(
      { snapshots: (ms) => allTargetsShow(snap({ kind: 'put-copies', idle: ms >= 4500 })) },
      { sleepsAtMs: 5050, forMs: 1100, timeoutMs: 5100, selector: { id: ID, kind: 'put-copies' } },
    )
    expect(value).to.have.nested.property('right.outcome', 'idle')
    // The poll at 5 s was the first that showed the job as idle.
    expect(atMs).to.equal(5000 + 2000)
  })

  it('can be unsubscribed during the last round', () => {
    const cluster = virtual(
      after5s(() => silent),
      asyncScheduler,
    )
    const subscription = wait(clusterOf(cluster, { cadence: constant(1000) }), theJob, {
      timeoutMs: 10_000,
    }).subscribe()
    clock.tick(5500)
    clock.jump(HOUR_MS)
    const lastPoll = cluster.requests.filter(({ query }) => query === 'what=qryxstats').at(-1)!
    expect(lastPoll).to.include({ state: 'open' })
    subscription.unsubscribe()
    expect(lastPoll).to.include({ state: 'cut' })
    expect(cluster.requests.filter(({ state }) => state === 'open')).to.deep.equal([])
    expect(clock.countTimers()).to.equal(0)
  })

  it('leaves no timer, whenever it is unsubscribed, and none after its end', () => {
    for (const atMs of [0, 500, 1000, 1500, 2500]) {
      const subscription = wait(
        clusterOf(
          virtual(
            { status: () => after(700, statusIs()), snapshots: () => after(700, allTargetsShow(snap({}))) },
            asyncScheduler,
          ),
          { cadence: constant(1000) },
        ),
        theJob,
      ).subscribe()
      clock.tick(atMs)
      expect(clock.countTimers()).to.be.above(0)
      subscription.unsubscribe()
      expect(clock.countTimers(), `timers after an unsubscribe at ${atMs} ms`).to.equal(0)
    }
    wait(clusterOf(virtual({ status: () => statusIs({ endMs: 0 }) }, asyncScheduler)), theJob).subscribe()
    expect(clock.countTimers()).to.equal(0)
  })
})

describe('a wait with the timers of JavaScript, which are limited to 24.8 days', () => {
  it('keeps its budget of 90 days', () => {
    const clock = sinon.useFakeTimers({ now: 0 })
    try {
      const day = 24 * HOUR_MS
      const world: World = { status: () => statusIs(), snapshots: () => allTargetsShow(snap({})) }
      const cluster = virtual(world, asyncScheduler)
      const times: number[] = []
      wait(clusterOf(cluster, { cadence: constant(day) }), theJob, { timeoutMs: 90 * day }).subscribe(() =>
        times.push(clock.now),
      )
      clock.tick(90 * day - 1)
      expect(times).to.deep.equal([])
      expect(cluster.requests.filter(({ query }) => query === 'what=status')).to.have.lengthOf(90)
      clock.tick(1)
      expect(times).to.deep.equal([90 * day])
      expect(clock.countTimers()).to.equal(0)
    } finally {
      clock.restore()
    }
  })
})

describe('a wait while the wall clock is set', () => {
  const DAY = 24 * HOUR_MS
  for (const byMs of [DAY, -DAY])
    for (const atMs of [500, 3500, 12_500])
      it(`by ${byMs / HOUR_MS} h after ${atMs / 1000} s has the same outcome at the same time`, () => {
        const world: World = {
          status: (ms) => statusIs(ms < 20_000 ? {} : { endMs: 20_000 }),
          snapshots: (ms) => allTargetsShow(snap(ms < 20_000 ? {} : { endMs: 20_000 })),
        }
        const scheduler = new TestScheduler(() => undefined)
        const set: SchedulerLike = {
          now: () => scheduler.now() + (scheduler.now() >= atMs ? byMs : 0),
          schedule: scheduler.schedule.bind(scheduler),
        }
        const seen: unknown[] = []
        scheduler.run(() => {
          wait(clusterOf(virtual(world, scheduler), { scheduler: set, cadence: constant(1000) }), theJob, {
            timeoutMs: 60_000,
          }).subscribe((value) => seen.push([scheduler.now(), value]))
        })
        const plain = settle(world, theJob)
        expect(seen).to.deep.equal([[plain.atMs, plain.result]])
      })

  it('back by a day still reports a job that had ended', () => {
    const scheduler = new TestScheduler(() => undefined)
    const set: SchedulerLike = {
      now: () => scheduler.now() - (scheduler.now() >= 3500 ? DAY : 0),
      schedule: scheduler.schedule.bind(scheduler),
    }
    const seen: unknown[] = []
    const kind = 'summary-bck'
    scheduler.run(() => {
      wait(
        clusterOf(
          virtual({ snapshots: () => ({ body: JSON.stringify({ t1: [snap({ kind, endMs: 0 })] }) }) }, scheduler),
          { scheduler: set, cadence: constant(1000) },
        ),
        { id: ID, kind },
        { timeoutMs: 60_000 },
      ).subscribe((value) => seen.push([scheduler.now(), value]))
    })
    expect(seen).to.have.lengthOf(1)
    const [[atMs, value]] = seen as [[number, unknown]]
    expect(value).to.deep.equal({ _tag: 'Right', right: finished(0, kind) })
    expect(atMs).to.be.within(10_000, 11_000)
  })
})

describe('a wait by the timers of JavaScript while the wall clock is set', () => {
  let clock: sinon.SinonFakeTimers
  beforeEach(() => (clock = sinon.useFakeTimers({ now: 1_700_000_000_000 })))
  afterEach(() => clock.restore())

  /** What a stream emits, and when, if the wall clock is set by `stepMs` at `setAtMs`. */
  function emitted<A>(
    world: World,
    from: (cluster: ReturnType<typeof clusterOf>) => Observable<A>,
    {
      setAtMs,
      stepMs,
      untilMs = 10_000,
    }: { readonly setAtMs: number; readonly stepMs: number; readonly untilMs?: number },
  ) {
    const beganMs = performance.now()
    const elapsed = (): number => performance.now() - beganMs
    const { transport } = virtual(world, { now: elapsed, schedule: asyncScheduler.schedule.bind(asyncScheduler) })
    const seen: (readonly [atMs: number, value: A])[] = []
    const subscription = from(clusterOf({ transport }, { cadence: constant(500) })).subscribe((value) =>
      seen.push([elapsed(), value]),
    )
    clock.tick(setAtMs)
    clock.setSystemTime(Date.now() + stepMs)
    clock.tick(untilMs - setAtMs)
    subscription.unsubscribe()
    return seen
  }

  /** The part of t2 is missing from 1 s to 2.5 s, and t2 has left the map. */
  const partMissing: World = {
    status: (ms) => statusIs(ms < 4000 ? {} : { endMs: 4000 }),
    snapshots: (ms) => {
      const part = snap(ms < 4000 ? {} : { endMs: 4000 })
      return snapshotsAre({ t1: [part], t3: [part], ...(ms >= 1000 && ms < 2500 ? {} : { t2: [part] }) })
    },
    map: (ms) => mapOf(ms >= 1000 && ms < 2500 ? ['t1', 't3'] : ['t1', 't2', 't3']),
  }
  /** Neither the IC nor the targets know the job in its first two seconds. */
  const jobHidden: World = {
    status: (ms) => (ms < 2000 ? statusUnknown : statusIs(ms < 4000 ? {} : { endMs: 4000 })),
    snapshots: (ms) => (ms < 2000 ? refusal(404, 'not found') : allTargetsShow(snap(ms < 4000 ? {} : { endMs: 4000 }))),
  }
  const running: World = { status: () => statusIs(), snapshots: () => allTargetsShow(snap({})) }

  for (const stepMs of [12_000, 70_000, 24 * HOUR_MS, -70_000]) {
    it(`by ${stepMs} ms while a part is missing does not report the job as lost`, () => {
      const seen = emitted(partMissing, (cluster) => wait(cluster, theJob), { setAtMs: 1500, stepMs })
      expect(seen).to.deep.equal(emitted(partMissing, (cluster) => wait(cluster, theJob), { setAtMs: 1500, stepMs: 0 }))
      expect(seen[0]?.[1]).to.deep.equal({ _tag: 'Right', right: finished(4000) })
    })

    it(`by ${stepMs} ms before a job is visible does not report it as unknown`, () => {
      const seen = emitted(jobHidden, (cluster) => wait(cluster, theJob), { setAtMs: 900, stepMs })
      expect(seen).to.deep.equal(emitted(jobHidden, (cluster) => wait(cluster, theJob), { setAtMs: 900, stepMs: 0 }))
      expect(seen[0]?.[1]).to.deep.equal({ _tag: 'Right', right: finished(4000) })
    })

    it(`by ${stepMs} ms does not move the end of the budget`, () => {
      const seen = emitted(running, (cluster) => wait(cluster, theJob, { timeoutMs: 5000 }), { setAtMs: 2000, stepMs })
      expect(seen).to.have.lengthOf(1)
      expect(seen[0]?.[0]).to.equal(5000)
      expect(seen[0]?.[1]).to.have.nested.property('left._tag', 'WaitTimeout')
    })

    it(`by ${stepMs} ms does not change the progress`, () => {
      const counting: World = {
        status: () => statusIs(),
        snapshots: (ms) => allTargetsShow({ ...snap({}), stats: { 'loc-objs': String(Math.floor(ms / 100)) } }),
      }
      const of = (cluster: ReturnType<typeof clusterOf>) =>
        progress(cluster, theJob, { total: { objects: 100_000 }, stallMs: 10_000 })
      const seen = emitted(counting, of, { setAtMs: 6000, stepMs, untilMs: 12_000 })
      expect(seen).to.deep.equal(emitted(counting, of, { setAtMs: 6000, stepMs: 0, untilMs: 12_000 }))
      expect(seen.length).to.be.above(20)
      expect(seen.at(-1)?.[1]).to.have.nested.property('right.etaMs').that.is.below(4_000_000)
    })
  }

  it('polls once more after a real sleep, during which the monotonic clock stood still', () => {
    let upMs = 1000
    const uptime = sinon.stub(os, 'uptime').callsFake(() => upMs / 1000)
    try {
      const world: World = {
        status: (ms) => statusIs(ms < 5000 ? {} : { endMs: 5000 }),
        snapshots: (ms) => allTargetsShow(snap(ms < 5000 ? {} : { endMs: 5000 })),
      }
      const seen: unknown[] = []
      const beganMs = performance.now()
      const cluster = virtual(world, {
        now: () => performance.now() - beganMs,
        schedule: asyncScheduler.schedule.bind(asyncScheduler),
      })
      wait(clusterOf(cluster), theJob, { timeoutMs: 5000, cadence: constant(3000) }).subscribe((value) =>
        seen.push(value),
      )
      clock.tick(4000)
      clock.setSystemTime(Date.now() + HOUR_MS)
      upMs += HOUR_MS
      clock.tick(3000)
      expect(seen).to.deep.equal([{ _tag: 'Right', right: finished(5000) }])
    } finally {
      uptime.restore()
    }
  })
})

describe('a wait in virtual time', () => {
  it('ends with its budget although the transport never replies', () => {
    const observed = observe({ status: () => NEVER }, (cluster) => wait(cluster, theJob, { timeoutMs: 5000 }))
    expect(observed.times).to.deep.equal([5000])
    expect(outcomeOf(settle({ status: () => statusIs({ endMs: 0 }) }, theJob)).endTime).to.equal(ns(0))
  })
})
