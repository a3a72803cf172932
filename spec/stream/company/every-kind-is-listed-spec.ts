import { expect } from 'chai'
import { isRight, jobEvents, watchJobs, type JobTable, type Result, type Cluster } from '../../../lib/index.ts'
import type { FakeJob } from '../../helpers/fake-cluster.ts'
import { OTHERS, allStreams } from './helpers/company.ts'
import { live, type Streams, type Emitted } from './helpers/live.ts'

// The streams about all jobs must show a job of any kind, also of kinds that the Information Center does not list.

const STARTS_MS = 10_300
const LISTED_MS = 6_000
const KINDS = [
  'put-copies',
  'archive',
  'copy-listrange',
  'list',
  'get-batch',
  'ec-put',
  'copy-bck',
  'lru',
  'load-lom-cache',
]

const idOf = (kind: string): string => `${kind.replace(/\W/g, '')}01`.padEnd(9, 'x')
const jobOf = (kind: string): FakeJob => ({ id: idOf(kind), kind, atMs: STARTS_MS })

const companies: Readonly<Record<string, Streams>> = {
  alone: {},
  'beside all streams of another job': allStreams({ id: OTHERS[0]!.id }),
}
/** Without the stream that emits tables, since the spec has its own. */
const withoutTable = (streams: Streams): Streams =>
  Object.fromEntries(Object.entries(streams).filter(([name]) => name !== 'table'))

/** Long enough for every kind: a `list` job ends after 20 s. */
const options = { untilMs: STARTS_MS + 15_000 }

/** The last table that the stream emitted. */
const lastTable = (emitted: readonly Emitted<Result<JobTable>>[]): JobTable => {
  const last = emitted.map(({ value }) => value).findLast(isRight)
  return last === undefined ? {} : last.right
}

describe('watchJobs without a selector', () => {
  for (const [company, more] of Object.entries(companies)) {
    for (const kind of KINDS)
      it(`lists a job of kind ${kind} within 6 s of its start, ${company}`, () => {
        const script = { jobs: [...OTHERS, jobOf(kind)], latencyMs: 5 }
        const { emitted } = live(script, { ...withoutTable(more), table: (cluster) => watchJobs(cluster) }, options)
        const tables = emitted.table.flatMap(({ atMs, value }) =>
          isRight(value) ? [{ atMs, table: value.right }] : [],
        )
        const first = tables.find(({ table }) => idOf(kind) in table)
        expect(first?.atMs).to.be.within(STARTS_MS, STARTS_MS + LISTED_MS)
        for (const { atMs, table } of tables)
          if (atMs >= first!.atMs)
            expect(table[idOf(kind)]?.state, `at ${atMs} ms`).to.match(/^(starting|running|idle)$/)
        expect(tables.at(-1)!.table[idOf(kind)]).to.deep.include({ id: idOf(kind), kind })
      })

    it(`lists the running jobs of every kind within 6 s of the subscription, ${company}`, () => {
      const jobs = [...OTHERS, ...KINDS.map((kind) => ({ ...jobOf(kind), atMs: 0 }))]
      const streams = { ...withoutTable(more), table: (cluster: Cluster) => watchJobs(cluster) }
      const { emitted } = live({ jobs, latencyMs: 5 }, streams, { fromMs: 3_000, untilMs: 3_000 + LISTED_MS })
      expect(Object.keys(lastTable(emitted.table)).sort()).to.deep.equal(jobs.map(({ id }) => id).sort())
    })
  }

  it('lists an ec-put of each target, because each has its own id', () => {
    const jobs = [0, 1, 2].map((target) => ({ ...jobOf('ec-put'), id: `ecPutOn0${target}`, on: [target] }))
    const { emitted } = live(
      { jobs: [...OTHERS, ...jobs], latencyMs: 5 },
      { table: (cluster) => watchJobs(cluster) },
      options,
    )
    expect(Object.keys(lastTable(emitted.table))).to.include.members(jobs.map(({ id }) => id))
  })

  it('sends a bounded number of requests a tick, however many jobs run', () => {
    const requests = (count: number): number => {
      const jobs = Array.from({ length: count }, (_, n) => {
        const kind = KINDS[n % KINDS.length]!
        return { ...jobOf(kind), id: `${idOf(kind)}${n}`, atMs: 0 }
      })
      const { emitted, requests: sent } = live(
        { jobs },
        { table: (cluster) => watchJobs(cluster) },
        { untilMs: 60_000 },
      )
      expect(Object.keys(lastTable(emitted.table)).length, 'rows').to.be.at.least(count)
      return sent.length
    }
    expect(requests(90)).to.be.at.most(requests(9) + 10)
  })
})

describe('jobEvents without a selector', () => {
  for (const kind of KINDS)
    it(`reports the start of a job of kind ${kind} within 6 s`, () => {
      const script = { jobs: [...OTHERS, jobOf(kind)], latencyMs: 5 }
      const { emitted } = live(script, { events: (cluster) => jobEvents(cluster) }, options)
      const started = emitted.events.find(
        ({ value }) => isRight(value) && value.right.job.id === idOf(kind) && value.right.type === 'started',
      )
      expect(started?.atMs).to.be.within(STARTS_MS, STARTS_MS + LISTED_MS)
    })
})
