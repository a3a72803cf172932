import { expect } from 'chai'
import { wait, watchJobs, jobEvents, progress, isRight } from '../../../lib/index.ts'
import { dies } from '../../helpers/fake-cluster/happenings.ts'
import { BOUND_MS, ID, OTHERS, SELECTORS } from './helpers/company.ts'
import { assertAgree, resultOf } from './helpers/ends.ts'
import { live } from './helpers/live.ts'

// A kind that idles ends by an abort if one of its targets dies. `SELECTORS` repeats each case by id, and by id and
// kind.

const KIND = 'copy-listrange'
const DIES_MS = 10_000
/**
 * The map drops a dead target after 28 to 31 s. Then the other targets abort the job, and their snapshots show the
 * abort.
 */
const SHOWN_MS = DIES_MS + 28_000

describe('a copy of objects whose target dies is aborted, and all streams report it at the same time:', () => {
  for (const [by, selector] of Object.entries(SELECTORS(KIND)))
    for (const latencyMs of [0, 5]) {
      it(`the wait, the event and the progress, ${by}, with a latency of ${latencyMs} ms`, () => {
        const script = { jobs: [...OTHERS, { id: ID, kind: KIND }], latencyMs, events: [[DIES_MS, dies(1)] as const] }
        const { emitted, targets } = live(
          script,
          {
            table: (cluster) => watchJobs(cluster, { kind: KIND }),
            events: (cluster) => jobEvents(cluster, selector),
            progress: (cluster) => progress(cluster, selector),
            wait: (cluster) => wait(cluster, selector),
          },
          { untilMs: 130_000 },
        )
        const { atMs, ...result } = resultOf(emitted.wait)
        expect(result).to.deep.include({ outcome: 'aborted', success: false, aborted: true })
        expect(atMs).to.be.within(SHOWN_MS, SHOWN_MS + 3_000 + BOUND_MS)
        assertAgree(emitted)
        const last = emitted.progress.filter(({ value }) => isRight(value)).at(-1)!.value
        expect(isRight(last) && last.right.targets[targets[1]!]?.state, 'the dead target').to.equal('lost')
      })
    }
})
