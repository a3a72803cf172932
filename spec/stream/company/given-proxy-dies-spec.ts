import { expect } from 'chai'
import { switchMap, timer } from 'rxjs'
import { health, isRight, jobEvents, progress, wait, watchJobs } from '../../../lib/index.ts'
import type { World } from '../../helpers/fake-cluster.ts'
import { proxyDies } from '../../helpers/fake-cluster/happenings.ts'
import { ID, OTHERS } from './helpers/company.ts'
import { endsOf, resultOf } from './helpers/ends.ts'
import { live, type Streams, type Emitted } from './helpers/live.ts'

// The client knows one proxy, and learns the others from the cluster map. When the known one dies, all streams must go
// on by the others.

const CADENCE_MS = 1_000
/** How soon a stream must emit again after the death of the proxy. */
const EMITS_AGAIN_MS = 2_000
/** The time from the death of the proxy to the end of the job. */
const LATER_MS = 4_500
/** How late an answer may be: two intervals of the cadence (docs/bounds.md), and 3 s for the cluster and the requests. */
const BOUND_MS = 3_000 + 2 * CADENCE_MS

/** Five proxies, of which the given one dies; the job ends `LATER_MS` after that. */
const clusterWhoseProxyDies = (diesMs: number): World => ({
  jobs: [...OTHERS, { id: ID, kind: 'copy-bck', endMs: diesMs + LATER_MS }],
  proxies: 5,
  latencyMs: 5,
  events: [[diesMs, proxyDies(0)]],
})

/** When the stream emits its first Right after a time. */
const firstRightAfter = (emitted: readonly Emitted<unknown>[], fromMs: number): number =>
  emitted.find(({ atMs, value }) => atMs > fromMs && isRight(value as never))?.atMs ?? Infinity

const watchers: Readonly<Record<string, Streams>> = {
  watchJobs: { shown: (cluster) => watchJobs(cluster) },
  progress: { shown: (cluster) => progress(cluster, { id: ID }) },
}
const listeners: Readonly<Record<string, Streams>> = {
  'all jobs': { events: (cluster) => jobEvents(cluster) },
  'the job': { events: (cluster) => jobEvents(cluster, { id: ID }) },
}

describe('the only given proxy of five dies', () => {
  for (const diesMs of [3_000, 20_000]) {
    const [script, options] = [clusterWhoseProxyDies(diesMs), { untilMs: diesMs + 40_000 }]

    for (const [name, streams] of Object.entries(watchers))
      it(`at ${diesMs} ms: ${name} alone emits again within 2 s`, () => {
        const { emitted } = live(script, streams, options)
        expect(firstRightAfter(emitted['shown']!, diesMs)).to.be.at.most(diesMs + EMITS_AGAIN_MS)
      })

    for (const [jobs, streams] of Object.entries(listeners))
      it(`at ${diesMs} ms: jobEvents of ${jobs} alone reports the end in time`, () => {
        const { events } = endsOf(live(script, streams, options).emitted)
        expect(events?.text).to.equal('finished')
        expect(events?.atMs).to.be.within(diesMs + LATER_MS, diesMs + LATER_MS + BOUND_MS)
      })

    it(`at ${diesMs} ms: watchJobs, jobEvents, progress and health emit together again within 2 s`, () => {
      const { emitted, urls } = live(
        script,
        {
          table: (cluster) => watchJobs(cluster),
          events: (cluster) => jobEvents(cluster),
          progress: (cluster) => progress(cluster, { id: ID }),
          health: (cluster) => health(cluster),
        },
        options,
      )
      expect(firstRightAfter(emitted.table, diesMs), 'table').to.be.at.most(diesMs + EMITS_AGAIN_MS)
      expect(firstRightAfter(emitted.progress, diesMs), 'progress').to.be.at.most(diesMs + EMITS_AGAIN_MS)
      expect(endsOf(emitted)['events']?.atMs, 'event').to.be.at.most(diesMs + LATER_MS + BOUND_MS)
      const states = emitted.health.map(({ value }) => value.state)
      expect(states, 'health').not.to.include('unreachable')
      expect(states.at(-1), 'health at the end').to.equal('failed-over')
      expect(urls.slice(1)).to.include(emitted.health.at(-1)?.value.endpoint)
    })

    for (const youngMs of [500, 2_500])
      it(`at ${diesMs} ms: a wait that is ${youngMs} ms old reports the end in time`, () => {
        const { emitted } = live(
          script,
          { wait: (cluster) => timer(diesMs - youngMs).pipe(switchMap(() => wait(cluster, { id: ID }))) },
          options,
        )
        const { atMs, outcome } = resultOf(emitted.wait)
        expect(outcome).to.equal('finished')
        expect(atMs).to.be.within(diesMs + LATER_MS, diesMs + LATER_MS + BOUND_MS)
      })
  }
})
