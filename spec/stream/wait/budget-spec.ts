import { expect } from 'chai'
import { EMPTY, NEVER, Subject, concat, map, of, timer } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { constant, type Cadence } from '../../../lib/cadence.ts'
import type { Result } from '../../../lib/error.ts'
import type { WaitResult } from '../../../lib/model/wait-result.ts'
import { wait, waitForIdle } from '../../../lib/wait.ts'
import type { World } from '../../helpers/fake-cluster.ts'
import { refusal, ID, allShow, denied, shows, snap, statusIs } from '../../helpers/fake-cluster/replies.ts'
import { after, countOf, observe, virtual } from '../../helpers/observe.ts'
import { clusterOf, refused, silent } from '../../helpers/scripted.ts'
import { errorOf, finished, outcomeOf, settle } from '../../helpers/settle.ts'

const one = { id: ID, kind: 'copy-bck' }
const runs: World = { status: () => statusIs(), snapshots: () => allShow(snap({})) }
const ends = (endMs: number): World => ({
  status: (ms) => statusIs(ms < endMs ? {} : { endMs }),
  snapshots: (ms) => allShow(snap(ms < endMs ? {} : { endMs })),
})
const later = (ms: number, world: World): World => ({
  status: (...at) => after(ms, world.status!(...at)),
  snapshots: (...at) => after(ms, world.snapshots!(...at)),
})

describe('the budget of a wait', () => {
  for (const timeoutMs of [1, 99, 1000, 1500, 8000, 300_000])
    it(`ends it exactly after ${timeoutMs} ms`, () => {
      const settled = settle(runs, one, { timeoutMs })
      expect(errorOf(settled)).to.include({ _tag: 'WaitTimeout', afterMs: timeoutMs })
      expect(settled.atMs).to.equal(timeoutMs)
    })

  it('is 300 s if none is given', () => {
    expect(settle(runs, one).atMs).to.equal(300_000)
  })

  it('counts the time of the requests', () => {
    expect(settle(later(2000, runs), one, { timeoutMs: 8000 }).atMs).to.equal(8000)
  })

  it('ends a wait whose request never comes back, and cuts the request', () => {
    const settled = settle({ status: () => silent, snapshots: () => silent }, one, { timeoutMs: 8000 })
    expect(errorOf(settled)).to.deep.equal({ _tag: 'WaitTimeout', afterMs: 8000 })
    expect(settled.requests).to.have.length.within(1, 2)
    for (const request of settled.requests) expect(request).to.include({ state: 'cut', endedAtMs: 8000 })
  })

  it('of 0 is enough for an answer that is there', () => {
    expect(outcomeOf(settle(ends(0), one, { timeoutMs: 0 }))).to.deep.equal(finished(0))
    expect(errorOf(settle(later(1, ends(0)), one, { timeoutMs: 0 }))._tag).to.equal('WaitTimeout')
  })

  it('lets the reply count that arrives on the last poll', () => {
    const settled = settle(later(900, ends(3000)), one, { timeoutMs: 5500 })
    expect(outcomeOf(settled).outcome).to.equal('finished')
    expect(settled.atMs).to.be.at.most(5500)
  })

  it('decides for one of the two where the end is heard in the very same millisecond', () => {
    for (let timeoutMs = 2995; timeoutMs <= 3005; timeoutMs++) {
      const settled = settle(ends(3000), one, { timeoutMs })
      expect(settled.atMs).to.equal(Math.min(timeoutMs, 3000))
      expect(settled.result._tag).to.equal(timeoutMs < 3000 ? 'Left' : timeoutMs > 3000 ? 'Right' : settled.result._tag)
    }
  })

  it('does not throw away an end that the IC told, where the targets are too slow to add to it', () => {
    const settled = settle(
      {
        status: (ms) => statusIs(ms < 3000 ? {} : { endMs: 3000 }),
        snapshots: (ms) => (ms < 3000 ? allShow(snap({})) : silent),
      },
      one,
      { timeoutMs: 6000 },
    )
    expect(outcomeOf(settled)).to.deep.equal(finished(3000))
    expect(settled.atMs).to.equal(6000)
  })

  for (const timeoutMs of [NaN, -1, -Infinity, '5000', null, 5000n, {}])
    it(`is refused before anything is sent: ${typeof timeoutMs === 'bigint' ? '5000n' : JSON.stringify(timeoutMs)} (${typeof timeoutMs})`, () => {
      for (const by of [wait, waitForIdle]) {
        const observed = observe(runs, (c) => by(c, one, { timeoutMs: timeoutMs as never }))
        expect(observed.values).to.have.lengthOf(1)
        expect(observed.values[0]).to.have.nested.property('left._tag', 'InvalidArgument')
        expect(observed.values[0]).to.have.nested.property('left.argument', 'timeoutMs')
        expect(observed.requests).to.deep.equal([])
      }
    })

  for (const cadence of [5, null, 'quick', {}])
    it(`and so is a cadence that is none: ${JSON.stringify(cadence)}`, () => {
      const observed = observe(runs, (c) => wait(c, one, { cadence: cadence as never }))
      expect(observed).to.have.nested.property('values[0].left.argument', 'cadence')
      expect(observed.requests).to.deep.equal([])
    })

  it('tells what was seen last', () => {
    const error = errorOf(
      settle(
        {
          status: (ms) => (ms < 5000 ? statusIs() : refused),
          snapshots: (ms) => (ms < 5000 ? shows({ t1: [snap({})] }) : denied),
        },
        one,
        { timeoutMs: 8000 },
      ),
    )
    expect(error).to.have.nested.property('last.status.id', ID)
    expect(error).to.have.nested.property('last.snapshots.t1[0].id', ID)
    expect(error).to.have.nested.property('last.error._tag', 'NotFound')
  })

  it('tells of no error where the last question brought something', () => {
    const error = errorOf(
      settle({ ...runs, status: (ms) => (ms < 5000 ? refused : statusIs()) }, one, { timeoutMs: 8000 }),
    )
    expect(error).not.to.have.nested.property('last.error')
  })

  it('tells only of the error where nothing was ever seen', () => {
    const error = errorOf(settle({ status: () => refused, snapshots: () => refused }, one, { timeoutMs: 8000 }))
    expect(error).to.have.property('last').that.has.all.keys('error')
  })
})

