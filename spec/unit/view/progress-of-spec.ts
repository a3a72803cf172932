import { expect } from 'chai'
import type { Progress, Total } from '../../../lib/view/progress-of.ts'
import { shown, type PartOptions } from '../../helpers/parts.ts'
import { AIM, at, progressesOf } from './helpers/progresses-of.ts'

const of = (one: PartOptions, total?: Total): Progress => progressesOf(at([0, shown({ t1: one })]), AIM, total)[0]!

describe('the ratio', () => {
  it('is absent without a total, and so is the ETA', () => {
    for (const total of [undefined, {}]) expect(of({ objects: 5 }, total)).not.to.have.any.keys('ratio', 'etaMs')
    expect(of({ objects: 5, endMs: 1 }, {})).not.to.have.any.keys('ratio', 'etaMs')
  })

  it('is the completed share of the total, in bytes if both are given', () => {
    expect(of({ objects: 5 }, { objects: 20 }).ratio).to.equal(0.25)
    expect(of({ objects: 5 }, { bytes: 10_240 }).ratio).to.equal(0.5)
    expect(of({ objects: 5 }, { objects: 20, bytes: 10_240 }).ratio).to.equal(0.5)
  })

  it('is the share of the objects if the total of bytes is 0', () => {
    expect(of({ objects: 5 }, { objects: 20, bytes: 0 }).ratio).to.equal(0.25)
    expect(of({ objects: 5 }, { bytes: 0 }).ratio).to.equal(1)
    expect(of({}, { objects: 0 }).ratio).to.equal(1)
  })

  it('is at most 1; beyond the total there is no ETA', () => {
    const replies = at(...[0, 2, 4, 6].map((s) => [s * 1000, shown({ t1: { objects: s * 10 } })] as const))
    const all = progressesOf(replies, AIM, { objects: 40 })
    expect(all.map(({ ratio }) => ratio)).to.deep.equal([0, 0.5, 1, 1])
    for (const one of all.slice(2)) expect(one).to.have.property('objectsPerSecond').and.equal(10)
    for (const one of all.slice(2)) expect(one).not.to.have.property('etaMs')
  })

  it('is 1 with an ETA of 0 after the job finished, whatever the total was', () => {
    for (const objects of [0, 5, 20, 90])
      expect(of({ objects, endMs: 1 }, { objects: 20 })).to.include({ state: 'finished', ratio: 1, etaMs: 0 })
  })

  it('keeps the value at which a job failed or was aborted, without an ETA', () => {
    for (const more of [{ err: 'disk full' }, { aborted: true }]) {
      const one = of({ objects: 5, endMs: 1, more }, { objects: 20 })
      expect(one.ratio).to.equal(0.25)
      expect(one).not.to.have.property('etaMs')
    }
  })
})
