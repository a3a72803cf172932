import { expect } from 'chai'
import { constant, wait, watchStatus, type Cluster } from '../../../lib/index.ts'
import { ID, OTHERS, SELECTORS, allStreams } from './helpers/company.ts'
import { live } from './helpers/live.ts'

// docs/bounds.md promises how many requests a minute costs. `live` runs the streams in virtual time and records their
// requests.

const job = { id: ID, kind: 'copy-bck' }
const options = { untilMs: 60_000 }

describe('streams of one job send, within a minute,', () => {
  for (const [by, selector] of Object.entries(SELECTORS('copy-bck')))
    for (const latencyMs of [0, 5]) {
      const script = { jobs: [...OTHERS, job], latencyMs }

      it(`at most 140 requests for a wait and all live streams, ${by}, with a latency of ${latencyMs} ms`, () => {
        const streams = { wait: (cluster: Cluster) => wait(cluster, selector), ...allStreams(selector) }
        const { requests, emitted } = live(script, streams, options)
        expect(requests.length).to.be.at.most(140)
        // The budget is for streams that emit each second.
        for (const name of ['table', 'progress', 'status', 'details'] as const)
          expect(emitted[name].length, name).to.be.at.least(50)
      })

      it(`at most 80 requests for a wait and watchStatus, ${by}, with a latency of ${latencyMs} ms`, () => {
        const streams = {
          wait: (cluster: Cluster) => wait(cluster, selector),
          status: (cluster: Cluster) => watchStatus(cluster, selector),
        }
        const { requests, emitted } = live(script, streams, options)
        expect(requests.length).to.be.at.most(80)
        expect(emitted.status.length).to.be.at.least(50)
      })
    }
})

describe('a wait with a cadence of a minute', () => {
  it('sends at most one request of each sort in a minute', () => {
    const streams = {
      wait: (cluster: Cluster) => wait(cluster, job, { cadence: constant(60_000), timeoutMs: Infinity }),
    }
    const { requests } = live({ jobs: [...OTHERS, job], latencyMs: 5 }, streams, { untilMs: 600_000 })
    const counts = new Map<string, number>()
    for (const { query } of requests) counts.set(query, (counts.get(query) ?? 0) + 1)
    expect([...counts.keys()]).to.include('what=running_all')
    expect([...counts].filter(([, count]) => count > 11)).to.deep.equal([])
  })
})
