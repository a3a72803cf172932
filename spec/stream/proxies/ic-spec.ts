import { expect } from 'chai'
import { NEVER, delay, ignoreElements, map, of, switchMap, takeUntil, timer, type Observable } from 'rxjs'
import { JobStatuses } from '../../../lib/codec/job-statuses.ts'
import type { Cluster } from '../../../lib/cluster.ts'
import { isLeft, left, right } from '../../../lib/common/either.ts'
import type { Environment } from '../../../lib/environment.ts'
import type { Result } from '../../../lib/error.ts'
import { clusterMap } from '../../../lib/queries.ts'
import { decodeAs } from '../../../lib/request/decode-as.ts'
import { queryIc, queryIcIfEmpty } from '../../../lib/proxies/ic.ts'
import type { Sourced } from '../../../lib/proxies/sourced.ts'
import { mapOf, play, type ProxyRun } from '../../helpers/proxies.ts'
import { json, refusal, statusesAre } from '../../helpers/fake-cluster/replies.ts'
import type { Recorded } from '../../helpers/recorded.ts'
import { failing, type Reply } from '../../helpers/scripted.ts'

// Up to three proxies are members of the Information Center (IC). Only they know the statuses of jobs, so another
// proxy may reply null.

const listRequest = { method: 'GET', path: '/v1/cluster', query: 'what=status_all' }
const listQuery = { request: listRequest, body: '{}', decode: decodeAs(JobStatuses) }
/** Leaves out which proxy replied. */
const withoutSource = map((result: Result<Sourced<JobStatuses>>) =>
  isLeft(result) ? result : right(result.right.value),
)
const queryTheIc = (_: Cluster, env: Environment): Observable<unknown> => queryIc(env, listQuery).pipe(withoutSource)
/** The reply of a member that knows one job. */
const listReply = statusesAre([{ id: 'g1', kind: 'lru' }])
const decodedList = right([{ id: 'g1', kind: 'lru', err: '', aborted: false }])
/** The reply of a proxy that knows no job. */
const nullReply = json(null)
const refused = failing('ECONNREFUSED')
const redirectTo = (host: string): Reply => ({
  status: 307,
  headers: { location: `http://${host}/v1/cluster?what=status_all` },
})

/** Hosts with their own replies, while all others reply null. The map depends on the time. */
const world =
  (map: (atMs: number, origin: string) => Reply, hosts: Readonly<Record<string, (atMs: number) => Reply>>) =>
  ({ query, origin, atMs }: Recorded): Reply =>
    query === 'what=smap' ? map(atMs, origin) : (hosts[origin.slice('http://'.length)]?.(atMs) ?? nullReply)

/** A query of the IC at each of these times, in milliseconds. */
const queriesAt = (...times: readonly number[]): readonly (readonly [number, typeof queryTheIc])[] =>
  times.map((ms) => [ms, queryTheIc])
/** The map of the proxies p1, p2 and p3, of which the IC has these. */
const mapOfThree = (ic: readonly string[], version = 1): Reply => mapOf(['p1', 'p2', 'p3'], { ic, version })
/** Only the requests for the list of all statuses. */
const listRequests = ({ requestLog }: ProxyRun): readonly string[] =>
  requestLog.filter((one) => one.includes('status_all'))