describe('a budget beyond a timer', () => {
  const DAY = 86_400_000
  const slow = constant(DAY)

  it('of 90 days is held to the millisecond', () => {
    const settled = settle(runs, one, { timeoutMs: 90 * DAY + 7, cadence: slow })
    expect(settled.atMs).to.equal(90 * DAY + 7)
    expect(settled.asked.filter((question) => question.startsWith('status'))).to.have.lengthOf(91)
  })

  it('of 2^31-1 and 2^31 ms too', () => {
    for (const timeoutMs of [2 ** 31 - 1, 2 ** 31])
      expect(settle(runs, one, { timeoutMs, cadence: slow }).atMs).to.equal(timeoutMs)
  })

  it('of none lets a wait last, and sets no timer but for its next request', () => {
    const settled = settle(ends(400 * DAY), one, { timeoutMs: Infinity, cadence: slow })
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
    const subscription = wait(clusterOf(virtual(runs, scheduler), { scheduler: spy, cadence: constant(5000) }), one, {
      timeoutMs: Infinity,
    }).subscribe()
    expect(scheduled).to.have.lengthOf(1)
    expect(scheduled[0]).to.be.within(1, 5000)
    subscription.unsubscribe()
  })
})

describe('the questions of a wait', () => {
  it('never are two at a time, never closer than 100 ms, whatever the cadence says', () => {
    for (const ms of [0, -5, NaN, 1]) {
      const { requests } = settle(later(30, ends(3000)), one, { cadence: constant(ms) })
      const rounds = requests.filter(({ query }) => query === 'what=status')
      rounds.slice(1).forEach((request, nth) => expect(request.atMs - rounds[nth]!.endedAtMs!).to.be.at.least(100))
      expect(rounds.length).to.be.above(10)
    }
  })

  for (const tookMs of [999, 1000, 1001, 2500, 20_000, 29_999])
    it(`are answered although an answer takes ${tookMs} ms and the cadence is a second`, () => {
      const settled = settle(later(tookMs, ends(100_000)), one)
      expect(outcomeOf(settled)).to.deep.equal(finished(100_000))
    })

  for (const tookMs of [30_001, 31_000, 61_000, 119_000])
    it(`are answered although an answer takes ${tookMs} ms, longer than one request may at first`, () => {
      const settled = settle(later(tookMs, ends(0)), one, { timeoutMs: 1_200_000 })
      expect(outcomeOf(settled)).to.deep.equal(finished(0))
    })

  it('are as long as 2 s, then 4, then 8: what runs into its clock gets twice the time', () => {
    const settled = settle(
      later(7000, ends(0)),
      { ...one, kind: 'load-lom-cache' },
      { requestTimeoutMs: 2000, timeoutMs: 60_000 },
    )
    const took = settled.requests
      .filter(({ query }) => query === 'what=status')
      .map(({ atMs, endedAtMs }) => endedAtMs! - atMs)
    expect(took.slice(0, 3)).to.deep.equal([2000, 4000, 7000])
  })

  it('of the status do not become longer because the targets hang', () => {
    const settled = settle({ status: (ms) => (ms < 60_000 ? statusIs() : silent), snapshots: () => silent }, one, {
      timeoutMs: 300_000,
    })
    const status = settled.requests.filter(({ query, state }) => query === 'what=status' && state === 'cut')
    expect(status[0]!.endedAtMs! - status[0]!.atMs).to.equal(30_000)
  })

  it('leave targets that hang alone for eight seconds, or four fifths of what they took', () => {
    const { requests } = settle({ status: () => statusIs(), snapshots: () => silent }, one, { timeoutMs: 280_000 })
    const hung = requests.filter(({ query }) => query === 'what=qryxstats')
    hung.slice(1).forEach((request, nth) => {
      const before = hung[nth]!
      expect(request.atMs - before.endedAtMs!).to.be.at.least(0.8 * Math.min(10_000, before.endedAtMs! - before.atMs))
    })
    expect(hung.length).to.be.at.least(3)
  })

  it('follow a cadence that changes at once, and pause at Infinity', () => {
    const cadence = concat(of<Cadence>(constant(Infinity)), timer(5000).pipe(map((): Cadence => constant(1000))), NEVER)
    const settled = settle(ends(3000), one, { cadence })
    expect(outcomeOf(settled)).to.deep.equal(finished(3000))
    expect(settled.atMs).to.be.within(5000, 6000)
    expect(settled.asked.filter((question) => /@[1-4]\d{3}$/.test(question))).to.deep.equal([])
  })

  it('are sent once where the cadence has no value or has completed', () => {
    for (const cadence of [NEVER, new Subject<Cadence>()]) {
      const { asked } = settle(runs, one, { cadence, timeoutMs: 20_000 })
      for (const question of ['status', 'snapshots', 'map'] as const)
        expect(countOf(asked, question), question).to.be.at.most(1)
      expect(asked).to.have.length.within(1, 3)
    }
    expect(settle(runs, one, { cadence: EMPTY, timeoutMs: 20_000 }).atMs).to.equal(20_000)
  })

  it('let a broken cadence end this wait only, as a defect', () => {
    const observed = observe(runs, (c) =>
      wait(c, one, {
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
  const cases: readonly (readonly [string, World, number])[] = [
    ['before the first reply', { status: () => silent }, 500],
    ['in the second question of a round', { status: () => statusIs(), snapshots: () => silent }, 500],
    ['in the pause', runs, 1500],
    ['in the third round', later(400, runs), 5300],
  ]
  for (const [title, world, atMs] of cases)
    it(`${title} cuts what is open, and nothing more is asked or said`, () => {
      const { values, completedAtMs, requests } = observe(world, (c) => wait(c, one), { unsubscribeAtMs: atMs })
      expect({ values, completedAtMs }).to.deep.equal({ values: [], completedAtMs: undefined })
      expect(requests.filter((request) => request.state === 'open' || request.atMs > atMs)).to.deep.equal([])
    })

  it('in the value itself is well', () => {
    const scheduler = new TestScheduler(() => undefined)
    const seen: Result<WaitResult>[] = []
    scheduler.run(() => {
      const subscription = wait(
        clusterOf(virtual(ends(2000), scheduler), { scheduler, cadence: constant(1000) }),
        one,
      ).subscribe((result) => {
        seen.push(result)
        subscription.unsubscribe()
      })
    })
    expect(seen).to.have.lengthOf(1)
  })
})

it('a wait survives a token that is refused once', () => {
  let token = 'old'
  const settled = settle(
    {
      ...ends(3000),
      status: (ms, { headers }) =>
        headers['authorization'] === 'Bearer new'
          ? statusIs(ms < 3000 ? {} : { endMs: 3000 })
          : refusal(401, 'token expired'),
    },
    one,
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
