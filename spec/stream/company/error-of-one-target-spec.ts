import { expect } from 'chai'
import { COMPANIES, ID, OTHERS, SELECTORS, waitIn } from './helpers/company.ts'
import { assertAgree, resultOf } from './helpers/ends.ts'
import { live } from './helpers/live.ts'

// `COMPANIES` repeats each case alone and beside other streams of the same cluster value; `SELECTORS` by id, and by id
// and kind.

const CADENCE_MS = 1_000
/** How late an answer may be: two intervals of the cadence (docs/bounds.md), and 3 s for the cluster and the requests. */
const BOUND_MS = 3_000 + 2 * CADENCE_MS

describe('a copy fails if only one target has the error and the IC reports none:', () => {
  for (const company of Object.keys(COMPANIES))
    for (const [by, selector] of Object.entries(SELECTORS('copy-bck')))
      for (const endMs of [2_500, 5_500, 20_500, 65_500])
        it(`${company}, ${by}, the end at ${endMs} ms`, () => {
          const job = { id: ID, kind: 'copy-bck', endMs, errors: { 1: 'disk full' }, ic: { err: '' } }
          const { emitted } = live({ jobs: [...OTHERS, job] }, waitIn(company, selector), { untilMs: endMs + 20_000 })
          const { atMs, ...result } = resultOf(emitted.wait)
          expect(result).to.deep.include({ outcome: 'failed', success: false, aborted: false, error: 'disk full' })
          expect(atMs).to.be.within(endMs, endMs + BOUND_MS)
          assertAgree(emitted)
        })
})
