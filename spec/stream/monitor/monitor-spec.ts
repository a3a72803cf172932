import { expect } from 'chai'
import fc from 'fast-check'
import { defer, take, type Observable } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { defined } from '../../../lib/common/defined.ts'
import type { JobError } from '../../../lib/error.ts'
import type { Health } from '../../../lib/monitor/condition.ts'
import { monitor } from '../../../lib/monitor/monitor.ts'
import { trafficLog, type Traffic, type TrafficLog } from '../../../lib/monitor/traffic.ts'

// The monitor turns the traffic of a cluster into the stream `health`.

const statusRequest = { method: 'GET', path: '/v1/cluster', query: 'what=status' }
const snapshotsRequest = { ...statusRequest, query: 'what=qryxstats' }
/** A request that an endpoint answered at once. */
const success = (atMs: number, endpoint = 'http://p1'): Traffic => ({
  atMs,
  wallMs: atMs,
  tookMs: 0,
  endpoint,
  route: endpoint === 'http://p1' ? 'first' : 'other',
  request: statusRequest,
  isLast: true,
})

interface Run {
  readonly monitor: Pick<TrafficLog, 'record' | 'sent'> & { readonly health: Observable<Health> }
  readonly scheduler: TestScheduler
  readonly at: (ms: number, act: () => void) => void
}

/** Runs a script in virtual time, until no timer is left. */
function inVirtualTime(script: (run: Run) => void): TestScheduler {
  const scheduler = new TestScheduler(() => undefined)
  scheduler.run(() => {
    const traffic = trafficLog(() => scheduler.now())
    let all: Observable<Health> | undefined
    const health = defer(() => (all ??= monitor(traffic, ['http://p1'], { scheduler, now: () => scheduler.now() })))
    script({ monitor: { ...traffic, health }, scheduler, at: (ms, act) => void scheduler.schedule(act, ms) })
  })
  expect(scheduler.actions).to.have.lengthOf(0)
  return scheduler
}

/** Subscribes to the health; the texts of its changes, to which later changes are added. */
const changesOf = ({ monitor }: Run): string[] => {
  const changes: string[] = []
  monitor.health.subscribe(({ state, sinceMs, reason = '' }) => changes.push(`${state}@${sinceMs} ${reason}`.trim()))
  return changes
}

