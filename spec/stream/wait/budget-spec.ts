import { expect } from 'chai'
import { EMPTY, NEVER, Subject, concat, map, of, timer } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { constant, type Cadence } from '../../../lib/cadence.ts'
import type { Result } from '../../../lib/error.ts'
import type { WaitResult } from '../../../lib/model/wait-result.ts'
import { wait, waitForIdle } from '../../../lib/wait.ts'
import type { World } from '../../helpers/fake-cluster.ts'
import {
  refusal,
  ID,
  allTargetsShow,
  snapshotsUnknown,
  snapshotsAre,
  snap,
  statusIs,
} from '../../helpers/fake-cluster/replies.ts'
import { after, countOf, observe, virtual } from '../../helpers/observe.ts'
import { clusterOf, refused, silent } from '../../helpers/scripted.ts'
import { errorOf, finished, outcomeOf, settle } from '../../helpers/settle.ts'

// The budget of a wait is its `timeoutMs`.
// An id in a title, such as J12, is a row of docs/faults.md.

const theJob = { id: ID, kind: 'copy-bck' }
/** A job that never ends. */
const runsOn: World = { status: () => statusIs(), snapshots: () => allTargetsShow(snap({})) }
/** A job that ends at a time, on all targets and in the IC. */
const endsAtMs = (endMs: number): World => ({
  status: (ms) => statusIs(ms < endMs ? {} : { endMs }),
  snapshots: (ms) => allTargetsShow(snap(ms < endMs ? {} : { endMs })),
})
/** The same cluster, whose replies take longer. */
const delayed = (ms: number, world: World): World => ({
  status: (...at) => after(ms, world.status!(...at)),
  snapshots: (...at) => after(ms, world.snapshots!(...at)),
})

describe('the budget of a wait', () => {
  for (const timeoutMs of [1, 99, 1000, 1500, 8000, 300_000])
    it(`ends the wait exactly after ${timeoutMs} ms`, () => {
      const settled = settle(runsOn, theJob, { timeoutMs })
      expect(errorOf(settled)).to.include({ _tag: 'WaitTimeout', afterMs: timeoutMs })
      expect(settled.atMs).to.equal(timeoutMs)
    })

  it('defaults to 300 s', () => {
    expect(settle(runsOn, theJob).atMs).to.equal(300_000)
  })

  it('includes the time of the requests', () => {
    expect(settle(delayed(2000, runsOn), theJob, { timeoutMs: 8000 }).atMs).to.equal(8000)
  })

  it('ends a wait whose request never gets a reply, and cancels the request', () => {
    const settled = settle({ status: () => silent, snapshots: () => silent }, theJob, { timeoutMs: 8000 })
    expect(errorOf(settled)).to.deep.equal({ _tag: 'WaitTimeout', afterMs: 8000 })
    expect(settled.requests).to.have.length.within(1, 2)
    for (const request of settled.requests) expect(request).to.include({ state: 'cut', endedAtMs: 8000 })
  })

  it('of 0 is enough for an outcome that is known at once', () => {
    expect(outcomeOf(settle(endsAtMs(0), theJob, { timeoutMs: 0 }))).to.deep.equal(finished(0))
    expect(errorOf(settle(delayed(1, endsAtMs(0)), theJob, { timeoutMs: 0 }))._tag).to.equal('WaitTimeout')
  })

  it('accepts a reply that arrives on the last poll', () => {
    const settled = settle(delayed(900, endsAtMs(3000)), theJob, { timeoutMs: 5500 })
    expect(outcomeOf(settled).outcome).to.equal('finished')
    expect(settled.atMs).to.be.at.most(5500)
  })

  it('gives one of the two results if the end arrives in the same millisecond (J12)', () => {
    for (let timeoutMs = 2995; timeoutMs <= 3005; timeoutMs++) {
      const settled = settle(endsAtMs(3000), theJob, { timeoutMs })
      expect(settled.atMs).to.equal(Math.min(timeoutMs, 3000))
      if (timeoutMs !== 3000) expect(settled.result._tag).to.equal(timeoutMs < 3000 ? 'Left' : 'Right')
    }
  })

  it('does not discard an end that the IC reported if the targets are too slow to confirm it', () => {
    const settled = settle(
      {
        status: (ms) => statusIs(ms < 3000 ? {} : { endMs: 3000 }),
        snapshots: (ms) => (ms < 3000 ? allTargetsShow(snap({})) : silent),
      },
      theJob,
      { timeoutMs: 6000 },
    )
    expect(outcomeOf(settled)).to.deep.equal(finished(3000))
    expect(settled.atMs).to.equal(6000)
  })

  for (const timeoutMs of [NaN, -1, -Infinity, '5000', null, 5000n, {}])
    it(`is rejected before any request: ${typeof timeoutMs === 'bigint' ? '5000n' : JSON.stringify(timeoutMs)} (${typeof timeoutMs})`, () => {
      for (const by of [wait, waitForIdle]) {
        const observed = observe(runsOn, (cluster) => by(cluster, theJob, { timeoutMs: timeoutMs as never }))
        expect(observed.values).to.have.lengthOf(1)
        expect(observed.values[0]).to.have.nested.property('left._tag', 'InvalidArgument')
        expect(observed.values[0]).to.have.nested.property('left.argument', 'timeoutMs')
        expect(observed.requests).to.deep.equal([])
      }
    })

  for (const cadence of [5, null, 'quick', {}])
    it(`is not even started with an invalid cadence: ${JSON.stringify(cadence)}`, () => {
      const observed = observe(runsOn, (cluster) => wait(cluster, theJob, { cadence: cadence as never }))
      expect(observed).to.have.nested.property('values[0].left.argument', 'cadence')
      expect(observed.requests).to.deep.equal([])
    })

  it('ends with the last status, snapshots and error', () => {
    const error = errorOf(
      settle(
        {
          status: (ms) => (ms < 5000 ? statusIs() : refused),
          snapshots: (ms) => (ms < 5000 ? snapshotsAre({ t1: [snap({})] }) : snapshotsUnknown),
        },
        theJob,
        { timeoutMs: 8000 },
      ),
    )
    expect(error).to.have.nested.property('last.status.id', ID)
    expect(error).to.have.nested.property('last.snapshots.t1[0].id', ID)
    expect(error).to.have.nested.property('last.error._tag', 'NotFound')
  })

  it('ends without an error if the last request succeeded', () => {
    const error = errorOf(
      settle({ ...runsOn, status: (ms) => (ms < 5000 ? refused : statusIs()) }, theJob, { timeoutMs: 8000 }),
    )
    expect(error).not.to.have.nested.property('last.error')
  })

  it('ends with only the error if nothing was ever received', () => {
    const error = errorOf(settle({ status: () => refused, snapshots: () => refused }, theJob, { timeoutMs: 8000 }))
    expect(error).to.have.property('last').that.has.all.keys('error')
  })
})

