import { expect } from 'chai'
import { NEVER, VirtualTimeScheduler, map } from 'rxjs'
import { constant } from '../../../lib/cadence.ts'
import { isLeft, left, right } from '../../../lib/common/either.ts'
import { poll } from '../../../lib/operators/poll.ts'
import { queryStatus, status } from '../../../lib/queries.ts'
import { marbles } from '../../helpers/marbles.ts'
import { statusIs } from '../../helpers/fake-cluster/replies.ts'
import { clusterOf, only, scripted } from '../../helpers/scripted.ts'

// The time limit of a request, and what an unsubscribe cancels.

const statusRequest = { method: 'GET', path: '/v1/cluster', query: 'what=status' }
const statusReply = statusIs({ id: 'g1', kind: 'lru' })
const decodedStatus = right({ id: 'g1', kind: 'lru', err: '', aborted: false })
const timedOut = (afterMs: number): unknown => left({ _tag: 'RequestTimeout', afterMs, request: statusRequest })
const tokenTimedOut = (afterMs: number): unknown =>
  left({ _tag: 'RequestTimeout', afterMs, nothingSent: true, request: statusRequest })

describe('the timeout of a request', () => {
  it('does not affect a reply in time', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
      const source = cold(' ---------(r|)', { r: statusReply })
      const subs = '        ^--------!   '
      const expected = '    ---------(a|)'
      const cluster = clusterOf(
        scripted(() => source),
        { scheduler, requestTimeoutMs: 10 },
      )
      expectObservable(status(cluster, { id: 'g1' })).toBe(expected, { a: decodedStatus })
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('includes the body, since the transport emits head and body together', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
      const source = cold(' -----------r|', { r: statusReply })
      const subs = '        ^---------!  '
      const expected = '    ----------(a|)'
      const cluster = clusterOf(
        scripted(() => source),
        { scheduler, requestTimeoutMs: 10 },
      )
      expectObservable(status(cluster, { id: 'g1' })).toBe(expected, { a: timedOut(10) })
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('includes token()', () => {
    marbles(({ cold, expectObservable, expectSubscriptions, flush }, scheduler) => {
      const token = cold('  -----------t|')
      const subs = '        ^---------!  '
      const expected = '    ----------(a|)'
      const sent = scripted(() => statusReply)
      const cluster = clusterOf(sent, { scheduler, requestTimeoutMs: 10, token: () => token })
      expectObservable(status(cluster, { id: 'g1' })).toBe(expected, { a: tokenTimedOut(10) })
      expectSubscriptions(token.subscriptions).toBe(subs)
      flush()
      expect(sent.requests).to.have.lengthOf(0)
    })
  })

  it('includes token() and the reply together', () => {
    marbles(({ cold, expectObservable }, scheduler) => {
      const token = cold('  ------(t|)')
      const source = cold(' ------(r|)', { r: statusReply })
      const expected = '    ----------(a|)'
      const cluster = clusterOf(
        scripted(() => source),
        { scheduler, requestTimeoutMs: 10, token: () => token },
      )
      expectObservable(status(cluster, { id: 'g1' })).toBe(expected, { a: timedOut(10) })
    })
  })

  it('never happens if it is Infinity', () => {
    marbles(({ cold, expectObservable }, scheduler) => {
      const source = cold(' 57600m (r|)', { r: statusReply })
      const cluster = clusterOf(
        scripted(() => source),
        { scheduler, requestTimeoutMs: Infinity },
      )
      expectObservable(status(cluster, { id: 'g1' })).toBe('57600m (a|)', { a: decodedStatus })
    })
  })

  it('is exact beyond the longest delay of a timer', () => {
    marbles(({ expectObservable }, scheduler) => {
      const requestTimeoutMs = 30 * 86_400_000
      const cluster = clusterOf(
        scripted(() => NEVER),
        { scheduler, requestTimeoutMs },
      )
      expectObservable(status(cluster, { id: 'g1' })).toBe('43200m (a|)', { a: timedOut(requestTimeoutMs) })
    })
  })

  it('is separate for each request', () => {
    marbles(({ expectObservable }, scheduler) => {
      const cluster = clusterOf(
        scripted(() => NEVER),
        { scheduler, requestTimeoutMs: 10 },
      )
      const status$ = status(cluster, { id: 'g1' })
      expectObservable(status$).toBe('               ----------(a|)', { a: timedOut(10) })
      expectObservable(status$, '-----^--------').toBe('---------------(a|)', { a: timedOut(10) })
    })
  })

  it('is 30 s by default', () => {
    marbles(({ expectObservable }, scheduler) => {
      const cluster = clusterOf(
        scripted(() => NEVER),
        { scheduler },
      )
      expectObservable(status(cluster, { id: 'g1' })).toBe('30s (a|)', { a: timedOut(30_000) })
    })
  })

  it('doubles after each timeout of one poll, up to 5 min', () => {
    marbles(({ expectObservable }, scheduler) => {
      const cluster = clusterOf(
        scripted(() => NEVER),
        { scheduler },
      )
      const limit = { ms: 30_000 }
      const afterMs = queryStatus(cluster, { ids: ['g1'], onlyRunning: false }, limit).pipe(
        poll(constant(1000), { scheduler }),
        map((result) => isLeft(result) && result.left._tag === 'RequestTimeout' && result.left.afterMs / 1000),
      )
      expectObservable(afterMs, '^ 1300s !').toBe('30s a 60999ms b 120999ms c 240999ms d 300999ms e 300999ms e', {
        a: 30,
        b: 60,
        c: 120,
        d: 240,
        e: 300,
      })
    })
  })

  it('does not decrease if it was longer than 5 min from the start', () => {
    marbles(({ expectObservable, flush }, scheduler) => {
      const cluster = clusterOf(
        scripted(() => NEVER),
        { scheduler },
      )
      const limit = { ms: 400_000 }
      const status$ = queryStatus(cluster, { ids: ['g1'], onlyRunning: false }, limit)
      expectObservable(status$).toBe('400s (a|)', { a: timedOut(400_000) })
      flush()
      expect(limit.ms).to.equal(400_000)
    })
  })

  it('does not change after other failures', () => {
    const limit = { ms: 10 }
    const cluster = clusterOf(scripted(() => ({ status: 503 })))
    expect(isLeft(only(queryStatus(cluster, { ids: ['g1'], onlyRunning: false }, limit)))).to.equal(true)
    expect(limit.ms).to.equal(10)
  })

  it('uses the injected scheduler', () => {
    const scheduler = new VirtualTimeScheduler()
    const sent = scripted(() => NEVER, scheduler)
    const atMs: unknown[] = []
    const log: string[] = []
    const cluster = clusterOf(sent, { scheduler, log: (event) => log.push(`${event.type} ${event.atMs}`) })
    status(cluster, { id: 'g1' }).subscribe((result) => atMs.push(scheduler.now(), result))
    expect(atMs).to.deep.equal([])
    scheduler.flush()
    expect(atMs).to.deep.equal([30_000, timedOut(30_000)])
    expect(log).to.deep.equal(['request 0', 'failure 30000'])
  })
})

describe('unsubscribing', () => {
  it('cancels the request', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
      const source = cold(' -----------r', { r: statusReply })
      const unsub = '       ^----!      '
      const subs = '        ^----!      '
      const expected = '    ------------'
      const cluster = clusterOf(
        scripted(() => source),
        { scheduler },
      )
      expectObservable(status(cluster, { id: 'g1' }), unsub).toBe(expected)
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })

  it('cancels a pending token()', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
      const token = cold('  -----------t', { t: 't' })
      const unsub = '       ^----!      '
      const subs = '        ^----!      '
      const cluster = clusterOf(
        scripted(() => statusReply),
        { scheduler, token: () => token },
      )
      expectObservable(status(cluster, { id: 'g1' }), unsub).toBe('------------')
      expectSubscriptions(token.subscriptions).toBe(subs)
    })
  })

  it('happens after the first reply, even if the transport would emit more', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }, scheduler) => {
      const source = cold(' ---r--r--', { r: statusReply })
      const subs = '        ^--!     '
      const expected = '    ---(a|)  '
      const cluster = clusterOf(
        scripted(() => source),
        { scheduler },
      )
      expectObservable(status(cluster, { id: 'g1' })).toBe(expected, { a: decodedStatus })
      expectSubscriptions(source.subscriptions).toBe(subs)
    })
  })
})
