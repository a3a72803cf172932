import { expect } from 'chai'
import type { JobSnap } from '../../lib/codec/job-snap.ts'
import { NO_STATS } from '../../lib/codec/job-stats.ts'
import { nextRows, noRows } from '../../lib/cli/rows.ts'

const snap = (more: Partial<JobSnap>, objects = 0n): JobSnap => ({
  id: 'V7Bc1dasbT',
  kind: 'lru',
  startTime: 10n,
  bck: { name: '' },
  stats: { ...NO_STATS, objects, bytes: objects * 2n },
  aborted: false,
  abortErr: '',
  err: '',
  isIdle: false,
  ext: null,
  joggers: 0,
  workers: 0,
  chanFull: 0,
  ...more,
})

describe('rows of a table of jobs', () => {
  it('sum a job over its targets, and have a rate from the second look on', () => {
    const first = nextRows(noRows, { t1: [snap({}, 100n)], t2: [snap({}, 50n)] }, 1_000)
    expect(first.byId.get('V7Bc1dasbT')).to.deep.equal({
      id: 'V7Bc1dasbT',
      kind: 'lru',
      state: 'running',
      objects: 150,
      bytes: 300,
      startTime: 10n,
    })
    const second = nextRows(first, { t1: [snap({}, 300n)], t2: [snap({}, 50n)] }, 1_500)
    expect(second.byId.get('V7Bc1dasbT')?.objectsPerSecond).to.equal(400)
  })

  it('never have a negative rate: a target that is gone takes its counters along', () => {
    const first = nextRows(noRows, { t1: [snap({}, 100n)], t2: [snap({}, 50n)] }, 1_000)
    expect(nextRows(first, { t1: [snap({}, 110n)] }, 2_000).byId.get('V7Bc1dasbT')?.objectsPerSecond).to.equal(0)
  })

  it('count what a rebalance sends', () => {
    const sent = snap({ kind: 'rebalance', stats: { ...NO_STATS, outObjects: 7n, outBytes: 70n } })
    expect(nextRows(noRows, { t1: [sent] }, 0).byId.get('V7Bc1dasbT')).to.include({ objects: 7, bytes: 70 })
  })

  it('show the oldest job first', () => {
    const rows = nextRows(noRows, { t1: [snap({ id: 'younger-1', startTime: 20n }), snap({ id: 'elder-one' })] }, 0)
    expect([...rows.byId.keys()]).to.deep.equal(['elder-one', 'younger-1'])
  })

  const states: readonly [string, readonly JobSnap[]][] = [
    ['running', [snap({ endTime: 20n }), snap({})]],
    ['idle', [snap({ isIdle: true }), snap({ endTime: 20n })]],
    ['finished', [snap({ endTime: 20n, isIdle: true })]],
    ['failed', [snap({ endTime: 20n, err: 'disk full' })]],
    ['aborted', [snap({ aborted: true }), snap({})]],
  ]
  for (const [state, snaps] of states) {
    it(`call a job ${state} by all of its parts`, () => {
      const rows = nextRows(noRows, Object.fromEntries(snaps.map((one, i) => [`t${i}`, [one]])), 0)
      expect(rows.byId.get('V7Bc1dasbT')?.state).to.equal(state)
    })
  }
})