describe('queryIc', () => {
  it('finds a member in the map of a given endpoint, and stays with it', () => {
    const happened = play(
      world(() => mapOfThree(['p2', 'p3']), { p2: () => listReply, p3: () => listReply }),
      queriesAt(0, 1000, 2000),
    )
    expect(happened.requestLog).to.deep.equal([
      'p1 smap@0',
      'p2 status_all@0',
      'p2 status_all@1000',
      'p2 status_all@2000',
    ])
    expect(happened.values).to.deep.equal([[decodedList], [decodedList], [decodedList]])
  })

  it('prefers an endpoint that was given', () => {
    const happened = play(
      world(() => mapOfThree(['p2', 'p3']), { p3: () => listReply }),
      queriesAt(0),
      {},
      ['http://p1', 'http://p3'],
    )
    expect(happened.requestLog).to.deep.equal(['p1 smap@0', 'p3 status_all@0'])
  })

  it('requires a map at most 30 s old that confirms the membership', () => {
    const { requestLog } = play(
      world(() => mapOfThree(['p2']), { p2: () => listReply }),
      queriesAt(0, 30_000, 30_001, 60_001, 60_002),
    )
    expect(requestLog).to.deep.equal([
      'p1 smap@0',
      'p2 status_all@0',
      'p2 status_all@30000',
      'p1 smap@30001',
      'p2 status_all@30001',
      'p2 status_all@60001',
      'p1 smap@60002',
      'p2 status_all@60002',
    ])
  })

  it('uses a map that another request has returned', () => {
    const { requestLog } = play(
      world(() => mapOfThree(['p2']), { p2: () => listReply }),
      [[0, clusterMap], ...queriesAt(1000)],
    )
    expect(requestLog).to.deep.equal(['p1 smap@0', 'p2 status_all@1000'])
  })

  it('gives the map request more time after each timeout, like the request itself', () => {
    const limit = { ms: 30_000 }
    const slow = of(mapOf(['p1', 'p2', 'p3'], { ic: ['p2'] })).pipe(delay(45_000))
    const slowly = (_: Cluster, env: Environment): Observable<unknown> =>
      queryIc(env, listQuery, limit).pipe(withoutSource)
    const { values } = play(
      world(() => slow, { p2: () => listReply }),
      [
        [0, slowly],
        [100_000, slowly],
      ],
    )
    expect(values).to.have.nested.property('[0][0].left._tag', 'RequestTimeout')
    expect(values[1]).to.deep.equal([decodedList])
  })

  it('returns an empty list if a member replies null (T8)', () => {
    expect(
      play(
        world(() => mapOfThree(['p2']), {}),
        queriesAt(0),
      ).values,
    ).to.deep.equal([[right([])]])
  })

  it('sends no request to a proxy that has left the IC (T8)', () => {
    const map = (atMs: number): Reply => (atMs < 10_000 ? mapOfThree(['p2']) : mapOfThree(['p3'], 2))
    const happened = play(
      world(map, { p2: (atMs) => (atMs < 10_000 ? listReply : nullReply), p3: () => listReply }),
      queriesAt(0, 40_000),
    )
    expect(listRequests(happened)).to.deep.equal(['p2 status_all@0', 'p3 status_all@40000'])
    expect(happened.values[1]).to.deep.equal([decodedList])
  })

  it('ignores a late null of a proxy that has left the IC meanwhile (T8)', () => {
    const map = (atMs: number): Reply => (atMs < 35_000 ? mapOfThree(['p2']) : mapOfThree(['p3'], 2))
    const slow = of(nullReply).pipe(delay(12_000))
    const happened = play(
      world(map, { p2: (atMs) => (atMs < 10_000 ? listReply : slow), p3: () => listReply }),
      queriesAt(0, 25_000),
    )
    expect(happened.requestLog.slice(2)).to.deep.equal(['p2 status_all@25000', 'p1 smap@37000', 'p3 status_all@37000'])
    expect(happened.values[1]).to.deep.equal([decodedList])
  })

  it('ignores a null of a proxy outside the IC, to which a member redirects (T8)', () => {
    const happened = play(
      world(() => mapOfThree(['p2', 'p3']), { p2: () => redirectTo('p1'), p3: () => listReply }),
      queriesAt(0, 1000),
    )
    expect(listRequests(happened)).to.deep.equal([
      'p2 status_all@0',
      'p1 status_all@0',
      'p3 status_all@0',
      'p3 status_all@1000',
    ])
    expect(happened.values).to.deep.equal([[decodedList], [decodedList]])
  })

  it('returns NO_IC if all members redirect to a proxy outside the IC', () => {
    for (const members of [['p2'], ['p2', 'p3']]) {
      const { values, env } = play(
        world(() => mapOfThree(members), {
          p2: (atMs) => (atMs === 0 ? listReply : redirectTo('p1')),
          p3: () => redirectTo('p1'),
        }),
        queriesAt(0, 1000),
      )
      expect(values).to.have.nested.property('[1][0].left.code', 'NO_IC')
      expect(env.shared.roster.ic, 'the preferred member').to.equal(undefined)
    }
  })

  it('accepts a list from a proxy outside the IC after a redirect', () => {
    const forwarded = { ...listQuery, isEmpty: (list: JobStatuses) => list.length === 0 }
    const lists = (script: Readonly<Record<string, () => Reply>>): unknown =>
      play(
        world(() => mapOfThree(['p2', 'p3']), script),
        [[0, (_, env) => queryIc(env, forwarded).pipe(withoutSource)]],
      ).values
    expect(lists({ p1: () => listReply, p2: () => redirectTo('p1') })).to.deep.equal([[decodedList]])
    expect(lists({ p2: () => redirectTo('p1'), p3: () => listReply })).to.deep.equal([[decodedList]])
  })

  it('accepts a null of another member, to which a member redirects', () => {
    const happened = play(
      world(() => mapOf(['p1', 'p2', 'p3'], { ic: ['p2', 'p3'] }), { p2: () => redirectTo('p3') }),
      queriesAt(0),
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
        p4: () => listReply,
      }),
      queriesAt(0, 1000),
    )
    expect(listRequests(happened)).to.deep.equal([
      'p2 status_all@0',
      'p3 status_all@0',
      'p4 status_all@0',
      'p4 status_all@1000',
    ])
    expect(happened.values).to.deep.equal([[decodedList], [decodedList]])
  })

  it('returns the last error if no member returns a Right', () => {
    const { values } = play(
      world(() => mapOfThree(['p2', 'p3']), { p2: () => refused, p3: () => refusal(500, 'oops') }),
      queriesAt(0),
    )
    const error = { _tag: 'HttpError', status: 500, message: 'oops', node: 'p[p1]', request: listRequest }
    expect(values).to.deep.equal([[left(error)]])
  })

  it('tries the next member with the next request after a timeout', () => {
    const happened = play(
      world(() => mapOfThree(['p2', 'p3']), { p2: () => NEVER, p3: () => listReply }),
      queriesAt(0, 1000),
      {
        requestTimeoutMs: 100,
      },
    )
    expect(happened.requestLog).to.deep.equal(['p1 smap@0', 'p2 status_all@0', 'p3 status_all@1000'])
    expect(happened.values).to.deep.equal([
      [left({ _tag: 'RequestTimeout', afterMs: 100, request: listRequest })],
      [decodedList],
    ])
  })

  it('does not start with a member that timed out, although it had replied before', () => {
    const happened = play(
      world(() => mapOfThree(['p2', 'p3']), { p2: (atMs) => (atMs < 500 ? listReply : NEVER), p3: () => listReply }),
      queriesAt(0, 1000, 2000),
      { requestTimeoutMs: 100 },
    )
    expect(listRequests(happened)).to.deep.equal(['p2 status_all@0', 'p2 status_all@1000', 'p3 status_all@2000'])
  })

  describe('with three given members', () => {
    /** The lists of a query at once and another one after 30 s. */
    const listsOf = (replies: Parameters<typeof world>[1]): readonly string[] =>
      listRequests(
        play(
          world(() => mapOfThree(['p1', 'p2', 'p3']), replies),
          queriesAt(0, 30_001),
          {},
          ['http://p1', 'http://p2', 'http://p3'],
        ),
      )
    const silent = (): Reply => NEVER

    it('starts with a third member if two were silent', () => {
      expect(listsOf({ p1: silent, p2: silent, p3: () => listReply })).to.deep.equal([
        'p1 status_all@0',
        'p2 status_all@5000',
        'p3 status_all@30001',
      ])
    })

    it('starts with a second member that works again rather than with a third one that was silent', () => {
      const p2 = (atMs: number): Reply => (atMs === 5_000 ? refused : listReply)
      expect(listsOf({ p1: silent, p2, p3: silent })).to.deep.equal([
        'p1 status_all@0',
        'p2 status_all@5000',
        'p3 status_all@5000',
        'p2 status_all@30001',
      ])
    })

    it('starts with a third member that had less than 5 s, after two that failed', () => {
      const p2 = (): Reply => timer(22_000).pipe(switchMap(() => refused))
      const p3 = (atMs: number): Reply => (atMs < 30_000 ? NEVER : listReply)
      expect(listsOf({ p1: silent, p2, p3 })).to.deep.equal([
        'p1 status_all@0',
        'p2 status_all@5000',
        'p3 status_all@27000',
        'p3 status_all@30001',
      ])
    })
  })

  it('stays with the member that replied last, although a given endpoint is back', () => {
    const happened = play(
      world(() => mapOfThree(['p1', 'p3']), {
        p1: (atMs) => (atMs === 0 ? { status: 503 } : listReply),
        p3: () => listReply,
      }),
      queriesAt(0, 10_000),
    )
    expect(listRequests(happened)).to.deep.equal(['p1 status_all@0', 'p3 status_all@0', 'p3 status_all@10000'])
  })

  it('marks its member as known to reply', () => {
    const { requestLog } = play(
      world((atMs, origin) => (atMs > 5 && origin === 'http://p1' ? refused : mapOfThree(['p2'])), {
        p2: () => listReply,
      }),
      [...queriesAt(0), [10, clusterMap]],
    )
    expect(requestLog).to.deep.equal(['p1 smap@0', 'p2 status_all@0', 'p1 smap@10', 'p2 smap@10'])
  })

  it('tries at most five members', () => {
    const ids = Array.from({ length: 9 }, (_, i) => `p${i + 1}`)
    const { requestLog } = play(
      ({ query }) => (query === 'what=smap' ? mapOf(ids, { ic: ids }) : refused),
      queriesAt(0),
    )
    expect(requestLog).to.have.lengthOf(6)
  })

  it('tries the primary if the map has no IC members', () => {
    const map = mapOf(['p1', 'p2', 'p3'], { primary: 'p3' })
    expect(
      play(
        world(() => map, { p3: () => listReply }),
        queriesAt(0),
      ).values,
    ).to.deep.equal([[decodedList]])
  })

  it('returns NO_IC if no member has an allowed address', () => {
    const message = 'no member of the Information Center can be reached'
    const error = left({ _tag: 'TransportError', code: 'NO_IC', message, permanent: false, request: listRequest })
    for (const url of ['', 'ftp://p2', 'http://p2']) {
      const map = mapOf(['p1', 'p2'], { ic: ['p2'], urls: { p1: 'https://p1', p2: url } })
      const { values, sent } = play(
        world(() => map, {}),
        queriesAt(0),
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
      queriesAt(0),
    )
    expect(values).to.have.nested.property('[0][0].left.request.query', 'what=smap')
  })

  it('accepts the reply of the given endpoint without discover', () => {
    const { requestLog, values } = play(
      world(() => mapOfThree(['p2']), {}),
      queriesAt(0),
      { discover: false },
    )
    expect(requestLog).to.deep.equal(['p1 status_all@0'])
    expect(values).to.deep.equal([[right([])]])
  })

  it('is cold, and ends on unsubscribe', () => {
    const { sent, values } = play(
      world(() => NEVER, {}),
      [
        [0, (_, env) => of(queryIc(env, listQuery)).pipe(ignoreElements())],
        [5, (_, env) => queryIc(env, listQuery).pipe(takeUntil(timer(5)))],
      ],
    )
    expect(values.flat()).to.deep.equal([])
    expect(sent.requests.map(({ atMs, state, endedAtMs }) => [atMs, state, endedAtMs])).to.deep.equal([[5, 'cut', 10]])
  })
})

