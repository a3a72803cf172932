import { expect } from 'chai'
import { EMPTY, NEVER, delay, ignoreElements, merge, mergeMap, of, takeUntil, timer, type Observable } from 'rxjs'
import { constant } from '../../../lib/cadence.ts'
import type { Cluster } from '../../../lib/cluster.ts'
import { isLeft } from '../../../lib/common/either.ts'
import type { Environment } from '../../../lib/environment.ts'
import { poll } from '../../../lib/operators/poll.ts'
import { clusterMap, status } from '../../../lib/queries.ts'
import { learnMap } from '../../../lib/proxies/map-proxies.ts'
import { learnMapOnce } from '../request/helpers/learn-map.ts'
import { watchStatus } from '../../../lib/watch.ts'
import { mapOf, play } from '../../helpers/proxies.ts'
import { refusal, statusIs } from '../../helpers/fake-cluster/replies.ts'
import { failing } from '../../helpers/scripted.ts'

// A loop, such as a wait, requests the map of all nodes, so that it can go on if its endpoint dies.

const statusReply = statusIs({ id: 'g1', kind: 'lru' })
const mapReply = (): ReturnType<typeof mapOf> => mapOf(['p1', 'p2'])
const learnMapFromEnv = (_: Cluster, env: Environment): Observable<unknown> => learnMapOnce(env)

/** A polling loop: a status each second, and a request for the map after a successful reply. */
const loop =
  (endMs: number) =>
  (cluster: Cluster, env: Environment): Observable<unknown> =>
    status(cluster, { id: 'g1' }).pipe(
      poll(constant(1000), { scheduler: env.scheduler }),
      mergeMap((result) => (isLeft(result) ? EMPTY : merge(of(result), learnMapOnce(env).pipe(ignoreElements())))),
      takeUntil(timer(endMs, env.scheduler)),
    )

/** Only the requests for the map. */
const mapsOnly = (requests: readonly string[]): readonly string[] => requests.filter((one) => one.includes('smap'))

describe('a loop that requests the cluster map', () => {
  it('requests the map if none is known, and again when it is ten minutes old', () => {
    const { requestLog, values, env } = play(
      mapReply,
      [0, 1, 600_000, 600_001, 1_200_001, 1_200_002].map((ms) => [ms, learnMapFromEnv] as const),
    )
    expect(requestLog).to.deep.equal(['p1 smap@0', 'p1 smap@600001', 'p1 smap@1200002'])
    expect(values.map((seen) => seen.length)).to.deep.equal([1, 0, 0, 1, 0, 1])
    expect(env.shared.roster.list.map(({ endpoint }) => endpoint.base)).to.deep.equal(['http://p1', 'http://p2'])
  })

  it('requests nothing if another request has returned the map', () => {
    const acts = [
      [0, clusterMap],
      [1, learnMapFromEnv],
    ] as const
    expect(play(mapReply, acts).requestLog).to.deep.equal(['p1 smap@0'])
  })

  it('requests the map at most once a minute if the requests fail', () => {
    const acts = [0, 1000, 59_999, 60_000, 60_001].map((ms) => [ms, learnMapFromEnv] as const)
    expect(play(() => refusal(404, 'no map here'), acts).requestLog).to.deep.equal(['p1 smap@0', 'p1 smap@60000'])
  })

  it('requests nothing without discover', () => {
    expect(play(mapReply, [[0, learnMapFromEnv]], { discover: false }).requestLog).to.deep.equal([])
  })

  it('sends one request for all loops of a cluster after the first successful reply, and delays no value', () => {
    const slow = of(mapReply()).pipe(delay(700))
    const { requestLog, values } = play(
      ({ query, atMs }) => {
        if (query === 'what=smap') return slow
        return atMs < 2000 ? { status: 500 } : statusReply
      },
      [
        [0, loop(5500)],
        [0, loop(5500)],
      ],
    )
    expect(requestLog.filter((one) => one.startsWith('p1 status'))).to.have.lengthOf(12)
    expect(mapsOnly(requestLog)).to.deep.equal(['p1 smap@2000'])
    expect(values.map((seen) => seen.length)).to.deep.equal([4, 4])
  })

  it('cancels its request when its loop ends, so that another loop sends one after its next reply', () => {
    const { requestLog, sent } = play(
      ({ query, atMs }) => {
        if (query !== 'what=smap') return statusReply
        return atMs < 100 ? NEVER : mapReply()
      },
      [
        [0, loop(1500)],
        [10, loop(4500)],
      ],
    )
    expect(mapsOnly(requestLog)).to.deep.equal(['p1 smap@0', 'p1 smap@2010'])
    expect(sent.requests.filter(({ query }) => query === 'what=smap').map(({ state, endedAtMs }) => [state, endedAtMs]))
      // The first request is cancelled when its loop ends.
      .to.deep.equal([
        ['cut', 1500],
        ['answered', 2010],
      ])
  })

  it('uses another proxy immediately if the given one fails after the first reply', () => {
    const { values, requestLog } = play(
      ({ query, origin, atMs }) => {
        if (atMs > 0 && origin === 'http://p1') return failing('ECONNREFUSED')
        return query === 'what=smap' ? mapReply() : statusReply
      },
      [[0, loop(3500)]],
    )
    expect(values[0]).to.have.lengthOf(4)
    expect(requestLog).to.deep.equal([
      'p1 status@0',
      'p1 smap@0',
      'p1 status@1000',
      'p2 smap@1000',
      'p2 status@1000',
      'p2 status@2000',
      'p2 status@3000',
    ])
  })

  it('gives the map request more time after each timeout', () => {
    const slow = of(mapReply()).pipe(delay(45_000))
    const { requestLog, env } = play(
      ({ query }) => (query === 'what=smap' ? slow : statusReply),
      [
        [
          0,
          (cluster) => watchStatus(cluster, { id: 'g1' }, { cadence: constant(1000) }).pipe(takeUntil(timer(200_000))),
        ],
      ],
    )
    expect(mapsOnly(requestLog)).to.deep.equal(['p1 smap@0', 'p1 smap@60000'])
    expect(env.shared.roster.map).to.not.equal(undefined)
  })

  it('differs from a one-shot query, which requests no map', () => {
    expect(play(() => statusReply, [[0, (cluster) => status(cluster, { id: 'g1' })]]).requestLog).to.deep.equal([
      'p1 status@0',
    ])
  })
})

