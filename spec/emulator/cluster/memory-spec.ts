import { expect } from 'chai'
import { World } from '../world.ts'

describe('emulated cluster, what it remembers', () => {
  it('should forget a status three to five minutes after the end', () => {
    const w = new World()
    const id = w.start('lru')
    w.now = 180_000
    expect(w.status({ id }).end_time).to.be.greaterThan(0)
    w.now = 310_000
    expect(w.statusReply({ id }).status).to.equal(404)
    expect(w.statuses({ id })).to.equal(null)
  })

  it('should keep the snapshots all the same', () => {
    const w = new World()
    const id = w.start('lru')
    w.now = 3_000_000
    expect(w.snaps({ id })).to.have.length(3)
  })

  it('should not forget what still runs', () => {
    const w = new World({ objectsPerSecond: 1 })
    const id = w.copy()
    w.now = 600_000
    expect(w.status({ id }).end_time).to.equal(0)
  })

  it('should drop old records of a target that has very many', () => {
    const w = new World({ objectsPerSecond: 1e9 })
    for (let i = 0; i < 1_030; i++) {
      w.now += 10_000
      w.start('cleanup-store')
    }
    const kept = w.snaps({ kind: 'cleanup-store' }).length / 3
    expect(kept).to.be.lessThan(1_024)
    expect(kept).to.be.at.least(360)
  })

  it('should live the same life twice with the same seed', () => {
    const life = (): string => {
      const w = new World({ seed: 7 })
      const id = w.copy()
      w.now = 1_234
      return w.snapshotsReply({ id }).body + w.statusReply({ id }).body
    }
    expect(life()).to.equal(life())
  })

  it('should live another one with another seed', () => {
    expect(new World({ seed: 1 }).targetIds).to.not.deep.equal(new World({ seed: 2 }).targetIds)
  })

  it('should cost microseconds', () => {
    const began = performance.now()
    for (let i = 0; i < 500; i++) {
      const w = new World({ seed: i })
      const id = w.copy()
      w.now = 1_000
      w.snapshotsReply({ id })
    }
    // 500 clusters with a job and a question each; ten times what it takes here.
    expect(performance.now() - began).to.be.lessThan(1_000)
  })
})
