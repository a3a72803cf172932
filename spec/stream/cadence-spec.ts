import { runInNewContext } from 'node:vm'
import { expect } from 'chai'
import { NEVER, concat, materialize, of, type Observable } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { adaptive, backoff, constant, probing, type Cadence } from '../../lib/cadence.ts'
import type { Cluster } from '../../lib/cluster.ts'
import { isLeft } from '../../lib/common/either.ts'
import { jobEvents } from '../../lib/events.ts'
import { withinTimeframe } from '../../lib/history.ts'
import { watchJobs } from '../../lib/jobs.ts'
import { poll } from '../../lib/operators/poll.ts'
import { progress } from '../../lib/progress.ts'
import { details, status } from '../../lib/queries.ts'
import { wait, waitForIdle } from '../../lib/wait.ts'
import { watchDetails, watchStatus } from '../../lib/watch.ts'
import type { World } from '../helpers/fake-cluster.ts'
import { ID, allTargetsShow, json, snap, statusIs } from '../helpers/fake-cluster/replies.ts'
import { virtual } from '../helpers/observe.ts'
import { clusterOf, only, scripted } from '../helpers/scripted.ts'

// Every live stream takes a cadence, or an Observable of cadences, and refuses anything else.

const theJob = { id: ID, kind: 'copy-bck' }
const world: World = { status: () => statusIs(), snapshots: () => allTargetsShow(snap({})) }

type CadenceOption = Cadence | Observable<Cadence>

const STREAMS: Readonly<Record<string, (cluster: Cluster, cadence: CadenceOption) => Observable<unknown>>> = {
  wait: (cluster, cadence) => wait(cluster, theJob, { cadence }),
  'wait for several': (cluster, cadence) => wait(cluster, { id: `${ID},jobBBBBBB` }, { cadence }),
  waitForIdle: (cluster, cadence) => waitForIdle(cluster, theJob, { cadence }),
  watchStatus: (cluster, cadence) => watchStatus(cluster, theJob, { cadence }),
  watchDetails: (cluster, cadence) => watchDetails(cluster, theJob, { cadence }),
  watchJobs: (cluster, cadence) => watchJobs(cluster, {}, { cadence }),
  jobEvents: (cluster, cadence) => jobEvents(cluster, theJob, { cadence }),
  progress: (cluster, cadence) => progress(cluster, theJob, { cadence }),
  poll: (cluster, cadence) => status(cluster, theJob).pipe(poll(cadence)),
}

/** The last notifications of a stream within ten seconds, and how many requests it sent. */
function run(stream: (cluster: Cluster) => Observable<unknown>) {
  const scheduler = new TestScheduler(() => undefined)
  const seen: { kind: string; value?: unknown }[] = []
  let requests = 0
  scheduler.run(({ cold }) => {
    const cluster = virtual(world, scheduler)
    const subscription = stream(clusterOf(cluster, { scheduler }))
      .pipe(materialize())
      .subscribe((one) => seen.push(one))
    cold('10s |').subscribe({
      complete: () => {
        subscription.unsubscribe()
        requests = cluster.requests.length
      },
    })
  })
  return { last: seen.slice(-2), requests }
}

/** Expects one last value, a Left that refuses the cadence with this message, and then the completion. */
const expectRefusal = (message: RegExp, { last }: ReturnType<typeof run>): void => {
  expect(last.map(({ kind }) => kind)).to.deep.equal(['N', 'C'])
  expect(last[0]).to.have.nested.property('value.left._tag', 'InvalidArgument')
  expect(last[0]).to.have.nested.property('value.left.argument', 'cadence')
  expect(last[0]).to.have.nested.property('value.left.message').that.matches(message)
}

for (const [name, stream] of Object.entries(STREAMS))
  describe(`the cadence of ${name}`, () => {
    const refusedEarly: readonly (readonly [what: string, cadence: unknown, message: RegExp])[] = [
      ['adaptive, not called', adaptive, /got adaptive itself, which must be called/],
      ['constant, not called', constant, /got constant itself/],
      ['an async function', async () => Promise.resolve(1000), /got an async function/],
      ["constant('5s')", constant('5s' as never), /got constant\(\) with "5s" as its ms/],
      [
        'backoff with a text as firstMs',
        backoff({ firstMs: '2s' as never }),
        /got backoff\(\) with "2s" as its firstMs/,
      ],
      ['adaptive with null as maxMs', adaptive({ maxMs: null as never }), /got adaptive\(\) with null as its maxMs/],
      ['adaptive with a bigint as minMs', adaptive({ minMs: 500n as never }), /got adaptive\(\) with 500 as its minMs/],
      ['adaptive with a bigint as maxMs', adaptive({ maxMs: 100n as never }), /got adaptive\(\) with 100 as its maxMs/],
      ['probing with a bigint', probing(60_000n as never), /got probing\(\) with 60000 as its budgetMs/],
      ['probing without a budget', probing(undefined as never), /got probing\(\) with undefined as its budgetMs/],
    ]
    for (const [what, cadence, message] of refusedEarly)
      it(`is refused before anything is sent: ${what}`, () => {
        const ended = run((cluster) => stream(cluster, cadence as Cadence))
        expectRefusal(message, ended)
        expect(ended.requests).to.equal(0)
      })

    const refusedLate: readonly (readonly [what: string, cadence: unknown, message: RegExp])[] = [
      ['returns a promise', () => Promise.resolve(1000), /got a cadence that returned an object/],
      ['returns a text', () => '5s', /got a cadence that returned "5s"/],
      ['returns a cadence', () => adaptive(), /got a cadence that returned a function/],
      ['returns nothing', () => undefined, /got a cadence that returned undefined/],
      ['is an Observable of something else', concat(of(constant(1000), adaptive), NEVER), /got adaptive itself/],
      ['is an Observable of numbers', concat(of(1000), NEVER), /got 1000/],
    ]
    for (const [what, cadence, message] of refusedLate)
      it(`ends the stream with a Left if it ${what}`, () => {
        const ended = run((cluster) => stream(cluster, cadence as Cadence))
        expectRefusal(message, ended)
        expect(ended.requests).to.be.below(8)
      })

    it('makes the stream error if it throws', () => {
      const defect = new RangeError('mine')
      const { last } = run((cluster) =>
        stream(cluster, () => {
          throw defect
        }),
      )
      expect(last.at(-1)).to.include({ kind: 'E', error: defect })
    })
  })

describe('a Date', () => {
  const cluster = clusterOf(scripted(() => json({})))

  it('of another realm is read like any other', () => {
    const from = runInNewContext('new Date(0)') as Date
    expect(from).not.to.be.an.instanceOf(Date)
    expect(isLeft(only(withinTimeframe(cluster, {}, { from })))).to.equal(false)
  })

  it('that only claims to be one is refused', () => {
    const from = { [Symbol.toStringTag]: 'Date', getTime: () => 0 } as never
    expect(only(withinTimeframe(cluster, {}, { from }))).to.have.nested.property('left.argument', 'from')
    expect(isLeft(only(details(cluster, {})))).to.equal(false)
  })
})
