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

  it('should not grow, however long it runs and whatever it is asked', () => {
    const w = new World({ objectsPerSecond: 1e6 })
    let most = 0
    for (let i = 0; i < 4_000; i++) {
      w.now += 60_000
      w.start('lru')
      w.ask('GET', '/v1/buckets/b?provider=ais', { action: 'list', value: { pagesize: 10, uuid: '' } })
      w.ask('PUT', '/v1/buckets/b?provider=ais', {
        action: 'archive',
        value: { template: 'o-{0..9}', tobck: { name: 'b' } },
      })
      most = Math.max(most, w.cluster.jobs.size)
    }
    expect(most).to.be.lessThan(1_500)
    expect(Math.max(...w.cluster.targets.map(({ registry }) => registry.length))).to.be.at.most(1_200)
  })

  it('should forget a listing a minute after its end, and no other job', () => {
    const w = new World()
    const lru = w.start('lru')
    w.ask('GET', '/v1/buckets/b?provider=ais', { action: 'list', value: { pagesize: 10, uuid: '' } })
    w.now = 60_000
    expect(w.snaps({ kind: 'list' })).to.have.length(3)
    w.now = 150_000
    expect(w.snaps({ kind: 'list' })).to.have.length(0)
    expect(w.snaps({ id: lru })).to.have.length(3)
  })

  it('should forget a job that no target knows any more once its status has expired, and a download with it', () => {
    const w = new World()
    w.ask('POST', '/v1/download', { type: 'single', bucket: { name: 'b' }, link: 'http://127.0.0.1/a' })
    expect(w.cluster.downloads.size).to.equal(1)
    w.now = 600_000
    w.running()
    expect(w.cluster.downloads.size).to.equal(0)
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
