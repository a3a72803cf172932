import { expect } from 'chai'
import type { Progress } from '../../../lib/view/progress-of.ts'
import { snapshotsOf, type PartOptions } from '../../helpers/parts.ts'
import { BY_ID, repliesAt, progressesOf } from './helpers/progresses-of.ts'

// The objects and bytes that a job has processed, over all targets. Each object of a part has 1,024 bytes.
// An id in a title, such as J9, is a row of docs/faults.md.

const lastOf = (all: readonly Progress[]): Progress => all.at(-1)!
const objectsOf = (all: readonly Progress[]): readonly number[] => all.map((one) => one.objects)

describe('the counters of a job', () => {
  it('are the counters of each target and their sum', () => {
    const [one] = progressesOf(repliesAt([0, snapshotsOf({ t1: { objects: 3 }, t2: { objects: 4, endMs: 9 } })]))
    expect(one).to.deep.include({ objects: 7, bytes: 7168, state: 'running' })
    expect(one?.targets).to.deep.equal({
      t1: { objects: 3, bytes: 3072, state: 'running' },
      t2: { objects: 4, bytes: 4096, state: 'finished' },
    })
  })

  it('are the sent counters for a rebalance, and the processed ones for any other kind', () => {
    const counters = { objects: 3, out: 50 }
    expect(
      lastOf(progressesOf(repliesAt([0, snapshotsOf({ t1: { ...counters, kind: 'rebalance' } })]))).objects,
    ).to.equal(50)
    expect(
      lastOf(progressesOf(repliesAt([0, snapshotsOf({ t1: { ...counters, kind: 'copy-bck' } })]))).objects,
    ).to.equal(3)
  })

  it('add up over all requested ids', () => {
    const reading = snapshotsOf({
      t1: [
        { id: 'a', objects: 1 },
        { id: 'b', objects: 2 },
      ],
      t2: { id: 'b', objects: 4 },
    })
    const one = lastOf(progressesOf(repliesAt([0, reading]), { ...BY_ID, ids: ['a', 'b'] }))
    expect(one.objects).to.equal(7)
    expect(one.targets).to.deep.equal({
      t1: { objects: 3, bytes: 3072, state: 'running' },
      t2: { objects: 4, bytes: 4096, state: 'running' },
    })
  })

  it('keep the last values of a missing target, and continue when it is back', () => {
    const readings = repliesAt(
      [0, snapshotsOf({ t1: { objects: 10 }, t2: { objects: 5 } })],
      [1000, snapshotsOf({ t1: { objects: 20 } })],
      [2000, snapshotsOf({})],
      [3000, snapshotsOf({ t1: { objects: 30 }, t2: { objects: 50 } })],
    )
    expect(objectsOf(progressesOf(readings))).to.deep.equal([15, 25, 25, 80])
    expect(progressesOf(readings)[2]?.targets['t2']).to.deep.equal({ objects: 5, bytes: 5120, state: 'running' })
  })

  it('never decrease within a run, even if a target reports less', () => {
    const readings = repliesAt(
      [0, snapshotsOf({ t1: { objects: 10 } })],
      [1000, snapshotsOf({ t1: { objects: 4 } })],
      [2000, snapshotsOf({ t1: { objects: 11 } })],
    )
    expect(objectsOf(progressesOf(readings))).to.deep.equal([10, 10, 11])
  })

  it('count a negative value as zero', () => {
    expect(
      lastOf(progressesOf(repliesAt([0, snapshotsOf({ t1: { objects: -5 }, t2: { objects: 3 } })]))).objects,
    ).to.equal(3)
  })

  it('start again when a target shows the id with a later start time (J9)', () => {
    const readings = repliesAt(
      [0, snapshotsOf({ t1: { objects: 90, endMs: 50 }, t2: { objects: 70, endMs: 60 } })],
      [1000, snapshotsOf({ t1: { objects: 2, startMs: 900 }, t2: { objects: 70, endMs: 60 } })],
      [2000, snapshotsOf({ t1: { objects: 4, startMs: 900 }, t2: { objects: 70, endMs: 60 } })],
      [3000, snapshotsOf({ t1: { objects: 6, startMs: 900 }, t2: { objects: 1, startMs: 2500 } })],
    )
    const all = progressesOf(readings)
    expect(objectsOf(all)).to.deep.equal([160, 2, 4, 1 + 6])
    expect(Object.keys(all[2]!.targets), 'the targets of the new run').to.deep.equal(['t1'])
    expect(all.map(({ state }) => state)).to.deep.equal(['finished', 'running', 'running', 'running'])
  })

  it('keep the values of the other targets when one target starts again', () => {
    const readings = repliesAt(
      [0, snapshotsOf({ t1: { objects: 10 }, t2: { objects: 20 }, t3: { objects: 40 } })],
      [1000, snapshotsOf({ t1: { objects: 1, startMs: 900 }, t2: { objects: 21 } })],
      [2000, snapshotsOf({ t1: { objects: 2, startMs: 900 }, t2: { objects: 22, endMs: 1500 }, t3: { objects: 41 } })],
      [
        3000,
        snapshotsOf({ t1: { objects: 2, startMs: 900 }, t2: { objects: 22, endMs: 1500 }, t3: { startMs: 2500 } }),
      ],
    )
    expect(objectsOf(progressesOf(readings))).to.deep.equal([70, 62, 65, 24])
  })

  it('do not treat an earlier start time as a new run', () => {
    const readings = repliesAt(
      [0, snapshotsOf({ t1: { objects: 1, startMs: 900 } })],
      [1000, snapshotsOf({ t1: { objects: 90, startMs: 100, endMs: 200 } })],
    )
    expect(lastOf(progressesOf(readings))).to.deep.include({ objects: 1, state: 'running' })
  })

  it('do not treat the start of a part as a new run', () => {
    const readings = repliesAt(
      [0, snapshotsOf({ t1: { startMs: null }, t2: { objects: 5 } })],
      [1000, snapshotsOf({ t1: { objects: 3 } })],
    )
    expect(lastOf(progressesOf(readings)).objects).to.equal(8)
  })

  it('use the later run of two records on one target, and the record that is still running of two records of one run', () => {
    const one = [
      { objects: 1, startMs: 5 },
      { objects: 90, startMs: 4 },
    ] as const
    const two = [{ objects: 90, endMs: 9 }, { objects: 1 }] as const
    for (const pair of [one, [...one].reverse(), two, [...two].reverse()])
      expect(lastOf(progressesOf(repliesAt([0, snapshotsOf({ t1: pair })])))).to.deep.include({
        objects: 1,
        state: 'running',
      })
  })

  it('work for a target whose name is that of a member of every object', () => {
    const reading = snapshotsOf(
      JSON.parse('{"__proto__":{"objects":3},"constructor":{"objects":4},"toString":{}}') as Record<
        string,
        PartOptions
      >,
    )
    const one = lastOf(progressesOf(repliesAt([0, reading])))
    expect(Object.getPrototypeOf(one.targets)).to.equal(Object.prototype)
    expect(Object.keys(one.targets)).to.deep.equal(['__proto__', 'constructor', 'toString'])
    expect(one.objects).to.equal(7)
  })

  it('are exact beyond 2^53 until they are converted for display', () => {
    const huge = 2n ** 53n
    const readings = repliesAt(
      [0, snapshotsOf({ t1: { objects: huge }, t2: { objects: 1 } })],
      [1000, snapshotsOf({ t1: { objects: huge }, t2: { objects: 2 } })],
    )
    expect(objectsOf(progressesOf(readings))).to.deep.equal([2 ** 53, 2 ** 53 + 2])
  })
})
