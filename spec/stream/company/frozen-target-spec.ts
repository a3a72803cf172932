import { expect } from 'chai'
import { health, isRight, jobEvents, progress, wait, watchDetails, type Cluster } from '../../../lib/index.ts'
import { freezes, thaws } from '../../helpers/fake-cluster/happenings.ts'
import { BOUND_MS, ID, OTHERS, allStreams } from './helpers/company.ts'
import { live, type Streams } from './helpers/live.ts'

// A frozen target accepts requests and does not answer. The requests to all targets then wait for it.

const KIND = 'copy-bck'
const FREEZES_MS = 10_000
const THAWS_MS = FREEZES_MS + 25_000
const OPEN_MS = 5_000
const CADENCE_MS = 1_000

const selector = { id: ID, kind: KIND }
const users: Readonly<Record<string, Streams>> = {
  progress: { a: (cluster) => progress(cluster, selector) },
  watchDetails: { a: (cluster) => watchDetails(cluster, selector) },
  'jobEvents of the kind': { a: (cluster) => jobEvents(cluster, { kind: KIND }) },
  'a wait': { a: (cluster) => wait(cluster, selector) },
  'all streams': allStreams(selector),
}

describe('the cluster value, while a target freezes for 25 s,', () => {
  for (const [user, streams] of Object.entries(users))
    for (const latencyMs of [0, 5])
      it(`reports degraded health after a request of ${user} has been open for 5 s, with a latency of ${latencyMs} ms`, () => {
        const events = [[FREEZES_MS, freezes(1)] as const, [THAWS_MS, thaws(1)] as const]
        const script = { jobs: [...OTHERS, { id: ID, kind: KIND }], latencyMs, events }
        const { emitted } = live(
          script,
          { health: (cluster: Cluster) => health(cluster), ...streams },
          { untilMs: 60_000 },
        )
        const states = emitted.health.map(({ atMs, value }) => ({ atMs, state: value.state }))
        const label = JSON.stringify(states)
        expect(states[0]?.state, label).to.equal('connected')
        const degraded = states.find(({ state }) => state === 'degraded')
        // A wait polls the targets of an open job only now and then, so its request may be sent a little later.
        const sentMs = FREEZES_MS + CADENCE_MS + (user === 'a wait' ? 5_000 : latencyMs)
        expect(degraded?.atMs, label).to.be.within(FREEZES_MS + OPEN_MS, sentMs + OPEN_MS + CADENCE_MS)
        const last = states.at(-1)!
        expect(last.state, label).to.equal('connected')
        expect(last.atMs, label).to.be.within(THAWS_MS, THAWS_MS + BOUND_MS)
      })

  it('reports progress with the correct counters after the target resumes', () => {
    const events = [[FREEZES_MS, freezes(1)] as const, [THAWS_MS, thaws(1)] as const]
    const script = { jobs: [{ id: ID, kind: KIND }], latencyMs: 5, events }
    const { emitted } = live(script, { progress: (cluster) => progress(cluster, selector) }, { untilMs: 60_000 })
    const shown = emitted.progress.flatMap(({ atMs, value }) => (isRight(value) ? [{ atMs, ...value.right }] : []))
    expect(shown.filter(({ atMs }) => atMs > THAWS_MS && atMs < THAWS_MS + 5_000)).not.to.have.lengthOf(0)
    for (const { state } of shown) expect(state).to.equal('running')
  })
})
