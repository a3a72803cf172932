import { expect } from 'chai'
import type { Progress, Total } from '../../../lib/view/progress-of.ts'
import { snapshotsOf, type PartOptions } from '../../helpers/parts.ts'
import { BY_ID, repliesAt, progressesOf } from './helpers/progresses-of.ts'

// The ratio and the ETA of `progress`, which need a total. Each object of a part has 1,024 bytes.

/** The progress after one reply, in which one target shows this part. */
const progressWith = (one: PartOptions, total?: Total): Progress =>
  progressesOf(repliesAt([0, snapshotsOf({ t1: one })]), BY_ID, total)[0]!

describe('the ratio', () => {
  it('is absent without a total, and so is the ETA', () => {
    for (const total of [undefined, {}])
      expect(progressWith({ objects: 5 }, total)).not.to.have.any.keys('ratio', 'etaMs')
    expect(progressWith({ objects: 5, endMs: 1 }, {})).not.to.have.any.keys('ratio', 'etaMs')
  })

  it('is the completed share of the total, in bytes if both are given', () => {
    expect(progressWith({ objects: 5 }, { objects: 20 }).ratio).to.equal(0.25)
    expect(progressWith({ objects: 5 }, { bytes: 10_240 }).ratio).to.equal(0.5)
    expect(progressWith({ objects: 5 }, { objects: 20, bytes: 10_240 }).ratio).to.equal(0.5)
  })

  it('is the share of the objects if the total of bytes is 0', () => {
    expect(progressWith({ objects: 5 }, { objects: 20, bytes: 0 }).ratio).to.equal(0.25)
    expect(progressWith({ objects: 5 }, { bytes: 0 }).ratio).to.equal(1)
    expect(progressWith({}, { objects: 0 }).ratio).to.equal(1)
  })

  it('is at most 1; beyond the total there is no ETA', () => {
    const replies = repliesAt(
      ...[0, 2, 4, 6].map((seconds) => [seconds * 1000, snapshotsOf({ t1: { objects: seconds * 10 } })] as const),
    )
    const all = progressesOf(replies, BY_ID, { objects: 40 })
    expect(all.map(({ ratio }) => ratio)).to.deep.equal([0, 0.5, 1, 1])
    for (const one of all.slice(2)) expect(one).to.have.property('objectsPerSecond').and.equal(10)
    for (const one of all.slice(2)) expect(one).not.to.have.property('etaMs')
  })

  it('is 1 with an ETA of 0 after the job finished, whatever the total was', () => {
    for (const objects of [0, 5, 20, 90])
      expect(progressWith({ objects, endMs: 1 }, { objects: 20 })).to.include({ state: 'finished', ratio: 1, etaMs: 0 })
  })

  it('keeps the value at which a job failed or was aborted, without an ETA', () => {
    for (const more of [{ err: 'disk full' }, { aborted: true }]) {
      const one = progressWith({ objects: 5, endMs: 1, more }, { objects: 20 })
      expect(one.ratio).to.equal(0.25)
      expect(one).not.to.have.property('etaMs')
    }
  })
})
