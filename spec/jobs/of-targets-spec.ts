import { expect } from 'chai'
import fc from 'fast-check'
import type { JobSnap } from '../../lib/codec/job-snap.ts'
import { jobsOfTargets } from '../../lib/jobs/of-targets.ts'
import type { JobTable } from '../../lib/jobs/row.ts'
import { buildSnapshots } from '../../lib/snapshot.ts'

const NONE: JobTable = {}
const part = (id: string, more: Partial<JobSnap> = {}): JobSnap => ({
  ...{ id, kind: 'archive', startTime: 1n, bck: { name: 'b' }, aborted: false, abortErr: '', err: '', isIdle: false },
  ...{ stats: { objects: 0n, bytes: 0n, outObjects: 0n, outBytes: 0n, inObjects: 0n, inBytes: 0n } },
  ...{ ext: null, joggers: 0, workers: 0, chanFull: 0 },
  ...more,
})

describe('the table of a kind that only targets list', () => {
  it('makes one row of the parts of a job, with the state of all and the last end', () => {
    const jobs = jobsOfTargets(
      NONE,
      buildSnapshots([
        ['t1', [part('a', { endTime: 5n }), part('b', { isIdle: true }), part('c', { endTime: 4n })]],
        ['t2', [part('a', { endTime: 7n, err: 'y' }), part('b'), part('__proto__', { isIdle: true })]],
        ['t3', [part('a', { endTime: 6n, err: 'x' }), part('c', { aborted: true, abortErr: 'user abort' })]],
        ['t4', []],
      ]),
    )
    expect(Object.values(jobs)).to.deep.equal([
      { id: 'a', kind: 'archive', state: 'failed', endTime: 7n, error: 'x' },
      { id: 'b', kind: 'archive', state: 'running' },
      // On its way to an end on one of them.
      { id: 'c', kind: 'archive', state: 'aborted', error: 'user abort' },
      { id: '__proto__', kind: 'archive', state: 'idle' },
    ])
  })

  it('shares what has not changed, in whatever order the targets come', () => {
    const state = fc.constantFrom<Partial<JobSnap>>({}, { isIdle: true }, { endTime: 5n }, { endTime: 5n, err: 'x' })
    const reply = fc.array(fc.tuple(fc.constantFrom('t1', 't2', 't3'), fc.constantFrom('a', 'b'), state), {
      maxLength: 5,
    })
    const table = (last: JobTable, parts: readonly (readonly [string, string, Partial<JobSnap>])[]): JobTable =>
      jobsOfTargets(last, buildSnapshots(parts.map(([target, id, more], n) => [`${target}${n}`, [part(id, more)]])))
    const text = (row: unknown): string =>
      row === undefined
        ? ''
        : JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))
    fc.assert(
      fc.property(reply, reply, (one, other) => {
        const first = table(NONE, one)
        expect(table(first, [...one].reverse())).to.equal(first)
        const second = table(first, other)
        expect(second).to.deep.equal(table(NONE, other))
        for (const id of ['a', 'b']) expect(first[id] === second[id]).to.equal(text(first[id]) === text(second[id]))
        expect(first === second).to.equal(['a', 'b'].every((id) => first[id] === second[id]))
      }),
    )
  })
})
