import { expect } from 'chai'
import { switchMap, type Observable } from 'rxjs'
import * as rx from '../../../lib/index.ts'
import { isLeft } from '../../../lib/common/either.ts'
import type { FakeJob, World } from '../../helpers/fake-cluster.ts'
import { observe } from '../../helpers/observe.ts'

// To copy a cloud bucket, a proxy lists its objects page by page and passes each page to the targets. While they wait for
// the next page, the targets report the job as idle. To copy chosen objects, the targets list the objects themselves, and
// report the job as running meanwhile.

const ID = 'tco-DlevkRzIuW'
const cloudBucket = { name: 'g', provider: 'gcp' }
const destination = { name: 'b' }

/** When the targets work on the first page. */
const FIRST_MS = 3_000
/** When the second page comes. */
const SECOND_MS = 20_000
/** When the targets have worked on the second page. */
const LAST_MS = 24_000
/** AIStore reports a job as idle this long after its last work. */
const IDLE_MS = 4_000

const isIdleAt = (ms: number): boolean => (ms >= FIRST_MS + IDLE_MS && ms < SECOND_MS) || ms >= LAST_MS + IDLE_MS

const objectsAt = (ms: number): number => {
  if (ms < FIRST_MS) return 0
  return ms < LAST_MS ? 1_000 : 2_000
}

/** The job of the copy, which is idle when `isIdle` says so. */
const jobWith = (kind: string, isIdle: (ms: number) => boolean): FakeJob => ({
  id: ID,
  kind,
  shows: (_, ms) => ({ idle: isIdle(ms) }),
  counters: (_, ms) => ({ loc: objectsAt(ms), out: 0, in: 0 }),
})

/** A cluster with this job, whose id is the reply to the launch. */
const worldOf = (job: FakeJob): World => ({ jobs: [job], other: () => ({ body: ID }) })

const pagedWorld = worldOf(jobWith('copy-listrange', isIdleAt))
/** Launches a copy that includes objects which only the cloud has. */
const launchCopyOfAll = (cluster: rx.Cluster) =>
  rx.copyBucket(cluster, { from: cloudBucket, to: destination, include: 'all' })

/** When a stream ends, and how. */
function endOf(
  world: World,
  stream: (cluster: rx.Cluster) => Observable<rx.Result<rx.WaitResult>>,
): { readonly atMs: number; readonly outcome: string } {
  const { values, times } = observe(world, stream, { unsubscribeAtMs: 200_000 })
  const last = values.at(-1)
  if (last === undefined || isLeft(last)) throw new Error(`no result: ${JSON.stringify(values)}`)
  return { atMs: times.at(-1)!, outcome: last.right.outcome }
}

/** The result of a stream that takes the first job of the launch. */
const awaited =
  (of: (cluster: rx.Cluster, launched: rx.LaunchedJob) => Observable<rx.Result<rx.WaitResult>>) =>
  (cluster: rx.Cluster): Observable<rx.Result<rx.WaitResult>> =>
    launchCopyOfAll(cluster).pipe(
      switchMap((launched) => {
        if (isLeft(launched)) throw new Error(launched.left._tag)
        return of(cluster, launched.right[0])
      }),
    )

describe('a copy that a proxy feeds page by page', () => {
  const enough = LAST_MS + IDLE_MS + 30_000

  it('is not idle between two pages for a wait, a handle and follow that have its reference', () => {
    for (const [what, stream] of Object.entries({
      wait: awaited((cluster, launched) => rx.wait(cluster, launched)),
      waitForIdle: awaited((cluster, launched) => rx.waitForIdle(cluster, launched)),
      handle: awaited((cluster, launched) => rx.jobOf(cluster, launched).wait()),
      stored: awaited((cluster, launched) => rx.wait(cluster, JSON.parse(JSON.stringify(launched)) as rx.LaunchedJob)),
      follow: (cluster: rx.Cluster) => rx.follow(cluster, launchCopyOfAll(cluster)).pipe(rx.ended()),
    })) {
      const { atMs, outcome } = endOf(pagedWorld, stream)
      expect(outcome, what).to.equal('idle')
      expect(atMs, what).to.be.within(enough, enough + 2 * 8_000)
    }
  })

  it('may be idle between two pages for a wait that has its id only', () => {
    expect(endOf(pagedWorld, (cluster) => rx.wait(cluster, { id: ID })).atMs).to.be.below(SECOND_MS)
  })

  it('has a mark in its reference, which other launches do not have', () => {
    const jobs = (launch: (cluster: rx.Cluster) => Observable<rx.Result<rx.LaunchedJobs>>) =>
      observe(pagedWorld, launch, { unsubscribeAtMs: 1_000 }).values
    expect(jobs(launchCopyOfAll)).to.have.nested.property('[0].right[0].paged', true)
    const chosen = jobs((cluster) =>
      rx.copyObjects(cluster, { from: cloudBucket, to: destination, what: { prefix: 'x' } }),
    )
    expect(chosen).to.have.nested.property('[0].right[0].id', ID)
    expect(chosen).not.to.have.nested.property('[0].right[0].paged')
  })
})

describe('a copy or transformation of many chosen objects', () => {
  const wholeWorld = worldOf(jobWith('copy-listrange', (ms) => ms >= LAST_MS + IDLE_MS))
  const etlWorld = worldOf(jobWith('etl-listrange', (ms) => ms >= LAST_MS + IDLE_MS))

  for (const [what, world, launch] of [
    [
      'copyObjects by prefix',
      wholeWorld,
      (cluster) => rx.copyObjects(cluster, { from: cloudBucket, to: destination, what: { prefix: 'x' } }),
    ],
    [
      'copyObjects by template',
      wholeWorld,
      (cluster) => rx.copyObjects(cluster, { from: cloudBucket, to: destination, what: { template: 'x{0..1999}' } }),
    ],
    [
      'transformObjects by prefix',
      etlWorld,
      (cluster) =>
        rx.transformObjects(cluster, { from: cloudBucket, to: destination, what: { prefix: 'x' }, etl: 'md5' }),
    ],
  ] as const satisfies readonly (readonly [
    what: string,
    world: World,
    launch: (cluster: rx.Cluster) => Observable<rx.Result<rx.LaunchedJobs>>,
  ])[])
    it(`is idle only once all pages are done, and then soon: ${what}`, () => {
      const { atMs, outcome } = endOf(world, (cluster) => rx.follow(cluster, launch(cluster)).pipe(rx.ended()))
      expect(outcome).to.equal('idle')
      expect(atMs).to.be.within(LAST_MS + IDLE_MS + 2_000, LAST_MS + IDLE_MS + 12_000)
    })
})
