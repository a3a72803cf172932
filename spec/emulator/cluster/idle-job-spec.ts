import { expect } from 'chai'
import { seedBucket } from '../../../lib/emulator/cluster/create.ts'
import { total, World, ZERO } from '../world.ts'

const mirrored = (): World => {
  const world = new World()
  seedBucket(world.cluster, 'm', { mirrored: true }, 0)
  world.put(300)
  return world
}

const id = (world: World): string => world.snaps({ kind: 'put-copies' })[0]?.id ?? ''

const archive = (world: World, to = 'b'): string =>
  world.send('PUT', '/v1/buckets/b?provider=ais', {
    action: 'archive',
    value: { archname: 'x.tar', template: 'obj-{00000..00299}', tobck: { name: to } },
  }).body

describe('emulated cluster, a job of a kind that idles', () => {
  it('should start with the first put into a mirrored bucket', () => {
    const world = mirrored()
    world.now = 10
    expect(world.running()).to.deep.equal([`put-copies[${id(world)}]`])
  })

  it('should not start in a bucket that is not mirrored', () => {
    const world = new World()
    world.put(300, 'b')
    expect(world.running()).to.deep.equal([])
  })

  it('should have no status', () => {
    const world = mirrored()
    const reply = world.statusReply({ id: id(world) })
    expect(reply.status).to.equal(404)
    expect(reply.delayMs).to.be.closeTo(2_000, 100)
    expect(world.statuses({ id: id(world) })).to.equal(null)
  })

  it('should be idle six seconds after its last work, and still be listed as running', () => {
    const world = mirrored()
    world.now = 5_900
    expect(world.snaps({ kind: 'put-copies' }).some((snap) => snap.is_idle)).to.equal(false)
    world.now = 7_000
    for (const snap of world.snaps({ kind: 'put-copies' })) expect(snap).to.include({ is_idle: true, 'end-time': ZERO })
    expect(world.running()).to.have.length(1)
    expect(world.snaps({ kind: 'put-copies', show_active: true })).to.have.length(3)
  })

  it('should resume under the same id, and continue its counters', () => {
    const world = mirrored()
    world.now = 10_000
    const first = id(world)
    world.put(60)
    world.now = 10_010
    expect(world.snaps({ kind: 'put-copies' }).every((snap) => snap.id === first && !snap.is_idle)).to.equal(true)
    world.now = 15_000
    expect(total(world.snaps({ kind: 'put-copies' }), 'loc-objs')).to.equal(360)
  })

  it('should end when its timer finds it idle, two minutes after its start', () => {
    const world = mirrored()
    world.now = 119_000
    expect(world.snaps({ kind: 'put-copies' })[0]?.['end-time']).to.equal(ZERO)
    world.now = 120_100
    for (const snap of world.snaps({ kind: 'put-copies' })) expect(snap['end-time']).to.not.equal(ZERO)
  })

  it('should continue for two more minutes when its timer finds it at work', () => {
    const world = mirrored()
    world.now = 118_000
    world.put(60)
    world.now = 121_000
    expect(world.running()).to.have.length(1)
    world.now = 240_100
    expect(world.running()).to.have.length(0)
  })

  it('should start as a new job after its end', () => {
    const world = mirrored()
    const first = id(world)
    world.now = 130_000
    world.put(60)
    const ids = new Set(world.snaps({ kind: 'put-copies' }).map((snap) => snap.id))
    expect(ids).to.have.property('size', 2)
    expect(ids).to.include(first)
  })

  it('should be aborted by a stop', () => {
    const world = mirrored()
    world.now = 10_000
    world.stop({ ID: id(world) })
    expect(world.snaps({ kind: 'put-copies' })[0]).to.include({ aborted: true, 'abort-err': 'user abort' })
    expect(world.running()).to.deep.equal([])
  })

  it('should be shared by requests for the same buckets', () => {
    const world = new World()
    const first = archive(world)
    world.now = 1_000
    expect(archive(world)).to.equal(first)
    seedBucket(world.cluster, 'c', {}, world.now)
    expect(archive(world, 'c')).to.not.equal(first)
  })

  it('should send the objects of an archive to the one target that writes it', () => {
    const world = new World()
    const job = archive(world)
    world.now = 5_000
    const snaps = world.snaps({ id: job })
    expect(total(snaps, 'loc-objs')).to.equal(1)
    expect(total(snaps, 'out-objs')).to.equal(total(snaps, 'in-objs'))
    expect(snaps.filter(({ stats }) => stats['in-objs'] !== '0')).to.have.length(1)
  })

  it('should never end if it is an archive: its idle flag alternates, and later no list shows it and no stop ends it', () => {
    const world = new World()
    const job = archive(world)
    const flags = [110_000, 121_000, 130_000, 141_000, 150_000].map((at) => {
      world.now = at
      return world.snaps({ id: job })[0]?.is_idle
    })
    expect(flags).to.deep.equal([true, false, true, false, true])
    world.now = 260_000
    expect(world.running()).to.deep.equal([])
    world.stop({ ID: job })
    world.now = 270_000
    expect(world.snaps({ id: job })[0]).to.include({ aborted: false, 'end-time': ZERO })
  })
})
