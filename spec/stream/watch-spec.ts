import { expect } from 'chai'
import { inspect } from 'node:util'
import {
  BehaviorSubject,
  NEVER,
  VirtualTimeScheduler,
  map,
  merge,
  of,
  take,
  throwError,
  timer,
  type Observable,
} from 'rxjs'
import { constant, type Cadence } from '../../lib/cadence.ts'
import { isLeft, left, right } from '../../lib/common/either.ts'
import type { ClusterOptions, ClusterLike } from '../../lib/environment.ts'
import type { Result } from '../../lib/error.ts'
import { rights } from '../../lib/operators/rights.ts'
import { takeUntilDone } from '../../lib/operators/take-until-done.ts'
import type { JobSelector } from '../../lib/model/selection.ts'
import type { HttpResponse } from '../../lib/transport/transport.ts'
import { watchDetails, watchStatus, type WatchOptions } from '../../lib/watch.ts'
import { resourceCountOf } from '../helpers/live.ts'
import { marbles } from '../helpers/marbles.ts'
import { json, refusal, ns, statusIs, statusesAre, type StatusOptions } from '../helpers/fake-cluster/replies.ts'
import { clusterOf, failing, only, scriptedExceptMap, type Scripted, sentLines } from '../helpers/scripted.ts'

// `watchStatus` and `watchDetails` poll one query and share its requests.

const STATUS_REQUEST = { method: 'GET', path: '/v1/cluster', query: 'what=status' }
const bucket = { name: 'b', provider: 'aws' }
const cadence = constant(100)

const wireStatus = (id: string, more: StatusOptions = {}): HttpResponse => statusIs({ id, kind: 'rebalance', ...more })
const statusOf = (id: string): Result<object> => right({ id, kind: 'rebalance', err: '', aborted: false })

type Watch = (cluster: ClusterLike, selector: JobSelector, watchOptions?: WatchOptions) => Observable<Result<unknown>>

/** The time of each request, its state and the time of that: '0 answered 2'. */
const fates = ({ requests }: Scripted): readonly string[] =>
  requests.map(({ atMs, state, endedAtMs }) => `${atMs} ${state} ${endedAtMs ?? '-'}`)

/** Declares a spec: the stream sends exactly these requests in each round. */
function itPolls(watch: Watch, selector: JobSelector | undefined, expected: readonly string[]): void {
  it(`polls ${expected.join(', ')} for ${selector === undefined ? 'everything' : JSON.stringify(selector)}`, () => {
    const scheduler = new VirtualTimeScheduler()
    const sent = scriptedExceptMap(() => json({}), scheduler)
    watch(clusterOf(sent, { scheduler }), selector as JobSelector, { cadence })
      .pipe(take(2))
      .subscribe()
    scheduler.flush()
    expect(sentLines(sent)).to.deep.equal([...expected, ...expected])
  })
}

/** Declares a spec: the stream refuses these arguments with one Left. */
function itRefuses(
  watch: Watch,
  selector: unknown,
  argument: string,
  watchOptions?: unknown,
  options?: ClusterOptions,
): void {
  it(`emits one Left for an invalid ${argument}, and completes: ${inspect([selector, watchOptions])}`, () => {
    const sent = scriptedExceptMap(() => json({}))
    const cluster = clusterOf(sent, options)
    const watched = watch(cluster, selector as JobSelector, watchOptions as WatchOptions)
    for (const result of [only(watched), only(watched)]) {
      if (!isLeft(result) || result.left._tag !== 'InvalidArgument') throw new Error('not refused')
      expect((result.left as { argument: string }).argument).to.equal(argument)
    }
    expect(sent.requests).to.have.lengthOf(0)
    expect(resourceCountOf(cluster)).to.equal(0)
  })
}

