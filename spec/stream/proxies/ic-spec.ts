import { expect } from 'chai'
import { NEVER, delay, ignoreElements, map, of, takeUntil, timer, type Observable } from 'rxjs'
import { JobStatuses } from '../../../lib/codec/job-statuses.ts'
import type { Cluster } from '../../../lib/cluster.ts'
import { isLeft, left, right } from '../../../lib/common/either.ts'
import type { Environment } from '../../../lib/environment.ts'
import type { Result } from '../../../lib/error.ts'
import { clusterMap } from '../../../lib/queries.ts'
import { decodeAs } from '../../../lib/request/decode-as.ts'
import { askIc, askIcIfEmpty } from '../../../lib/proxies/ic.ts'
import type { Sourced } from '../../../lib/proxies/sourced.ts'
import { mapOf, play, type ProxyRun } from '../../helpers/proxies.ts'
import { json, refusal, statusesAre } from '../../helpers/fake-cluster/replies.ts'
import type { Recorded } from '../../helpers/recorded.ts'
import { failing, type Reply } from '../../helpers/scripted.ts'

const request = { method: 'GET', path: '/v1/cluster', query: 'what=status_all' }
const all = { request, body: '{}', decode: decodeAs(JobStatuses) }
const valueOf = map((result: Result<Sourced<JobStatuses>>) => (isLeft(result) ? result : right(result.right.value)))
const queryIc = (_: Cluster, env: Environment): Observable<unknown> => askIc(env, all).pipe(valueOf)
const one = statusesAre([{ id: 'g1', kind: 'lru' }])
const some = right([{ id: 'g1', kind: 'lru', err: '', aborted: false }])
const nullReply = json(null)
const refused = failing('ECONNREFUSED')
const to = (host: string): Reply => ({
  status: 307,
  headers: { location: `http://${host}/v1/cluster?what=status_all` },
})

/** Hosts with their own replies, while all others reply null. The map depends on the time. */
const world =
  (map: (atMs: number, origin: string) => Reply, hosts: Readonly<Record<string, (atMs: number) => Reply>>) =>
  ({ query, origin, atMs }: Recorded): Reply =>
    query === 'what=smap' ? map(atMs, origin) : (hosts[origin.slice(7)]?.(atMs) ?? nullReply)

const at = (...times: readonly number[]): readonly (readonly [number, typeof queryIc])[] =>
  times.map((ms) => [ms, queryIc])
const three = (ic: readonly string[], version = 1): Reply => mapOf(['p1', 'p2', 'p3'], { ic, version })
const statusOnly = ({ requestLog }: ProxyRun): readonly string[] =>
  requestLog.filter((one) => one.includes('status_all'))

