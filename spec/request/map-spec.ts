import { expect } from 'chai'
import { NEVER, takeUntil, timer, type Observable } from 'rxjs'
import type { Cluster } from '../../lib/cluster.ts'
import type { Internals } from '../../lib/environment.ts'
import { clusterMap, status } from '../../lib/queries.ts'
import { learnMap } from '../../lib/request/proxies.ts'
import { refreshMap } from '../../lib/request/map.ts'
import { mapOf, play } from '../helpers/proxies.ts'
import { failing, json, refusal } from '../helpers/scripted.ts'

const refresh = (_: Cluster, env: Internals): Observable<unknown> => refreshMap(env)
const always = (): ReturnType<typeof mapOf> => mapOf(['p1', 'p2'])

describe('refreshMap', () => {
  it('asks when no map is known, and again when it is ten minutes old; says nothing', () => {
    const { asked, values, env } = play(
      always,
      [0, 1, 600_000, 600_001, 1_200_001, 1_200_002].map((ms) => [ms, refresh] as const),
    )
    expect(asked).to.deep.equal(['p1 smap@0', 'p1 smap@600001', 'p1 smap@1200002'])
    expect(values.flat()).to.deep.equal([])
    expect(env.shared.roster.list.map(({ endpoint }) => endpoint.base)).to.deep.equal(['http://p1', 'http://p2'])
  })

  it('has nothing to ask when somebody else has asked', () => {
    expect(
      play(always, [
        [0, clusterMap],
        [1, refresh],
      ]).asked,
    ).to.deep.equal(['p1 smap@0'])
  })

  it('asks at most once a minute where it brings nothing', () => {
    const acts = [0, 1000, 59_999, 60_000, 60_001].map((ms) => [ms, refresh] as const)
    expect(play(() => refusal(404, 'no map here'), acts).asked).to.deep.equal(['p1 smap@0', 'p1 smap@60000'])
  })

  it('asks nothing without discover', () => {
    expect(play(always, [[0, refresh]], { discover: false }).asked).to.deep.equal([])
  })

  it('leaves it to the next one when it is cut', () => {
    const { asked } = play(
      ({ atMs }) => (atMs === 0 ? NEVER : always()),
      [
        [0, (_, env) => refreshMap(env).pipe(takeUntil(timer(5)))],
        [10, refresh],
      ],
    )
    expect(asked).to.deep.equal(['p1 smap@0', 'p1 smap@10'])
  })
})

describe('a map that is learnt', () => {
  const origins = ({ env }: { readonly env: Internals }): readonly string[] =>
    env.shared.roster.list.map(({ endpoint }) => endpoint.base.slice(7))

  it('is the newest, not what a proxy says that lags', () => {
    const maps = [mapOf(['p1', 'p2'], { version: 5 }), mapOf(['p1', 'p3'], { version: 4 })]
    const acts = [
      [0, clusterMap],
      [30_000, clusterMap],
    ] as const
    expect(origins(play(({ atMs }) => maps[atMs === 0 ? 0 : 1]!, acts))).to.deep.equal(['p1', 'p2'])
  })

  it('is what is said now if what is known is old', () => {
    const maps = [mapOf(['p1', 'p2'], { version: 5 }), mapOf(['p1', 'p3'], { version: 4 })]
    const acts = [
      [0, clusterMap],
      [30_001, clusterMap],
    ] as const
    expect(origins(play(({ atMs }) => maps[atMs === 0 ? 0 : 1]!, acts))).to.deep.equal(['p1', 'p3'])
  })

  it('is that of a new cluster, if a given endpoint says so', () => {
    const maps = [mapOf(['p1', 'p2'], { version: 5 }), mapOf(['p1', 'p3'], { version: 1, uuid: 'new' })]
    const acts = [
      [0, clusterMap],
      [1, clusterMap],
    ] as const
    expect(origins(play(({ atMs }) => maps[atMs === 0 ? 0 : 1]!, acts))).to.deep.equal(['p1', 'p3'])
  })

  it('is the one that was read because of a redirect too', () => {
    const { asked, env } = play(
      ({ query, origin }) =>
        query === 'what=smap'
          ? always()
          : origin === 'http://p2'
            ? json({ kind: 'lru', uuid: 'g1', err: '', end_time: 0, aborted: false })
            : { status: 307, headers: { location: 'http://p2/v1/cluster?what=status' } },
      [[0, (c) => status(c, { kind: 'lru' })]],
    )
    expect(asked).to.deep.equal(['p1 status@0', 'p1 smap@0', 'p2 status@0'])
    expect(origins({ env })).to.deep.equal(['p1', 'p2'])
  })

  it('takes the place of whoever is not in it any more', () => {
    const gone = failing('ECONNREFUSED')
    const { env } = play(
      ({ atMs, origin }) => (atMs > 0 && origin === 'http://p1' ? gone : always()),
      [
        [0, clusterMap],
        [10, clusterMap],
      ],
    )
    expect(env.shared.roster.current?.endpoint.base).to.equal('http://p2')
    learnMap(env, { uuid: 'u', version: 2n, primary: 'p1', proxies: {}, targets: {}, ic: [] }, env.endpoints[0])
    expect(env.shared.roster.current).to.equal(undefined)
  })

  it('keeps the address of a given endpoint as it was given', () => {
    const { env } = play(always, [[0, clusterMap]], {}, 'http://p1/prefix')
    expect(env.shared.roster.list.map(({ endpoint, index }) => [endpoint.base, index])).to.deep.equal([
      ['http://p1/prefix', 0],
      ['http://p2', undefined],
    ])
  })
})
