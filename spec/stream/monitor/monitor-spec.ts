import { expect } from 'chai'
import { take } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import type { Health, Traffic } from '../../../lib/monitor/condition.ts'
import { createMonitor, type Monitor } from '../../../lib/monitor/monitor.ts'

const request = { method: 'GET', path: '/v1/cluster', query: 'what=status' }
const snapshots = { ...request, query: 'what=qryxstats' }
const well = (atMs: number, endpoint = 'http://p1'): Traffic => ({
  atMs,
  wallMs: atMs,
  tookMs: 0,
  endpoint,
  route: endpoint === 'http://p1' ? 'first' : 'other',
  request,
  over: true,
})

interface Lived {
  readonly monitor: Monitor
  readonly scheduler: TestScheduler
  readonly at: (ms: number, act: () => void) => void
}

/** Does things in virtual time, until nothing is left to happen. */
function live(script: (lived: Lived) => void): TestScheduler {
  const scheduler = new TestScheduler(() => undefined)
  scheduler.run(() => {
    const monitor = createMonitor(['http://p1'], { scheduler, now: () => scheduler.now() })
    script({ monitor, scheduler, at: (ms, act) => void scheduler.schedule(act, ms) })
  })
  expect(scheduler.actions).to.have.lengthOf(0)
  return scheduler
}

const toldBy = ({ monitor }: Lived): string[] => {
  const told: string[] = []
  monitor.health.subscribe(({ state, sinceMs, reason = '' }) => told.push(`${state}@${sinceMs} ${reason}`.trim()))
  return told
}

describe('the monitor of a cluster', () => {
  it('judges although nobody watches', () => {
    live(({ monitor }) => {
      monitor.record(well(5))
      const told: Health[] = []
      monitor.health.subscribe((one) => told.push(one))
      expect(told).to.deep.equal([{ state: 'connected', endpoint: 'http://p1', sinceMs: 5 }])
    })
  })

  it('tells only what changes', () => {
    live((lived) => {
      const told = toldBy(lived)
      for (const piece of [well(1), well(2), well(3, 'http://p2'), well(4, 'http://p2')]) lived.monitor.record(piece)
      expect(told.map((one) => one.split(' ')[0])).to.deep.equal(['connected@1', 'failed-over@3'])
    })
  })

  it('tells everybody in the same order, also of what happens inside of a notification', () => {
    live(({ monitor }) => {
      const seen: string[][] = [[], []]
      monitor.health.subscribe(({ state }) => {
        seen[0]?.push(state)
        if (state === 'connected') monitor.record(well(2, 'http://p2'))
      })
      monitor.health.subscribe(({ state }) => seen[1]?.push(state))
      monitor.record(well(1))
      expect(seen).to.deep.equal([
        ['connected', 'failed-over'],
        ['connected', 'failed-over'],
      ])
    })
  })

  describe('of a request that stays open', () => {
    const open = 'GET /v1/cluster?what=qryxstats has been open for 5 s'

    it('is degraded after 5 s, and names the request', () => {
      live((lived) => {
        const told = toldBy(lived)
        lived.monitor.record(well(0))
        lived.at(1000, () => lived.monitor.sent(snapshots))
        lived.at(5999, () => expect(told).to.have.lengthOf(1))
        lived.at(6001, () => expect(told).to.deep.equal(['connected@0', `degraded@6000 ${open}`]))
      })
    })

    it('says nothing of a request that is answered or cut before', () => {
      const scheduler = live((lived) => {
        const told = toldBy(lived)
        const close = lived.monitor.sent(snapshots)
        lived.at(4999, () => {
          close()
          expect(told).to.deep.equal([])
        })
      })
      // A timer that was left would make virtual time go on.
      expect(scheduler.now()).to.equal(4999)
    })

    it('has one timer for all requests, and tells of each in its time', () => {
      live((lived) => {
        const told = toldBy(lived)
        for (const ms of [0, 100, 200, 300])
          lived.at(ms, () => {
            lived.monitor.sent(ms < 300 ? request : snapshots)
            expect(lived.scheduler.actions.filter(({ delay }) => delay === 5000)).to.have.lengthOf(1)
          })
        lived.at(5301, () => expect(told).to.deep.equal([`degraded@5000 ${open.replace('qryxstats', 'status')}`]))
      })
    })

    it('is degraded while it is open, whatever good replies there are to the same question', () => {
      live((lived) => {
        const told = toldBy(lived)
        const close = lived.monitor.sent(request)
        for (const ms of [1000, 6000, 7000]) lived.at(ms, () => lived.monitor.record(well(ms)))
        lived.at(8000, close)
        lived.at(9000, () => lived.monitor.record(well(9000)))
        lived.at(9001, () =>
          expect(told.map((one) => one.split(' ')[0])).to.deep.equal([
            'connected@1000',
            'degraded@5000',
            'connected@9000',
          ]),
        )
      })
    })

    it('is told to a watcher who comes later, and without a timer while nobody watches', () => {
      live((lived) => {
        lived.monitor.sent(snapshots)
        expect(lived.scheduler.actions).to.have.lengthOf(0)
        lived.at(7000, () => expect(toldBy(lived)).to.deep.equal([`degraded@7000 ${open.replace('5 s', '7 s')}`]))
      })
    })

    it('leaves no timer when the last watcher leaves, also inside of the notification', () => {
      const scheduler = live((lived) => {
        lived.monitor.health.pipe(take(1)).subscribe()
        lived.monitor.sent(snapshots)
        lived.at(100, () => lived.monitor.sent(request))
        lived.at(200, () => lived.monitor.health.subscribe().unsubscribe())
      })
      expect(scheduler.now()).to.equal(5000)
    })
  })
})