/** The specs for both functions. `reply` is a reply for the id g1. */
function itPollsAndShares(watch: Watch, reply: HttpResponse, value: unknown): void {
  const values = { a: value }

  for (const wrong of [null, 0, 'quick', 1000, {}, []]) itRefuses(watch, { id: 'g1' }, 'cadence', { cadence: wrong })
  itRefuses(watch, { id: '../x' }, 'id')
  itRefuses(watch, { kind: 'lur' }, 'kind')
  itRefuses(watch, { id: 'g1', onlyRunning: 1 }, 'onlyRunning')
  itRefuses(watch, { id: 'g1' }, 'requestTimeoutMs', undefined, { requestTimeoutMs: 0 })

  it('refuses anything but a cluster', () => {
    const result = only(watch({} as ClusterLike, { id: 'g1' }))
    expect(isLeft(result) && result.left._tag).to.equal('InvalidArgument')
  })

  it('sends nothing before a subscription, polls, and cancels its request with the last unsubscribe', () => {
    marbles(({ cold, expectObservable, expectSubscriptions, flush }, scheduler) => {
      const replied = cold('--(a|)                                   ', { a: reply })
      const subs = ['        ^-!', '102ms ^-!', '204ms ^!              ']
      const first = '        ^ 204ms !                                '
      const second = '       50ms ^ 99ms !                            '
      const expected1 = '    --a 101ms a                              '
      const expected2 = '    50ms a 53ms a                            '
      const sent = scriptedExceptMap(() => replied, scheduler)
      const cluster = clusterOf(sent, { scheduler })
      const watched = watch(cluster, { id: 'g1' }, { cadence })
      expect(sent.requests).to.have.lengthOf(0)
      expectObservable(watched, first).toBe(expected1, values)
      expectObservable(watch(cluster, { id: 'g1' }, { cadence }), second).toBe(expected2, values)
      expectSubscriptions(replied.subscriptions).toBe(subs)
      flush()
      expect(fates(sent)).to.deep.equal(['0 answered 2', '102 answered 104', '204 cut 205'])
      expect(resourceCountOf(cluster)).to.equal(0)
    })
  })

  it('shares one request among all selectors of a job, but not with another cluster', () => {
    marbles(({ expectObservable, flush }, scheduler) => {
      const sent = scriptedExceptMap(() => timer(2).pipe(map(() => reply)), scheduler)
      const [cluster, other] = [clusterOf(sent, { scheduler }), clusterOf(sent, { scheduler })]
      const expectReply = (cluster: ClusterLike, selector: JobSelector): void =>
        expectObservable(watch(cluster, selector, { cadence }).pipe(map(isLeft)), '^ 49ms !').toBe('--a', { a: false })
      expectReply(cluster, { id: 'g1' })
      expectReply(cluster, { id: 'g1,g1', onlyRunning: false })
      expectReply(cluster, { id: 'g1', kind: 'rebalance' })
      expectReply(cluster, { kind: 'rebalance', id: 'g1' })
      expectReply(other, { id: 'g1' })
      flush()
      // A kind with an id is compared with the reply and does not change the request.
      expect(sent.requests.map(({ text }) => text)).to.deep.equal(['{"id":"g1"}', '{"id":"g1"}'])
    })
  })

  it('continues after any Left', () => {
    const scheduler = new VirtualTimeScheduler()
    const replies = [refusal(503, 'busy'), failing('ECONNREFUSED'), json('?'), refusal(404, 'gone'), reply]
    const sent = scriptedExceptMap((_, nth) => replies[nth]!, scheduler)
    const seen: string[] = []
    watch(clusterOf(sent, { scheduler }), { id: 'g1' }, { cadence })
      .pipe(take(5))
      .subscribe((result) => seen.push(isLeft(result) ? result.left._tag : 'Right'))
    scheduler.flush()
    expect(seen).to.deep.equal(['HttpError', 'TransportError', 'DecodeError', 'NotFound', 'Right'])
  })

  it('times out a request, and doubles the timeout of the next requests of the same poll', () => {
    marbles(({ expectObservable, flush }, scheduler) => {
      // Only the third request gets a reply, and those after the fourth.
      const sent = scriptedExceptMap((_, nth) => (nth === 2 || nth > 3 ? of(reply) : NEVER), scheduler)
      const cluster = clusterOf(sent, { scheduler, requestTimeoutMs: 500 })
      const watched = watch(cluster, { id: 'g1' }, { cadence })
      const seen = watched.pipe(
        map((result) => (isLeft(result) ? (result.left as { afterMs: number }).afterMs : 'reply')),
      )
      // Each value is followed by the cadence of 100 ms, and then by a request with the next timeout.
      const values = { a: 500, b: 1000, c: 'reply', d: 2000 }
      expectObservable(seen, '^ 3849ms !').toBe('500ms a 1099ms b 99ms c 2099ms d', values)
      // A later subscriber waits for the same request. After all have unsubscribed, a new one starts with the first
      // timeout.
      expectObservable(seen, '300ms ^ 1s !').toBe('500ms a', values)
      expectObservable(seen, '5s ^ 10ms !').toBe('5s c', values)
      flush()
      expect(fates(sent)).to.deep.equal([
        '0 cut 500',
        '600 cut 1600',
        '1700 answered 1700',
        '1800 cut 3800',
        '5000 answered 5000',
      ])
    })
  })

  it('forgets the doubled timeout when all have unsubscribed', () => {
    marbles(({ expectObservable }, scheduler) => {
      const cluster = clusterOf(
        scriptedExceptMap(() => NEVER, scheduler),
        { scheduler, requestTimeoutMs: 500 },
      )
      const seen = watch(cluster, { id: 'g1' }, { cadence }).pipe(map(isLeft))
      expectObservable(seen, '^ 550ms !').toBe('500ms a', { a: true })
      expectObservable(seen, '1s ^ 550ms !').toBe('1500ms a', { a: true })
    })
  })

  it('emits replies that take longer than its cadence', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
      const replied = cold('5s (a|)', { a: reply })
      const cluster = clusterOf(
        scriptedExceptMap(() => replied, scheduler),
        { scheduler },
      )
      expectObservable(watch(cluster, { id: 'g1' }, { cadence }), '^ 10149ms !').toBe('5s a 5099ms a', values)
      expectSubscriptions(replied.subscriptions).toBe(['^ 4999ms !', '5100ms ^ 4999ms !'])
    })
  })

  it('uses the given cadence or Observable of cadences, and that of the cluster by default', () => {
    for (const given of [constant(300), new BehaviorSubject<Cadence>(constant(300))])
      marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
        const replied = cold('(a|)', { a: reply })
        const cluster = clusterOf(
          scriptedExceptMap(() => replied, scheduler),
          { scheduler, cadence: given },
        )
        for (const watchOptions of [undefined, {}])
          expectObservable(watch(cluster, { id: 'g1' }, watchOptions), '^ 349ms !').toBe('a 299ms a', values)
        expectSubscriptions(replied.subscriptions).toBe(['(^!)', '300ms (^!)'])
      })
  })

  it('polls at the fastest cadence, and ends only the stream whose cadence throws', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
      const defect = new Error('defect')
      const replied = cold('(a|)', { a: reply })
      const cluster = clusterOf(
        scriptedExceptMap(() => replied, scheduler),
        { scheduler },
      )
      const thrower = (): never => {
        throw defect
      }
      const by = (given: Cadence | Observable<Cadence>): Observable<unknown> =>
        watch(cluster, { id: 'g1' }, { cadence: given })
      expectObservable(by(constant(1000)), '^ 1249ms !').toBe('a 199ms a 999ms a', values)
      expectObservable(by(constant(200)), '^ 299ms !').toBe('a 199ms a', values)
      expectObservable(by(thrower)).toBe('(a#)', values, defect)
      expectObservable(by(throwError(() => defect))).toBe('#', values, defect)
      expectSubscriptions(replied.subscriptions).toBe(['(^!)', '200ms (^!)', '1200ms (^!)'])
    })
  })

  it('sends one request for 1,000 subscribers, also if replies are synchronous', () => {
    const scheduler = new VirtualTimeScheduler()
    const sent = scriptedExceptMap(() => reply, scheduler)
    const cluster = clusterOf(sent, { scheduler })
    let received = 0
    const all = Array.from({ length: 1000 }, () => watch(cluster, { id: 'g1' }, { cadence }).pipe(take(3)))
    merge(...all).subscribe(() => (received += 1))
    scheduler.flush()
    expect(received).to.equal(3000)
    expect(sent.requests.map(({ atMs }) => atMs)).to.deep.equal([0, 100, 200])
    expect(resourceCountOf(cluster)).to.equal(0)
  })
}

