import { expect } from 'chai'
import { isRight } from '../../../lib/common/either.ts'
import { Snapshots } from '../../../lib/codec/snapshots.ts'
import { parseAddress } from '../../../lib/dashboard/page/address.ts'
import { matches, sorted } from '../../../lib/dashboard/page/chosen.ts'
import {
  EMPTY_PICTURE,
  listed as listedJobs,
  withProgress,
  withSnapshots,
  withTable,
  type Picture,
} from '../../../lib/dashboard/page/picture.ts'
import type { Progress } from '../../../lib/view/progress-of.ts'
import { tableOfRows, type JobRow } from '../../../lib/view/rows.ts'

// The jobs that the dashboard shows, after tables and replies of targets.

const rowOf = (id: string, state: JobRow['state'], more: Partial<JobRow> = {}): JobRow => ({
  id,
  kind: 'lru',
  state,
  ...more,
})
/** The jobs after a table with these rows. */
const withRows = (before: Picture, atMs: number, ...rows: readonly JobRow[]): Picture =>
  withTable(before, tableOfRows(rows), atMs)

/** The jobs after a reply in which the target has counted this many objects. */
const withCounted = (before: Picture, atMs: number, objects: number): Picture => {
  const snap = {
    id: 'a',
    kind: 'lru',
    bck: { name: 'photos', provider: 'ais' },
    stats: { 'loc-objs': String(objects) },
  }
  const decoded = Snapshots.decode({ t1: [{ ...snap, 'start-time': '1970-01-01T00:00:01Z' }], t2: [snap] })
  if (!isRight(decoded)) throw new Error('the snapshots cannot be decoded')
  return withSnapshots(before, decoded.right, atMs, { 'ais://photos': 100 })
}

