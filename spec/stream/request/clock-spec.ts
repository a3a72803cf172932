import { expect } from 'chai'
import { mergeMap, timer } from 'rxjs'
import { useFakeTimers, type SinonFakeTimers } from 'sinon'
import { JobStatuses } from '../../../lib/codec/job-statuses.ts'
import { health } from '../../../lib/health.ts'
import type { LogEvent } from '../../../lib/common/log.ts'
import { clusterMap, status } from '../../../lib/queries.ts'
import { decodeAs } from '../../../lib/request/decode-as.ts'
import { queryIc } from '../../../lib/proxies/ic.ts'
import { envOf, mapOf } from '../../helpers/proxies.ts'
import { json, statusIs } from '../../helpers/fake-cluster/replies.ts'
import { clusterOf, failing, scripted } from '../../helpers/scripted.ts'

// The wall clock of the machine may be set at any time. Time limits, caches and health must not notice it.
// An id in a title, such as K6, is a row of docs/faults.md.

const DAY_MS = 86_400_000
const START_MS = 1_700_000_000_000
const listQuery = {
  request: { method: 'GET', path: '/v1/cluster', query: 'what=status_all' },
  body: '{}',
  decode: decodeAs(JobStatuses),
}

describe('the clock of the request layer', () => {
  let clock: SinonFakeTimers | undefined
  afterEach(() => clock?.restore())

  /** The requests, the health and the log of 50 s in which the wall clock is set forward by `stepMs` at 11 s. */
  function run(stepMs: number) {
    clock = useFakeTimers({ now: START_MS })
    const startMs = performance.now()
    const elapsed = (): number => performance.now() - startMs
    const requests: string[] = []
    const log: LogEvent[] = []
    const changes: string[] = []
    // p1, the proxy that the cluster value is given, refuses connections from 5 s to 20 s. p2 resets them from 10 s to 25 s.
    // So at the step of the clock, both are noted as failed, and p3 has taken over.
    const sent = scripted(({ origin, query }) => {
      const ms = elapsed()
      requests.push(`${origin.slice('http://'.length)} ${query.replace(/^what=/, '')}@${ms}`)
      if (origin === 'http://p1' && ms >= 5000 && ms < 20_000) return failing('ECONNREFUSED')
      if (origin === 'http://p2' && ms >= 10_000 && ms < 25_000) return failing('ECONNRESET')
      if (query === 'what=smap') return mapOf(['p1', 'p2', 'p3'], { ic: ['p2'] })
      if (query === 'what=status_all') return json(null)
      return statusIs({ id: 'g1', kind: 'lru' })
    })
    const cluster = clusterOf(sent, { log: (event) => log.push(event) })
    const env = envOf(cluster)
    health(cluster).subscribe(({ state, endpoint }) =>
      changes.push(`${state} ${endpoint.slice('http://'.length)}@${elapsed()}`),
    )
    clusterMap(cluster).subscribe()
    // The first two queries meet the failures; the others come while a failed proxy rests, and after that.
    for (const ms of [6000, 10_500, 12_000, 15_000, 21_000])
      timer(ms)
        .pipe(mergeMap(() => status(cluster, { id: 'g1' })))
        .subscribe()
    // The cached map of the members is fresh for the first of these queries, and too old for the second.
    for (const ms of [29_000, 45_000])
      timer(ms)
        .pipe(mergeMap(() => queryIc(env, listQuery)))
        .subscribe()
    clock.tick(11_000)
    clock.setSystemTime(Date.now() + stepMs)
    clock.tick(39_000)
    const took = log.flatMap((event) => ('tookMs' in event ? [event.tookMs] : []))
    const shown = log.at(-1)?.atMs
    clock.restore()
    return { requests, changes, took, shown }
  }

  it('does not affect requests and health when the wall clock is set by a day in either direction (K6)', () => {
    const { shown, ...expected } = run(0)
    expect(expected.requests).to.deep.equal([
      'p1 smap@0',
      'p1 status@6000',
      'p2 smap@6000',
      'p2 status@6000',
      'p2 status@10500',
      'p1 status@10500',
      'p3 smap@10500',
      'p3 status@10500',
      'p3 status@12000',
      'p3 status@15000',
      'p3 status@21000',
      'p2 status_all@29000',
      'p3 smap@45000',
      'p2 status_all@45000',
    ])
    expect(expected.changes).to.deep.equal(['connected p1@0', 'failed-over p2@6000', 'failed-over p3@10500'])
    for (const stepMs of [-DAY_MS, DAY_MS]) {
      const { shown: shownMs, ...rest } = run(stepMs)
      expect(rest).to.deep.equal(expected)
      expect(shownMs, 'the log shows the wall clock').to.equal((shown ?? NaN) + stepMs)
    }
  })
})
