import { expect } from 'chai'
import { isRight, progress, type Progress, type Cluster } from '../../../lib/index.ts'
import { maintains } from '../../helpers/fake-cluster/happenings.ts'
import type { FakeJob } from '../../helpers/fake-cluster.ts'
import { SELECTORS } from './helpers/company.ts'
import { live } from './helpers/live.ts'
import { defined } from '../../../lib/common/defined.ts'

// A rebalance counts the objects that each target sends and receives. If a target joins or leaves, the two sums
// differ; progress uses the greater one.

const ID = 'g7'
const KIND = 'rebalance'
const ENDS_MS = 12_500

/** A counter that grows evenly until a second before the end. */
const part = (objects: number, ms: number): number => Math.floor(objects * Math.min(1, ms / (ENDS_MS - 1_000)))

/** What the progress of a rebalance emits, with times; `maintained` is the number of a target under maintenance. */
function progressOf(
  counters: FakeJob['counters'],
  by: string,
  maintained?: number,
): readonly (Progress & { readonly atMs: number })[] {
  const job: FakeJob = { id: ID, kind: KIND, endMs: ENDS_MS, ...defined({ counters }) }
  const script = {
    jobs: [job],
    latencyMs: 5,
    events: maintained === undefined ? [] : [[0, maintains(maintained)] as const],
  }
  const selector = { ...SELECTORS(KIND)[by], id: ID }
  const streams = {
    progress: (cluster: Cluster) => progress(cluster, selector, { total: { objects: 10_906 } }),
  }
  const { emitted } = live(script, streams, { untilMs: 25_000 })
  return emitted.progress.flatMap(({ atMs, value }) => (isRight(value) ? [{ atMs, ...value.right }] : []))
}

describe('the progress of a rebalance', () => {
  for (const by of Object.keys(SELECTORS(KIND))) {
    it(`counts the received objects, which are more than the sent ones, if the sender is in maintenance, ${by}`, () => {
      const emitted = progressOf((target, ms) => ({ loc: 0, out: 0, in: target === 2 ? 0 : part(5_453, ms) }), by, 2)
      const halfway = emitted.find(({ atMs }) => atMs > 6_000)!
      expect(halfway.objects, 'halfway').to.be.within(4_000, 8_000)
      expect(halfway.ratio, 'halfway').to.be.within(0.3, 0.8)
      expect(emitted.at(-1)).to.deep.include({ state: 'finished', objects: 10_906, bytes: 10_906 * 1_024, ratio: 1 })
    })

    it(`counts the sent objects, which are more than the received ones, if a target returns from maintenance, ${by}`, () => {
      const emitted = progressOf(
        (target, ms) =>
          target === 2 ? { loc: 0, out: 0, in: part(10_906, ms) } : { loc: 0, out: part(5_777, ms), in: 0 },
        by,
      )
      expect(emitted.at(-1)).to.deep.include({ state: 'finished', objects: 11_554, bytes: 11_554 * 1_024 })
    })
  }
})