describe('a budget longer than the longest timer', () => {
  const DAY = 86_400_000
  const slow = constant(DAY)

  it('of 90 days is exact to the millisecond (K10)', () => {
    const settled = settle(runsOn, theJob, { timeoutMs: 90 * DAY + 7, cadence: slow })
    expect(settled.atMs).to.equal(90 * DAY + 7)
    expect(settled.requestLog.filter((query) => query.startsWith('status'))).to.have.lengthOf(91)
  })

  it('of 2^31-1 and 2^31 ms is exact', () => {
    for (const timeoutMs of [2 ** 31 - 1, 2 ** 31])
      expect(settle(runsOn, theJob, { timeoutMs, cadence: slow }).atMs).to.equal(timeoutMs)
  })

  it('of Infinity lets a wait last, and sets a timer only for the next request', () => {
    const settled = settle(endsAtMs(400 * DAY), theJob, { timeoutMs: Infinity, cadence: slow })
    expect(outcomeOf(settled)).to.deep.equal(finished(400 * DAY))
    const scheduled: number[] = []
    const scheduler = new TestScheduler(() => undefined)
    const spy = {
      now: () => scheduler.now(),
      schedule: (...[work, delay, state]: Parameters<TestScheduler['schedule']>) => (
        scheduled.push(delay ?? 0),
        scheduler.schedule(work, delay, state)
      ),
    }
    const subscription = wait(
      clusterOf(virtual(runsOn, scheduler), { scheduler: spy, cadence: constant(5000) }),
      theJob,
      {
        timeoutMs: Infinity,
      },
    ).subscribe()
    expect(scheduled).to.have.lengthOf(1)
    expect(scheduled[0]).to.be.within(1, 5000)
    subscription.unsubscribe()
  })
})

