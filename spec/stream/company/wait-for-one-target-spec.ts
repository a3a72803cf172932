import { expect } from 'chai'
import { constant, isLeft, wait, type Cluster, type WaitOptions } from '../../../lib/index.ts'
import { COMPANIES, ID, OTHERS } from './helpers/company.ts'
import { resultOf } from './helpers/ends.ts'
import { live } from './helpers/live.ts'

// A wait for one target of a job, beside streams about the whole job.

const ENDS_MS = 5_500
const KIND = 'copy-bck'
/** The other streams are faster, so they request the status before this wait has its answer. */
const OPTIONS: WaitOptions = { timeoutMs: 60_000, cadence: constant(4_000) }

// The streams beside the wait request the status of the job. It is about all targets, so it must not count.
describe('a wait for one target of a job', () => {
  for (const [company, streamsOf] of Object.entries(COMPANIES)) {
    it(`is a success although another target has failed, ${company}`, () => {
      const job = { id: ID, kind: KIND, endMs: ENDS_MS, errors: { 1: 'disk full' } }
      const streams = { ...streamsOf({ id: ID }), wait: (c: Cluster) => wait(c, { id: ID, target: 't1' }, OPTIONS) }
      const { emitted, targets } = live({ jobs: [...OTHERS, job] }, streams, { untilMs: 40_000 })
      expect(targets[0]).to.equal('t1')
      expect(resultOf(emitted.wait)).to.include({ outcome: 'finished', success: true })
    })

    it(`is NotFound after 10 s if the target has no part of the job, ${company}`, () => {
      const streams = { ...streamsOf({ id: ID }), wait: (c: Cluster) => wait(c, { id: ID, target: 't3' }, OPTIONS) }
      const { emitted } = live({ jobs: [...OTHERS, { id: ID, kind: KIND, on: [0, 1] }] }, streams, { untilMs: 40_000 })
      const [only] = emitted.wait
      expect(only?.atMs).to.be.within(10_000, 15_000)
      expect(only !== undefined && isLeft(only.value) && only.value.left._tag).to.equal('NotFound')
    })
  }
})
