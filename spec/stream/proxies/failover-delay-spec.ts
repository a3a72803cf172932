import { expect } from 'chai'
import { NEVER, delay, map, of, takeUntil, throwError, timer, mergeMap, type Observable } from 'rxjs'
import { constant } from '../../../lib/cadence.ts'
import type { Cluster } from '../../../lib/cluster.ts'
import { isLeft } from '../../../lib/common/either.ts'
import type { Environment } from '../../../lib/environment.ts'
import { poll } from '../../../lib/operators/poll.ts'
import { clusterMap, status } from '../../../lib/queries.ts'
import { mapOf, play } from '../../helpers/proxies.ts'
import { statusIs } from '../../helpers/fake-cluster/replies.ts'
import type { Recorded } from '../../helpers/recorded.ts'
import type { Reply } from '../../helpers/scripted.ts'

// Measures a request whose proxy is gone. A round trip takes 2 ms, a refused connection 1 ms.

const ROUND_MS = 2
const REFUSED_MS = 1
const statusReply = statusIs({ id: 'g1', kind: 'lru' })
const refused = timer(REFUSED_MS).pipe(
  mergeMap(() => throwError(() => Object.assign(new Error(), { code: 'ECONNREFUSED' }))),
)
const proxyIds = ['p1', 'p2', 'p3', 'p4', 'p5', 'p6', 'p7']
const mapReply = mapOf(proxyIds)

/** From 100 ms on, these hosts refuse connections or hang. The others reply. */
const world =
  ({ refuse = [], hang = [] }: { readonly refuse?: readonly string[]; readonly hang?: readonly string[] }) =>
  ({ origin, atMs, query }: Recorded): Reply => {
    const host = origin.slice('http://'.length)
    if (atMs >= 100 && refuse.includes(host)) return refused
    if (atMs >= 100 && hang.includes(host)) return NEVER
    return of(query === 'what=smap' ? mapReply : statusReply).pipe(delay(ROUND_MS))
  }

/** The duration in milliseconds of a status request that is sent at 100 ms, and the tag of its result. */
function delayOf(
  script: (request: Recorded) => Reply,
  endpoints: readonly string[] = ['http://p1'],
): readonly [tookMs: number, tag: string] {
  const query = (cluster: Cluster, { now }: Environment): Observable<unknown> => {
    const sentMs = now()
    return status(cluster, { id: 'g1' }).pipe(
      map((result) => [now() - sentMs, isLeft(result) ? result.left._tag : 'Right'] as const),
    )
  }
  const { values } = play(
    script,
    [
      [0, clusterMap],
      [100, query],
    ],
    {},
    endpoints,
  )
  return values[1]?.[0] as readonly [number, string]
}

describe('the delay of a failover', () => {
  it('to a second given endpoint is one round trip after the refused connection', () => {
    expect(delayOf(world({ refuse: ['p1'] }), ['http://p1', 'http://p2'])).to.deep.equal([
      REFUSED_MS + ROUND_MS,
      'Right',
    ])
  })

  it('to a proxy of the map is one round trip more, to check the proxy', () => {
    expect(delayOf(world({ refuse: ['p1'] }))).to.deep.equal([REFUSED_MS + 2 * ROUND_MS, 'Right'])
  })

  it('is the time of one refused connection for each proxy that refuses', () => {
    const refuse = ['p1', 'p2', 'p3', 'p4', 'p5']
    expect(delayOf(world({ refuse }))).to.deep.equal([5 * REFUSED_MS + 2 * ROUND_MS, 'Right'])
  })

  for (const count of [1, 2, 3, 4])
    it(`is 250 ms more for each proxy that hangs: ${count}`, () => {
      const hang = proxyIds.slice(1, 1 + count)
      expect(delayOf(world({ refuse: ['p1'], hang }))).to.deep.equal([REFUSED_MS + count * 250 + 2 * ROUND_MS, 'Right'])
    })

  it('ends with the first proxy that replies, while the check of a slow one is cancelled', () => {
    const slow = of(mapReply).pipe(delay(400))
    const { requestLog, sent } = play(
      (request) => (request.atMs > 0 && request.origin === 'http://p2' ? slow : world({ refuse: ['p1'] })(request)),
      [
        [0, clusterMap],
        [100, (cluster) => status(cluster, { id: 'g1' })],
      ],
    )
    expect(requestLog.slice(1)).to.deep.equal(['p1 status@100', 'p2 smap@101', 'p3 smap@351', 'p3 status@353'])
    expect(sent.requests.map(({ state }) => state).slice(2)).to.deep.equal(['cut', 'answered', 'answered'])
  })

  it('uses what another query has learned about the proxies in the meantime', () => {
    const { requestLog } = play(world({ refuse: ['p1', 'p3'], hang: ['p2'] }), [
      [0, clusterMap],
      [100, (cluster) => status(cluster, { id: 'g1' })],
      [200, (cluster) => status(cluster, { id: 'g2' })],
    ])
    const first = ['p1 status@100', 'p2 smap@101', 'p3 smap@351', 'p4 smap@352', 'p4 status@354']
    expect(requestLog.slice(1)).to.have.members([...first, 'p1 status@200', 'p4 status@451'])
  })

  it('is 6 s if all proxies hang, and a few milliseconds if all refuse', () => {
    const script = world({ refuse: ['p1'], hang: proxyIds.slice(1) })
    expect(delayOf(script)).to.deep.equal([REFUSED_MS + 4 * 250 + 5000, 'TransportError'])
    expect(delayOf(world({ refuse: proxyIds }))).to.deep.equal([6 * REFUSED_MS, 'TransportError'])
  })

  it('is 5 s for each loop if a given proxy hangs', () => {
    const loop =
      (id: string) =>
      (cluster: Cluster, { now, scheduler }: Environment): Observable<unknown> =>
        status(cluster, { id }).pipe(
          poll(constant(1000), { scheduler }),
          map(() => now()),
          takeUntil(timer(10_000, scheduler)),
        )
    const { values } = play(world({ hang: ['p1', 'p2'] }), [
      [0, clusterMap],
      [50, loop('g1')],
      [500, loop('g2')],
    ])
    // p2 hangs, too: the check of p3 follows after 250 ms. The query that is slow first proves that p1 alone is slow.
    const firstSlowMs = 500 + 5_000
    const provenMs = firstSlowMs + 250 + 2 * ROUND_MS
    expect(values[2]?.slice(0, 2)).to.deep.equal([provenMs, provenMs + 1_000 + ROUND_MS])
    // The query of the other loop was sent at 1052 ms.
    expect(values[1]?.slice(0, 3)).to.deep.equal([50 + ROUND_MS, 1_052 + 5_000 + ROUND_MS, 7_056])
  })
})
