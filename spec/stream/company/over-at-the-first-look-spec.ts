import { expect } from 'chai'
import { isRight, jobEvents } from '../../../lib/index.ts'
import { ID, OTHERS, SELECTORS } from './helpers/company.ts'
import { live } from './helpers/live.ts'

// A stream of one job that joins after the end reports the start and the end, so that a subscriber sees both.

const SUBSCRIBED_MS = 10_000
const CADENCE_MS = 1_000
/** How late an answer may be: two intervals of the cadence (docs/bounds.md), and 3 s for the cluster and the requests. */
const BOUND_MS = 3_000 + 2 * CADENCE_MS
const END = { endMs: 7_500 }
const ENDS = {
  finished: { ...END },
  failed: { ...END, errors: { 0: 'disk full' } },
  aborted: { abort: { atMs: 6_500, texts: ['user abort', 'user abort', 'user abort'] } },
} as const

describe('jobEvents with the id of a job that has ended in the first reply', () => {
  for (const kind of ['copy-bck', 'load-lom-cache', 'evict-remote-bck'])
    for (const [by, selector] of Object.entries(SELECTORS(kind)))
      for (const [type, end] of Object.entries(ENDS))
        it(`emits started, then ${type}: ${kind}, ${by}`, () => {
          const script = { jobs: [...OTHERS, { id: ID, kind, atMs: 5_000, ...end }], latencyMs: 5 }
          const options = { fromMs: SUBSCRIBED_MS, untilMs: 60_000 }
          const { emitted } = live(script, { events: (cluster) => jobEvents(cluster, selector) }, options)
          const events = emitted.events.flatMap(({ atMs, value }) => (isRight(value) ? [{ ...value.right, atMs }] : []))
          const turns = events.filter((event) => event.type !== 'progressed')
          expect(turns.map((event) => event.type)).to.deep.equal(['started', type])
          const { result, atMs } = turns.at(-1)!
          expect(result).to.deep.include({ jobId: ID, outcome: type, success: type === 'finished' })
          expect(atMs).to.be.at.most(SUBSCRIBED_MS + BOUND_MS)
        })
})
