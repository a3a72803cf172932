import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { merge, takeUntil, timer, type Observable } from 'rxjs'
import { constant } from '../../../lib/cadence.ts'
import type { Cluster } from '../../../lib/cluster.ts'
import { jobEvents } from '../../../lib/events.ts'
import { watchJobs } from '../../../lib/jobs.ts'
import { progress } from '../../../lib/progress.ts'
import { scriptedCluster, type JobScript } from '../../../lib/testing/index.ts'
import { BOUNDS, LOST_TIMES, MAP_TRIES, type Bound } from '../../../lib/view/bounds.ts'
import { MOST_DECODE_FAILURES } from '../../../lib/view/evidence.ts'
import { wait } from '../../../lib/wait.ts'
import { watchDetails, watchStatus } from '../../../lib/watch.ts'
import { marbles } from '../../helpers/marbles.ts'

// docs/bounds.md must state the numbers of the code, and the numbers of requests that it states must hold.

const page = readFileSync('docs/bounds.md', 'utf8')
const TIMES: Readonly<Record<string, number>> = { LOST_TIMES, MAP_TRIES, MOST_DECODE_FAILURES }

/** Matches ``4 s (`workAtMost`)``: a number of seconds and the bounds that add up to it. */
const seconds = [...page.matchAll(/(\d+) s(?: \w+)? \(`([a-zA-Z+ ]+)`\)/g)].map(([text, sum, names = '']) => ({
  text,
  sum: Number(sum),
  names: names.split(' + ') as Bound[],
}))

/** Matches ``3 (`LOST_TIMES`)``. */
const times = [...page.matchAll(/(\d+) \(`([A-Z_]+)`\)/g)].map(([text, count, name = '']) => ({
  text,
  count: Number(count),
  name,
}))

describe('docs/bounds.md', () => {
  it('states the same seconds as the code', () => {
    for (const { text, sum, names } of seconds)
      expect(sum * 1_000, text).to.equal(names.reduce((ms, name) => ms + BOUNDS[name], 0))
  })

  it('states the same numbers of replies as the code', () => {
    for (const { text, count, name } of times) expect(count, text).to.equal(TIMES[name])
  })

  it('names every bound', () => {
    const named = new Set<string>([...seconds.flatMap(({ names }) => names), ...times.map(({ name }) => name)])
    expect([...Object.keys(BOUNDS), ...Object.keys(TIMES)].filter((name) => !named.has(name))).to.deep.equal([])
  })

  describe('states how many requests a minute costs at most', () => {
    const id = 'a'
    const ids = Array.from({ length: 100 }, (_, n) => `job-${n}`)
    const waitOnEach = (cluster: Cluster): Observable<unknown> => merge(...ids.map((one) => wait(cluster, { id: one })))
    const jobs = (script: (n: number) => string): Record<string, JobScript> =>
      Object.fromEntries(ids.map((one, n) => [one, script(n)]))
    const oneJob = { a: 'r 90s f' }
    const cases: readonly (readonly [
      name: string,
      jobs: Record<string, JobScript>,
      stream: (cluster: Cluster) => Observable<unknown>,
    ])[] = [
      ['one `wait`', oneJob, (cluster) => wait(cluster, { id })],
      ['100 waits, of which none ends', jobs(() => 'r 90s f'), waitOnEach],
      ['100 waits, of which each ends at another time', jobs((n) => `r ${(n + 1) * 590}ms f`), waitOnEach],
      ['`watchJobs`', oneJob, (cluster) => watchJobs(cluster)],
      ['`progress` of one job', oneJob, (cluster) => progress(cluster, { id })],
      [
        '`wait`, `watchJobs`, `jobEvents`, `progress`, `watchStatus`, `watchDetails`',
        oneJob,
        (cluster) =>
          merge<unknown[]>(
            wait(cluster, { id }),
            watchJobs(cluster),
            jobEvents(cluster),
            progress(cluster, { id }),
            watchStatus(cluster, { id }),
            watchDetails(cluster, { id }),
          ),
      ],
    ]

    it('in one row for each case of this spec', () => {
      const table = page.slice(page.indexOf('## What it costs'))
      const rows = [...table.matchAll(/^\| (.+?) +\| (\d+) +\|$/gm)].map(([, name]) => name)
      expect(rows).to.deep.equal(cases.map(([name]) => name))
    })

    for (const [name, jobScripts, stream] of cases)
      it(`for ${name}`, () => {
        const [, most] = page.split(`| ${name} `)[1]?.match(/^ *\| (\d+) +\|/) ?? []
        let requests = 0
        marbles((helpers) => {
          const cluster = scriptedCluster(helpers, jobScripts, { cadence: constant(1_000) })
          stream(cluster)
            .pipe(takeUntil(timer(60_000)))
            .subscribe({ complete: () => (requests = cluster.asked.length) })
        })
        expect(requests).to.be.within(Number(most) * 0.8, Number(most))
      })
  })
})
