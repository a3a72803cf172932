import { expect } from 'chai'
import { COMPANIES, ID, OTHERS, SELECTORS, waitIn } from './helpers/company.ts'
import { assertAgree, resultOf } from './helpers/ends.ts'
import { live } from './helpers/live.ts'

// `COMPANIES` repeats each case alone and beside other streams of the same cluster value; `SELECTORS` by id, and by id
// and kind.

const ENDS_MS = 2_500
const CADENCE_MS = 1_000
/** How late an answer may be: two intervals of the cadence (docs/bounds.md), and 3 s for the cluster and the requests. */
const BOUND_MS = 3_000 + 2 * CADENCE_MS
const error = 'failed to load 3 objects'

describe('a warm-up fails if only the IC has the error and no snapshot does:', () => {
  for (const company of Object.keys(COMPANIES))
    for (const [by, selector] of Object.entries(SELECTORS('load-lom-cache')))
      for (const [when, fromMs, joinsMs] of [
        ['the wait starts before the end', 0, 0],
        ['the wait and its company start after the end', 12_200, 0],
        ['the wait starts before the end, after its company', 0, 1_200],
        ['the wait starts after the end, its company before it', 0, 12_200],
      ] as const)
        it(`${company}, ${by}, ${when}`, () => {
          const job = { id: ID, kind: 'load-lom-cache', endMs: ENDS_MS, ic: { learnsMs: ENDS_MS, err: error } }
          const { emitted } = live({ jobs: [...OTHERS, job] }, waitIn(company, selector, joinsMs), {
            fromMs,
            untilMs: 40_000,
          })
          const { atMs, ...result } = resultOf(emitted.wait)
          expect(result).to.deep.include({ outcome: 'failed', success: false, aborted: false, error })
          expect(atMs).to.be.at.most(Math.max(ENDS_MS, fromMs + joinsMs) + BOUND_MS)
          const { wait: mine, ...others } = emitted
          // A wait that starts later also ends later than the other streams.
          assertAgree(joinsMs < ENDS_MS ? { ...others, wait: mine } : others)
        })
})