describe('the jobs of the dashboard', () => {
  it('are lost if they ran and left the table, whatever their id', () => {
    const { jobs } = withRows(withRows(EMPTY_PICTURE, 0, rowOf('constructor', 'running')), 1_000)
    expect(jobs.get('constructor')).to.have.property('state', 'lost')
  })

  it('are listed without the job that carries downloads, which stays known', () => {
    const picture = withRows(EMPTY_PICTURE, 0, rowOf('x', 'running', { carrier: true }), rowOf('dnl-a', 'running'))
    expect([...listedJobs(picture).keys()]).to.deep.equal(['dnl-a'])
    expect([...picture.jobs.keys()]).to.deep.equal(['x', 'dnl-a'])
    expect([...listedJobs(withRows(picture, 1_000, rowOf('x', 'idle'))).keys()]).to.deep.equal(['x', 'dnl-a'])
  })

  it('have the sum of the counters, the bucket, the share and the earliest start', () => {
    const { jobs } = withCounted(withRows(EMPTY_PICTURE, 0, rowOf('a', 'running')), 0, 10)
    expect(jobs.get('a')).to.deep.equal({
      id: 'a',
      kind: 'lru',
      state: 'running',
      bucket: 'ais://photos',
      objects: 20,
      bytes: 0,
      ratio: 0.2,
      startMs: 1000,
    })
  })

  it('use a total that is known for the job rather than the size of its bucket', () => {
    const picture = withRows(EMPTY_PICTURE, 0, rowOf('a', 'running'))
    const snap = { id: 'a', kind: 'lru', bck: { name: 'photos', provider: 'ais' }, stats: { 'loc-objs': '10' } }
    const decoded = Snapshots.decode({ t1: [snap] })
    if (!isRight(decoded)) throw new Error('the snapshots cannot be decoded')
    const { jobs } = withSnapshots(picture, decoded.right, 0, { 'ais://photos': 100, a: 20 })
    expect(jobs.get('a')).to.include({ ratio: 0.5 })
  })

  it('take the counters, the share and the time left of a download from its progress', () => {
    const picture = withRows(EMPTY_PICTURE, 0, rowOf('dnl-a', 'running'))
    const now: Progress = {
      objects: 5,
      bytes: 50,
      ratio: 0.25,
      etaMs: 3_000,
      objectsPerSecond: 5,
      elapsedMs: 1_000,
      state: 'running',
      stalled: false,
      windingDown: false,
      targets: {},
    }
    const { jobs } = withProgress(picture, 'dnl-a', now)
    expect(jobs.get('dnl-a')).to.include({ objects: 5, bytes: 50, ratio: 0.25, etaMs: 3_000, objectsPerSecond: 5 })
    expect(withRows({ ...picture, jobs }, 1_000, rowOf('dnl-a', 'finished')).jobs.get('dnl-a')).to.include({ ratio: 1 })
    expect(withProgress(picture, 'dnl-b', now)).to.deep.equal(picture)
  })

  it('keep the counters of a target on which they have ended, although replies then omit that target', () => {
    const both = withCounted(withRows(EMPTY_PICTURE, 0, rowOf('a', 'running')), 0, 10)
    const one = Snapshots.decode({ t2: [{ id: 'a', kind: 'lru', stats: { 'loc-objs': '15' } }] })
    const next = isRight(one) ? withSnapshots(both, one.right, 1000, {}) : both
    expect(next.jobs.get('a')).to.include({ objects: 25 })
  })

  it('have no share while nothing is counted, nor once they have finished without a count', () => {
    const picture = withCounted(withRows(EMPTY_PICTURE, 0, rowOf('a', 'running')), 0, 0)
    expect(picture.jobs.get('a')).not.to.have.property('ratio')
    expect(withRows(picture, 1000, rowOf('a', 'finished')).jobs.get('a')).not.to.have.property('ratio')
  })

  it('have a rate after three replies and three seconds, and no rate once they have ended', () => {
    let picture = withRows(EMPTY_PICTURE, 0, rowOf('a', 'running'))
    for (const second of [0, 1, 2]) picture = withCounted(picture, second * 1000, second)
    expect(picture.jobs.get('a')).not.to.have.property('objectsPerSecond')
    picture = withCounted(picture, 3000, 3)
    expect(picture.jobs.get('a')).to.include({ objectsPerSecond: 2, etaMs: 47_000 })
    picture = withRows(picture, 4000, rowOf('a', 'finished'))
    expect(picture.jobs.get('a')).to.include({ objects: 6, ratio: 1, overMs: 4000 })
    expect(picture.jobs.get('a')).not.to.have.any.keys('objectsPerSecond', 'etaMs')
  })

  it('are lost if they leave the table while they run, and stay for an hour after their end', () => {
    let picture = withRows(EMPTY_PICTURE, 0, rowOf('a', 'running'), rowOf('b', 'finished'))
    picture = withRows(picture, 1000)
    expect([...picture.jobs.values()].map(({ id, state }) => `${id} ${state}`)).to.have.members([
      'a lost',
      'b finished',
    ])
    expect([...withRows(picture, 3_600_500).jobs.keys()]).to.deep.equal(['a'])
  })

  it('start again when an id that had ended runs again', () => {
    let picture = withCounted(withRows(EMPTY_PICTURE, 0, rowOf('a', 'running')), 0, 10)
    picture = withRows(picture, 1000, rowOf('a', 'finished'))
    expect(withRows(picture, 2000, rowOf('a', 'running')).jobs.get('a')).to.deep.equal({
      id: 'a',
      kind: 'lru',
      state: 'running',
    })
  })

  it('match a search of any column, whatever its case', () => {
    const job = { id: 'a', kind: 'lru', state: 'failed' as const, error: 'Disk full' }
    expect(matches(parseAddress('#/?q=disk'), job)).to.equal(true)
    expect(matches(parseAddress('#/?q=disk&state=finished'), job)).to.equal(false)
    expect(matches(parseAddress('#/?state=open'), job)).to.equal(false)
  })

  it('are sorted with the unknown ones last in both orders', () => {
    const jobs = [
      { id: 'a', kind: 'lru', state: 'running' as const },
      { id: 'b', kind: 'lru', state: 'running' as const, objects: 1 },
      { id: 'c', kind: 'lru', state: 'running' as const, objects: 2 },
    ]
    const ids = (hash: string): string =>
      sorted(jobs, parseAddress(hash))
        .map(({ id }) => id)
        .join('')
    expect(ids('#/?sort=objects')).to.equal('bca')
    expect(ids('#/?sort=objects&order=desc')).to.equal('cba')
  })
})
