import { expect } from 'chai'
import { leaves } from '../../helpers/fake-cluster/happenings.ts'
import { BOUND_MS, COMPANIES, ID, OTHERS, SELECTORS, waitIn } from './helpers/company.ts'
import { assertAgree, resultOf } from './helpers/ends.ts'
import { live } from './helpers/live.ts'

// A target that leaves the cluster after it has ended its part does not make the job lost.

const ENDS_MS = 4_000
const UNTIL_MS = ENDS_MS + 2 * BOUND_MS

// The property "crowd equals alone" (`crowd-equals-alone-spec.ts`) found this with seed -583051203: three more waits, by id and kind, without latency.
describe('a copy that ends before one of its targets leaves is `finished`:', () => {
  for (const [ic, learnsMs] of [
    ['the IC never receives the notification', Infinity],
    ['the IC receives the notification 20 s late', ENDS_MS + 20_000],
  ] as const)
    for (const company of Object.keys(COMPANIES))
      for (const [by, selector] of Object.entries(SELECTORS('copy-bck')))
        for (const latencyMs of [0, 5, 300])
          it(`${ic}, ${company}, ${by}, with a latency of ${latencyMs} ms`, () => {
            const job = { id: ID, kind: 'copy-bck', endMs: ENDS_MS, ic: { learnsMs } }
            const script = { jobs: [...OTHERS, job], events: [[9_000, leaves(2)] as const], latencyMs }
            const { emitted } = live(script, waitIn(company, selector), { untilMs: UNTIL_MS })
            const { atMs, ...result } = resultOf(emitted.wait)
            expect(result).to.deep.include({ outcome: 'finished', success: true })
            expect(atMs).to.be.within(ENDS_MS, ENDS_MS + BOUND_MS)
            assertAgree(emitted)
          })
})
