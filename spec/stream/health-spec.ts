import { expect } from 'chai'
import { NEVER, config, delay, distinctUntilChanged, map, mergeMap, of, takeUntil, timer, type Observable } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { constant } from '../../lib/cadence.ts'
import { createCluster, type Cluster } from '../../lib/cluster.ts'
import type { ClusterLike } from '../../lib/environment.ts'
import { health, type Health } from '../../lib/health.ts'
import { clusterMap, status } from '../../lib/queries.ts'
import { watchDetails, watchStatus } from '../../lib/watch.ts'
import { marbles } from '../helpers/marbles.ts'
import { mapOf, play } from '../helpers/proxies.ts'
import { json, refusal, statusIs } from '../helpers/fake-cluster/replies.ts'
import type { Recorded } from '../helpers/recorded.ts'
import { clusterOf, failing, scripted, type Reply } from '../helpers/scripted.ts'

// `health` emits how well the cluster replies, judged by the traffic of all other streams.

const statusReply = statusIs({ id: 'g1', kind: 'lru' })
const refused = failing('ECONNREFUSED', 'connect ECONNREFUSED')
const REFUSED_REASON = 'GET /v1/cluster?what=status failed: connect ECONNREFUSED (ECONNREFUSED)'
const connected = (sinceMs: number, endpoint = 'http://p1'): Health => ({ state: 'connected', endpoint, sinceMs })
/** A state other than connected, with its reason. */
const troubled = (
  state: Health['state'],
  sinceMs: number,
  endpoint = 'http://p1',
  reason = REFUSED_REASON,
): Health => ({
  state,
  endpoint,
  reason,
  sinceMs,
})

const sendQuery = (cluster: Cluster): Observable<unknown> => status(cluster, { id: 'g1' })

/** The changes of the health while a request is sent every second. */
function seen(
  script: (request: Recorded) => Reply,
  untilMs: number,
  endpoint: string | readonly string[] = 'http://p1',
) {
  const { values, sent } = play(
    script,
    [
      [0, (cluster) => health(cluster).pipe(takeUntil(timer(untilMs)))],
      [0, (cluster) => watchStatus(cluster, { id: 'g1' }).pipe(takeUntil(timer(untilMs)))],
    ],
    { cadence: constant(1000) },
    endpoint,
  )
  return { changes: values[0] as readonly Health[], sent }
}

