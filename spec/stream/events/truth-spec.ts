import { expect } from 'chai'
import fc from 'fast-check'
import { switchMap, takeUntil, timer, type Observable } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { constant } from '../../../lib/cadence.ts'
import { createCluster } from '../../../lib/cluster.ts'
import { jobEvents } from '../../../lib/events.ts'
import type { JobEvent } from '../../../lib/view/job-event.ts'
import { watchJobs } from '../../../lib/jobs.ts'
import type { JobTable } from '../../../lib/view/rows.ts'
import { rights } from '../../../lib/operators/rights.ts'
import type { JobSelector } from '../../../lib/model/selection.ts'
import type { Job } from '../../../lib/emulator/cluster/state.ts'
import { fakeCluster } from '../../helpers/fake-cluster.ts'
import { resourceCountOf } from '../../helpers/live.ts'
import { eventsOf, faulty, truthOf, type Fault, type Planned, type Truth } from './helpers/truth.ts'
import { casesOf } from '../../fuzz/seed.ts'

// Compares live streams with the state machine of the emulator. Jobs start, end, fail and are stopped, notifications
// get lost and requests fail. In the end, the streams must have reported the truth.

const FROM_MS = 5_000
const UNTIL_MS = 120_000
const RUNS = 16

interface Case {
  readonly seed: number
  readonly jobs: readonly Planned[]
  readonly cadenceMs: number
  readonly latencyMs: number
  readonly faults: readonly { readonly fromMs: number; readonly forMs: number; readonly fault: Fault }[]
}

/** Any job of one of the kinds. */
const anyJobOf = (kinds: readonly string[]): fc.Arbitrary<Planned> =>
  fc.record(
    {
      kind: fc.constantFrom(...kinds),
      // Before or during the subscription, but not close to its start.
      atMs: fc.oneof(fc.integer({ min: 1, max: 1_500 }), fc.integer({ min: 7_000, max: 40_000 })),
      workMs: fc.oneof(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 15_000 })),
      stopMs: fc.integer({ min: 1, max: 12_000 }),
      errMs: fc.integer({ min: 1, max: 3_000 }),
      quiet: fc.boolean(),
    },
    { requiredKeys: ['kind', 'atMs', 'workMs'], noNullPrototype: true },
  )
/** Any jobs of the kinds, with any faults. */
const anyCaseOf = (kinds: readonly string[]): fc.Arbitrary<Case> =>
  fc.record({
    seed: fc.nat(1_000),
    jobs: fc.array(anyJobOf(kinds), { maxLength: 8 }),
    cadenceMs: fc.constantFrom(500, 1_000, 3_000),
    latencyMs: fc.constantFrom(1, 7, 400, 2_500),
    faults: fc.array(
      fc.record({
        fromMs: fc.integer({ min: 8_000, max: 50_000 }),
        forMs: fc.integer({ min: 1, max: 10_000 }),
        fault: fc.constantFrom<Fault>('refused', 'silent', 'unready'),
      }),
      { maxLength: 2 },
    ),
  })

interface Received {
  readonly events: readonly JobEvent[]
  readonly tables: readonly JobTable[]
  readonly truths: readonly Truth[]
  /** When the cluster handles the first requests. */
  readonly firstRequestMs: number
}

/** Runs the streams on the cluster of a case, and returns what they emitted beside the truth. */
function receive({ seed, jobs, cadenceMs, latencyMs, faults }: Case, selector?: JobSelector): Received {
  const scheduler = new TestScheduler(() => undefined)
  return scheduler.run(() => {
    const faultAt = (ms: number): Fault | undefined =>
      faults.find(({ fromMs, forMs }) => fromMs <= ms && ms < fromMs + forMs)?.fault
    const started: Job[] = []
    const world = { seed, proxies: 2, latencyMs, events: eventsOf(jobs, started), ...faulty(faultAt) }
    const { urls, transport } = fakeCluster(world, scheduler)
    const cluster = createCluster(urls, { transport, scheduler, cadence: constant(cadenceMs), random: () => 0.5 })
    const events: JobEvent[] = []
    const tables: JobTable[] = []
    const during = <A>(source: Observable<A>): Observable<A> =>
      timer(FROM_MS).pipe(
        switchMap(() => source),
        takeUntil(timer(UNTIL_MS)),
      )
    during(jobEvents(cluster, selector).pipe(rights())).subscribe((event) => events.push(event))
    during(watchJobs(cluster, selector).pipe(rights())).subscribe((table) => tables.push(table))
    scheduler.flush()
    expect(resourceCountOf(cluster)).to.equal(0)
    return { events, tables, truths: started.map(truthOf), firstRequestMs: FROM_MS + latencyMs / 2 }
  })
}

