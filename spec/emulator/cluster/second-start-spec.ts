import { expect } from 'chai'
import { seedBucket } from '../../../lib/emulator/cluster/create.ts'
import { killTarget, restartTarget } from '../../../lib/emulator/cluster/nodes.ts'
import { AFTER_POLL_MS, BEFORE_POLL_MS, LONG_AFTER_MS, World } from '../world.ts'

// What happens if a job of a kind is started while another one runs.

interface Body {
  readonly message: string
  readonly node: string
}

/** Advances the clock until the fastest target has ended its run. Returns how many targets have then ended theirs. */
const untilOneIsDone = (world: World, id: string): number => {
  for (; world.now < 60_000; world.now += 1) {
    const done = world.snaps({ id }).filter((snap) => snap.is_idle).length
    if (done > 0) return done
  }
  throw new Error('no target ended its run')
}

/** Requests a rechunk of a bucket. */
const startRechunk = (world: World, bucket = 'b') =>
  world.send('PUT', '/v1/cluster', { action: 'start', value: { Kind: 'rechunk', Bck: { name: bucket } } })

describe('emulated cluster, a second start while a job of the kind runs', () => {
  for (const [kind, value] of [
    ['lru', {}],
    ['cleanup-store', {}],
    ['load-lom-cache', { Bck: { name: 'b' } }],
  ] as const) {
    it(`should assign ${kind} an id that no target runs`, () => {
      const world = new World()
      world.start(kind, value)
      world.now = 2
      const id = world.start(kind, value)
      expect(world.snapshotsReply({ id }).status).to.equal(404)
      world.now = BEFORE_POLL_MS
      expect(world.snapshotsReply({ id }).status).to.equal(404)
      expect(world.status({ id })).to.include({ end_time: 0, aborted: false, err: '' })
      world.now = AFTER_POLL_MS
      expect(world.status({ id })).to.include({ aborted: true })
    })

    it(`should report a target that does not run ${kind}, and one more target with each poll`, () => {
      const world = new World()
      world.start(kind, value)
      const id = world.start(kind, value)
      const [target = ''] = world.targetIds
      const missing = `t[${target}]: nl-${kind}[${id}] at t[${target}] does not exist`
      world.now = AFTER_POLL_MS
      const errors = [1, 2, 3, 4].map(() => world.status({ id }).err)
      expect(errors).to.deep.equal([
        missing,
        `${missing} (and 1 more error)`,
        `${missing} (and 2 more errors)`,
        `${missing} (and 2 more errors)`,
      ])
      expect(world.status({ id }, 1).err).to.equal(missing)
    })
  }

  it('should poll the targets for a list of statuses only with `frc`', () => {
    const world = new World()
    world.start('cleanup-store')
    const id = world.start('cleanup-store')
    world.now = AFTER_POLL_MS
    expect(world.statuses({ id })?.[0]?.err).to.equal('')
    expect(world.statuses({ id }, '&frc=true')?.[0]?.err).to.match(/does not exist$/)
    expect(world.statuses({ id }, '&frc=true')?.[0]?.err).to.match(/\(and 1 more error\)$/)
    expect(world.status({ kind: 'cleanup-store', id }).err).to.match(/\(and 2 more errors\)$/)
  })

  it('should run on the targets whose first run has ended, and report their number', () => {
    const world = new World()
    const first = world.start('cleanup-store')
    const done = untilOneIsDone(world, first)
    const id = world.start('cleanup-store')
    expect(Object.keys(world.snapshots({ id }))).to.have.length(done)
    world.now += BEFORE_POLL_MS
    expect(world.status({ id })).to.include({ end_time: 0, aborted: false })
    world.now += 2_000
    expect(world.status({ id })).to.include({ aborted: true })
    expect(world.status({ id }).err).to.include(`nl-cleanup-store[${id}](cnt=${done}/3) at t[`)
  })

  it('should run on all targets after the end of the first job', () => {
    const world = new World()
    const first = world.start('cleanup-store')
    world.now = LONG_AFTER_MS
    const id = world.start('cleanup-store')
    expect(id).to.not.equal(first)
    world.now = 2 * LONG_AFTER_MS
    expect(world.status({ id })).to.include({ aborted: false, err: '' })
    expect(world.snaps({ id })).to.have.length(3)
  })

  it('should run a warm-up of another bucket at the same time', () => {
    const world = new World()
    seedBucket(world.cluster, 'c', { objects: 3_000 }, 0)
    world.start('load-lom-cache', { Bck: { name: 'b' } })
    const id = world.start('load-lom-cache', { Bck: { name: 'c' } })
    world.now = AFTER_POLL_MS
    expect(world.status({ id })).to.include({ aborted: false, err: '' })
  })

  it('should name the bucket of a job that a restarted target has lost', () => {
    const world = new World()
    const id = world.send('POST', '/v1/buckets/b?provider=ais', { action: 'rechunk', value: {} }).body
    const [target = ''] = world.targetIds
    world.now = 100
    killTarget(world.cluster, target, world.now)
    restartTarget(world.cluster, target, world.now)
    world.now = AFTER_POLL_MS
    const missing = `t[${target}]: nl-rechunk[${id}]-ais://b(cnt=2/3) at t[${target}] does not exist`
    expect(world.status({ id })).to.include({ aborted: true, err: missing })
    expect(world.status({ id }).err).to.equal(missing)
  })
})

