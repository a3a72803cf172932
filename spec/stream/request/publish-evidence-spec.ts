import { expect } from 'chai'
import { concatMap, ignoreElements, map, merge, timer, type Observable } from 'rxjs'
import type { Cluster } from '../../../lib/cluster.ts'
import { isRight } from '../../../lib/common/either.ts'
import { environmentOf } from '../../../lib/environment.ts'
import { running, statuses } from '../../../lib/listings.ts'
import { clusterMap, details, status } from '../../../lib/queries.ts'
import { totalTime } from '../../../lib/history.ts'
import type { Result } from '../../../lib/error.ts'
import type { Evidence } from '../../../lib/view/evidence.ts'
import { wait } from '../../../lib/wait.ts'
import { watchStatus } from '../../../lib/watch.ts'
import type { World } from '../../helpers/fake-cluster.ts'
import { withoutBody } from '../../helpers/fake-cluster/replies.ts'
import { atWork, endsAt, jobsWorld } from '../../helpers/jobs-world.ts'
import { observe } from '../../helpers/observe.ts'

// The reply to a one-shot query also serves the streams of the same cluster value (it is evidence for them).

const JOB_A = 'jobIsAaaa1'
const JOB_B = 'jobIsBbbb1'
const twoJobs: World = jobsWorld(
  { [JOB_A]: endsAt(2500), [JOB_B]: { ...atWork, kind: 'rechunk' } },
  { latencyMs: 5, targets: 2 },
)

/** The evidence that observers of the cluster get when a user sends this query at 3 s. */
function evidenceOf(send: (cluster: Cluster) => Observable<unknown>, world: World = twoJobs): readonly Evidence[] {
  const all: Evidence[] = []
  observe(world, (cluster) => {
    const internals = environmentOf(cluster)
    if (isRight(internals)) internals.right.shared.evidenceListeners.add((evidence) => all.push(evidence))
    return timer(3000).pipe(concatMap(() => send(cluster)))
  })
  return all
}

/** Each query with its parameters, and the tag of its Left. */
const brief = (all: readonly Evidence[]): readonly string[] =>
  all.map(({ query: { what, ...rest }, result }) => {
    const reply: Result<unknown> = result
    return `${what} ${JSON.stringify(rest)} ${isRight(reply) ? '' : reply.left._tag}`.trim()
  })