describe('the known cluster map', () => {
  const origins = ({ env }: { readonly env: Environment }): readonly string[] =>
    env.shared.roster.list.map(({ endpoint }) => endpoint.base.slice('http://'.length))

  it('is the newest one, not an older one from a proxy that lags behind', () => {
    const maps = [mapOf(['p1', 'p2'], { version: 5 }), mapOf(['p1', 'p3'], { version: 4 })]
    const acts = [
      [0, clusterMap],
      [30_000, clusterMap],
    ] as const
    expect(origins(play(({ atMs }) => maps[atMs === 0 ? 0 : 1]!, acts))).to.deep.equal(['p1', 'p2'])
  })

  it('is replaced by a lower version if it is old', () => {
    const maps = [mapOf(['p1', 'p2'], { version: 5 }), mapOf(['p1', 'p3'], { version: 4 })]
    const acts = [
      [0, clusterMap],
      [30_001, clusterMap],
    ] as const
    expect(origins(play(({ atMs }) => maps[atMs === 0 ? 0 : 1]!, acts))).to.deep.equal(['p1', 'p3'])
  })

  it('is replaced by the map of a new cluster if a given endpoint returns it', () => {
    const maps = [mapOf(['p1', 'p2'], { version: 5 }), mapOf(['p1', 'p3'], { version: 1, uuid: 'new' })]
    const acts = [
      [0, clusterMap],
      [1, clusterMap],
    ] as const
    expect(origins(play(({ atMs }) => maps[atMs === 0 ? 0 : 1]!, acts))).to.deep.equal(['p1', 'p3'])
  })

  it('can come from a request that a redirect caused', () => {
    const { requestLog, env } = play(
      ({ query, origin }) => {
        if (query === 'what=smap') return mapReply()
        return origin === 'http://p2'
          ? statusIs({ id: 'g1', kind: 'lru' })
          : { status: 307, headers: { location: 'http://p2/v1/cluster?what=status' } }
      },
      [[0, (cluster) => status(cluster, { kind: 'lru' })]],
    )
    expect(requestLog).to.deep.equal(['p1 status@0', 'p1 smap@0', 'p2 status@0'])
    expect(origins({ env })).to.deep.equal(['p1', 'p2'])
  })

  it('removes proxies that it does not contain any more', () => {
    const gone = failing('ECONNREFUSED')
    const { env } = play(
      ({ atMs, origin }) => (atMs > 0 && origin === 'http://p1' ? gone : mapReply()),
      [
        [0, clusterMap],
        [10, clusterMap],
      ],
    )
    expect(env.shared.roster.current?.endpoint.base).to.equal('http://p2')
    learnMap(env, { uuid: 'u', version: 2n, primary: 'p1', proxies: {}, targets: {}, ic: [] }, env.endpoints[0])
    expect(env.shared.roster.current).to.equal(undefined)
  })

  it('does not change the address of a given endpoint', () => {
    const { env } = play(mapReply, [[0, clusterMap]], {}, 'http://p1/prefix')
    expect(env.shared.roster.list.map(({ endpoint, index }) => [endpoint.base, index])).to.deep.equal([
      ['http://p1/prefix', 0],
      ['http://p2', undefined],
    ])
  })
})