describe('askIc', () => {
  it('finds a member in the map of a given endpoint, and stays with it', () => {
    const happened = play(
      world(() => three(['p2', 'p3']), { p2: () => one, p3: () => one }),
      at(0, 1000, 2000),
    )
    expect(happened.requestLog).to.deep.equal([
      'p1 smap@0',
      'p2 status_all@0',
      'p2 status_all@1000',
      'p2 status_all@2000',
    ])
    expect(happened.values).to.deep.equal([[some], [some], [some]])
  })

  it('prefers an endpoint that was given', () => {
    const happened = play(
      world(() => three(['p2', 'p3']), { p3: () => one }),
      at(0),
      {},
      ['http://p1', 'http://p3'],
    )
    expect(happened.requestLog).to.deep.equal(['p1 smap@0', 'p3 status_all@0'])
  })

  it('requires a map at most 30 s old that confirms the membership', () => {
    const { requestLog } = play(
      world(() => three(['p2']), { p2: () => one }),
      at(0, 30_000, 30_001, 60_001, 60_002),
    )
    expect(requestLog).to.deep.equal([
      ...['p1 smap@0', 'p2 status_all@0', 'p2 status_all@30000', 'p1 smap@30001', 'p2 status_all@30001'],
      ...['p2 status_all@60001', 'p1 smap@60002', 'p2 status_all@60002'],
    ])
  })

  it('uses a map that another request has returned', () => {
    const { requestLog } = play(
      world(() => three(['p2']), { p2: () => one }),
      [[0, clusterMap], ...at(1000)],
    )
    expect(requestLog).to.deep.equal(['p1 smap@0', 'p2 status_all@1000'])
  })

  it('gives the map request more time after each timeout, like the request itself', () => {
    const limit = { ms: 30_000 }
    const slow = of(mapOf(['p1', 'p2', 'p3'], { ic: ['p2'] })).pipe(delay(45_000))
    const slowly = (_: Cluster, env: Environment): Observable<unknown> => askIc(env, all, limit).pipe(valueOf)
    const { values } = play(
      world(() => slow, { p2: () => one }),
      [
        [0, slowly],
        [100_000, slowly],
      ],
    )
    expect(values).to.have.nested.property('[0][0].left._tag', 'RequestTimeout')
    expect(values[1]).to.deep.equal([some])
  })

  it('returns an empty list if a member replies null (T8)', () => {
    expect(
      play(
        world(() => three(['p2']), {}),
        at(0),
      ).values,
    ).to.deep.equal([[right([])]])
  })

  it('sends no request to a proxy that has left the IC (T8)', () => {
    const map = (atMs: number): Reply => (atMs < 10_000 ? three(['p2']) : three(['p3'], 2))
    const happened = play(world(map, { p2: (atMs) => (atMs < 10_000 ? one : nullReply), p3: () => one }), at(0, 40_000))
    expect(statusOnly(happened)).to.deep.equal(['p2 status_all@0', 'p3 status_all@40000'])
    expect(happened.values[1]).to.deep.equal([some])
  })

  it('ignores a late null of a proxy that has left the IC meanwhile (T8)', () => {
    const map = (atMs: number): Reply => (atMs < 35_000 ? three(['p2']) : three(['p3'], 2))
    const slow = of(nullReply).pipe(delay(12_000))
    const happened = play(world(map, { p2: (atMs) => (atMs < 10_000 ? one : slow), p3: () => one }), at(0, 25_000))
    expect(happened.requestLog.slice(2)).to.deep.equal(['p2 status_all@25000', 'p1 smap@37000', 'p3 status_all@37000'])
    expect(happened.values[1]).to.deep.equal([some])
  })

  it('ignores a null of a proxy outside the IC, to which a member redirects (T8)', () => {
    const happened = play(
      world(() => three(['p2', 'p3']), { p2: () => to('p1'), p3: () => one }),
      at(0, 1000),
    )
    expect(statusOnly(happened)).to.deep.equal([
      ...['p2 status_all@0', 'p1 status_all@0', 'p3 status_all@0'],
      'p3 status_all@1000',
    ])
    expect(happened.values).to.deep.equal([[some], [some]])
  })

  it('returns NO_IC if all members redirect to a proxy outside the IC', () => {
    for (const members of [['p2'], ['p2', 'p3']]) {
      const { values, env } = play(
        world(() => three(members), { p2: (atMs) => (atMs === 0 ? one : to('p1')), p3: () => to('p1') }),
        at(0, 1000),
      )
      expect(values).to.have.nested.property('[1][0].left.code', 'NO_IC')
      expect(env.shared.roster.ic, 'the preferred member').to.equal(undefined)
    }
  })

  it('accepts a list from a proxy outside the IC after a redirect', () => {
    const forwarded = { ...all, isEmpty: (list: JobStatuses) => list.length === 0 }
    const lists = (script: Readonly<Record<string, () => Reply>>): unknown =>
      play(
        world(() => three(['p2', 'p3']), script),
        [[0, (_, env) => askIc(env, forwarded).pipe(valueOf)]],
      ).values
    expect(lists({ p1: () => one, p2: () => to('p1') })).to.deep.equal([[some]])
    expect(lists({ p2: () => to('p1'), p3: () => one })).to.deep.equal([[some]])
  })

  it('accepts a null of another member, to which a member redirects', () => {
    const happened = play(
      world(() => mapOf(['p1', 'p2', 'p3'], { ic: ['p2', 'p3'] }), { p2: () => to('p3') }),
      at(0),
      {},
      ['http://p1', 'http://p3/behind/a/path'],
    )
    expect(happened.values).to.deep.equal([[right([])]])
  })

  it('tries one member after the other until one returns a Right', () => {
    const happened = play(
      world(() => mapOf(['p1', 'p2', 'p3', 'p4'], { ic: ['p2', 'p3', 'p4'] }), {
        p2: () => refused,
        p3: () => refusal(500, 'oops'),
        p4: () => one,
      }),
      at(0, 1000),
    )
    expect(statusOnly(happened)).to.deep.equal([
      ...['p2 status_all@0', 'p3 status_all@0', 'p4 status_all@0'],
      'p4 status_all@1000',
    ])
    expect(happened.values).to.deep.equal([[some], [some]])
  })

  it('returns the last error if no member returns a Right', () => {
    const { values } = play(
      world(() => three(['p2', 'p3']), { p2: () => refused, p3: () => refusal(500, 'oops') }),
      at(0),
    )
    const error = { _tag: 'HttpError', status: 500, message: 'oops', node: 'p[p1]', request }
    expect(values).to.deep.equal([[left(error)]])
  })

  it('tries the next member with the next request after a timeout', () => {
    const happened = play(
      world(() => three(['p2', 'p3']), { p2: () => NEVER, p3: () => one }),
      at(0, 1000),
      {
        requestTimeoutMs: 100,
      },
    )
    expect(happened.requestLog).to.deep.equal(['p1 smap@0', 'p2 status_all@0', 'p3 status_all@1000'])
    expect(happened.values).to.deep.equal([[left({ _tag: 'RequestTimeout', afterMs: 100, request })], [some]])
  })

  it('does not start with a member that timed out, although it had replied before', () => {
    const happened = play(
      world(() => three(['p2', 'p3']), { p2: (atMs) => (atMs < 500 ? one : NEVER), p3: () => one }),
      at(0, 1000, 2000),
      { requestTimeoutMs: 100 },
    )
    expect(statusOnly(happened)).to.deep.equal(['p2 status_all@0', 'p2 status_all@1000', 'p3 status_all@2000'])
  })

  it('stays with the member that replied last, although a given endpoint is back', () => {
    const happened = play(
      world(() => three(['p1', 'p3']), { p1: (atMs) => (atMs === 0 ? { status: 503 } : one), p3: () => one }),
      at(0, 10_000),
    )
    expect(statusOnly(happened)).to.deep.equal(['p1 status_all@0', 'p3 status_all@0', 'p3 status_all@10000'])
  })

  it('marks its member as known to reply', () => {
    const { requestLog } = play(
      world((atMs, origin) => (atMs > 5 && origin === 'http://p1' ? refused : three(['p2'])), { p2: () => one }),
      [...at(0), [10, clusterMap]],
    )
    expect(requestLog).to.deep.equal(['p1 smap@0', 'p2 status_all@0', 'p1 smap@10', 'p2 smap@10'])
  })

  it('tries at most five members', () => {
    const ids = Array.from({ length: 9 }, (_, i) => `p${i + 1}`)
    const { requestLog } = play(({ query }) => (query === 'what=smap' ? mapOf(ids, { ic: ids }) : refused), at(0))
    expect(requestLog).to.have.lengthOf(6)
  })

  it('tries the primary if the map has no IC members', () => {
    const map = mapOf(['p1', 'p2', 'p3'], { primary: 'p3' })
    expect(
      play(
        world(() => map, { p3: () => one }),
        at(0),
      ).values,
    ).to.deep.equal([[some]])
  })

  it('returns NO_IC if no member has an allowed address', () => {
    const message = 'no member of the Information Center can be reached'
    const error = left({ _tag: 'TransportError', code: 'NO_IC', message, permanent: false, request })
    for (const url of ['', 'ftp://p2', 'http://p2']) {
      const map = mapOf(['p1', 'p2'], { ic: ['p2'], urls: { p1: 'https://p1', p2: url } })
      const { values, sent } = play(
        world(() => map, {}),
        at(0),
        { token: 'secret' },
        'https://p1',
      )
      expect(values).to.deep.equal([[error]])
      expect(sent.requests.map(({ origin }) => origin)).to.deep.equal(['https://p1'])
    }
  })

  it('returns the error of the map request', () => {
    const { values } = play(
      world(() => ({ status: 500 }), {}),
      at(0),
    )
    expect(values).to.have.nested.property('[0][0].left.request.query', 'what=smap')
  })

  it('accepts the reply of the given endpoint without discover', () => {
    const { requestLog, values } = play(
      world(() => three(['p2']), {}),
      at(0),
      { discover: false },
    )
    expect(requestLog).to.deep.equal(['p1 status_all@0'])
    expect(values).to.deep.equal([[right([])]])
  })

  it('is cold, and ends on unsubscribe', () => {
    const { sent, values } = play(
      world(() => NEVER, {}),
      [
        [0, (_, env) => of(askIc(env, all)).pipe(ignoreElements())],
        [5, (_, env) => askIc(env, all).pipe(takeUntil(timer(5)))],
      ],
    )
    expect(values.flat()).to.deep.equal([])
    expect(sent.requests.map(({ atMs, state, endedAtMs }) => [atMs, state, endedAtMs])).to.deep.equal([[5, 'cut', 10]])
  })
})

