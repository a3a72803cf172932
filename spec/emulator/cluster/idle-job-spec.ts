import { expect } from 'chai'
import { seedBucket } from '../../../lib/emulator/cluster/create.ts'
import { defaultTiming } from '../../../lib/emulator/cluster/timing.ts'
import { total, World, ZERO } from '../world.ts'

// Jobs that wait for more work when they have nothing to do. A job is idle 6 s after its last work. On each target, a
// timer ends the job if it finds it idle.

/** The period of that timer: 2 min. */
const TIMER_MS = defaultTiming.idleTimerMs

/** A world with a mirrored bucket, into which 300 objects were put. */
const worldWithMirror = (): World => {
  const world = new World()
  seedBucket(world.cluster, 'm', { mirrored: true }, 0)
  world.put(300)
  return world
}

/** The id of the job that mirrors. */
const idOfMirror = (world: World): string => world.snaps({ kind: 'put-copies' })[0]?.id ?? ''

/** Starts an archive of 300 objects; returns the id of its job. */
const startArchive = (world: World, to = 'b'): string =>
  world.send('PUT', '/v1/buckets/b?provider=ais', {
    action: 'archive',
    value: { archname: 'x.tar', template: 'obj-{00000..00299}', tobck: { name: to } },
  }).body

describe('emulated cluster, a job of a kind that idles', () => {
  it('should start with the first put into a mirrored bucket', () => {
    const world = worldWithMirror()
    world.now = 10
    expect(world.running()).to.deep.equal([`put-copies[${idOfMirror(world)}]`])
  })

  it('should not start in a bucket that is not mirrored', () => {
    const world = new World()
    world.put(300, 'b')
    expect(world.running()).to.deep.equal([])
  })

  it('should have no status', () => {
    const world = worldWithMirror()
    const reply = world.statusReply({ id: idOfMirror(world) })
    expect(reply.status).to.equal(404)
    expect(reply.delayMs).to.be.closeTo(2_000, 100)
    expect(world.statuses({ id: idOfMirror(world) })).to.equal(null)
  })

  it('should be idle six seconds after its last work, and still be listed as running', () => {
    const world = worldWithMirror()
    world.now = 5_900
    expect(world.snaps({ kind: 'put-copies' }).some((snap) => snap.is_idle)).to.equal(false)
    world.now = 7_000
    for (const snap of world.snaps({ kind: 'put-copies' })) expect(snap).to.include({ is_idle: true, 'end-time': ZERO })
    expect(world.running()).to.have.length(1)
    expect(world.snaps({ kind: 'put-copies', show_active: true })).to.have.length(3)
  })

  it('should resume under the same id, and continue its counters', () => {
    const world = worldWithMirror()
    world.now = 10_000
    const first = idOfMirror(world)
    world.put(60)
    world.now = 10_010
    expect(world.snaps({ kind: 'put-copies' }).every((snap) => snap.id === first && !snap.is_idle)).to.equal(true)
    world.now = 15_000
    expect(total(world.snaps({ kind: 'put-copies' }), 'loc-objs')).to.equal(360)
  })

  it('should end when its timer finds it idle, two minutes after its start', () => {
    const world = worldWithMirror()
    world.now = TIMER_MS - 1_000
    expect(world.snaps({ kind: 'put-copies' })[0]?.['end-time']).to.equal(ZERO)
    world.now = TIMER_MS + 100
    for (const snap of world.snaps({ kind: 'put-copies' })) expect(snap['end-time']).to.not.equal(ZERO)
  })

  it('should continue for two more minutes when its timer finds it at work', () => {
    const world = worldWithMirror()
    world.now = TIMER_MS - 2_000
    world.put(60)
    world.now = TIMER_MS + 1_000
    expect(world.running()).to.have.length(1)
    world.now = 2 * TIMER_MS + 100
    expect(world.running()).to.have.length(0)
  })

  it('should start as a new job after its end', () => {
    const world = worldWithMirror()
    const first = idOfMirror(world)
    world.now = TIMER_MS + 10_000
    world.put(60)
    const ids = new Set(world.snaps({ kind: 'put-copies' }).map((snap) => snap.id))
    expect(ids).to.have.property('size', 2)
    expect(ids).to.include(first)
  })

  it('should be aborted by a stop', () => {
    const world = worldWithMirror()
    world.now = 10_000
    world.stop({ ID: idOfMirror(world) })
    expect(world.snaps({ kind: 'put-copies' })[0]).to.include({ aborted: true, 'abort-err': 'user abort' })
    expect(world.running()).to.deep.equal([])
  })

  it('should be shared by requests for the same buckets', () => {
    const world = new World()
    const first = startArchive(world)
    world.now = 1_000
    expect(startArchive(world)).to.equal(first)
    seedBucket(world.cluster, 'c', {}, world.now)
    expect(startArchive(world, 'c')).to.not.equal(first)
  })

  it('should send the objects of an archive to the one target that writes it', () => {
    const world = new World()
    const job = startArchive(world)
    world.now = 5_000
    const snaps = world.snaps({ id: job })
    expect(total(snaps, 'loc-objs')).to.equal(1)
    expect(total(snaps, 'out-objs')).to.equal(total(snaps, 'in-objs'))
    expect(snaps.filter(({ stats }) => stats['in-objs'] !== '0')).to.have.length(1)
  })

  it('should never end if it is an archive: its idle flag alternates, and later no list shows it and no stop ends it', () => {
    const world = new World()
    const job = startArchive(world)
    // From the timer on, the flag is false in the first 6 s of each 20 s.
    const flags = [-10_000, 1_000, 10_000, 21_000, 30_000].map((sinceTimerMs) => {
      world.now = TIMER_MS + sinceTimerMs
      return world.snaps({ id: job })[0]?.is_idle
    })
    expect(flags).to.deep.equal([true, false, true, false, true])
    world.now = 2 * TIMER_MS + 20_000
    expect(world.running()).to.deep.equal([])
    world.stop({ ID: job })
    world.now = 2 * TIMER_MS + 30_000
    expect(world.snaps({ id: job })[0]).to.include({ aborted: false, 'end-time': ZERO })
  })
})