describe('the requests of a wait', () => {
  it('never overlap and are at least 100 ms apart, whatever the cadence returns', () => {
    for (const ms of [0, -5, NaN, 1]) {
      const { requests } = settle(delayed(30, endsAtMs(3000)), theJob, { cadence: constant(ms) })
      const rounds = requests.filter(({ query }) => query === 'what=status')
      rounds.slice(1).forEach((request, nth) => expect(request.atMs - rounds[nth]!.endedAtMs!).to.be.at.least(100))
      expect(rounds.length).to.be.above(10)
    }
  })

  for (const tookMs of [999, 1000, 1001, 2500, 20_000, 29_999])
    it(`succeed although a reply takes ${tookMs} ms and the cadence is a second`, () => {
      const settled = settle(delayed(tookMs, endsAtMs(100_000)), theJob)
      expect(outcomeOf(settled)).to.deep.equal(finished(100_000))
    })

  for (const tookMs of [30_001, 31_000, 61_000, 119_000])
    it(`succeed although a reply takes ${tookMs} ms, longer than the first request may take`, () => {
      const settled = settle(delayed(tookMs, endsAtMs(0)), theJob, { timeoutMs: 1_200_000 })
      expect(outcomeOf(settled)).to.deep.equal(finished(0))
    })

  it('may take 2 s, then 4, then 8: a request that times out is repeated with twice the time', () => {
    const settled = settle(
      delayed(7000, endsAtMs(0)),
      { ...theJob, kind: 'load-lom-cache' },
      { requestTimeoutMs: 2000, timeoutMs: 60_000 },
    )
    const took = settled.requests
      .filter(({ query }) => query === 'what=status')
      .map(({ atMs, endedAtMs }) => endedAtMs! - atMs)
    expect(took.slice(0, 3)).to.deep.equal([2000, 4000, 7000])
  })

  it('for the status do not get more time because the targets hang', () => {
    const settled = settle({ status: (ms) => (ms < 60_000 ? statusIs() : silent), snapshots: () => silent }, theJob, {
      timeoutMs: 300_000,
    })
    const status = settled.requests.filter(({ query, state }) => query === 'what=status' && state === 'cut')
    expect(status[0]!.endedAtMs! - status[0]!.atMs).to.equal(30_000)
  })

  it('spare hanging targets for eight seconds, or for four fifths of the duration of the last request', () => {
    const { requests } = settle({ status: () => statusIs(), snapshots: () => silent }, theJob, { timeoutMs: 280_000 })
    const hung = requests.filter(({ query }) => query === 'what=qryxstats')
    hung.slice(1).forEach((request, nth) => {
      const before = hung[nth]!
      expect(request.atMs - before.endedAtMs!).to.be.at.least(0.8 * Math.min(10_000, before.endedAtMs! - before.atMs))
    })
    expect(hung.length).to.be.at.least(3)
  })

  it('follow a cadence that changes at once, and pause at Infinity', () => {
    const cadence = concat(of<Cadence>(constant(Infinity)), timer(5000).pipe(map((): Cadence => constant(1000))), NEVER)
    const settled = settle(endsAtMs(3000), theJob, { cadence })
    expect(outcomeOf(settled)).to.deep.equal(finished(3000))
    expect(settled.atMs).to.be.within(5000, 6000)
    expect(settled.requestLog.filter((query) => /@[1-4]\d{3}$/.test(query))).to.deep.equal([])
  })

  it('are sent once if the cadence never emits or has completed', () => {
    for (const cadence of [NEVER, new Subject<Cadence>()]) {
      const { requestLog } = settle(runsOn, theJob, { cadence, timeoutMs: 20_000 })
      for (const query of ['status', 'snapshots', 'map'] as const)
        expect(countOf(requestLog, query), query).to.be.at.most(1)
      expect(requestLog).to.have.length.within(1, 3)
    }
    expect(settle(runsOn, theJob, { cadence: EMPTY, timeoutMs: 20_000 }).atMs).to.equal(20_000)
  })

  it('end only this wait, with an error, if the cadence throws', () => {
    const observed = observe(runsOn, (cluster) =>
      wait(cluster, theJob, {
        cadence: () => {
          throw new Error('mine')
        },
      }),
    )
    expect(observed.error).to.have.property('message', 'mine')
    expect(observed.values).to.deep.equal([])
  })
})

describe('unsubscribing from a wait', () => {
  const cases: readonly (readonly [title: string, world: World, unsubscribeAtMs: number])[] = [
    ['before the first reply', { status: () => silent }, 500],
    ['during the second request of a round', { status: () => statusIs(), snapshots: () => silent }, 500],
    ['during the pause', runsOn, 1500],
    ['during the third round', delayed(400, runsOn), 5300],
  ]
  for (const [title, world, atMs] of cases)
    it(`${title} cancels the open requests, and no request or value follows`, () => {
      const { values, completedAtMs, requests } = observe(world, (cluster) => wait(cluster, theJob), {
        unsubscribeAtMs: atMs,
      })
      expect({ values, completedAtMs }).to.deep.equal({ values: [], completedAtMs: undefined })
      expect(requests.filter((request) => request.state === 'open' || request.atMs > atMs)).to.deep.equal([])
    })

  it('is possible while the value is delivered', () => {
    const scheduler = new TestScheduler(() => undefined)
    const seen: Result<WaitResult>[] = []
    scheduler.run(() => {
      const subscription = wait(
        clusterOf(virtual(endsAtMs(2000), scheduler), { scheduler, cadence: constant(1000) }),
        theJob,
      ).subscribe((result) => {
        seen.push(result)
        subscription.unsubscribe()
      })
    })
    expect(seen).to.have.lengthOf(1)
  })
})

it('a wait continues after a token was rejected once', () => {
  let token = 'old'
  const settled = settle(
    {
      ...endsAtMs(3000),
      status: (ms, { headers }) =>
        headers['authorization'] === 'Bearer new'
          ? statusIs(ms < 3000 ? {} : { endMs: 3000 })
          : refusal(401, 'token expired'),
    },
    theJob,
    {
      token: () => {
        const held = token
        token = 'new'
        return of(held)
      },
    },
  )
  expect(outcomeOf(settled).outcome).to.equal('finished')
  expect(settled.requests.filter(({ headers }) => headers['authorization'] === 'Bearer old')).to.have.lengthOf(1)
})
