import { expect } from 'chai'
import { scriptedCluster, type JobScript, type ScriptedCluster } from 'aistore-rx/testing'
import { takeUntil, timer } from 'rxjs'
import { MAX_WITH_PROGRESS, liveJobs } from '../../../lib/cli/jobs/live-jobs.ts'
import type { WatchedJobs } from '../../../lib/cli/jobs/watched-jobs.ts'
import { isRight } from '../../../lib/common/either.ts'
import { marbles } from '../../helpers/marbles.ts'

// The live jobs of the command: the rows of `watchJobs`, with the progress of each job. `scriptedCluster` is the
// cluster.

const REFRESH_MS = 1_000

interface Watched {
  readonly tables: readonly { readonly atMs: number; readonly jobs: WatchedJobs }[]
  readonly requests: ScriptedCluster['asked']
}

/** All that the live jobs of a scripted cluster emit until `untilMs`. */
function watch(jobs: Readonly<Record<string, JobScript>>, untilMs: number): Watched {
  const tables: { atMs: number; jobs: WatchedJobs }[] = []
  let requests: ScriptedCluster['asked'] = []
  marbles((helpers, scheduler) => {
    const cluster = scriptedCluster(helpers, jobs)
    requests = cluster.asked
    liveJobs(cluster, { refreshMs: REFRESH_MS })
      .pipe(takeUntil(timer(untilMs)))
      .subscribe((result) => {
        if (isRight(result)) tables.push({ atMs: scheduler.now(), jobs: result.right })
      })
    helpers.flush()
  })
  return { tables, requests }
}

/** The jobs of the last table until this time. */
const tableAt = ({ tables }: Watched, atMs: number): WatchedJobs => {
  const last = tables.findLast((table) => table.atMs <= atMs)
  if (last === undefined) throw new Error(`there is no table by ${atMs} ms`)
  return last.jobs
}

/** The object counts of a job, in each table that shows it. */
const countsOf = ({ tables }: Watched, id: string): readonly number[] =>
  tables.flatMap(({ jobs }) => jobs.byId.get(id)?.progress?.objects ?? [])

/** The jobs and kinds whose snapshots were requested between two times. */
const polledBetween = ({ requests }: Watched, fromMs: number, toMs: number): ReadonlySet<string> =>
  new Set(
    requests
      .filter(({ subscribedAtMs }) => subscribedAtMs >= fromMs && subscribedAtMs < toMs)
      .filter(({ request }) => request.url.includes('what=qryxstats'))
      .map(({ request }) => JSON.parse(request.body ?? '{}') as { id?: string; kind?: string })
      .map(({ id, kind }) => id ?? kind ?? 'all'),
  )

/** The ids of the jobs with counters. */
const countedOf = ({ byId }: WatchedJobs): readonly string[] =>
  [...byId].flatMap(([id, { progress }]) => (progress === undefined ? [] : [id]))

/** Jobs with the ids `job-0`, `job-1` and so on. */
const manyJobs = (count: number, script: (i: number) => JobScript): Readonly<Record<string, JobScript>> =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`job-${i}`, script(i)]))

describe('the live jobs', () => {
  it('include every kind, with the state of the row and the counters of its progress', () => {
    const watched = watch(
      { a: 'r 9s f', b: { kind: 'put-copies', states: 'r 2s i' }, c: { kind: 'load-lom-cache', states: 'r 9s f' } },
      8_000,
    )
    const { byId } = tableAt(watched, 7_900)
    expect([...byId].map(([id, { row }]) => `${id} ${row.kind} ${row.state}`)).to.have.members([
      'a lru running',
      'b put-copies idle',
      'c load-lom-cache running',
    ])
    // Each of the two targets processes one object per millisecond. A letter of the script takes a millisecond, too.
    expect(byId.get('a')?.progress).to.include({ objects: 14_000, objectsPerSecond: 2_000 })
    expect(byId.get('b')?.progress).to.include({ objects: 4_002, state: 'idle' })
  })

  it('keep their last counters after their end, and are then no longer polled', () => {
    const watched = watch({ a: 'r 2500ms f', e: 'r 2500ms e', w: 'r 2s w 500ms a', long: 'r 99s f' }, 40_000)
    for (const atMs of [9_000, 39_900]) {
      const { byId } = tableAt(watched, atMs)
      const lines = [...byId].map(([id, { row, progress }]) => `${id} ${row.state} ${progress?.objects ?? '?'}`)
      expect(lines).to.include.members(['a finished 5002', 'e failed 5002', 'w aborted 4002'])
    }
    expect([...polledBetween(watched, 9_000, 39_000)]).to.deep.equal(['long'])
  })

  it('never count backwards when a target leaves and returns', () => {
    const watched = watch({ a: { kind: 'lru', states: { t1: 'r 3s g 3s r 9s f', t2: 'r 20s f' } } }, 12_000)
    const counts = countsOf(watched, 'a')
    expect(counts.length).to.be.above(10)
    expect(counts).to.deep.equal([...counts].sort((a, b) => a - b))
  })

  it('poll the counters of two hundred jobs at a time, and start with another job when one has ended', () => {
    const others = 20
    const watched = watch(
      manyJobs(MAX_WITH_PROGRESS + others, (i) => (i < others ? 'r 5s f' : 'r 60s f')),
      20_000,
    )
    const [before, after] = [tableAt(watched, 4_000), tableAt(watched, 19_000)]
    expect([...before.byId.values()].map(({ row }) => row.state)).to.deep.equal(
      Array.from({ length: MAX_WITH_PROGRESS + others }, () => 'running'),
    )
    expect(countedOf(before)).to.deep.equal([...before.byId.keys()].slice(0, MAX_WITH_PROGRESS))
    expect(countedOf(after)).to.deep.equal([...before.byId.keys()])
  })

  it('show only the state of a job that ended before its counters were polled', () => {
    const watched = watch(
      manyJobs(MAX_WITH_PROGRESS + 2, (i) => (i < MAX_WITH_PROGRESS ? 'r 9s f' : 'r 3s f')),
      8_000,
    )
    const late = [`job-${MAX_WITH_PROGRESS}`, `job-${MAX_WITH_PROGRESS + 1}`]
    for (const id of late) expect(tableAt(watched, 7_500).byId.get(id)).to.nested.include({ 'row.state': 'finished' })
    expect(late.flatMap((id) => countsOf(watched, id))).to.deep.equal([])
  })
})