describe('watchStatus', () => {
  itPolls(watchStatus, { id: 'oFIsIapbT' }, ['GET /v1/cluster?what=status {"id":"oFIsIapbT"}'])
  itPolls(watchStatus, { kind: 'copy-bucket', bucket }, [
    'GET /v1/cluster?what=status {"kind":"copy-bck","bck":{"name":"b","provider":"aws"}}',
  ])
  itPolls(watchStatus, { kind: 'lru', onlyRunning: true }, [
    'GET /v1/cluster?what=status {"kind":"lru","show_active":true}',
  ])
  for (const selector of [undefined, {}, { bucket }, null, 'g1', []]) itRefuses(watchStatus, selector, 'selector')
  itRefuses(watchStatus, { id: 'g1', target: 't1' }, 'target')

  itPollsAndShares(watchStatus, wireStatus('g1'), statusOf('g1'))

  it('combines the statuses of several ids, and requests one list for all', () => {
    marbles(({ expectObservable, flush }, scheduler) => {
      const row = (id: string): StatusOptions => ({ id, kind: 'rebalance' })
      const sent = scriptedExceptMap(
        ({ query, body }) =>
          timer(2).pipe(
            map(() =>
              query === 'what=status_all'
                ? statusesAre([row('g1'), row('g2')])
                : wireStatus((body as { id: string }).id),
            ),
          ),
        scheduler,
      )
      const watched = watchStatus(clusterOf(sent, { scheduler }), { id: 'g1,g2' }, { cadence })
      expectObservable(watched, '^ 249ms !').toBe('--a 101ms a 101ms a', { a: statusOf('g1,g2') })
      flush()
      // The second id is not yet known at the first request.
      expect(sent.requests.length).to.be.at.most(4)
    })
  })

  it('emits NotFound for a job of another kind, while other subscribers receive its status', () => {
    marbles(({ expectObservable, flush }, scheduler) => {
      const sent = scriptedExceptMap(() => wireStatus('g1'), scheduler)
      const cluster = clusterOf(sent, { scheduler })
      const tag = (result: Result<unknown>): string => (isLeft(result) ? result.left._tag : 'Right')
      const watched = (selector: JobSelector): Observable<string> =>
        watchStatus(cluster, selector, { cadence }).pipe(map(tag))
      expectObservable(watched({ id: 'g1' }), '^ 49ms !').toBe('a', { a: 'Right' })
      expectObservable(watched({ id: 'g1', kind: 'lru' }), '^ 49ms !').toBe('a', { a: 'NotFound' })
      flush()
      expect(sent.requests).to.have.lengthOf(1)
    })
  })

  it('continues after the end of a job, and takeUntilDone ends it, also after a transient Left', () => {
    marbles(({ expectObservable }, scheduler) => {
      const replies = [wireStatus('g1'), refusal(503, 'busy'), wireStatus('g1', { endMs: 5 })]
      const sent = scriptedExceptMap((_, nth) => replies[Math.min(nth, 2)]!, scheduler)
      const watched = watchStatus(clusterOf(sent, { scheduler }), { id: 'g1' }, { cadence })
      const ended = right({ id: 'g1', kind: 'rebalance', err: '', endTime: ns(5), aborted: false })
      const busy = left({ _tag: 'HttpError', status: 503, message: 'busy', node: 'p[p1]', request: STATUS_REQUEST })
      const values = { a: statusOf('g1'), b: busy, c: ended }
      expectObservable(watched, '^ 349ms !').toBe('a 99ms b 99ms c 99ms c', values)
      expectObservable(watched.pipe(takeUntilDone(({ endTime }) => endTime !== undefined))).toBe(
        'a 99ms b 99ms (c|)',
        values,
      )
    })
  })
})