describe('askIcIfEmpty', () => {
  const lazily = (_: Cluster, env: Environment): Observable<unknown> =>
    askIcIfEmpty(env, all, (list) => list.length === 0).pipe(valueOf)
  const once = [[0, lazily]] as const

  it('sends one request if the reply is not empty', () => {
    const { requestLog, values } = play(
      world(() => three(['p2']), { p1: () => one }),
      once,
    )
    expect(requestLog).to.deep.equal(['p1 status_all@0'])
    expect(values).to.deep.equal([[some]])
  })

  it('accepts a null of a member after one more request, for the map', () => {
    const { requestLog, values } = play(
      world(() => three(['p1']), {}),
      once,
    )
    expect(requestLog).to.deep.equal(['p1 status_all@0', 'p1 smap@0'])
    expect(values).to.deep.equal([[right([])]])
  })

  it('ignores a null of a proxy outside the IC, and tries a member', () => {
    const { requestLog, values } = play(
      world(() => three(['p2']), { p2: () => one }),
      once,
    )
    expect(requestLog).to.deep.equal(['p1 status_all@0', 'p1 smap@0', 'p2 status_all@0'])
    expect(values).to.deep.equal([[some]])
  })

  it('checks the membership of the proxy that replied, also after a failover', () => {
    // The member p1 refuses the query, and the failover finds p3, which replies.
    const refuses = (atMs: number): Reply => (atMs === 10 ? refused : nullReply)
    const { requestLog, values } = play(
      world(() => three(['p1', 'p3']), { p1: refuses, p3: () => one }),
      [
        [0, clusterMap],
        [10, lazily],
      ],
    )
    expect(requestLog).to.deep.equal(['p1 smap@0', 'p1 status_all@10', 'p3 smap@10', 'p3 status_all@10'])
    expect(values[1]).to.deep.equal([some])
    // The failover finds p2, which is outside the IC: its null does not count, and the query goes to the member p1.
    const outsideIc = play(
      world(() => mapOf(['p1', 'p2'], { ic: ['p1'] }), { p1: (atMs) => (atMs === 10 ? refused : one) }),
      [
        [0, clusterMap],
        [10, lazily],
        [20, lazily],
      ],
    )
    expect(outsideIc.requestLog.slice(1)).to.deep.equal([
      ...['p1 status_all@10', 'p2 smap@10', 'p2 status_all@10', 'p1 status_all@10'],
      ...['p2 status_all@20', 'p1 status_all@20'],
    ])
    expect(outsideIc.values[2]).to.deep.equal([some])
  })

  it('does not try a member again that has just redirected to a proxy outside the IC', () => {
    const { requestLog, values } = play(
      world(() => three(['p1', 'p3']), { p1: () => to('p2'), p3: () => one }),
      once,
    )
    expect(requestLog).to.deep.equal(['p1 status_all@0', 'p1 smap@0', 'p2 status_all@0', 'p3 status_all@0'])
    expect(values).to.deep.equal([[some]])
  })

  it('accepts a null without discover', () => {
    const { requestLog, values } = play(
      world(() => three(['p2']), {}),
      once,
      { discover: false },
    )
    expect(requestLog).to.deep.equal(['p1 status_all@0'])
    expect(values).to.deep.equal([[right([])]])
  })

  it('returns an error unchanged', () => {
    const { requestLog } = play(
      world(() => three(['p2']), { p1: () => refusal(500, 'oops') }),
      once,
    )
    expect(requestLog).to.deep.equal(['p1 status_all@0'])
  })
})
