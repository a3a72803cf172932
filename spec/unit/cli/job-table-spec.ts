import { expect } from 'chai'
import { parse } from '../../../lib/cli/arguments.ts'
import { jobColumns, targetColumns } from '../../../lib/cli/jobs/job-columns.ts'
import { FILTERS, jobFilter } from '../../../lib/cli/jobs/job-filter.ts'
import { inOrder, type JobInfo } from '../../../lib/cli/jobs/job-info.ts'
import { jobRecord } from '../../../lib/cli/jobs/job-record.ts'
import { watchBlock } from '../../../lib/cli/jobs/watch-block.ts'
import type { Look } from '../../../lib/cli/jobs/look.ts'
import { layout } from '../../../lib/cli/text/table.ts'

// The table that `aistore-rx show` and `watch` print.

const HOSTILE = '\u001b[2J\u009b1m\r\n\u202ex'
const LOOK: Look = { isColoured: false, units: 'iec', hasDate: false }
const job = (id: string, more: Partial<JobInfo> = {}): JobInfo => ({ id, kind: 'lru', state: 'running', ...more })

describe('the table of jobs', () => {
  it('escapes every text of a server', () => {
    const hostile = job(HOSTILE, { kind: HOSTILE, bucket: HOSTILE, error: HOSTILE })
    const target = { target: HOSTILE, state: 'failed', objects: 1n, bytes: 1n, error: HOSTILE } as const
    const lines = [
      ...layout(jobColumns(0, LOOK), [hostile], Infinity),
      ...layout(targetColumns(LOOK), [target], Infinity),
      ...watchBlock([hostile], {
        endpoint: HOSTILE,
        nowMs: 0,
        atMs: 0,
        width: Infinity,
        rows: 24,
        look: LOOK,
        hasHeader: true,
      }),
    ]
    expect(lines).to.have.lengthOf(7)
    for (const line of lines) expect(line).to.match(/^[^\p{Cc}\u202e]*$/u)
  })

  it('shows how long a job has run or took, and `-` for each unknown value', () => {
    const rows = [
      job('a', { startTime: 1_000_000_000n, objects: 1_204n, bytes: 2_048n, objectsPerSecond: 3.4 }),
      job('b', { state: 'finished', startTime: 1_000_000_000n, endTime: 4_000_000_000n, bucket: 'ais://photos' }),
    ]
    expect(layout(jobColumns(61_000, LOOK), rows, Infinity).map((line) => line.replace(/ +/g, ' '))).to.deep.equal([
      'ID KIND BUCKET STATE OBJECTS BYTES RATE AGE',
      'a lru - running 1,204 2.0 KiB 3/s 1 min 0 s',
      'b lru ais://photos finished - - - 3 s',
    ])
  })

  it('shows the share of the work and the time left where a total is known, and keeps the share in 40 columns', () => {
    const rows = [job('dnl-aaaaaaaaa', { ratio: 0.999, etaMs: 65_000, bucket: 'ais://photos' }), job('b')]
    const cells = (width: number): readonly (readonly string[])[] =>
      layout(jobColumns(0, LOOK), rows, width).map((line) => line.split(/ {2,}/))
    expect(cells(Infinity)).to.deep.equal([
      ['ID', 'KIND', 'BUCKET', 'STATE', '%', 'OBJECTS', 'BYTES', 'RATE', 'ETA', 'AGE'],
      ['dnl-aaaaaaaaa', 'lru', 'ais://photos', 'running', '99 %', '-', '-', '-', '1 min 5 s', '-'],
      ['b', 'lru', '-', 'running', '-', '-', '-', '-', '-', '-'],
    ])
    expect(cells(32)[1]).to.deep.equal(['dnl-aaaaaaaaa', 'running', '99 %'])
  })

  it('shows bytes in the units of `--units`, and times with the date with `--date-time`', () => {
    const at = new Date(2026, 0, 2, 3, 4, 5).getTime()
    const [startTime, endTime] = [BigInt(at) * 1_000_000n, BigInt(at + 1_000) * 1_000_000n]
    const target = { target: 't', state: 'finished', objects: 1n, bytes: 1_500n, startTime, endTime } as const
    /** The cells of the job and those of its target, with this look. */
    const cells = (more: Partial<Look>): readonly (readonly string[])[] => [
      layout(jobColumns(0, { ...LOOK, ...more }), [job('a', { startTime, bytes: 1_500n })], Infinity)[1]!.split(
        / {2,}/,
      ),
      layout(targetColumns({ ...LOOK, ...more }), [target], Infinity)[1]!.split(/ {2,}/),
    ]
    for (const row of cells({ units: 'si' })) expect(row).to.include('1.5 kB')
    for (const row of cells({ units: 'raw' })) expect(row).to.include('1500')
    expect(cells({ hasDate: true })[0]?.slice(-2)).to.deep.equal(['2026-01-02 03:04:05', '-'])
    expect(cells({})[1]?.slice(-2)).to.deep.equal(['03:04:05', '03:04:06'])
    expect(cells({ hasDate: true })[1]?.slice(-2)).to.deep.equal(['2026-01-02 03:04:05', '2026-01-02 03:04:06'])
  })

  it('lists first running jobs by their start, then idle jobs, and then ended jobs, the latest end first', () => {
    const jobs = [
      job('idle', { state: 'idle', startTime: 1n }),
      job('old', { state: 'finished', endTime: 1n }),
      job('late', { startTime: 9n }),
      job('unknown', { state: 'ended' }),
      job('new', { state: 'failed', endTime: 5n }),
      job('early', { startTime: 2n }),
      job('winding', { state: 'aborted', startTime: 10n }),
    ]
    expect(inOrder(jobs).map(({ id }) => id)).to.deep.equal([
      'early',
      'late',
      'winding',
      'idle',
      'new',
      'old',
      'unknown',
    ])
  })

  it('has a title that counts running and idle jobs apart', () => {
    const titleOf = (...states: readonly JobInfo['state'][]): string =>
      watchBlock(
        states.map((state, i) => job(String(i), { state })),
        { endpoint: 'http://p1', nowMs: 0, atMs: 0, width: 80, rows: 24, look: LOOK, hasHeader: true },
      )[0] ?? ''
    expect(titleOf('running', 'idle', 'idle', 'finished')).to.match(/ {2}1 running, 2 idle$/)
    expect(titleOf('idle')).to.match(/ {2}1 idle$/)
    expect(titleOf('finished')).to.match(/ {2}no job is running$/)
  })

  it('is filtered by bucket, column and number', () => {
    const jobs = [job('a', { bucket: 'ais://photos' }), job('b', { bucket: 'aws://photos' }), job('c')]
    const ids = (argv: readonly string[], bucket?: { readonly name: string; readonly provider?: string }) =>
      jobFilter(parse(argv, FILTERS), { ids: [], ...(bucket === undefined ? {} : { bucket }) })(jobs).map(
        ({ id }) => id,
      )
    expect(ids([], { name: 'photos' })).to.deep.equal(['a'])
    expect(ids([], { name: 'photos', provider: 'aws' })).to.deep.equal(['b'])
    expect(ids(['--filter', 'bucket=photos'])).to.deep.equal(['a', 'b'])
    expect(ids(['--filter', 'bucket=photos', '--top', '1'])).to.deep.equal(['a'])
    expect(ids([])).to.deep.equal(['a', 'b', 'c'])
    expect(ids(['--regex', '^[ac]$'])).to.deep.equal(['a', 'c'])
    expect(ids(['--regex', 'lru-evic'])).to.deep.equal(['a', 'b', 'c'])
    expect(ids(['--regex', 'photos'])).to.deep.equal([])
  })

  it('is written as JSON without members for unknown values', () => {
    expect(jobRecord(job('a'))).to.deep.equal({ id: 'a', kind: 'lru', state: 'running' })
    const target = { target: 't', state: 'running', objects: 1n, bytes: 2n } as const
    const full = job('b', { startTime: 1_000_000n, targets: [target] })
    expect(jobRecord(full)).to.deep.equal({ ...job('b'), startTime: '1970-01-01T00:00:00.001Z' })
    expect(jobRecord(full, true)).to.deep.include({ targets: [target] })
    const dated = { ...target, startTime: 2_000_000n }
    expect(jobRecord({ ...full, ratio: 0.5, etaMs: 7, targets: [dated] }, true)).to.deep.include({
      ratio: 0.5,
      etaMs: 7,
      targets: [{ ...target, startTime: '1970-01-01T00:00:00.002Z' }],
    })
  })
})
