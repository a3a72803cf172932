import { expect } from 'chai'
import { NEVER } from 'rxjs'
import { jobEvents, wait, watchJobs, type Cluster } from '../../../lib/index.ts'
import type { Bend, World } from '../../helpers/fake-cluster.ts'
import { ID, OTHERS } from './helpers/company.ts'
import { assertAgree, resultOf } from './helpers/ends.ts'
import { live } from './helpers/live.ts'

// The proxy that answers is frozen: it accepts connections, but never replies. The others are well.

const FREEZES_MS = 10_000
const LIST_TIMEOUT_MS = 5_000
/** The request that hangs is sent within a tick of the freeze, and a table may collect changes before it emits. */
const TICK_MS = 1_100

const frozen: Bend = (ms, { host }, reply) => (host === 'p1' && ms >= FREEZES_MS ? NEVER : reply)
const world = (endMs: number): World => ({
  jobs: [...OTHERS, { id: ID, kind: 'copy-bck', endMs }],
  latencyMs: 5,
  statuses: frozen,
  status: frozen,
  snapshots: frozen,
  running: frozen,
  map: frozen,
})

describe('while the proxy that answers is frozen,', () => {
  for (const given of [1, 2])
    for (const [state, endMs] of [
      ['has ended during the freeze', FREEZES_MS + 2_000],
      ['ends after it', FREEZES_MS + LIST_TIMEOUT_MS + 5_000],
    ] as const)
      it(`all streams go on after 5 s with another proxy, for a job that ${state}: ${given} given`, () => {
        const { emitted } = live(
          world(endMs),
          {
            wait: (cluster: Cluster) => wait(cluster, { id: ID, kind: 'copy-bck' }),
            table: (cluster: Cluster) => watchJobs(cluster),
            events: (cluster: Cluster) => jobEvents(cluster),
          },
          { untilMs: FREEZES_MS + 25_000, given },
        )
        const { atMs, ...result } = resultOf(emitted.wait)
        expect(result).to.include({ outcome: 'finished', success: true })
        expect(atMs).to.be.at.most(Math.max(endMs, FREEZES_MS + LIST_TIMEOUT_MS) + 2 * TICK_MS)
        assertAgree(emitted)
      })

  it('a request for the list has twice the time after each timeout, and 5 s again after a quick reply', () => {
    const [repliesMs, hangsAgainMs] = [40_000, 60_000]
    const hangs = (ms: number): boolean => (ms >= FREEZES_MS && ms < repliesMs) || ms >= hangsAgainMs
    const { requests } = live(
      { jobs: OTHERS, latencyMs: 5, statuses: (ms, _, reply) => (hangs(ms) ? NEVER : reply) },
      { table: (cluster: Cluster) => watchJobs(cluster, { kind: 'copy-bck' }) },
      { untilMs: hangsAgainMs + 8_000 },
    )
    const lists = requests.filter(({ what }) => what === 'statuses')
    const openMs = lists.map(({ atMs, endedAtMs = NaN }) => endedAtMs - atMs)
    expect(openMs.filter((ms) => ms >= LIST_TIMEOUT_MS)).to.deep.equal([5_000, 10_000, 20_000, 5_000])
  })
})
