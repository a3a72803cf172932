import { expect } from 'chai'
import { EMPTY, NEVER, defer, ignoreElements, map, type Observable } from 'rxjs'
import type { Cluster } from '../../../lib/cluster.ts'
import { isLeft } from '../../../lib/common/either.ts'
import type { Environment } from '../../../lib/environment.ts'
import { turnIc } from '../../../lib/proxies/ic.ts'
import { learnMapOnce } from '../request/helpers/learn-map.ts'
import { sourcedListOf } from '../../../lib/request/status-list.ts'
import { mapOf, play, type Happened, type ProxyMap } from '../../helpers/proxies.ts'
import { statusesAre } from '../../helpers/fake-cluster/replies.ts'
import type { Recorded } from '../../helpers/recorded.ts'
import { failing, type Reply } from '../../helpers/scripted.ts'

type Act = readonly [number, (c: Cluster, env: Environment) => Observable<unknown>]

const list = statusesAre([{ id: 'g1', kind: 'lru' }])
const refused = failing('ECONNREFUSED')
const learn: Act = [0, (_, env) => learnMapOnce(env).pipe(ignoreElements())]

/** The endpoint that a list comes from, or the tag of the error, and the milliseconds that it took. */
const ask = (_: Cluster, env: Environment): Observable<unknown> =>
  sourcedListOf(env)({ ms: 30_000 }).pipe(
    map((result) => (isLeft(result) ? result.left._tag : `${result.right.endpoint.slice(7)}@${result.right.askedMs}`)),
  )

/** The list that came from this endpoint lacks a job. */
const turn =
  (from: string) =>
  (_: Cluster, env: Environment): Observable<never> =>
    defer(() => {
      turnIc(env, `http://${from}`)
      return EMPTY
    })

const world =
  (hosts: Readonly<Record<string, (atMs: number) => Reply>>, ic: readonly string[], options: ProxyMap = {}) =>
  ({ query, origin, atMs }: Recorded): Reply =>
    query === 'what=smap' ? mapOf(['p1', 'p2', 'p3'], { ic, ...options }) : (hosts[origin.slice(7)]?.(atMs) ?? list)

/** Where each list came from. */
const told = ({ values }: Happened): readonly unknown[] => values.flat()
const lists = ({ asked }: Happened): readonly string[] => asked.filter((one) => one.includes('status_all'))

describe('turnIc', () => {
  const everybody = ['p1', 'p2', 'p3']

  it('makes the next list come from another member, which stays the one that is asked', () => {
    const happened = play(world({}, everybody), [learn, [10, ask], [11, turn('p1')], [20, ask], [30, ask]])
    expect(told(happened)).to.deep.equal(['p1@10', 'p2@20', 'p2@30'])
  })

  it('goes round: the next member each time', () => {
    const acts = ['p1', 'p2', 'p3', 'p1'].flatMap((from, nth): readonly Act[] => [
      [10 * nth + 10, ask],
      [10 * nth + 11, turn(from)],
    ])
    expect(told(play(world({}, everybody), [learn, ...acts]))).to.deep.equal(['p1@10', 'p2@20', 'p3@30', 'p1@40'])
  })

  it('passes over a member that does not answer, and comes back to the first one where no other does', () => {
    const acts: readonly Act[] = [learn, [10, ask], [11, turn('p1')], [20, ask]]
    const one = play(world({ p2: () => refused }, everybody), acts)
    expect(lists(one).slice(1)).to.deep.equal(['p2 status_all@20', 'p3 status_all@20'])
    const none = play(world({ p2: () => refused, p3: () => ({ status: 500 }) }, everybody), acts)
    expect(lists(none).slice(1)).to.deep.equal(['p2 status_all@20', 'p3 status_all@20', 'p1 status_all@20'])
    expect(told(none)).to.deep.equal(['p1@10', 'p1@20'])
  })

  it('asks only members of the IC', () => {
    const happened = play(world({}, ['p1', 'p3']), [learn, [10, ask], [11, turn('p1')], [20, ask]])
    expect(told(happened)).to.deep.equal(['p1@10', 'p3@20'])
  })

  it('prefers members that have answered to those that may lead nowhere', () => {
    const happened = play(world({}, everybody), [learn, [10, ask], [11, turn('p1')], [20, ask]], {}, [
      'http://p1',
      'http://p3',
    ])
    expect(told(happened)).to.deep.equal(['p1@10', 'p3@20'])
  })

  it('costs 5 s at most where a member that never answered hangs; the next turn takes another one', () => {
    const happened = play(world({ p2: () => NEVER }, everybody), [
      ...[learn, [10, ask], [11, turn('p1')], [20, ask]],
      ...[
        [6000, turn('p1')],
        [6010, ask],
      ],
    ] as readonly Act[])
    expect(lists(happened)).to.deep.equal([
      ...['p1 status_all@10', 'p2 status_all@20', 'p1 status_all@5020', 'p3 status_all@6010'],
    ])
    expect(told(happened)).to.deep.equal(['p1@10', 'p1@5020', 'p3@6010'])
  })

  for (const [what, ic, options] of [
    ['with one member', ['p1'], {}],
    ['without discover', everybody, { discover: false }],
  ] as const)
    it(`does nothing ${what}`, () => {
      const { asked } = play(world({}, ic), [learn, [10, ask], [11, turn('p1')], [20, ask]], options)
      expect(asked.filter((one) => !one.endsWith('smap@0'))).to.deep.equal(['p1 status_all@10', 'p1 status_all@20'])
    })

  it('does nothing while no map is known: nobody else can be asked', () => {
    const { asked } = play(world({}, everybody), [
      [10, ask],
      [11, turn('p1')],
      [20, ask],
    ])
    expect(asked).to.deep.equal(['p1 status_all@10', 'p1 status_all@20'])
  })
})