describe('health', () => {
  it('emits nothing before any traffic, and sends no requests', () => {
    marbles(({ expectObservable, flush }, scheduler) => {
      const sent = scripted(() => statusReply, scheduler)
      expectObservable(health(clusterOf(sent, { scheduler })), '^ 3600s !').toBe('-')
      flush()
      expect(sent.requests).to.have.lengthOf(0)
    })
  })

  it('emits each change, and the current value to a new subscriber', () => {
    marbles(({ hot, expectObservable }, scheduler) => {
      const requests = hot('     --a---a--a--a---a---a')
      const first = '             ^--------------------!'
      const expected = '          --a------d--u---c----'
      const late = '              -------^--!'
      const lateExpected = '      -------a-d'
      const later = '             --------------^----!'
      const laterExpected = '     --------------u-c'
      const sent = scripted(({ atMs }) => (atMs > 5 && atMs < 15 ? refused : statusReply), scheduler)
      const cluster = clusterOf(sent, { scheduler })
      const values = { a: connected(2), d: troubled('degraded', 9), u: troubled('unreachable', 12), c: connected(16) }
      requests.pipe(mergeMap(() => sendQuery(cluster))).subscribe()
      expectObservable(health(cluster), first).toBe(expected, values)
      expectObservable(health(cluster), late).toBe(lateExpected, values)
      expectObservable(health(cluster), later).toBe(laterExpected, values)
    })
  })

  it('includes the traffic before the first subscription', () => {
    const { values } = play(
      () => refused,
      [
        ...[0, 10, 20].map((ms) => [ms, sendQuery] as const),
        [30, (cluster) => health(cluster).pipe(takeUntil(timer(5)))],
      ],
    )
    expect(values[3]).to.deep.equal([troubled('unreachable', 20)])
  })

  it('is separate for each cluster', () => {
    const cluster = clusterOf(scripted(() => statusReply))
    const other = clusterOf(scripted(() => statusReply))
    const states: Health['state'][] = []
    sendQuery(cluster).subscribe()
    health(other).subscribe(({ state }) => states.push(state))
    expect(states).to.deep.equal([])
  })

  it('is the same for a cluster and its job handle, which share their traffic', () => {
    const cluster = clusterOf(scripted(() => statusReply))
    const states: Health['state'][] = []
    health(cluster).subscribe(({ state }) => states.push(state))
    cluster.job({ id: 'g1' }).status().subscribe()
    expect(states).to.deep.equal(['connected'])
  })

  it('is degraded, then unreachable while the only proxy is away', () => {
    const { changes } = seen(({ atMs }) => (atMs >= 3000 && atMs < 9000 ? refused : statusReply), 20_000)
    expect(changes).to.deep.equal([
      connected(0),
      troubled('degraded', 4000),
      troubled('unreachable', 5000),
      connected(9000),
    ])
  })

  it('is unreachable if all three endpoints were silent, also if one of them only as the second one of a query', () => {
    const { values } = play(
      () => NEVER,
      [
        [
          0,
          (cluster) =>
            health(cluster).pipe(
              map(({ state }) => state),
              distinctUntilChanged(),
            ),
        ],
        [0, (cluster) => status(cluster, { id: 'g1' })],
        [30_001, (cluster) => status(cluster, { id: 'g1' })],
      ],
      {},
      ['http://p1', 'http://p2', 'http://p3'],
    )
    expect(values[0]).to.deep.equal(['degraded', 'unreachable'])
  })

  it('does not change if every second request fails', () => {
    const { changes } = seen(({ atMs }) => (atMs % 2000 === 1000 ? refused : statusReply), 20_000)
    expect(changes).to.deep.equal([connected(0)])
  })

  it('is failed over after a failover to another given endpoint', () => {
    const { changes } = seen(
      ({ atMs, origin }) => (atMs >= 3000 && origin === 'http://p1' ? refused : statusReply),
      20_000,
      ['http://p1', 'http://p2'],
    )
    expect(changes).to.deep.equal([connected(0), troubled('failed-over', 3000, 'http://p2')])
  })

  it('is failed over after a failover to a proxy of the map', () => {
    const { values } = play(
      ({ atMs, origin, query }) => {
        if (atMs > 0 && origin === 'http://p1') return refused
        return query === 'what=smap' ? mapOf(['p1', 'p2']) : statusReply
      },
      [
        [0, (cluster) => health(cluster).pipe(takeUntil(timer(100)))],
        [0, clusterMap],
        [10, sendQuery],
        [20, sendQuery],
      ],
    )
    expect(values[0]).to.deep.equal([connected(0), troubled('failed-over', 10, 'http://p2')])
  })

  it('is not affected by unreachable addresses of the map', () => {
    const { values } = play(
      ({ atMs, origin, query }) => {
        if (atMs > 0 && origin !== 'http://p1') return failing('ENOTFOUND')
        if (atMs > 0) return refused
        return query === 'what=smap' ? mapOf(['p1', 'p2', 'p3']) : statusReply
      },
      [
        [0, (cluster) => health(cluster).pipe(takeUntil(timer(100)))],
        [0, clusterMap],
        ...[10, 20, 30].map((ms) => [ms, sendQuery] as const),
      ],
    )
    expect(values[0]).to.deep.equal([connected(0), troubled('degraded', 20), troubled('unreachable', 30)])
  })

  it('is degraded if a target cannot be reached (T27)', () => {
    const { changes } = seen(({ atMs }) => (atMs >= 3000 ? refusal(400, 'failed', 'ErrFailedTo') : statusReply), 10_000)
    const reason = 'GET /v1/cluster?what=status failed with HTTP 400 ErrFailedTo: failed'
    expect(changes).to.deep.equal([connected(0), troubled('degraded', 4000, 'http://p1', reason)])
  })

  it('is degraded, then unreachable if the cluster hangs, by the injected clock', () => {
    const { values } = play(
      ({ atMs }) => (atMs < 10 ? statusReply : NEVER),
      [
        [0, (cluster) => health(cluster).pipe(takeUntil(timer(200_000)))],
        [0, sendQuery],
        [10, (cluster) => watchStatus(cluster, { id: 'g1' }).pipe(takeUntil(timer(150_000)))],
      ],
      { cadence: constant(1000) },
    )
    const reason = (s: number): string => `GET /v1/cluster?what=status got no complete reply within ${s} s`
    const open = 'GET /v1/cluster?what=status has been in flight for 5 s'
    expect(values[0]).to.deep.equal([
      connected(0),
      troubled('degraded', 5010, 'http://p1', open),
      troubled('degraded', 5010, 'http://p1', reason(30)),
      troubled('degraded', 5010, 'http://p1', open),
      troubled('unreachable', 91_010, 'http://p1', reason(60)),
    ])
  })

  it('is degraded while a frozen target delays snapshots by 20 s, although statuses arrive', () => {
    const snapshots = json({})
    const { values } = play(
      ({ atMs, query }) => {
        if (query.startsWith('what=status')) return statusReply
        return atMs >= 3000 && atMs < 28_000 ? of(snapshots).pipe(delay(Math.min(20_000, 28_000 - atMs))) : snapshots
      },
      [
        [0, (cluster) => health(cluster).pipe(takeUntil(timer(60_000)))],
        [0, (cluster) => watchStatus(cluster, { id: 'g1' }).pipe(takeUntil(timer(60_000)))],
        [500, (cluster) => watchDetails(cluster).pipe(takeUntil(timer(60_000)))],
      ],
      { cadence: constant(1000) },
    )
    const changes = values[0] as readonly Health[]
    expect(changes.map(({ state, sinceMs }) => `${state}@${sinceMs}`)).to.deep.equal([
      'connected@0',
      'degraded@8500',
      'connected@28000',
    ])
    expect(changes[1]?.reason).to.equal('GET /v1/cluster?what=qryxstats has been in flight for 5 s')
  })

  for (const [what, tookMs, states] of [
    ['the status of an unknown id, which takes 2 s', 2000, ['connected']],
    ['a status that takes 4.9 s', 4900, ['connected']],
    ['the status of a job with a frozen target, which takes 20.0 s', 20_000, ['degraded']],
  ] as const)
    it(`is ${states.join(', ')} for ${what}`, () => {
      const { changes } = seen(() => of(refusal(404, 'x')).pipe(delay(tookMs)), 60_000)
      expect(changes.map(({ state }) => state)).to.deep.equal(states)
    })

  it('is not affected by the failed check of a member', () => {
    const { values } = play(
      ({ atMs, origin, query }) => {
        if (origin !== 'http://p1') return NEVER
        if (query === 'what=smap') return mapOf(['p1', 'p2'])
        return atMs === 10 ? refused : statusReply
      },
      [
        [0, (cluster) => health(cluster).pipe(takeUntil(timer(20_000)))],
        [0, clusterMap],
        [10, sendQuery],
        [11_000, sendQuery],
      ],
    )
    expect(values[0]).to.deep.equal([connected(0)])
  })

  it('sets no timer and sends no request', () => {
    const scheduler = new TestScheduler(() => undefined)
    const sent = scripted(() => statusReply, scheduler)
    scheduler.run(({ flush }) => {
      const cluster = clusterOf(sent, { scheduler })
      sendQuery(cluster).subscribe()
      const states: Health['state'][] = []
      health(cluster).subscribe(({ state }) => states.push(state))
      // A timer would be among the actions, or would advance virtual time.
      expect(states).to.deep.equal(['connected'])
      expect(scheduler.actions).to.have.lengthOf(0)
      flush()
      expect(scheduler.now()).to.equal(0)
    })
    expect(sent.requests).to.have.lengthOf(1)
  })

  it('emits to all subscribers if one of them throws', () => {
    marbles(({ expectObservable, flush }, scheduler) => {
      const reported: unknown[] = []
      const before = config.onUnhandledError
      config.onUnhandledError = (error) => reported.push(String(error))
      try {
        const cluster = clusterOf(
          scripted(() => statusReply, scheduler),
          { scheduler, cadence: constant(1000) },
        )
        health(cluster).subscribe(() => {
          throw new Error('mine')
        })
        expectObservable(health(cluster), '^ 1500ms !').toBe('a', { a: connected(0) })
        expectObservable(watchStatus(cluster, { id: 'g1' }).pipe(map(({ _tag }) => _tag)), '^ 1500ms !').toBe(
          'a 999ms a',
          { a: 'Right' },
        )
        flush()
        expect(reported).to.deep.equal(['Error: mine'])
      } finally {
        config.onUnhandledError = before
      }
    })
  })

  it('contains no secret', () => {
    const secret = 'canary7f3a9b1c'
    for (const reply of [
      refusal(500, `invalid token ${secret}`, secret),
      { status: 401, body: `Bearer ${secret}` },
      failing(`code ${secret}`, `header "Bearer ${secret}"`),
      { status: 307, headers: { location: `http://evil/${secret}` } },
    ] as readonly Reply[]) {
      const cluster = clusterOf(
        scripted(() => reply),
        { token: secret },
      )
      const changes: Health[] = []
      health(cluster).subscribe((one) => changes.push(one))
      sendQuery(cluster).subscribe()
      expect(changes).to.have.lengthOf(1)
      expect(JSON.stringify(changes)).to.contain('redacted').and.not.to.contain(secret)
    }
  })

  it('emits nothing for a failed token(), since nothing was sent', () => {
    const cluster = clusterOf(
      scripted(() => statusReply),
      {
        token: () => {
          throw new Error('no token')
        },
      },
    )
    const changes: Health[] = []
    health(cluster).subscribe((one) => changes.push(one))
    sendQuery(cluster).subscribe()
    expect(changes).to.deep.equal([])
  })

  it('emits nothing for a token() that never emits, since nothing was sent', () => {
    marbles(({ expectObservable }, scheduler) => {
      const cluster = clusterOf(
        scripted(() => statusReply),
        { scheduler, token: () => NEVER, requestTimeoutMs: 5 },
      )
      expectObservable(health(cluster), '^---------!').toBe('-')
      sendQuery(cluster).subscribe()
    })
  })

  it('emits nothing for a cluster with invalid arguments, nor for another object', () => {
    marbles(({ expectObservable }) => {
      expectObservable(health(createCluster('nowhere')), '^---!').toBe('-')
      expectObservable(health({} as ClusterLike), '^---!').toBe('-')
    })
  })
})
