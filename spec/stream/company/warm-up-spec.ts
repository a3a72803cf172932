import { expect } from 'chai'
import { adaptive, constant } from '../../../lib/index.ts'
import { COMPANIES, ID, OTHERS, SELECTORS, waitIn } from './helpers/company.ts'
import { assertAgree, resultOf } from './helpers/ends.ts'
import { live } from './helpers/live.ts'

// A warm-up (`load-lom-cache`) ends at once on all targets, and the Information Center learns that late. `COMPANIES`
// repeats each case alone and beside other streams of the same cluster value; `SELECTORS` by id, and by id and kind.

const ENDS_MS = 300

describe('a warm-up ends once, although the IC receives the notification 30 s late:', () => {
  for (const [pace, cadence] of [
    ['one tick a second', constant(1_000)],
    ['the default cadence', adaptive()],
  ] as const)
    for (const company of Object.keys(COMPANIES))
      for (const [by, selector] of Object.entries(SELECTORS('load-lom-cache')))
        it(`${company}, ${by}, ${pace}`, () => {
          const job = { id: ID, kind: 'load-lom-cache', endMs: ENDS_MS }
          const { emitted } = live({ jobs: [...OTHERS, job] }, waitIn(company, selector), { untilMs: 45_000, cadence })
          const { atMs, ...result } = resultOf(emitted.wait)
          expect(result).to.deep.include({ outcome: 'finished', success: true })
          expect(atMs).to.be.within(ENDS_MS, ENDS_MS + 5_000)
          assertAgree(emitted)
        })
})
