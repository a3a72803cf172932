import { deepStrictEqual } from 'node:assert'
import { expect } from 'chai'
import { part } from '../../helpers/parts.ts'
import type { JobSnap } from '../../../lib/codec/job-snap.ts'
import { filterSnapshots, isAborted, isIdle, isTerminal, mergeSnapshots } from '../../../lib/model/snapshot.ts'

// What a snapshot shows of one part of a job (`isTerminal`, `isIdle`), and how snapshots are filtered and merged.

const snapWith = (of: Partial<JobSnap> = {}): JobSnap => part({ id: 'job', more: { startTime: 1n, ...of } })
const snapNotBegun = (): JobSnap => {
  const one: { -readonly [K in keyof JobSnap]: JobSnap[K] } = snapWith({ isIdle: true })
  delete one.startTime
  return one
}

describe('a snapshot', () => {
  const cases: readonly {
    readonly title: string
    readonly snapshot: JobSnap
    readonly expected: { terminal: boolean; aborted: boolean; idle: boolean }
  }[] = [
    {
      title: 'is active while the job runs',
      snapshot: snapWith(),
      expected: { terminal: false, aborted: false, idle: false },
    },
    {
      title: 'is neither terminal nor idle before the start',
      snapshot: snapNotBegun(),
      expected: { terminal: false, aborted: false, idle: false },
    },
    {
      title: 'is idle',
      snapshot: snapWith({ isIdle: true }),
      expected: { terminal: false, aborted: false, idle: true },
    },
    {
      title: 'is terminal and not idle once finished, although the wire reports idle (T22)',
      snapshot: snapWith({ endTime: 2n, isIdle: true }),
      expected: { terminal: true, aborted: false, idle: false },
    },
    {
      title: 'is terminal with an error',
      snapshot: snapWith({ endTime: 2n, err: 'x' }),
      expected: { terminal: true, aborted: false, idle: false },
    },
    {
      title: 'is aborted and terminal without an end time (1.5)',
      snapshot: snapWith({ aborted: true, isIdle: true }),
      expected: { terminal: true, aborted: true, idle: false },
    },
    {
      title: 'is aborted and terminal if only the reason is set',
      snapshot: snapWith({ abortErr: 'renewal abort', isIdle: true }),
      expected: { terminal: true, aborted: true, idle: false },
    },
    {
      title: 'is aborted and terminal with an end time',
      snapshot: snapWith({ aborted: true, endTime: 2n }),
      expected: { terminal: true, aborted: true, idle: false },
    },
  ]
  for (const { title, snapshot, expected } of cases)
    it(title, () => {
      const { terminal, aborted, idle } = expected
      expect(isTerminal(snapshot)).to.equal(terminal)
      expect(isAborted(snapshot)).to.equal(aborted)
      expect(isIdle(snapshot)).to.equal(idle)
    })
})

describe('snapshots', () => {
  const recordOf = (
    entries: Readonly<Record<string, readonly JobSnap[]>>,
  ): Readonly<Record<string, readonly JobSnap[]>> =>
    Object.assign(Object.create(null) as Record<string, readonly JobSnap[]>, entries)
  const [a, b, c] = [snapWith({ id: 'a' }), snapWith({ id: 'b' }), snapWith({ id: 'c' })]

  it('are filtered by target and snapshot, and keep targets without any', () => {
    const kept = filterSnapshots(
      recordOf({ t1: [a, b], t2: [b], t3: [] }),
      (target, { id }) => target === 't1' && id === 'b',
    )
    expect(kept).to.deep.equal(recordOf({ t1: [b], t2: [], t3: [] }))
  })

  it('are merged target by target, in the order of the replies', () => {
    expect(
      mergeSnapshots([recordOf({ t1: [a], t2: [] }), recordOf({ t3: [c] }), recordOf({ t1: [b, c] })]),
    ).to.deep.equal(recordOf({ t1: [a, b, c], t2: [], t3: [c] }))
    expect(mergeSnapshots([])).to.deep.equal(recordOf({}))
  })

  it('are plain objects in which any text is a valid target id', () => {
    const odd = Object.fromEntries([
      ['__proto__', [a]],
      ['constructor', [b]],
    ])
    for (const one of [filterSnapshots(odd, () => true), mergeSnapshots([odd])]) {
      expect(Object.keys(one)).to.deep.equal(['__proto__', 'constructor'])
      deepStrictEqual(one, odd)
    }
    expect(({} as { id?: unknown }).id).to.equal(undefined)
  })

  it('are not changed by filterSnapshots and mergeSnapshots', () => {
    const frozen = Object.freeze(recordOf({ t1: Object.freeze([a, b]) }))
    filterSnapshots(frozen, () => false)
    mergeSnapshots([frozen, frozen])
    expect(frozen).to.deep.equal(recordOf({ t1: [a, b] }))
  })
})
