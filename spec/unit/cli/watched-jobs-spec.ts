import { expect } from 'chai'
import { jobLines } from '../../../lib/cli/job-lines.ts'
import { KEPT_MS, NO_JOBS, withProgress, withTable, type WatchedJobs } from '../../../lib/cli/watched-jobs.ts'
import { tableOfRows, type JobRow } from '../../../lib/view/rows.ts'
import type { Progress } from '../../../lib/view/progress-of.ts'

const row = (state: JobRow['state'], more: Partial<JobRow> = {}): JobRow => ({ id: 'a', kind: 'lru', state, ...more })
const progress = (objects: number, more: Partial<Progress> = {}): Progress => ({
  objects,
  bytes: objects * 1024,
  objectsPerSecond: 50,
  elapsedMs: 0,
  state: 'running',
  targets: {},
  stalled: false,
  windingDown: false,
  ...more,
})
/** What is shown after tables that came a second apart. */
const after = (before: WatchedJobs, ...tables: readonly (readonly JobRow[])[]): WatchedJobs =>
  tables.reduce((jobs, rows, i) => withTable(jobs, tableOfRows(rows), i * 1000), before)
const states = ({ byId }: WatchedJobs): readonly string[] =>
  [...byId.values()].map(({ row: { id, state } }) => `${id} ${state}`)

describe('the jobs of the table', () => {
  it('are all that run, in the order in which they were first seen', () => {
    const open = (['starting', 'running', 'idle'] as const).map((state) => row(state, { id: state }))
    const jobs = after(NO_JOBS, open, [row('running', { id: 'new' }), ...open])
    expect(states(jobs)).to.deep.equal(['starting starting', 'running running', 'idle idle', 'new running'])
  })

  it('are none that was over in the first table, however often it is listed', () => {
    const past = (['ended', 'finished', 'failed', 'lost'] as const).map((state) => row(state, { id: state }))
    const aborted = row('aborted', { id: 'aborted', endTime: 1n })
    expect(states(after(NO_JOBS, [...past, aborted], [...past, aborted], past))).to.deep.equal([])
  })

  it('are those too that start and end between two tables', () => {
    expect(states(after(NO_JOBS, [], [row('finished', { endTime: 1n })]))).to.deep.equal(['a finished'])
    // How it ended was not asked: it was over before.
    expect(states(after(NO_JOBS, [], [row('ended')]))).to.deep.equal([])
  })

  it('keep their outcome and their counters for a while after the end, and leave for good', () => {
    const running = withProgress(after(NO_JOBS, [row('running')]), 'a', progress(7))
    const ended = withTable(running, tableOfRows([row('failed', { error: 'disk full' })]), 5_000)
    expect(ended.byId.get('a')).to.deep.include({ row: row('failed', { error: 'disk full' }), progress: progress(7) })
    // The cluster may forget it before that.
    const forgotten = withTable(ended, tableOfRows([]), 5_000 + KEPT_MS - 1)
    expect(forgotten.byId.get('a')).to.deep.equal(ended.byId.get('a'))
    const left = withTable(ended, tableOfRows([row('failed')]), 5_000 + KEPT_MS)
    expect(states(left)).to.deep.equal([])
    expect(states(withTable(left, tableOfRows([row('failed')]), 99_000))).to.deep.equal([])
  })

  it('are lost where they leave the table without an end, and go on where they come back', () => {
    const running = withProgress(after(NO_JOBS, [row('running')]), 'a', progress(7))
    const lost = withTable(running, tableOfRows([]), 1_000)
    expect(states(lost)).to.deep.equal(['a lost'])
    expect(withTable(lost, tableOfRows([row('running')]), 2_000).byId.get('a')).to.deep.equal(running.byId.get('a'))
    expect(states(withTable(lost, tableOfRows([]), 1_000 + KEPT_MS))).to.deep.equal([])
  })

  it('begin anew where the same id runs again after its end', () => {
    const running = withProgress(after(NO_JOBS, [row('running')]), 'a', progress(7))
    const again = after(running, [row('finished', { endTime: 1n })], [row('running')])
    expect(again.byId.get('a')).to.deep.equal({ row: row('running') })
  })

  it('have no counters before they are in a table', () => {
    expect(withProgress(NO_JOBS, 'a', progress(7))).to.equal(NO_JOBS)
  })
})

describe('the table of jobs', () => {
  const lines = (jobs: WatchedJobs): readonly string[] => jobLines(jobs, 'http://proxy', 3_600_000)

  it('has one line where there are none', () => {
    expect(lines(NO_JOBS)).to.deep.equal(['http://proxy  01:00:00  no job is running'])
  })

  it('has those that run first, with counters where they are known, and a rate while they run', () => {
    const began = after(NO_JOBS, [
      row('running'),
      row('running', { id: 'b', kind: 'archive' }),
      row('idle', { id: 'c' }),
    ])
    const counted = withProgress(withProgress(began, 'a', progress(2048)), 'b', progress(1500))
    const table = [row('failed', { error: 'disk full' }), row('running', { id: 'b', kind: 'archive' })]
    expect(lines(withTable(counted, tableOfRows([...table, row('idle', { id: 'c' })]), 0))).to.deep.equal([
      'http://proxy  01:00:00  2 running',
      'KIND     ID  STATE    OBJECTS    BYTES  RATE  ERROR',
      'archive  b   running    1,500  1.5 MiB  50/s',
      'lru      c   idle',
      'lru      a   failed     2,048  2.0 MiB        disk full',
    ])
  })

  it('counts a job that winds down after an abort as one that runs', () => {
    expect(lines(after(NO_JOBS, [row('aborted')]))[0]).to.match(/ 1 running$/)
    expect(lines(after(NO_JOBS, [row('aborted')], [row('aborted', { endTime: 1n })]))[0]).to.match(/no job is running$/)
  })
})