describe('watchDetails', () => {
  itPolls(watchDetails, undefined, ['GET /v1/cluster?what=qryxstats {}'])
  itPolls(watchDetails, { id: 'g1', bucket }, ['GET /v1/cluster?what=qryxstats {"id":"g1"}'])
  itPolls(watchDetails, { kind: 'lru', onlyRunning: true }, [
    'GET /v1/cluster?what=qryxstats {"kind":"lru","show_active":true}',
  ])
  itPolls(watchDetails, { id: 'g1,g2', kind: 'rebalance' }, [
    'GET /v1/cluster?what=qryxstats {"id":"g1"}',
    'GET /v1/cluster?what=qryxstats {"id":"g2"}',
  ])
  for (const selector of [null, 'g1', []]) itRefuses(watchDetails, selector, 'selector')
  itRefuses(watchDetails, { target: '..?' }, 'target')

  itPollsAndShares(watchDetails, json({ t1: [] }), right(Object.assign(Object.create(null) as object, { t1: [] })))

  it('sends one request for all targets of a job, separate from its status', () => {
    marbles(({ expectObservable, flush }, scheduler) => {
      const sent = scriptedExceptMap(
        ({ query }) => (query === STATUS_REQUEST.query ? wireStatus('g1') : json({ t1: [] })),
        scheduler,
      )
      const cluster = clusterOf(sent, { scheduler })
      const watchOptions = { cadence }
      const unsub = '^ 49ms !'
      const read = { a: ['t1'] }
      expectObservable(watchStatus(cluster, { id: 'g1' }, watchOptions), unsub).toBe('a', { a: statusOf('g1') })
      for (const selector of [{ id: 'g1' }, { id: 'g1', target: 't1' }, { id: 'g1', target: 't2' }])
        expectObservable(watchDetails(cluster, selector, watchOptions).pipe(rights(), map(Object.keys)), unsub).toBe(
          'a',
          read,
        )
      flush()
      expect(sent.requests.map(({ query }) => query).sort()).to.deep.equal(['what=qryxstats', 'what=status'])
    })
  })

  it('emits after thousands of streams have ended whose requests were queued', () => {
    const scheduler = new VirtualTimeScheduler()
    const sent = scriptedExceptMap(() => timer(10, scheduler).pipe(map(() => json({ t1: [] }))), scheduler)
    const cluster = clusterOf(sent, { scheduler })
    const first = watchDetails(cluster, { id: 'g0' }, { cadence }).pipe(take(1))
    const others = Array.from({ length: 5000 }, (_, i) => watchDetails(cluster, { id: `g${i + 1}` }, { cadence }))
    const last = watchDetails(cluster, { id: 'g9999' }, { cadence }).pipe(take(2))
    let received = 0
    first.subscribe()
    // From the newest on, so that those in flight end last, after those that are queued.
    const queued = others.map((other) => other.subscribe())
    last.subscribe(() => (received += 1))
    timer(5, scheduler).subscribe(() => queued.toReversed().forEach((one) => one.unsubscribe()))
    scheduler.flush()
    expect(received).to.equal(2)
    expect(resourceCountOf(cluster)).to.equal(0)
  })
})
