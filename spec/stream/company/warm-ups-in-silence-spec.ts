import { expect } from 'chai'
import { constant, isRight, jobEvents } from '../../../lib/index.ts'
import { live } from './helpers/live.ts'

// A story that a property has found, kept as an example. `SILENT` are the times in which the cluster gives no reply.

const KIND = 'load-lom-cache'

/** The times between which requests get no reply: from, to. */
const SILENT = [
  [19_287, 22_001],
  [45_353, 55_001],
] as const

describe('two warm-ups that start together and end at once, while some requests get no reply', () => {
  // The property "of load-lom-cache: by the targets" found this with seed 1524712891.
  it('emit started, and then finished', () => {
    const jobs = ['warmUp001', 'warmUp002'].map((id) => ({ id, kind: KIND, atMs: 18_801, endMs: 18_806 }))
    const { emitted } = live(
      { jobs, proxies: 2, latencyMs: 400, silent: SILENT },
      { events: (cluster) => jobEvents(cluster, { kind: KIND }) },
      { fromMs: 5_000, untilMs: 120_000, given: 2, cadence: constant(3_000) },
    )
    for (const { id } of jobs) {
      const events = emitted.events.flatMap(({ value }) =>
        isRight(value) && value.right.job.id === id ? value.right : [],
      )
      expect(events.map(({ type }) => type)).to.deep.equal(['started', 'finished'])
      expect(events.at(-1)?.result).to.deep.include({ jobId: id, outcome: 'finished', success: true })
    }
  })
})
