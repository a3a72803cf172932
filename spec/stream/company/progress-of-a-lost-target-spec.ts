import { expect } from 'chai'
import { isRight, progress, watchDetails, watchJobs, type Cluster } from '../../../lib/index.ts'
import { dies } from '../../helpers/fake-cluster/happenings.ts'
import { ID, OTHERS, SELECTORS } from './helpers/company.ts'
import { live, type Streams } from './helpers/live.ts'

// `COMPANIES` repeats each case alone and beside other streams of the same cluster value; `SELECTORS` by id, and by id
// and kind.

const DIES_MS = 1_243
/**
 * The other targets notice the death within half a second and end the job; the map drops the dead target after 28 to 31
 * s.
 */
const OVER_MS = DIES_MS + 500
const KIND = 'copy-bck'

describe('the progress of a copy that lost a target', () => {
  for (const [by, selector] of Object.entries(SELECTORS(KIND)))
    for (const [company, more] of Object.entries<Streams>({
      alone: {},
      'beside watchJobs and watchDetails': {
        table: (cluster) => watchJobs(cluster),
        details: (cluster) => watchDetails(cluster, selector),
      },
    }))
      it(`follows the cluster's times and reports the target as lost, ${company}, ${by}`, () => {
        const script = {
          jobs: [...OTHERS, { id: ID, kind: KIND }],
          latencyMs: 5,
          events: [[DIES_MS, dies(1)] as const],
        }
        const streams = { ...more, progress: (cluster: Cluster) => progress(cluster, selector) }
        const { emitted, targets } = live(script, streams, { untilMs: 60_000 })
        const shown = emitted.progress.flatMap(({ value }) => (isRight(value) ? value.right : []))
        const aborted = shown.filter(({ state }) => state === 'aborted')
        expect(aborted.length, 'the number of values after the abort').to.be.above(10)
        for (const { elapsedMs } of aborted) expect(elapsedMs).to.be.within(DIES_MS - 5, OVER_MS + 50)
        const states = Object.fromEntries(targets.map((target) => [target, aborted.at(-1)!.targets[target]?.state]))
        expect(states).to.deep.equal({ [targets[0]!]: 'aborted', [targets[1]!]: 'lost', [targets[2]!]: 'aborted' })
      })
})