const ENDS: readonly string[] = ['finished', 'failed', 'aborted', 'vanished']

/** `late`: the Information Center may learn of an end half a minute late, so that an earlier end may be an event. */
function expectTrueEvents({ events, truths, firstRequestMs }: Received, late: boolean): void {
  const known = new Set(truths.map(({ id }) => id))
  for (const { job } of events) expect(known.has(job.id), job.id).to.equal(true)
  for (const { id, kind, endMs, overMs, startMs, outcome } of truths) {
    const own = events.filter(({ job }) => job.id === id)
    const types = own.map(({ type }) => type)
    const label = `${kind} ${id}, ${outcome} @${endMs}: ${types.join(' ')}`
    const hadEnded = overMs <= firstRequestMs
    if (hadEnded && (types.length === 0 || !late)) {
      expect(types, label).to.deep.equal([])
      continue
    }
    expect(types[0], label).to.equal('started')
    expect(
      types.filter((type) => type === 'started'),
      label,
    ).to.have.lengthOf(1)
    expect(
      types.filter((type) => ENDS.includes(type)),
      label,
    ).to.deep.equal([outcome])
    expect(types.at(-1), label).to.equal(outcome)
    const turns = types.filter((type) => type === 'idle' || type === 'resumed')
    turns.forEach((type, n) => expect(type, label).to.equal(n % 2 === 0 ? 'idle' : 'resumed'))
    for (const { atMs, job } of own) {
      expect(job.kind).to.equal(kind)
      expect(atMs, label).to.be.at.least(Math.max(startMs, FROM_MS))
    }
    const { atMs, result } = own.at(-1)!
    // An abort counts as soon as it is reported, which may be a second before the job ends.
    if (outcome !== 'aborted') expect(atMs, label).to.be.at.least(Math.floor(endMs))
    expect(result, label).to.deep.include({ jobId: id, outcome, success: outcome === 'finished' })
  }
}

/** Each row of the last table has the true state of its job. */
function expectTrueStates({ tables, truths }: Received): void {
  const last = tables.at(-1) ?? {}
  const byId = new Map(truths.map((truth) => [truth.id, truth]))
  for (const { id, state } of Object.values(last)) {
    const { endMs = NaN, outcome } = byId.get(id) ?? {}
    const label = `${id}, ${outcome ?? 'unknown'} @${endMs}`
    // `ended` stands for any outcome, but only for a job that had ended when the table began.
    if (state === 'ended') expect(endMs, label).to.be.below(FROM_MS + 3_000)
    else expect(state, label).to.equal(outcome)
  }
  for (const table of tables)
    for (const { id, state } of Object.values(table)) {
      const { outcome } = byId.get(id) ?? {}
      if (state === 'finished' || state === 'failed' || state === 'aborted') expect(state, id).to.equal(outcome)
    }
}

describe('live streams report the truth', () => {
  const LISTED = ['lru', 'copy-bck', 'cleanup-store', 'rechunk']

  it('about all jobs: each start once, and each end once with its outcome', () => {
    fc.assert(
      fc.property(anyCaseOf(LISTED), (one) => {
        const all = receive(one)
        expectTrueEvents(all, true)
        expectTrueStates(all)
      }),
      { numRuns: casesOf(RUNS) },
    )
  }).timeout(120_000)

  it('about kinds whose ends reach the Information Center late', () => {
    fc.assert(
      fc.property(anyCaseOf(['load-lom-cache', 'ec-encode']), (one) => {
        expectTrueEvents(receive(one), true)
      }),
      { numRuns: casesOf(RUNS / 2) },
    )
  }).timeout(120_000)

  for (const kind of ['lru', 'load-lom-cache', 'rebalance'])
    it(`about ${kind}, from the snapshots of the targets`, () => {
      fc.assert(
        fc.property(anyCaseOf([kind]), (one) => {
          expectTrueEvents(receive(one, { kind }), false)
        }),
        { numRuns: casesOf(RUNS / 2) },
      )
    }).timeout(120_000)
})
