import { expect } from 'chai'
import { COMPANIES, ID, OTHERS, SELECTORS, waitIn } from './helpers/company.ts'
import { assertAgree, resultOf } from './helpers/ends.ts'
import { live } from './helpers/live.ts'

// The texts of the targets differ: one reports "user abort", the others that the Information Center has aborted the
// job. All streams must show the same text. `COMPANIES` repeats each case alone and beside other streams of the same
// cluster value; `SELECTORS` by id, and by id and kind.

const ABORT_MS = 5_500
const CADENCE_MS = 1_000
/** How late an answer may be: two intervals of the cadence (docs/bounds.md), and 3 s for the cluster and the requests. */
const BOUND_MS = 3_000 + 2 * CADENCE_MS
const IC_ABORT = 'IC(notifications) abort'

describe('an abort for which the targets have two texts is reported with one text:', () => {
  for (const [by, selector] of Object.entries(SELECTORS('copy-bck')))
    for (const first of [0, 1, 2]) {
      const emitted = (company: string) => {
        const texts = [0, 1, 2].map((target) => (target === first ? 'user abort' : IC_ABORT))
        const job = { id: ID, kind: 'copy-bck', abort: { atMs: ABORT_MS, texts } }
        return live({ jobs: [...OTHERS, job] }, waitIn(company, selector), { untilMs: 30_000 }).emitted
      }
      for (const company of Object.keys(COMPANIES))
        it(`${company}, ${by}, target ${first} reports "user abort"`, () => {
          const all = emitted(company)
          const { atMs, ...result } = resultOf(all.wait)
          expect(result).to.deep.include({ outcome: 'aborted', success: false, aborted: true })
          expect(result.error).to.match(/user abort|IC\(notifications\) abort/)
          expect(result.error, 'the error of the same wait alone').to.equal(resultOf(emitted('alone').wait).error)
          // The job ends a second after its abort.
          expect(atMs).to.be.within(ABORT_MS, ABORT_MS + 1_000 + BOUND_MS)
          assertAgree(all)
        })
    }
})
