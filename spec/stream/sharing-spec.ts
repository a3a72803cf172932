import { expect } from 'chai'
import {
  BehaviorSubject,
  NEVER,
  type Observable,
  Subject,
  asyncScheduler,
  defer,
  ignoreElements,
  map,
  mergeMap,
  of,
  repeat,
  take,
  takeUntil,
  tap,
  timer,
  type SchedulerLike,
} from 'rxjs'
import { useFakeTimers, type SinonFakeTimers } from 'sinon'
import { constant, type Cadence, type Tick } from '../../lib/cadence.ts'
import type { Cluster } from '../../lib/cluster.ts'
import { isRight } from '../../lib/common/either.ts'
import { wait } from '../../lib/wait.ts'
import { watchDetails } from '../../lib/watch.ts'
import { resourceCountOf } from '../helpers/live.ts'
import { marbles } from '../helpers/marbles.ts'
import { json, refusal } from '../helpers/fake-cluster/replies.ts'
import { scriptedExceptMap, clusterOf, type Reply, type Scripted } from '../helpers/scripted.ts'

// Subscribers with the same query share its requests, and each has its own cadence. The replies are numbered.

interface Shared {
  readonly cluster: Cluster
  readonly sent: Scripted
  /** The numbers of the replies that a subscriber with this cadence receives. */
  readonly watch: (cadence: number | Cadence | Observable<Cadence>) => Observable<string>
}

/** A cluster and its `watchDetails`, whose replies are numbered. */
function sharing(scheduler: SchedulerLike, reply: (n: number) => Reply = numberedReply): Shared {
  const sent = scriptedExceptMap((_, nth) => reply(nth), scheduler)
  const cluster = clusterOf(sent, { scheduler })
  return {
    cluster,
    sent,
    watch: (cadence) =>
      watchDetails(cluster, { id: 'g1' }, { cadence: typeof cadence === 'number' ? constant(cadence) : cadence }).pipe(
        map((result) => (isRight(result) ? Object.keys(result.right).join() : result.left._tag)),
      ),
  }
}

const numberedReply = (n: number): Reply => json({ [String(n)]: [] })
const numberedReplyAfter =
  (ms: number) =>
  (n: number): Reply =>
    timer(ms).pipe(map(() => json({ [String(n)]: [] })))
/** The times of all requests. */
const sentAt = ({ sent }: Shared): readonly number[] => sent.requests.map(({ atMs }) => atMs)