describe('a reply to a one-shot query', () => {
  it('is evidence with the query, the time of the request and the time of the reply', () => {
    const [evidence] = evidenceOf((cluster) => status(cluster, { id: JOB_A }))
    expect(evidence).to.deep.include({ query: { what: 'status', id: JOB_A }, sentMs: 3000, atMs: 3005 })
    expect(evidence).to.have.nested.property('result.right.id', JOB_A)
    const briefEvidenceOf = (send: (cluster: Cluster) => Observable<unknown>): readonly string[] =>
      brief(evidenceOf(send))
    expect(briefEvidenceOf((cluster) => details(cluster))).to.deep.equal(['snapshots {}'])
    expect(briefEvidenceOf((cluster) => details(cluster, { kind: 'rechunk' }))).to.deep.equal([
      'snapshots {"kind":"rechunk"}',
    ])
    expect(briefEvidenceOf((cluster) => details(cluster, { id: `${JOB_A},${JOB_B}` }))).to.deep.equal([
      `snapshots {"id":"${JOB_A}"}`,
      `snapshots {"id":"${JOB_B}"}`,
    ])
    expect(briefEvidenceOf((cluster) => totalTime(cluster, { id: JOB_A }))).to.deep.equal([
      `snapshots {"id":"${JOB_A}"}`,
    ])
    expect(briefEvidenceOf((cluster) => running(cluster))).to.deep.equal(['running {}'])
    expect(briefEvidenceOf((cluster) => clusterMap(cluster))).to.deep.equal(['map {}'])
  })

  it('is evidence for each status of a list, since the list has full statuses', () => {
    expect(brief(evidenceOf((cluster) => statuses(cluster)))).to.have.members([
      `status {"id":"${JOB_A}"}`,
      `status {"id":"${JOB_B}"}`,
    ])
    expect(brief(evidenceOf((cluster) => statuses(cluster, { kind: 'rechunk' })))).to.include(
      `status {"id":"${JOB_B}"}`,
    )
  })

  it('is evidence as a whole, even if the user selects a part of it', () => {
    for (const more of [{ target: 't1' }, { onlyRunning: true }, { bucket: { name: 'b' } }]) {
      const [evidence] = evidenceOf((cluster) => details(cluster, { id: JOB_A, ...more }))
      expect(evidence).to.have.nested.property('result.right').with.keys(['t1', 't2'])
    }
    const [evidence] = evidenceOf((cluster) => status(cluster, { id: JOB_A, onlyRunning: true }))
    expect(evidence).to.have.nested.property('result._tag', 'Right')
  })

  it('is evidence of an unknown job only if the query has nothing but an id', () => {
    const nobody = 'jobIsNone1'
    expect(brief(evidenceOf((cluster) => status(cluster, { id: nobody })))).to.deep.equal([
      `status {"id":"${nobody}"} NotFound`,
    ])
    expect(brief(evidenceOf((cluster) => details(cluster, { id: nobody })))).to.deep.equal([
      `snapshots {"id":"${nobody}"} NotFound`,
    ])
    // The job may be of another kind.
    for (const send of [status, details])
      expect(evidenceOf((cluster) => send(cluster, { id: JOB_A, kind: 'lru' }))).to.deep.equal([])
    expect(evidenceOf((cluster) => status(cluster, { kind: 'lru' }))).to.deep.equal([])
  })

  it('is not evidence if the query has a filter or fails', () => {
    expect(evidenceOf((cluster) => running(cluster, { kind: 'lru' }))).to.deep.equal([])
    expect(evidenceOf((cluster) => details(cluster, { kind: 'copy-bck', onlyRunning: true }))).to.deep.equal([])
    const down = () => withoutBody(503)
    const failing: World = { status: down, statuses: down, snapshots: down, running: down, map: down, other: down }
    for (const send of [details, statuses, running, clusterMap])
      expect(evidenceOf((cluster) => send(cluster), failing)).to.deep.equal([])
    expect(evidenceOf((cluster) => status(cluster, { id: JOB_A }), failing)).to.deep.equal([])
  })
})

describe('a wait whose cadence is paused', () => {
  const paused = { cadence: () => Infinity, timeoutMs: Infinity }
  const QUERIES: Readonly<Record<string, (cluster: Cluster) => Observable<unknown>>> = {
    status: (cluster) => status(cluster, { id: JOB_A }),
    details: (cluster) => details(cluster, { id: JOB_A }),
    'details of all': (cluster) => details(cluster),
    running: (cluster) => running(cluster),
    statuses: (cluster) => statuses(cluster),
  }
  for (const [name, send] of Object.entries(QUERIES))
    it(`ends with the reply to the user's own query: ${name}`, () => {
      const { values, times } = observe(
        twoJobs,
        (cluster) =>
          merge(
            wait(cluster, { id: JOB_A }, paused).pipe(
              map((result) => (isRight(result) ? result.right.outcome : result)),
            ),
            timer(60_000).pipe(
              concatMap(() => send(cluster)),
              ignoreElements(),
            ),
          ),
        { unsubscribeAtMs: 120_000 },
      )
      expect(values).to.deep.equal(['finished'])
      expect(times[0]).to.be.within(60_005, 60_050)
    })

  it('does not replace a query of the user: the query is sent, too', () => {
    const { requests } = observe(
      twoJobs,
      (cluster) =>
        merge(
          watchStatus(cluster, { id: JOB_B }, { cadence: () => Infinity }),
          timer(1000).pipe(concatMap(() => status(cluster, { id: JOB_B }))),
        ),
      { unsubscribeAtMs: 5000 },
    )
    expect(requests.filter(({ query }) => query === 'what=status').map(({ atMs }) => atMs)).to.deep.equal([0, 1000])
  })
})

describe('a query without observers of the cluster', () => {
  it('leaves no observer', () => {
    let kept = -1
    observe(twoJobs, (cluster) => {
      const internals = environmentOf(cluster)
      if (isRight(internals)) kept = internals.right.shared.evidenceListeners.size
      return status(cluster, { id: JOB_A })
    })
    expect(kept).to.equal(0)
  })
})
