import { expect } from 'chai'
import { wait, type Cluster } from '../../../lib/index.ts'
import { snapshotsUnknown } from '../../helpers/fake-cluster/replies.ts'
import { ID, allStreams } from './helpers/company.ts'
import { assertAgree, resultOf } from './helpers/ends.ts'
import { live } from './helpers/live.ts'

// A job whose end only the IC reports, because no target shows the job.

const ENDS_MS = 4_000
const KIND = 'copy-bck'

// Such as a job of one target that froze just after the job had begun, and that has left the cluster map since.
describe('a job that no target shows, and whose end the IC reports', () => {
  for (const [when, fromMs] of [
    ['before', 0],
    ['after', ENDS_MS + 1_000],
  ] as const)
    it(`has the same end in all streams that begin ${when} its end`, () => {
      const script = { jobs: [{ id: ID, kind: KIND, endMs: ENDS_MS }], snapshots: () => snapshotsUnknown, latencyMs: 5 }
      const selector = { id: ID, kind: KIND }
      const streams = { ...allStreams(selector), wait: (c: Cluster) => wait(c, selector) }
      const { table, ...emitted } = live(script, streams, { fromMs, untilMs: 30_000 }).emitted
      expect(resultOf(emitted.wait)).to.include({ outcome: 'finished', success: true })
      // A table does not request how a job ended that was over before.
      assertAgree(fromMs === 0 ? { ...emitted, table } : emitted)
    })
})
