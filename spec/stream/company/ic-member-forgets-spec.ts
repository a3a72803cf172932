import { expect } from 'chai'
import {
  isRight,
  jobEvents,
  progress,
  watchJobs,
  type JobTable,
  type Result,
  type Cluster,
} from '../../../lib/index.ts'
import { forgets } from '../../helpers/fake-cluster/happenings.ts'
import { ID } from './helpers/company.ts'
import { assertAgree, endsOf } from './helpers/ends.ts'
import { live, type Emitted } from './helpers/live.ts'

// The Information Center has several members. One of them has restarted, so its replies lack all jobs.

const FORGETS_MS = 10_000
const ENDS_MS = 30_500
const CADENCE_MS = 1_000
/** How late an answer may be: two intervals of the cadence (docs/bounds.md), and 3 s for the cluster and the requests. */
const BOUND_MS = 3_000 + 2 * CADENCE_MS
const job = { id: ID, kind: 'copy-bck', endMs: ENDS_MS }

/** Asserts that each table from `fromMs` on has the job, and has it as running until its end. */
function expectShownThroughout(emitted: readonly Emitted<Result<JobTable>>[], fromMs: number): void {
  const tables = emitted.flatMap(({ atMs, value }) =>
    isRight(value) && atMs >= fromMs ? [{ atMs, table: value.right }] : [],
  )
  expect(tables.length).to.be.above(10)
  for (const { atMs, table } of tables) {
    expect(Object.keys(table), `the table at ${atMs} ms`).to.include(ID)
    if (atMs < ENDS_MS) expect(table[ID]?.state, `the row at ${atMs} ms`).to.equal('running')
  }
}

describe('an IC member that restarts knows no jobs, while other members list them:', () => {
  for (const [list, jobs] of [
    ['with a null list', [job]],
    ['with a list of a newer job only', [job, { id: 'newerJob1', kind: 'lru', atMs: 12_000 }]],
  ] as const)
    for (const given of [1, 3])
      for (const [company, more] of [
        ['watchJobs alone', {}],
        ['watchJobs beside jobEvents of all', { events: (cluster: Cluster) => jobEvents(cluster) }],
        ['watchJobs beside progress', { progress: (cluster: Cluster) => progress(cluster, { id: ID }) }],
      ] as const)
        it(`${list}, ${given} given: ${company} keeps the running job and reports its end`, () => {
          const script = { jobs, proxies: 5, latencyMs: 5, events: [[FORGETS_MS, forgets(0)] as const] }
          const streams = { table: (cluster: Cluster) => watchJobs(cluster), ...more }
          const { emitted } = live(script, streams, { untilMs: 60_000, given })
          expectShownThroughout(emitted.table, 1_000)
          const { table } = endsOf(emitted)
          expect(table?.text).to.equal('finished')
          expect(table?.atMs).to.be.within(ENDS_MS, ENDS_MS + BOUND_MS)
          assertAgree(emitted)
        })

  it('emits one end from jobEvents of all jobs, and never `vanished`', () => {
    const script = { jobs: [job], proxies: 5, latencyMs: 5, events: [[FORGETS_MS, forgets(0)] as const] }
    const { emitted } = live(script, { events: (cluster) => jobEvents(cluster) }, { untilMs: 60_000 })
    const events = emitted.events.flatMap(({ atMs, value }) => (isRight(value) ? [{ ...value.right, atMs }] : []))
    expect(events.map(({ type }) => type)).to.deep.equal(['started', 'finished'])
    expect(events.at(-1)?.atMs).to.be.within(ENDS_MS, ENDS_MS + BOUND_MS)
  })
})
