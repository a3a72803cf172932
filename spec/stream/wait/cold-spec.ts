import { expect } from 'chai'
import { NEVER, asyncScheduler, mergeMap, timer } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import sinon from 'sinon'
import { constant } from '../../../lib/cadence.ts'
import { isLeft } from '../../../lib/common/either.ts'
import { wait, waitForIdle } from '../../../lib/wait.ts'
import type { World } from '../../helpers/fake-cluster.ts'
import { ID, allTargetsShow, snap, statusIs } from '../../helpers/fake-cluster/replies.ts'
import { virtual } from '../../helpers/observe.ts'
import { clusterOf } from '../../helpers/scripted.ts'

// Each wait is cold: nothing happens before it is subscribed to.

const kinds = { wait: 'copy-bck', waitForIdle: 'put-copies' } as const

for (const by of [wait, waitForIdle]) {
  const kind = kinds[by.name as keyof typeof kinds]
  const end = by === wait ? { endMs: 3000 } : { idle: true }
  const world: World = {
    status: (ms) => statusIs({ kind, ...(ms < 3000 ? {} : { endMs: 3000 }) }),
    snapshots: (ms) => allTargetsShow(snap({ kind, ...(ms < 3000 ? {} : end) })),
  }

  describe(`a cold ${by.name}`, () => {
    it('sends no request and reads no clock when called', () => {
      const scheduler = new TestScheduler(() => undefined)
      const cluster = virtual(world, scheduler)
      const now = sinon.spy(() => 0)
      const schedule = sinon.spy(() => NEVER.subscribe())
      by(clusterOf(cluster, { scheduler: { now, schedule } }), { id: ID, kind })
      expect(cluster.requests).to.deep.equal([])
      expect(now.callCount).to.equal(0)
      expect(schedule.callCount).to.equal(0)
    })

    it('never throws when called, whatever the arguments', () => {
      for (const given of [undefined, null, 5, 'id', [], { id: 7 }, { id: '../etc' }, { kind: 'nonsense' }])
        expect(() => by(clusterOf(virtual(world, asyncScheduler)), given as never)).not.to.throw()
    })

    it('starts again with a second subscription, with its own state and budget; the requests are shared', () => {
      const scheduler = new TestScheduler(() => undefined)
      const cluster = virtual(world, scheduler)
      const waited = by(
        clusterOf(cluster, { scheduler, cadence: constant(1000) }),
        { id: ID, kind },
        { timeoutMs: 8000 },
      )
      /** What each subscription received, and when, by its name. */
      const outcomes = new Map<string, string>()
      const times = new Map<string, number>()
      const subscribe = (name: string): void => {
        waited.subscribe((result) => {
          outcomes.set(name, isLeft(result) ? result.left._tag : result.right.outcome)
          times.set(name, scheduler.now())
        })
      }
      scheduler.run(({ cold }) => {
        subscribe('first')
        cold('500ms -|').subscribe({ complete: () => subscribe('beside') })
        cold('20s -|').subscribe({ complete: () => subscribe('after') })
      })
      const outcome = by === wait ? 'finished' : 'idle'
      expect(Object.fromEntries(outcomes)).to.deep.equal({ first: outcome, beside: outcome, after: outcome })
      expect(times.get('after')).to.equal(by === wait ? 20_001 : 22_001)
      // The job is idle or over from 3 s on; both subscriptions receive the same replies.
      const restsMs = by === wait ? 3000 : 5000
      expect(times.get('first')).to.be.within(restsMs, restsMs + 1000)
      expect(times.get('beside')).to.equal(times.get('first'))
      // The last subscription is alone again and starts without evidence: an idle job must be seen idle for two seconds
      // again.
      const own = cluster.requests.filter(({ atMs }) => atMs > 6000)
      const sentMs = new Set(own.map(({ atMs }) => atMs))
      expect([...sentMs]).to.deep.equal(by === wait ? [20_001] : [20_001, 21_001, 22_001])
      expect(cluster.requests.filter(({ atMs }) => atMs > 22_001)).to.deep.equal([])
    })

    it('has a budget for each subscription', () => {
      const scheduler = new TestScheduler(() => undefined)
      const cluster = virtual(
        { status: () => statusIs({ kind }), snapshots: () => allTargetsShow(snap({ kind })) },
        scheduler,
      )
      const waited = by(
        clusterOf(cluster, { scheduler, cadence: constant(1000) }),
        { id: ID, kind },
        { timeoutMs: 4000 },
      )
      const seen: string[] = []
      scheduler.run(() => {
        for (const at of [0, 500, 1500])
          timer(at)
            .pipe(mergeMap(() => waited))
            .subscribe((result) => seen.push(`${result._tag}@${scheduler.now()}`))
      })
      expect(seen).to.deep.equal(['Left@4000', 'Left@4500', 'Left@5500'])
    })

    it('does not affect another subscription when unsubscribed', () => {
      const scheduler = new TestScheduler(() => undefined)
      const seen: number[] = []
      scheduler.run(({ cold }) => {
        const waited = by(clusterOf(virtual(world, scheduler), { scheduler, cadence: constant(1000) }), {
          id: ID,
          kind,
        })
        const leaving = waited.subscribe(() => seen.push(-1))
        waited.subscribe(() => seen.push(scheduler.now()))
        cold('1500ms |').subscribe({ complete: () => leaving.unsubscribe() })
      })
      expect(seen).to.deep.equal([by === wait ? 3000 : 5000])
    })

    it('uses only the given scheduler', () => {
      const scheduler = new TestScheduler(() => undefined)
      scheduler.maxFrames = Infinity
      const schedule = sinon.spy(asyncScheduler, 'schedule')
      const dates = sinon.spy(Date, 'now')
      const timers = sinon.spy(globalThis, 'setTimeout')
      try {
        const seen: number[] = []
        by(clusterOf(virtual(world, scheduler), { scheduler, cadence: constant(1000) }), { id: ID, kind }).subscribe(
          () => seen.push(scheduler.now()),
        )
        by(
          clusterOf(virtual({ status: () => NEVER, snapshots: () => NEVER }, scheduler), { scheduler }),
          { id: ID, kind },
          { timeoutMs: 9000 },
        ).subscribe(() => seen.push(scheduler.now()))
        scheduler.flush()
        expect(seen).to.deep.equal([by === wait ? 3000 : 5000, 9000])
        expect(schedule.callCount).to.equal(0)
        expect(dates.callCount).to.equal(0)
        expect(timers.callCount).to.equal(0)
      } finally {
        schedule.restore()
        dates.restore()
        timers.restore()
      }
    })
  })
}
