import { expect } from 'chai'
import type { Observable } from 'rxjs'
import { createCluster, type Cluster } from '../../../lib/cluster.ts'
import { start } from '../../../lib/commands.ts'
import { isLeft } from '../../../lib/common/either.ts'
import type { Result } from '../../../lib/error.ts'
import { running, statuses } from '../../../lib/listings.ts'
import { clusterMap, details, status } from '../../../lib/queries.ts'
import { fixtures, scriptedTransport, type Fixture } from '../../../lib/testing/index.ts'
import { only } from '../../helpers/scripted.ts'

const COPY = 'xTUQU4XJ-j'
type Ask = (c: Cluster) => Observable<Result<unknown>>
const statusOf =
  (id: string): Ask =>
  (c) =>
    status(c, { id })

/** How each is asked for, and what of it must come out. */
const read: Readonly<Record<Fixture, readonly [Ask, Readonly<Record<string, unknown>>]>> = {
  statusRunning: [statusOf(COPY), { 'right.kind': 'copy-bck', 'right.aborted': false }],
  statusFinished: [statusOf(COPY), { 'right.endTime': 1795427462320861804n, 'right.aborted': false }],
  statusAborted: [statusOf('jc8hnIXJ-h'), { 'right.aborted': true, 'right.err': 'user abort' }],
  statusNotFound: [statusOf('Abcdefghi'), { 'left._tag': 'NotFound' }],
  statusesNone: [(c) => statuses(c), { 'left.code': 'UNSCRIPTED' }],
  snapshotsRunning: [(c) => details(c, { id: COPY }), { 'right.Foct8283[0].stats.objects': 752n }],
  snapshotsFinished: [(c) => details(c, { id: 'zOCwz4iJS' }), { 'right.Foct8283[0].isIdle': true }],
  snapshotsIdle: [(c) => details(c, { kind: 'put-copies' }), { 'right.Foct8283[0].isIdle': true }],
  snapshotsNotFound: [(c) => details(c, { id: 'KvLol4iR-c' }), { 'left._tag': 'NotFound' }],
  targetUnreachable: [
    (c) => details(c),
    { 'left.status': 400, 'left.code': 'ErrFailedTo', 'left.node': 'p[kepp8180]' },
  ],
  running: [(c) => running(c), { _tag: 'Right' }],
  started: [(c) => start(c, { kind: 'lru' }), { 'right.kind': 'lru' }],
  unauthorized: [(c) => running(c), { 'left._tag': 'Unauthorized', 'left.status': 401 }],
  notReady: [(c) => details(c), { 'left._tag': 'HttpError', 'left.status': 503 }],
  elsewhere: [(c) => status(c, { kind: 'lru' }), { 'left.code': 'UNSCRIPTED' }],
  clusterMap: [(c) => clusterMap(c), { 'right.version': 8n }],
  busy: [(c) => start(c, { kind: 'rebalance' }), { 'left.status': 409, 'left.code': 'ErrBusy' }],
}

describe('fixtures', () => {
  for (const [name, [ask, expected]] of Object.entries(read) as readonly [Fixture, (typeof read)[Fixture]][])
    it(`${name} reads as what it is`, () => {
      const transport = scriptedTransport([fixtures[name]])
      const result = only(ask(createCluster('http://c', { transport })))
      expect(result).to.nested.include(expected)
    })

  it('are all read', () => {
    expect(Object.keys(fixtures).sort()).to.deep.equal(Object.keys(read).sort())
  })

  it('name jobs, and the id of one that was started', () => {
    const ask = (name: Fixture, question: Ask) =>
      only(question(createCluster('http://c', { transport: scriptedTransport([fixtures[name]]) })))
    const jobs = ask('running', (c) => running(c)) as Result<readonly { readonly id: string; readonly kind: string }[]>
    if (isLeft(jobs)) throw new Error(jobs.left._tag)
    expect(jobs.right).not.to.have.lengthOf(0)
    expect(ask('started', (c) => start(c, { kind: 'lru' })))
      .to.have.nested.property('right.id')
      .that.matches(/^[\w-]{9,}$/)
  })

  it('fit together: three targets of the map are those of the snapshots, and nothing is an empty list from a member', () => {
    const transport = scriptedTransport([fixtures.statusesNone, fixtures.clusterMap, fixtures.statusesNone])
    expect(only(statuses(createCluster('http://c', { transport })))).to.deep.equal({ _tag: 'Right', right: [] })
    const map = only(clusterMap(createCluster('http://c', { transport: scriptedTransport([fixtures.clusterMap]) })))
    if (isLeft(map)) throw new Error(map.left._tag)
    expect(Object.keys(map.right.targets).sort()).to.deep.equal(['Dgct8282', 'Foct8283', 'USAt8284'])
    expect(Object.keys(map.right.proxies)).to.have.lengthOf(2)
  })
})
