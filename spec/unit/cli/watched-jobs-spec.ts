import { expect } from 'chai'
import {
  SHOWN_AFTER_END_MS,
  NO_JOBS,
  withOutcome,
  withProgress,
  withTable,
  type WatchedJobs,
} from '../../../lib/cli/jobs/watched-jobs.ts'
import { buildSnapshots } from '../../../lib/model/snapshot.ts'
import { ns, part } from '../../helpers/parts.ts'
import { tableOfRows, type JobRow } from '../../../lib/view/rows.ts'
import type { Progress } from '../../../lib/view/progress-of.ts'

// The jobs that `aistore-rx watch` remembers from one table to the next.

const rowOf = (state: JobRow['state'], more: Partial<JobRow> = {}): JobRow => ({ id: 'a', kind: 'lru', state, ...more })
const progressWith = (objects: number, more: Partial<Progress> = {}): Progress => ({
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
/** The watched jobs after tables that arrive one second apart. */
const afterTables = (before: WatchedJobs, ...tables: readonly (readonly JobRow[])[]): WatchedJobs =>
  tables.reduce((jobs, rows, i) => withTable(jobs, tableOfRows(rows), i * 1000), before)
/** The id and the state of each job, such as `a running`. */
const statesOf = ({ byId }: WatchedJobs): readonly string[] =>
  [...byId.values()].map(({ row: { id, state } }) => `${id} ${state}`)

describe('the watched jobs', () => {
  it('include all running jobs in the order in which they were first listed', () => {
    const open = (['starting', 'running', 'idle'] as const).map((state) => rowOf(state, { id: state }))
    const jobs = afterTables(NO_JOBS, open, [rowOf('running', { id: 'new' }), ...open])
    expect(statesOf(jobs)).to.deep.equal(['starting starting', 'running running', 'idle idle', 'new running'])
  })

  it('exclude a job that had ended in the first table, however often it is listed', () => {
    const past = (['ended', 'finished', 'failed', 'lost'] as const).map((state) => rowOf(state, { id: state }))
    const aborted = rowOf('aborted', { id: 'aborted', endTime: 1n })
    expect(statesOf(afterTables(NO_JOBS, [...past, aborted], [...past, aborted], past))).to.deep.equal([])
  })

  it('show a lost job as lost, even if its id is a member of every object', () => {
    const running = rowOf('running', { id: 'constructor' })
    expect(statesOf(afterTables(NO_JOBS, [running], []))).to.deep.equal(['constructor lost'])
  })

  it('include a job that started and ended between two tables', () => {
    expect(statesOf(afterTables(NO_JOBS, [], [rowOf('finished', { endTime: 1n })]))).to.deep.equal(['a finished'])
    // The state `ended` without an outcome means that the job ended before the watch.
    expect(statesOf(afterTables(NO_JOBS, [], [rowOf('ended')]))).to.deep.equal([])
  })

  it('keep a job with its outcome and counters for a while after its end, and then drop it for good', () => {
    const running = withProgress(afterTables(NO_JOBS, [rowOf('running')]), 'a', progressWith(7))
    const ended = withTable(running, tableOfRows([rowOf('failed', { error: 'disk full' })]), 5_000)
    expect(ended.byId.get('a')).to.deep.include({
      row: rowOf('failed', { error: 'disk full' }),
      progress: progressWith(7),
    })
    // The cluster may forget the job earlier.
    const forgotten = withTable(ended, tableOfRows([]), 5_000 + SHOWN_AFTER_END_MS - 1)
    expect(forgotten.byId.get('a')).to.deep.equal(ended.byId.get('a'))
    const dropped = withTable(ended, tableOfRows([rowOf('failed')]), 5_000 + SHOWN_AFTER_END_MS)
    expect(statesOf(dropped)).to.deep.equal([])
    expect(statesOf(withTable(dropped, tableOfRows([rowOf('failed')]), 99_000))).to.deep.equal([])
  })

  it('mark a job as lost if it leaves the table without an end, and continue it if it returns', () => {
    const running = withProgress(afterTables(NO_JOBS, [rowOf('running')]), 'a', progressWith(7))
    const lost = withTable(running, tableOfRows([]), 1_000)
    expect(statesOf(lost)).to.deep.equal(['a lost'])
    expect(withTable(lost, tableOfRows([rowOf('running')]), 2_000).byId.get('a')).to.deep.equal(running.byId.get('a'))
    expect(statesOf(withTable(lost, tableOfRows([]), 1_000 + SHOWN_AFTER_END_MS))).to.deep.equal([])
  })

  it('reset the counters if the same id runs again after its end', () => {
    const running = withProgress(afterTables(NO_JOBS, [rowOf('running')]), 'a', progressWith(7))
    const again = afterTables(running, [rowOf('finished', { endTime: 1n })], [rowOf('running')])
    expect(again.byId.get('a')).to.deep.equal({ row: rowOf('running') })
  })

  it('never count back, because a target may be missing after a job was lost and has returned', () => {
    const running = withProgress(afterTables(NO_JOBS, [rowOf('running')]), 'a', progressWith(7))
    const back = withProgress(withProgress(running, 'a', progressWith(5)), 'a', progressWith(6, { bytes: 9_000 }))
    expect(back.byId.get('a')?.progress).to.include({ objects: 7, bytes: 9_000 })
    const half = withProgress(afterTables(NO_JOBS, [rowOf('running')]), 'a', progressWith(7, { ratio: 0.5 }))
    expect(withProgress(half, 'a', progressWith(5, { ratio: 0.4 })).byId.get('a')?.progress).to.include({ ratio: 0.5 })
  })

  it('include jobs that had ended before the watch if that option is set', () => {
    const past = (['ended', 'finished', 'failed', 'lost'] as const).map((state) => rowOf(state, { id: state }))
    const jobs = [{}, {}].reduce<WatchedJobs>((before) => withTable(before, tableOfRows(past), 0, true), NO_JOBS)
    expect(statesOf(jobs)).to.deep.equal(['ended ended', 'finished finished', 'failed failed', 'lost lost'])
  })

  it('keep the outcome of a job that had ended before the watch, although a list has no outcome', () => {
    const past = tableOfRows([rowOf('ended'), rowOf('running', { id: 'b' })])
    const seen = withTable(NO_JOBS, past, 0, true)
    const known = withOutcome(withOutcome(seen, { id: 'a', state: 'failed', error: 'disk full' }), {
      id: 'b',
      state: 'finished',
    })
    expect(statesOf(withTable(known, past, 1_000, true))).to.deep.equal(['a failed', 'b running'])
    expect(known.byId.get('a')?.row.error).to.equal('disk full')
  })

  it('keep the bucket and the start of a job when its snapshots leave the row', () => {
    const [early, late] = [part({ startMs: 1 }), part({ startMs: 2, more: { bck: { name: 'photos' } } })]
    const snapshots = buildSnapshots([
      ['t1', [late]],
      ['t2', [early]],
    ])
    const seen = afterTables(NO_JOBS, [rowOf('running', { snapshots })], [rowOf('finished', { endTime: 3n })])
    expect(seen.byId.get('a')).to.deep.include({ bucket: { name: 'photos' }, startTime: ns(1) })
  })

  it('ignore counters of a job that no table has listed', () => {
    expect(withProgress(NO_JOBS, 'a', progressWith(7))).to.equal(NO_JOBS)
  })
})