describe('queryIcIfEmpty', () => {
  const lazily = (_: Cluster, env: Environment): Observable<unknown> =>
    queryIcIfEmpty(env, listQuery, (list) => list.length === 0).pipe(withoutSource)
  const onceAtStart = [[0, lazily]] as const

  it('sends one request if the reply is not empty', () => {
    const { requestLog, values } = play(
      world(() => mapOfThree(['p2']), { p1: () => listReply }),
      onceAtStart,
    )
    expect(requestLog).to.deep.equal(['p1 status_all@0'])
    expect(values).to.deep.equal([[decodedList]])
  })

  it('accepts a null of a member after one more request, for the map', () => {
    const { requestLog, values } = play(
      world(() => mapOfThree(['p1']), {}),
      onceAtStart,
    )
    expect(requestLog).to.deep.equal(['p1 status_all@0', 'p1 smap@0'])
    expect(values).to.deep.equal([[right([])]])
  })

  it('ignores a null of a proxy outside the IC, and tries a member', () => {
    const { requestLog, values } = play(
      world(() => mapOfThree(['p2']), { p2: () => listReply }),
      onceAtStart,
    )
    expect(requestLog).to.deep.equal(['p1 status_all@0', 'p1 smap@0', 'p2 status_all@0'])
    expect(values).to.deep.equal([[decodedList]])
  })

  it('checks the membership of the proxy that replied, also after a failover', () => {
    // The member p1 refuses the query, and the failover finds p3, which replies.
    const refuses = (atMs: number): Reply => (atMs === 10 ? refused : nullReply)
    const { requestLog, values } = play(
      world(() => mapOfThree(['p1', 'p3']), { p1: refuses, p3: () => listReply }),
      [
        [0, clusterMap],
        [10, lazily],
      ],
    )
    expect(requestLog).to.deep.equal(['p1 smap@0', 'p1 status_all@10', 'p3 smap@10', 'p3 status_all@10'])
    expect(values[1]).to.deep.equal([decodedList])
    // The failover finds p2, which is outside the IC: its null does not count, and the query goes to the member p1.
    const outsideIc = play(
      world(() => mapOf(['p1', 'p2'], { ic: ['p1'] }), { p1: (atMs) => (atMs === 10 ? refused : listReply) }),
      [
        [0, clusterMap],
        [10, lazily],
        [20, lazily],
      ],
    )
    expect(outsideIc.requestLog.slice(1)).to.deep.equal([
      'p1 status_all@10',
      'p2 smap@10',
      'p2 status_all@10',
      'p1 status_all@10',
      'p2 status_all@20',
      'p1 status_all@20',
    ])
    expect(outsideIc.values[2]).to.deep.equal([decodedList])
  })

  it('does not try a member again that has just redirected to a proxy outside the IC', () => {
    const { requestLog, values } = play(
      world(() => mapOfThree(['p1', 'p3']), { p1: () => redirectTo('p2'), p3: () => listReply }),
      onceAtStart,
    )
    expect(requestLog).to.deep.equal(['p1 status_all@0', 'p1 smap@0', 'p2 status_all@0', 'p3 status_all@0'])
    expect(values).to.deep.equal([[decodedList]])
  })

  it('accepts a null without discover', () => {
    const { requestLog, values } = play(
      world(() => mapOfThree(['p2']), {}),
      onceAtStart,
      { discover: false },
    )
    expect(requestLog).to.deep.equal(['p1 status_all@0'])
    expect(values).to.deep.equal([[right([])]])
  })

  it('returns an error unchanged', () => {
    const { requestLog } = play(
      world(() => mapOfThree(['p2']), { p1: () => refusal(500, 'oops') }),
      onceAtStart,
    )
    expect(requestLog).to.deep.equal(['p1 status_all@0'])
  })
})
