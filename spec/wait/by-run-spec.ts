import { expect } from 'chai'
import fc from 'fast-check'
import type { JobSnap } from '../../lib/codec/job-snap.ts'
import type { Snapshots } from '../../lib/codec/snapshots.ts'
import { filterSnapshots } from '../../lib/snapshot.ts'
import { snapshotsOfRun } from '../../lib/wait/by-run.ts'
import { jobSnap, name, nullRecord } from '../helpers/arbitraries.ts'

const RUNS = ['one', 'two', '__proto__', 'constructor'] as const

const snapshots: fc.Arbitrary<Snapshots> = nullRecord(
  fc.array(
    fc
      .tuple(jobSnap, fc.oneof(fc.constantFrom<string[]>(...RUNS), name))
      .map(([snap, id]): JobSnap => ({ ...snap, id })),
    { maxLength: 4 },
  ),
)

/** What a cluster says that is asked for one job: targets that have it, and no others. */
const asked = (all: Snapshots, run: string): readonly (readonly [string, readonly JobSnap[]])[] =>
  Object.entries(filterSnapshots(all, (_, { id }) => id === run)).filter(([, snaps]) => snaps.length > 0)

describe('snapshotsOfRun', () => {
  it('is what the cluster would have said of that job alone, whatever ids and targets are called', () => {
    fc.assert(
      fc.property(snapshots, (all) => {
        for (const run of [...RUNS, ...Object.values(all).flatMap((snaps) => snaps.map(({ id }) => id))]) {
          const of = snapshotsOfRun(all, run)
          expect(Object.entries(of).sort()).to.deep.equal([...asked(all, run)].sort())
          expect(Object.getPrototypeOf(of)).to.equal(null)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('keeps the snapshots as they are, in their order', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((kind) => ({ id: 'one', kind }) as JobSnap)
    const all: Snapshots = { t1: [a!, { ...b!, id: 'two' }, c!], t2: [b!] }
    const of = snapshotsOfRun(all, 'one')
    expect(of['t1']!.map((snap) => [a, c].indexOf(snap))).to.deep.equal([0, 1])
    expect(of['t2']![0]).to.equal(b)
  })

  it('searches each reply once, and never confuses two', () => {
    let read = 0
    const counted = (of: Snapshots): Snapshots =>
      new Proxy(of, { ownKeys: (target) => ((read += 1), Reflect.ownKeys(target)) })
    const first = counted({ t1: Array.from({ length: 1000 }, (_, n) => ({ id: `job${n}` }) as JobSnap) })
    const second = counted({ t9: [{ id: 'job1' } as JobSnap] })
    for (let n = 0; n < 1000; n++) expect(Object.keys(snapshotsOfRun(first, `job${n}`))).to.deep.equal(['t1'])
    expect(Object.keys(snapshotsOfRun(second, 'job1'))).to.deep.equal(['t9'])
    expect(Object.keys(snapshotsOfRun(second, 'job2'))).to.deep.equal([])
    expect(read).to.equal(2)
  })
})
