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

// `fixtures` are recorded replies for users' specs. Each must be what its name says.

const COPY = 'xTUQU4XJ-j'
type Query = (c: Cluster) => Observable<Result<unknown>>
const statusOf =
  (id: string): Query =>
  (c) =>
    status(c, { id })

/** For each fixture, the request that it answers and members of the decoded result. */
const cases: Readonly<Record<Fixture, readonly [send: Query, expected: Readonly<Record<string, unknown>>]>> = {
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
  for (const [name, [send, expected]] of Object.entries(cases) as readonly [Fixture, (typeof cases)[Fixture]][])
    it(`${name} is decoded to the expected result`, () => {
      const transport = scriptedTransport([fixtures[name]])
      const result = only(send(createCluster('http://c', { transport })))
      expect(result).to.nested.include(expected)
    })

  it('are all covered by this spec', () => {
    expect(Object.keys(fixtures).sort()).to.deep.equal(Object.keys(cases).sort())
  })

  it('contain a list of running jobs and the id of a started job', () => {
    const resultOf = (name: Fixture, send: Query) =>
      only(send(createCluster('http://c', { transport: scriptedTransport([fixtures[name]]) })))
    const jobs = resultOf('running', (c) => running(c)) as Result<
      readonly { readonly id: string; readonly kind: string }[]
    >
    if (isLeft(jobs)) throw new Error(jobs.left._tag)
    expect(jobs.right).not.to.have.lengthOf(0)
    expect(resultOf('started', (c) => start(c, { kind: 'lru' })))
      .to.have.nested.property('right.id')
      .that.matches(/^[\w-]{9,}$/)
  })

  it('fit together: the map has the targets of the snapshots, and `null` from an IC member decodes to an empty list', () => {
    const transport = scriptedTransport([fixtures.statusesNone, fixtures.clusterMap, fixtures.statusesNone])
    expect(only(statuses(createCluster('http://c', { transport })))).to.deep.equal({ _tag: 'Right', right: [] })
    const map = only(clusterMap(createCluster('http://c', { transport: scriptedTransport([fixtures.clusterMap]) })))
    if (isLeft(map)) throw new Error(map.left._tag)
    expect(Object.keys(map.right.targets).sort()).to.deep.equal(['Dgct8282', 'Foct8283', 'USAt8284'])
    expect(Object.keys(map.right.proxies)).to.have.lengthOf(2)
  })
})