describe('subscribers with the same query', () => {
  describe('when one joins', () => {
    it('it receives the last reply immediately if that is not older than its own interval', () => {
      marbles(({ expectObservable, flush }, scheduler) => {
        const shared = sharing(scheduler)
        expectObservable(shared.watch(1000), '^ 1999ms !').toBe('0 399ms 1 999ms 2')
        expectObservable(shared.watch(1000), '300ms ^ 1699ms !').toBe('300ms 0 99ms 1 999ms 2')
        // The last reply is too old, so it receives the next one.
        expectObservable(shared.watch(200), '400ms ^ 9ms !').toBe('400ms 1')
        flush()
        expect(resourceCountOf(shared.cluster)).to.equal(0)
      })
    })

    it('it receives nothing while the first request is in flight', () => {
      marbles(({ expectObservable, flush }, scheduler) => {
        const shared = sharing(scheduler, numberedReplyAfter(10))
        expectObservable(shared.watch(1000), '^ 99ms !').toBe('10ms 0')
        expectObservable(shared.watch(1000), '5ms ^ 94ms !').toBe('10ms 0')
        flush()
        expect(sentAt(shared)).to.deep.equal([0])
      })
    })

    it('it receives the last reply during a pause, however old it is', () => {
      marbles(({ expectObservable, flush }, scheduler) => {
        const shared = sharing(scheduler)
        expectObservable(shared.watch(Infinity), '^ 9s !').toBe('0')
        expectObservable(shared.watch(Infinity), '5s ^ 4s !').toBe('5s 0')
        flush()
        expect(sentAt(shared)).to.deep.equal([0])
      })
    })

    it('it receives no earlier reply if all others have unsubscribed', () => {
      marbles(({ expectObservable, flush }, scheduler) => {
        const shared = sharing(scheduler)
        expectObservable(shared.watch(1000), '^ 9ms !').toBe('0')
        expectObservable(shared.watch(1000), '10ms ^ 9ms !').toBe('10ms 1')
        flush()
        expect(sentAt(shared)).to.deep.equal([0, 10])
      })
    })
  })

  describe('with different cadences', () => {
    it('poll at the fastest cadence while its subscriber is subscribed, from the next reply on', () => {
      marbles(({ expectObservable, flush }, scheduler) => {
        const shared = sharing(scheduler, numberedReplyAfter(10))
        expectObservable(shared.watch(1000), '^ 2s !').toBe('10ms 0 599ms 1 309ms 2 1009ms 3')
        expectObservable(shared.watch(300), '600ms ^ 399ms !').toBe('610ms 1 309ms 2')
        flush()
      })
    })

    it('each get their own count and elapsed time in the tick', () => {
      marbles(({ flush }, scheduler) => {
        const shared = sharing(scheduler)
        const ticks: Record<string, Pick<Tick, 'n' | 'elapsedMs'>[]> = { one: [], two: [] }
        const recording =
          (name: string): Cadence =>
          ({ n, elapsedMs }) => {
            ticks[name]?.push({ n, elapsedMs })
            return 1000
          }
        shared
          .watch(recording('one'))
          .pipe(takeUntil(timer(2500)))
          .subscribe()
        timer(1500)
          .pipe(mergeMap(() => shared.watch(recording('two')).pipe(takeUntil(timer(1000)))))
          .subscribe()
        flush()
        expect(ticks['one']).to.deep.equal([
          { n: 1, elapsedMs: 0 },
          { n: 2, elapsedMs: 1000 },
          { n: 3, elapsedMs: 2000 },
        ])
        expect(ticks['two']?.at(-1)).to.deep.equal({ n: 2, elapsedMs: 500 })
      })
    })

    it('get failures in the tick, and poll after 100 ms for an invalid interval', () => {
      marbles(({ expectObservable, flush }, scheduler) => {
        const shared = sharing(scheduler, () => refusal(404, 'gone'))
        for (const nonsense of [NaN, -1, 0, -Infinity])
          expectObservable(shared.watch(nonsense), '^ 149ms !').toBe('a 99ms a', { a: 'NotFound' })
        flush()
        expect(sentAt(shared)).to.deep.equal([0, 100])
      })
    })

    it('subscribe to an Observable of cadences once, and use it after its first emission', () => {
      marbles(({ cold, expectObservable, expectSubscriptions, flush }, scheduler) => {
        const shared = sharing(scheduler)
        const cadences = cold('500ms a 499ms b', { a: constant(200), b: constant(Infinity) })
        expectObservable(shared.watch(cadences), '^ 3s !').toBe('0 499ms 1 199ms 2 199ms 3')
        expectSubscriptions(cadences.subscriptions).toBe('^ 3s !')
        flush()
        expect(resourceCountOf(shared.cluster)).to.equal(0)
      })
    })

    it('end only the stream whose cadence throws or errors', () => {
      const defect = new Error('defect')
      marbles(({ cold, expectObservable, flush }, scheduler) => {
        const shared = sharing(scheduler)
        const thrower = (): never => {
          throw defect
        }
        expectObservable(shared.watch(1000), '^ 1500ms !').toBe('0 999ms 1')
        expectObservable(shared.watch(cold('500ms #', undefined, defect))).toBe('0 499ms #', undefined, defect)
        expectObservable(shared.watch(({ n }) => (n > 1 ? thrower() : 1000))).toBe('0 999ms (1#)', undefined, defect)
        flush()
        expect(resourceCountOf(shared.cluster)).to.equal(0)
      })
    })
  })

  describe('when one unsubscribes', () => {
    it('keep the request for the others, and cancel it with the last', () => {
      marbles(({ expectObservable, flush }, scheduler) => {
        const shared = sharing(scheduler, numberedReplyAfter(50))
        expectObservable(shared.watch(100), '^ 20ms !').toBe('-')
        expectObservable(shared.watch(100), '^ 170ms !').toBe('50ms 0')
        flush()
        expect(shared.sent.requests.map(({ atMs, state }) => `${atMs} ${state}`)).to.deep.equal([
          '0 answered',
          '150 cut',
        ])
        expect(resourceCountOf(shared.cluster)).to.equal(0)
      })
    })

    it('run one loop if it unsubscribes while it handles a value, and subscribes again', () => {
      marbles(({ expectObservable, flush }, scheduler) => {
        const shared = sharing(scheduler, numberedReplyAfter(2))
        expectObservable(shared.watch(100).pipe(take(1), repeat(3))).toBe('--0-1-(2|)')
        flush()
        expect(resourceCountOf(shared.cluster)).to.equal(0)
      })
    })

    it('keep working if it unsubscribes because another one subscribes', () => {
      marbles(({ expectObservable, flush }, scheduler) => {
        const shared = sharing(scheduler)
        const joins = new Subject<void>()
        const joining = defer(() => (joins.next(), of(constant(100))))
        expectObservable(shared.watch(1000).pipe(takeUntil(joins))).toBe('0 49ms |')
        const received: string[] = []
        timer(50)
          .pipe(mergeMap(() => shared.watch(joining).pipe(takeUntil(timer(199)))))
          .subscribe((text) => received.push(text))
        flush()
        // It receives the last reply or a new one immediately, and then uses its own cadence.
        expect(received.length).to.be.at.least(2)
        expect(resourceCountOf(shared.cluster)).to.equal(0)
      })
    })
  })

  it('can come and go in any number without delaying a request, and without two requests within 100 ms', () => {
    for (const [every, stays] of [
      [3, 10],
      [10, 50],
      [30, 99],
      [60, 61],
      [70, 350],
      [150, 5000],
    ] as const)
      for (const took of [0, 20])
        marbles(({ expectObservable, flush }, scheduler) => {
          const shared = sharing(scheduler, took === 0 ? numberedReply : numberedReplyAfter(took))
          const late: number[] = []
          expectObservable(shared.watch(1000).pipe(ignoreElements()), '^ 5s !').toBe('-')
          for (let at = 100; at < 5000; at += every)
            timer(at)
              .pipe(
                mergeMap(() => shared.watch(1000).pipe(take(1), takeUntil(timer(Math.min(stays, 5000 - at))))),
                tap(() => late.push(scheduler.now() - at)),
              )
              .subscribe()
          flush()
          const requestsMs = sentAt(shared)
          for (const [n, ms] of requestsMs.slice(1).entries())
            expect(ms - requestsMs[n]!, `time between requests, with a subscriber every ${every} ms`).to.be.within(
              100 + took,
              1000 + took,
            )
          for (const ms of late) expect(ms).to.be.at.most(100 + 2 * took)
          expect(resourceCountOf(shared.cluster)).to.equal(0)
        })
  })

  it('include a wait that ignores replies to earlier requests, and triggers a request within 100 ms', () => {
    marbles(({ flush }, scheduler) => {
      const shared = sharing(scheduler)
      shared
        .watch(10_000)
        .pipe(takeUntil(timer(5000)))
        .subscribe()
      timer(50)
        .pipe(mergeMap(() => wait(shared.cluster, { id: 'g1' }, { timeoutMs: 1000 })))
        .subscribe()
      flush()
      const polls = shared.sent.requests.filter(({ query }) => query === 'what=qryxstats').map(({ atMs }) => atMs)
      expect(polls[0]).to.equal(0)
      expect(polls[1]).to.be.within(50, 150)
    })
  })

  describe('on the clock', () => {
    let clock: SinonFakeTimers
    beforeEach(() => {
      clock = useFakeTimers()
    })
    afterEach(() => clock.restore())

    it('leave no timer after an unsubscribe during a request, an interval or a pause', () => {
      for (const [at, cadence, reply] of [
        [20, 100, NEVER],
        [60, 100, undefined],
        [160, 100, undefined],
        [60, Infinity, undefined],
      ] as const) {
        const shared = sharing(asyncScheduler, reply === undefined ? numberedReply : () => reply)
        const subscriptions = [0, 1, 2].map(() => shared.watch(cadence).subscribe())
        clock.tick(at)
        for (const subscription of subscriptions) subscription.unsubscribe()
        expect(clock.countTimers(), `timers after an unsubscribe at ${at} ms`).to.equal(0)
        expect(resourceCountOf(shared.cluster)).to.equal(0)
      }
    })

    it('leave no timer if a cadence throws later', () => {
      const shared = sharing(asyncScheduler)
      const subject = new BehaviorSubject<Cadence>(constant(100))
      const errors: unknown[] = []
      shared.watch(subject).subscribe({ error: (error: unknown) => errors.push(error) })
      clock.tick(250)
      subject.next(() => {
        throw new Error('later')
      })
      expect(errors).to.have.lengthOf(1)
      expect(clock.countTimers()).to.equal(0)
      expect(subject.observed).to.equal(false)
    })
  })
})
