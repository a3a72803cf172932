import { expect } from 'chai'
import { NEVER, type Observable } from 'rxjs'
import {
  abort,
  jobEvents,
  progress,
  status,
  wait,
  waitForIdle,
  watchDetails,
  watchJobs,
  type Cluster,
} from '../../../lib/index.ts'
import { freezes, thaws } from '../../helpers/fake-cluster/happenings.ts'
import type { Bend, World } from '../../helpers/fake-cluster.ts'
import type { Recorded } from '../../helpers/recorded.ts'
import { ID, OTHERS, allStreams } from './helpers/company.ts'
import { assertAgree, resultOf } from './helpers/ends.ts'
import { live, type Streams } from './helpers/live.ts'

// The proxy that gets the requests is frozen: it accepts connections, but never replies. The others are well. A query
// that has no reply after 5 s is sent to another proxy, too.

const FREEZES_MS = 10_000
const SLOW_MS = 5_000
/** The request that hangs is sent within a tick of the freeze, and a table may collect changes before it emits. */
const TICK_MS = 1_100

const frozen: Bend = (ms, { host }, reply) => (host === 'p1' && ms >= FREEZES_MS ? NEVER : reply)
/** A cluster whose first proxy freezes, with a job that ends, or idles, at this time. */
const world = (kind: string, endMs: number): World => ({
  jobs: [...OTHERS, { id: ID, kind, endMs }],
  latencyMs: 5,
  statuses: frozen,
  status: frozen,
  snapshots: frozen,
  running: frozen,
  map: frozen,
})
const EVERYTHING = (cluster: Cluster): Observable<unknown> => watchJobs(cluster)

describe('while the proxy that gets the requests is frozen,', () => {
  for (const given of [1, 2])
    for (const [state, endMs] of [
      ['has ended during the freeze', FREEZES_MS + 2_000],
      ['ends after it', FREEZES_MS + SLOW_MS + 5_000],
    ] as const)
      for (const kind of ['copy-bck', 'evict-remote-bck', 'load-lom-cache'])
        for (const [company, others] of [
          ['alone', {}],
          ['beside watchJobs', { table: EVERYTHING }],
          ['beside all streams', allStreams({ id: ID, kind })],
        ] as const)
          it(`a wait goes on after 5 s with another proxy, for a ${kind} that ${state}: ${company}, ${given} given`, () => {
            const streams: Streams = { ...others, wait: (cluster: Cluster) => wait(cluster, { id: ID, kind }) }
            const { emitted } = live(world(kind, endMs), streams, { untilMs: FREEZES_MS + 25_000, given })
            const { atMs, ...result } = resultOf(emitted['wait'] as Parameters<typeof resultOf>[0])
            expect(result).to.include({ outcome: 'finished', success: true })
            expect(atMs).to.be.at.most(Math.max(endMs, FREEZES_MS + SLOW_MS) + 3 * TICK_MS)
            assertAgree(emitted)
          })

  for (const [name, stream] of Object.entries({
    progress: (cluster: Cluster) => progress(cluster, { id: ID }),
    watchDetails: (cluster: Cluster) => watchDetails(cluster, { id: ID }),
    'jobEvents of the kind': (cluster: Cluster) => jobEvents(cluster, { kind: 'copy-bck' }),
  }))
    it(`${name} emits again after 5 s`, () => {
      const { emitted } = live(world('copy-bck', 30_000), { a: stream }, { untilMs: 40_000, given: 2 })
      const times = emitted.a.map(({ atMs }) => atMs).filter((ms) => ms > FREEZES_MS + TICK_MS)
      expect(times[0]).to.be.at.most(FREEZES_MS + SLOW_MS + 2 * TICK_MS)
    })

  it('a job that idles is reported as idle', () => {
    const script = {
      ...world('put-copies', Infinity),
      jobs: [{ id: ID, kind: 'put-copies', idleMs: FREEZES_MS + 3_000 }],
    }
    const streams = { wait: (cluster: Cluster) => waitForIdle(cluster, { id: ID, kind: 'put-copies' }) }
    const { emitted } = live(script, streams, { untilMs: FREEZES_MS + 25_000, given: 2 })
    expect(resultOf(emitted.wait)).to.include({ outcome: 'idle', success: true })
  })

  it('a single query is answered after 5 s, and a command is sent to no second proxy', () => {
    const hangs: Bend = (_, { host }, reply) => (host === 'p1' ? NEVER : reply)
    const { emitted, requests } = live(
      { jobs: OTHERS, latencyMs: 5, status: hangs, other: hangs },
      {
        status: (cluster: Cluster) => status(cluster, { id: 'otherJob1' }),
        abort: (cluster: Cluster) => abort(cluster, { id: 'otherJob2' }),
      },
      { untilMs: 40_000, given: 2 },
    )
    expect(emitted.status.map(({ atMs, value }) => [atMs, value._tag])).to.deep.equal([[SLOW_MS + 5, 'Right']])
    expect(emitted.abort.map(({ atMs, value }) => [atMs, value._tag])).to.deep.equal([[30_000, 'Left']])
    expect(requests.filter(({ method }) => method === 'PUT')).to.have.lengthOf(1)
  })
})

describe('while a target is frozen,', () => {
  /** Requests for the snapshots of the job that were sent while another one was in flight. */
  const secondsOf = (requests: readonly Recorded[]): readonly Recorded[] => {
    const polls = requests.filter(({ what }) => what === 'snapshots')
    return polls.filter(({ atMs }) =>
      polls.some((one) => one.atMs < atMs && (one.endedAtMs === undefined || one.endedAtMs > atMs)),
    )
  }

  it('one query a minute is sent to a second proxy, since all proxies are slow', () => {
    const events = [[FREEZES_MS, freezes(1)] as const, [FREEZES_MS + 110_000, thaws(1)] as const]
    const { requests } = live(
      { jobs: [{ id: ID, kind: 'copy-bck' }], latencyMs: 5, events },
      { a: (cluster: Cluster) => watchDetails(cluster, { id: ID }) },
      { untilMs: FREEZES_MS + 110_000, given: 2 },
    )
    const seconds = secondsOf(requests)
    expect(seconds.length).to.be.within(1, 2)
    expect(seconds[0]?.host).to.equal('p2')
  })
})
