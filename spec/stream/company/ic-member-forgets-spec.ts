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
import { live, type Told } from './helpers/live.ts'

const FORGETS_MS = 10_000
const ENDS_MS = 30_500
const CADENCE_MS = 1_000
const job = { id: ID, kind: 'copy-bck', endMs: ENDS_MS }

/** Whether each table from the first that has the job has it until its end. */
function isShownThroughout(told: readonly Told<Result<JobTable>>[], fromMs: number): void {
  const tables = told.flatMap(({ atMs, value }) =>
    isRight(value) && atMs >= fromMs ? [{ atMs, table: value.right }] : [],
  )
  expect(tables.length).to.be.above(10)
  for (const { atMs, table } of tables) {
    expect(Object.keys(table), `the table at ${atMs} ms`).to.include(ID)
    if (atMs < ENDS_MS) expect(table[ID]?.state, `the row at ${atMs} ms`).to.equal('running')
  }
}

describe('an IC member restarts and knows none of the jobs, which other members list', () => {
  for (const [list, jobs] of [
    ['its list is null', [job]],
    ['its list has a newer job only', [job, { id: 'newerJob1', kind: 'lru', atMs: 12_000 }]],
  ] as const)
    for (const given of [1, 3])
      for (const [company, more] of [
        ['watchJobs alone', {}],
        ['watchJobs beside jobEvents of all', { events: (c: Cluster) => jobEvents(c) }],
        ['watchJobs beside progress', { progress: (c: Cluster) => progress(c, { id: ID }) }],
      ] as const)
        it(`${list}, ${given} given: ${company} shows the running job and its end`, () => {
          const script = { jobs, proxies: 5, latencyMs: 5, events: [[FORGETS_MS, forgets(0)] as const] }
          const streams = { table: (c: Cluster) => watchJobs(c), ...more }
          const { told } = live(script, streams, { untilMs: 60_000, given })
          isShownThroughout(told.table, 1_000)
          const { table } = endsOf(told)
          expect(table?.text).to.equal('finished')
          expect(table?.atMs).to.be.within(ENDS_MS, ENDS_MS + 15_000)
          assertAgree(told)
        })

  it('jobEvents of all tells the end once, and never that the job vanished', () => {
    const script = { jobs: [job], proxies: 5, latencyMs: 5, events: [[FORGETS_MS, forgets(0)] as const] }
    const { told } = live(script, { events: (c) => jobEvents(c) }, { untilMs: 60_000 })
    const events = told.events.flatMap(({ atMs, value }) => (isRight(value) ? [{ ...value.right, atMs }] : []))
    expect(events.map(({ type }) => type)).to.deep.equal(['started', 'finished'])
    expect(events.at(-1)?.atMs).to.be.within(ENDS_MS, ENDS_MS + 3_000 + 2 * CADENCE_MS)
  })
})