describe('the monitor of a cluster', () => {
  it('processes traffic without subscribers', () => {
    inVirtualTime(({ monitor }) => {
      monitor.record(success(5))
      const changes: Health[] = []
      monitor.health.subscribe((one) => changes.push(one))
      expect(changes).to.deep.equal([{ state: 'connected', endpoint: 'http://p1', sinceMs: 5 }])
    })
  })

  it('emits the same to its first subscriber, however late it subscribes', () => {
    const [hung, bad]: JobError[] = [
      { _tag: 'RequestTimeout', afterMs: 30_000, request: statusRequest },
      { _tag: 'HttpError', status: 503, message: 'busy', request: statusRequest },
    ]
    const piece = fc.record({
      afterMs: fc.nat(20_000),
      tookMs: fc.constantFrom(0, 0, 0, 7_000),
      endpoint: fc.constantFrom('http://p1', 'http://p1', 'http://p2'),
      isIc: fc.constantFrom(false, false, true),
      request: fc.constantFrom(statusRequest, snapshotsRequest),
      error: fc.constantFrom(undefined, undefined, undefined, hung, bad),
      isLast: fc.constantFrom(true, true, false),
    })
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 200 }), (pieces) => {
        inVirtualTime(({ scheduler }) => {
          const now = (): number => scheduler.now()
          const healthOf = (log: TrafficLog) => monitor(log, ['http://p1', 'http://p2'], { scheduler, now })
          const [early, late] = [trafficLog(now), trafficLog(now)]
          const watched = healthOf(early)
          let atMs = 0
          for (const { afterMs, isIc, error, ...one } of pieces) {
            atMs += afterMs
            const directRoute = one.endpoint === 'http://p1' ? 'first' : 'other'
            const route = isIc ? 'ic' : directRoute
            const traffic: Traffic = { ...one, atMs, wallMs: atMs, route, ...defined({ error }) }
            early.record(traffic)
            late.record(traffic)
          }
          const newest: Health[][] = [watched, healthOf(late)].map((health) => {
            const seen: Health[] = []
            health.subscribe((value) => seen.push(value))
            return seen
          })
          expect(newest[1]).to.deep.equal(newest[0])
        })
      }),
    )
  })

  it('keeps the traffic of hours in a short log while there is no subscriber', () => {
    inVirtualTime(({ scheduler }) => {
      const log = trafficLog(() => scheduler.now())
      const fails = (atMs: number): Traffic => ({
        ...success(atMs),
        error: { _tag: 'HttpError', status: 503, message: 'busy', request: statusRequest },
      })
      let [read, sinceMs] = [0, 0]
      log.record(success(7))
      for (let ms = 1_000; ms < 5_000_000; ms += 1_000) log.record(success(ms))
      for (let ms = 5_000_000; ms < 9_000_000; ms += 1_000) log.record(fails(ms))
      for (let ms = 9_000_000; ms < 9_900_000; ms += 1_000) log.record(success(ms))
      log.listen({
        record: ({ atMs }) => {
          if (read++ === 0) sinceMs = atMs
        },
        sent: () => undefined,
        ended: () => undefined,
      })
      expect(read).to.be.within(1, 256)
      // The cluster is healthy since then. The time of the earlier healthy state is not kept.
      expect(sinceMs).to.be.within(9_000_000, 9_256_000)
    })
  })

  it('emits only changes', () => {
    inVirtualTime((run) => {
      const changes = changesOf(run)
      for (const piece of [success(1), success(2), success(3, 'http://p2'), success(4, 'http://p2')])
        run.monitor.record(piece)
      expect(changes.map((one) => one.split(' ')[0])).to.deep.equal(['connected@1', 'failed-over@3'])
    })
  })

  it('emits to all subscribers in the same order, also for traffic during a notification', () => {
    inVirtualTime(({ monitor }) => {
      const seen: string[][] = [[], []]
      monitor.health.subscribe(({ state }) => {
        seen[0]?.push(state)
        if (state === 'connected') monitor.record(success(2, 'http://p2'))
      })
      monitor.health.subscribe(({ state }) => seen[1]?.push(state))
      monitor.record(success(1))
      expect(seen).to.deep.equal([
        ['connected', 'failed-over'],
        ['connected', 'failed-over'],
      ])
    })
  })

  describe('for a request that stays in flight', () => {
    const open = 'GET /v1/cluster?what=qryxstats has been in flight for 5 s'

    it('emits degraded after 5 s, with the request in the reason', () => {
      inVirtualTime((run) => {
        const changes = changesOf(run)
        run.monitor.record(success(0))
        run.at(1000, () => run.monitor.sent(snapshotsRequest))
        run.at(5999, () => expect(changes).to.have.lengthOf(1))
        run.at(6001, () => expect(changes).to.deep.equal(['connected@0', `degraded@6000 ${open}`]))
      })
    })

    it('emits nothing for a request that ends before 5 s', () => {
      const scheduler = inVirtualTime((run) => {
        const changes = changesOf(run)
        const close = run.monitor.sent(snapshotsRequest)
        run.at(4999, () => {
          close()
          expect(changes).to.deep.equal([])
        })
      })
      // A remaining timer would advance virtual time.
      expect(scheduler.now()).to.equal(4999)
    })

    it('has one timer for all requests, and emits degraded when the oldest is overdue', () => {
      inVirtualTime((run) => {
        const changes = changesOf(run)
        for (const ms of [0, 100, 200, 300])
          run.at(ms, () => {
            run.monitor.sent(ms < 300 ? statusRequest : snapshotsRequest)
            expect(run.scheduler.actions.filter(({ delay }) => delay === 5000)).to.have.lengthOf(1)
          })
        run.at(5301, () => expect(changes).to.deep.equal([`degraded@5000 ${open.replace('qryxstats', 'status')}`]))
      })
    })

    it('stays degraded while it is in flight, whatever replies arrive to equal requests', () => {
      inVirtualTime((run) => {
        const changes = changesOf(run)
        const close = run.monitor.sent(statusRequest)
        for (const ms of [1000, 6000, 7000]) run.at(ms, () => run.monitor.record(success(ms)))
        run.at(8000, close)
        run.at(9000, () => run.monitor.record(success(9000)))
        run.at(9001, () =>
          expect(changes.map((one) => one.split(' ')[0])).to.deep.equal([
            'connected@1000',
            'degraded@5000',
            'connected@9000',
          ]),
        )
      })
    })

    it('emits degraded to a later subscriber, and has no timer without subscribers', () => {
      inVirtualTime((run) => {
        run.monitor.sent(snapshotsRequest)
        expect(run.scheduler.actions).to.have.lengthOf(0)
        run.at(7000, () => expect(changesOf(run)).to.deep.equal([`degraded@7000 ${open.replace('5 s', '7 s')}`]))
      })
    })

    it('leaves no timer when the last subscriber unsubscribes, also during a notification', () => {
      const scheduler = inVirtualTime((run) => {
        run.monitor.health.pipe(take(1)).subscribe()
        run.monitor.sent(snapshotsRequest)
        run.at(100, () => run.monitor.sent(statusRequest))
        run.at(200, () => run.monitor.health.subscribe().unsubscribe())
      })
      expect(scheduler.now()).to.equal(5000)
    })
  })
})
