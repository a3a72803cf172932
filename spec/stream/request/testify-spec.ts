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
import { empty } from '../../helpers/fake-cluster/replies.ts'
import { atWork, endsAt, jobsWorld } from '../../helpers/jobs-world.ts'
import { observe } from '../../helpers/observe.ts'

const A = 'jobNoAaaa1'
const B = 'jobNoBbbb1'
const world: World = jobsWorld({ [A]: endsAt(2500), [B]: { ...atWork, kind: 'rechunk' } }, { latencyMs: 5, targets: 2 })

/** What those who observe the cluster are told when somebody asks this at 3 s. */
function taught(ask: (c: Cluster) => Observable<unknown>, w: World = world): readonly Evidence[] {
  const all: Evidence[] = []
  observe(w, (c) => {
    const internals = environmentOf(c)
    if (isRight(internals)) internals.right.shared.witnesses.add((evidence) => all.push(evidence))
    return timer(3000).pipe(concatMap(() => ask(c)))
  })
  return all
}

const briefly = (all: readonly Evidence[]): readonly string[] =>
  all.map(({ query: { what, ...rest }, result }) => {
    const reply: Result<unknown> = result
    return `${what} ${JSON.stringify(rest)} ${isRight(reply) ? '' : reply.left._tag}`.trim()
  })

describe('a reply to a one-shot question', () => {
  it('teaches those who observe the cluster what it is about, when it was asked, and when it came', () => {
    const [evidence] = taught((c) => status(c, { id: A }))
    expect(evidence).to.deep.include({ query: { what: 'status', id: A }, askedMs: 3000, atMs: 3005 })
    expect(evidence).to.have.nested.property('result.right.id', A)
    const told = (ask: (c: Cluster) => Observable<unknown>): readonly string[] => briefly(taught(ask))
    expect(told((c) => details(c))).to.deep.equal(['snapshots {}'])
    expect(told((c) => details(c, { kind: 'rechunk' }))).to.deep.equal(['snapshots {"kind":"rechunk"}'])
    expect(told((c) => details(c, { id: `${A},${B}` }))).to.deep.equal([
      `snapshots {"id":"${A}"}`,
      `snapshots {"id":"${B}"}`,
    ])
    expect(told((c) => totalTime(c, { id: A }))).to.deep.equal([`snapshots {"id":"${A}"}`])
    expect(told((c) => running(c))).to.deep.equal(['running {}'])
    expect(told((c) => clusterMap(c))).to.deep.equal(['map {}'])
  })

  it('teaches each status of a list, since that is asked for in full', () => {
    expect(briefly(taught((c) => statuses(c)))).to.have.members([`status {"id":"${A}"}`, `status {"id":"${B}"}`])
    expect(briefly(taught((c) => statuses(c, { kind: 'rechunk' })))).to.include(`status {"id":"${B}"}`)
  })

  it('teaches the whole reply, whatever was selected of it', () => {
    for (const more of [{ target: 't1' }, { onlyRunning: true }, { bucket: { name: 'b' } }]) {
      const [evidence] = taught((c) => details(c, { id: A, ...more }))
      expect(evidence).to.have.nested.property('result.right').with.keys(['t1', 't2'])
    }
    const [evidence] = taught((c) => status(c, { id: A, onlyRunning: true }))
    expect(evidence).to.have.nested.property('result._tag', 'Right')
  })

  it('teaches that a job is unknown only where nothing but its id was asked for', () => {
    const nobody = 'jobNoNone1'
    expect(briefly(taught((c) => status(c, { id: nobody })))).to.deep.equal([`status {"id":"${nobody}"} NotFound`])
    expect(briefly(taught((c) => details(c, { id: nobody })))).to.deep.equal([`snapshots {"id":"${nobody}"} NotFound`])
    // The job may be of another kind.
    for (const ask of [status, details]) expect(taught((c) => ask(c, { id: A, kind: 'lru' }))).to.deep.equal([])
    expect(taught((c) => status(c, { kind: 'lru' }))).to.deep.equal([])
  })

  it('teaches nothing of what a filter left out, nor where it failed', () => {
    expect(taught((c) => running(c, { kind: 'lru' }))).to.deep.equal([])
    expect(taught((c) => details(c, { kind: 'copy-bck', onlyRunning: true }))).to.deep.equal([])
    const down = () => empty(503)
    const failing: World = { status: down, statuses: down, snapshots: down, running: down, map: down, other: down }
    for (const ask of [details, statuses, running, clusterMap]) expect(taught((c) => ask(c), failing)).to.deep.equal([])
    expect(taught((c) => status(c, { id: A }), failing)).to.deep.equal([])
  })
})

describe('a wait that asks no more', () => {
  const paused = { cadence: () => Infinity, timeoutMs: Infinity }
  const QUESTIONS: Readonly<Record<string, (c: Cluster) => Observable<unknown>>> = {
    status: (c) => status(c, { id: A }),
    details: (c) => details(c, { id: A }),
    'details of all': (c) => details(c),
    running: (c) => running(c),
    statuses: (c) => statuses(c),
  }
  for (const [name, ask] of Object.entries(QUESTIONS))
    it(`ends by what the user's own ${name} tells`, () => {
      const { values, times } = observe(
        world,
        (c) =>
          merge(
            wait(c, { id: A }, paused).pipe(map((result) => (isRight(result) ? result.right.outcome : result))),
            timer(60_000).pipe(
              concatMap(() => ask(c)),
              ignoreElements(),
            ),
          ),
        { unsubscribeAtMs: 120_000 },
      )
      expect(values).to.deep.equal(['finished'])
      expect(times[0]).to.be.within(60_005, 60_050)
    })

  it('asks itself all the same: an answer to a user is never taken from what is known', () => {
    const { requests } = observe(
      world,
      (c) =>
        merge(
          watchStatus(c, { id: B }, { cadence: () => Infinity }),
          timer(1000).pipe(concatMap(() => status(c, { id: B }))),
        ),
      { unsubscribeAtMs: 5000 },
    )
    expect(requests.filter(({ query }) => query === 'what=status').map(({ atMs }) => atMs)).to.deep.equal([0, 1000])
  })
})

describe('one that nobody waits for', () => {
  it('leaves nothing behind', () => {
    let kept = -1
    observe(world, (c) => {
      const internals = environmentOf(c)
      if (isRight(internals)) kept = internals.right.shared.witnesses.size
      return status(c, { id: A })
    })
    expect(kept).to.equal(0)
  })
})
