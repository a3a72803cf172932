import { expect } from 'chai'
import { World } from '../world.ts'

// When the emulator forgets jobs, as AIStore does.

describe('emulated cluster, its memory', () => {
  it('should forget a status three to five minutes after the end of its job', () => {
    const world = new World()
    const id = world.start('lru')
    world.now = 180_000
    expect(world.status({ id }).end_time).to.be.greaterThan(0)
    world.now = 310_000
    expect(world.statusReply({ id }).status).to.equal(404)
    expect(world.statuses({ id })).to.equal(null)
  })

  it('should keep snapshots for longer than statuses', () => {
    const world = new World()
    const id = world.start('lru')
    world.now = 3_000_000
    expect(world.snaps({ id })).to.have.length(3)
  })

  it('should not forget a running job', () => {
    const world = new World({ objectsPerSecond: 1 })
    const id = world.copy()
    world.now = 600_000
    expect(world.status({ id }).end_time).to.equal(0)
  })

  it('should drop old records of a target with very many records', () => {
    const world = new World({ objectsPerSecond: 1e9 })
    for (let i = 0; i < 1_030; i++) {
      world.now += 10_000
      world.start('cleanup-store')
    }
    const kept = world.snaps({ kind: 'cleanup-store' }).length / 3
    expect(kept).to.be.lessThan(1_024)
    expect(kept).to.be.at.least(360)
  })

  it('should not grow while it runs for a day', () => {
    const world = new World({ objectsPerSecond: 1e6 })
    let most = 0
    for (let i = 0; i < 1_440; i++) {
      world.now += 60_000
      world.start('lru')
      world.send('GET', '/v1/buckets/b?provider=ais', { action: 'list', value: { pagesize: 10, uuid: '' } })
      world.send('PUT', '/v1/buckets/b?provider=ais', {
        action: 'archive',
        value: { template: 'obj-{00000..00009}', tobck: { name: 'b' } },
      })
      most = Math.max(most, world.cluster.jobs.size)
    }
    expect(most).to.be.lessThan(1_200)
    expect(Math.max(...world.cluster.targets.map(({ registry }) => registry.length))).to.be.at.most(1_200)
  })

  it('should forget a listing a minute after its end, but keep other jobs', () => {
    const world = new World()
    const lru = world.start('lru')
    world.send('GET', '/v1/buckets/b?provider=ais', { action: 'list', value: { pagesize: 10, uuid: '' } })
    world.now = 60_000
    expect(world.snaps({ kind: 'list' })).to.have.length(3)
    world.now = 150_000
    expect(world.snaps({ kind: 'list' })).to.have.length(0)
    expect(world.snaps({ id: lru })).to.have.length(3)
  })

  it('should forget a download one day after its end, and its job once its status has expired', () => {
    const world = new World()
    world.send('POST', '/v1/download', { type: 'single', bucket: { name: 'b' }, link: 'http://127.0.0.1/a' })
    expect(world.cluster.downloads.size).to.equal(1)
    world.now = 600_000
    world.running()
    expect([...world.cluster.jobs.values()].filter(({ kind }) => kind === 'single')).to.deep.equal([])
    expect(world.cluster.downloads.size).to.equal(1)
    world.now = 90_000_000
    world.running()
    expect(world.cluster.downloads.size).to.equal(0)
  })

  it('should behave identically with the same seed', () => {
    const life = (): string => {
      const world = new World({ seed: 7 })
      const id = world.copy()
      world.now = 1_234
      return world.snapshotsReply({ id }).body + world.statusReply({ id }).body
    }
    expect(life()).to.equal(life())
  })

  it('should differ with another seed', () => {
    expect(new World({ seed: 1 }).targetIds).to.not.deep.equal(new World({ seed: 2 }).targetIds)
  })

  it('should take less than 2 ms of real time to run one job and reply to one query', () => {
    const began = performance.now()
    for (let i = 0; i < 500; i++) {
      const world = new World({ seed: i })
      const id = world.copy()
      world.now = 1_000
      world.snapshotsReply({ id })
    }
    // 500 clusters usually take a tenth of this limit.
    expect(performance.now() - began).to.be.lessThan(1_000)
  })
})
