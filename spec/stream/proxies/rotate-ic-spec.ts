import { expect } from 'chai'
import { EMPTY, NEVER, defer, ignoreElements, map, type Observable } from 'rxjs'
import type { Cluster } from '../../../lib/cluster.ts'
import { isLeft } from '../../../lib/common/either.ts'
import type { Environment } from '../../../lib/environment.ts'
import { rotateIc } from '../../../lib/proxies/ic.ts'
import { learnMapOnce } from '../request/helpers/learn-map.ts'
import { sourcedListOf } from '../../../lib/request/status-list.ts'
import { mapOf, play, type ProxyRun, type ProxyMap } from '../../helpers/proxies.ts'
import { statusesAre } from '../../helpers/fake-cluster/replies.ts'
import type { Recorded } from '../../helpers/recorded.ts'
import { failing, type Reply } from '../../helpers/scripted.ts'

// `rotateIc` makes the next requests go to another member of the Information Center (IC).

type Act = readonly [atMs: number, act: (cluster: Cluster, env: Environment) => Observable<unknown>]

const listReply = statusesAre([{ id: 'g1', kind: 'lru' }])
const refused = failing('ECONNREFUSED')
const learnMapAtStart: Act = [0, (_, env) => learnMapOnce(env).pipe(ignoreElements())]

/** The endpoint of a list and the time of its request, or the tag of the error. */
const queryIc = (_: Cluster, env: Environment): Observable<unknown> =>
  sourcedListOf(env)({ ms: 30_000 }).pipe(
    map((result) =>
      isLeft(result) ? result.left._tag : `${result.right.endpoint.slice('http://'.length)}@${result.right.sentMs}`,
    ),
  )

/** Marks the list of this endpoint as incomplete. */
const rotateAwayFrom =
  (from: string) =>
  (_: Cluster, env: Environment): Observable<never> =>
    defer(() => {
      rotateIc(env, `http://${from}`)
      return EMPTY
    })

/** Proxies with their own replies, and a map with these members of the IC. */
const world =
  (hosts: Readonly<Record<string, (atMs: number) => Reply>>, ic: readonly string[], options: ProxyMap = {}) =>
  ({ query, origin, atMs }: Recorded): Reply =>
    query === 'what=smap'
      ? mapOf(['p1', 'p2', 'p3'], { ic, ...options })
      : (hosts[origin.slice('http://'.length)]?.(atMs) ?? listReply)

/** The endpoint that each list came from. */
const sources = ({ values }: ProxyRun): readonly unknown[] => values.flat()
/** Only the requests for the list of all statuses. */
const listRequests = ({ requestLog }: ProxyRun): readonly string[] =>
  requestLog.filter((one) => one.includes('status_all'))

describe('rotateIc', () => {
  const allMembers = ['p1', 'p2', 'p3']

  it('makes all following requests go to another member', () => {
    const happened = play(world({}, allMembers), [
      learnMapAtStart,
      [10, queryIc],
      [11, rotateAwayFrom('p1')],
      [20, queryIc],
      [30, queryIc],
    ])
    expect(sources(happened)).to.deep.equal(['p1@10', 'p2@20', 'p2@30'])
  })

  it('goes to the next member each time, and then to the first again', () => {
    const acts = ['p1', 'p2', 'p3', 'p1'].flatMap((from, nth): readonly Act[] => [
      [10 * nth + 10, queryIc],
      [10 * nth + 11, rotateAwayFrom(from)],
    ])
    expect(sources(play(world({}, allMembers), [learnMapAtStart, ...acts]))).to.deep.equal([
      'p1@10',
      'p2@20',
      'p3@30',
      'p1@40',
    ])
  })

  it('skips a member that does not reply, and returns to the first one if no other replies', () => {
    const acts: readonly Act[] = [learnMapAtStart, [10, queryIc], [11, rotateAwayFrom('p1')], [20, queryIc]]
    const one = play(world({ p2: () => refused }, allMembers), acts)
    expect(listRequests(one).slice(1)).to.deep.equal(['p2 status_all@20', 'p3 status_all@20'])
    const none = play(world({ p2: () => refused, p3: () => ({ status: 500 }) }, allMembers), acts)
    expect(listRequests(none).slice(1)).to.deep.equal(['p2 status_all@20', 'p3 status_all@20', 'p1 status_all@20'])
    expect(sources(none)).to.deep.equal(['p1@10', 'p1@20'])
  })

  it('uses only members of the IC', () => {
    const happened = play(world({}, ['p1', 'p3']), [
      learnMapAtStart,
      [10, queryIc],
      [11, rotateAwayFrom('p1')],
      [20, queryIc],
    ])
    expect(sources(happened)).to.deep.equal(['p1@10', 'p3@20'])
  })

  it('prefers members that have replied before', () => {
    const happened = play(
      world({}, allMembers),
      [learnMapAtStart, [10, queryIc], [11, rotateAwayFrom('p1')], [20, queryIc]],
      {},
      ['http://p1', 'http://p3'],
    )
    expect(sources(happened)).to.deep.equal(['p1@10', 'p3@20'])
  })

  it('takes at most 5 s if an unchecked member hangs, and tries another one next time', () => {
    const happened = play(world({ p2: () => NEVER }, allMembers), [
      learnMapAtStart,
      [10, queryIc],
      [11, rotateAwayFrom('p1')],
      [20, queryIc],
      [6000, rotateAwayFrom('p1')],
      [6010, queryIc],
    ] as readonly Act[])
    expect(listRequests(happened)).to.deep.equal([
      'p1 status_all@10',
      'p2 status_all@20',
      'p1 status_all@5020',
      'p3 status_all@6010',
    ])
    expect(sources(happened)).to.deep.equal(['p1@10', 'p1@5020', 'p3@6010'])
  })

  for (const [what, ic, options] of [
    ['with one member', ['p1'], {}],
    ['without discover', allMembers, { discover: false }],
  ] as const)
    it(`does nothing ${what}`, () => {
      const { requestLog } = play(
        world({}, ic),
        [learnMapAtStart, [10, queryIc], [11, rotateAwayFrom('p1')], [20, queryIc]],
        options,
      )
      expect(requestLog.filter((one) => !one.endsWith('smap@0'))).to.deep.equal([
        'p1 status_all@10',
        'p1 status_all@20',
      ])
    })

  it('does nothing while no map is known', () => {
    const { requestLog } = play(world({}, allMembers), [
      [10, queryIc],
      [11, rotateAwayFrom('p1')],
      [20, queryIc],
    ])
    expect(requestLog).to.deep.equal(['p1 status_all@10', 'p1 status_all@20'])
  })
})