describe('emulated cluster, a second rechunk of a bucket', () => {
  it('should be refused by a target, whose message names the first job', () => {
    const world = new World({ originNs: 1_795_461_485_000_000_000n })
    const id = world.start('rechunk', { Bck: { name: 'b' } })
    world.now = 300
    const reply = startRechunk(world)
    expect(reply.status).to.equal(400)
    const body = JSON.parse(reply.body) as Body
    expect(body).to.include({
      tcode: 'ErrXactUsePrev',
      url_path: '/v1/xactions',
      caller: `p[${world.cluster.primary}]`,
    })
    const [, name = '', time = ''] = /^(.*)-([\d:.]+) is already running - not starting$/.exec(body.message) ?? []
    expect(name).to.equal(`x-rechunk[${id}]-ais://b`)
    expect(time).to.match(/^19:18:05\.00\d{4}$/)
    const target = world.targetIds.find((known) => body.node === `t[${known}]`) ?? ''
    expect(world.snapshots({ id })[target]?.[0]?.['start-time']).to.include(`T${time}`)
  })

  it('should not affect the first job', () => {
    const world = new World()
    const id = world.start('rechunk', { Bck: { name: 'b' } })
    startRechunk(world)
    expect(world.running()).to.deep.equal([`rechunk[${id}]`])
    world.now = LONG_AFTER_MS
    expect(world.status({ id })).to.include({ aborted: false, err: '' })
    expect(startRechunk(world).status).to.equal(200)
  })

  it('should run under an unreported id on the targets whose first run has ended', () => {
    const world = new World()
    const first = world.start('rechunk', { Bck: { name: 'b' } })
    const done = untilOneIsDone(world, first)
    expect(startRechunk(world).status).to.equal(400)
    const others = world.snaps({ kind: 'rechunk' }).filter(({ id }) => id !== first)
    expect(others).to.have.length(done)
    expect(world.statusReply({ id: others[0]?.id }).status).to.equal(404)
  })

  it('should also be refused as a request to the bucket', () => {
    const world = new World()
    world.start('rechunk', { Bck: { name: 'b' } })
    const reply = world.send('POST', '/v1/buckets/b?provider=ais', { action: 'rechunk', value: {} })
    expect(reply.status).to.equal(400)
    expect(JSON.parse(reply.body)).to.include({ tcode: 'ErrXactUsePrev', url_path: '/v1/buckets/b' })
  })

  it('should be accepted for another bucket', () => {
    const world = new World()
    seedBucket(world.cluster, 'c', { objects: 300 }, 0)
    world.start('rechunk', { Bck: { name: 'b' } })
    expect(startRechunk(world, 'c').status).to.equal(200)
  })
})
