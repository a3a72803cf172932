import { expect } from 'chai'
import { rateMemory } from '../../../lib/dashboard/page/rates.ts'
import type { Shown } from '../../../lib/dashboard/page/shown.ts'

// The chart of a job shows its rates of the last 15 minutes: one point every two seconds, `null` where the rate is
// unknown.

const jobsById = (...all: readonly Partial<Shown>[]): ReadonlyMap<string, Shown> =>
  new Map(all.map((one) => [one.id ?? 'a', { id: 'a', kind: 'lru', state: 'running', ...one }]))

describe('the rates that the dashboard remembers', () => {
  it('have a point every two seconds while a job runs; an unknown rate is null', () => {
    const memory = rateMemory()
    memory.add(jobsById({}), 0)
    memory.add(jobsById({ objectsPerSecond: 5 }), 1_999)
    memory.add(jobsById({ objectsPerSecond: 6, bytesPerSecond: 60 }), 2_000)
    expect(memory.of('a')).to.deep.equal({ atMs: [0, 2_000], objects: [null, 6], bytes: [null, 60] })
    expect(memory.of('b').atMs).to.deep.equal([])
  })

  it('have a gap where nothing was learnt for ten seconds', () => {
    const memory = rateMemory()
    memory.add(jobsById({ objectsPerSecond: 5 }), 0)
    memory.add(jobsById({ objectsPerSecond: 5 }), 10_001)
    expect(memory.of('a')).to.deep.include({ atMs: [0, 2_000, 10_001], objects: [5, null, 5] })
  })

  it('cover 15 minutes', () => {
    const memory = rateMemory()
    for (let second = 0; second <= 1_000; second += 2)
      memory.add(jobsById({ objectsPerSecond: second }), second * 1_000)
    const { atMs, objects } = memory.of('a')
    expect(atMs[0]).to.equal(100_000)
    expect(atMs).to.have.length(451)
    expect(objects).to.have.length(451)
  })

  it('stay after the end of a job, and go with its row', () => {
    const memory = rateMemory()
    memory.add(jobsById({ objectsPerSecond: 5 }), 0)
    memory.add(jobsById({ state: 'finished' }), 2_000)
    expect(memory.of('a').objects).to.deep.equal([5])
    memory.add(jobsById({ id: 'b' }), 4_000)
    expect(memory.of('a').objects).to.deep.equal([])
  })

  it('start again if the clock of the computer goes back', () => {
    const memory = rateMemory()
    memory.add(jobsById({ objectsPerSecond: 5 }), 10_000)
    memory.add(jobsById({ objectsPerSecond: 6 }), 4_000)
    expect(memory.of('a')).to.deep.include({ atMs: [4_000], objects: [6] })
  })
})
