import { expect } from 'chai'
import { LONG_AFTER_MS, total, World, ZERO } from '../world.ts'

// Jobs of the emulator that start, work and end by themselves. `World` is an emulated cluster whose time a spec
// sets.

describe('emulated cluster, a job from start to end', () => {
  const kinds = [
    ['lru', {}],
    ['cleanup-store', {}],
    ['rechunk', { Bck: { name: 'b' } }],
    ['rebalance', {}],
    ['prefetch-listrange', { Bck: { name: 'r', provider: 'aws' } }],
  ] as const

  const newWorld = (options?: ConstructorParameters<typeof World>[0]): World => {
    const made = new World(options)
    made.send('POST', '/v1/buckets/r?provider=aws', { action: 'create-bck' })
    for (const bucket of made.cluster.buckets.values()) bucket.objects = 3_000
    return made
  }

  for (const [kind, value] of kinds) {
    it(`should run ${kind} on every target at first`, () => {
      const world = newWorld()
      const id = world.start(kind, value)
      world.now = 100
      const snaps = world.snaps({ id })
      expect(snaps).to.have.length(3)
      for (const snap of snaps) expect(snap).to.include({ kind, aborted: false, is_idle: false, 'end-time': ZERO })
    })

    it(`should report ${kind} as running in the status and in the list of running jobs`, () => {
      const world = newWorld()
      const id = world.start(kind, value)
      world.now = 100
      expect(world.status({ id })).to.include({ kind, uuid: id, end_time: 0, aborted: false, err: '' })
      expect(world.running()).to.deep.equal([`${kind}[${id}]`])
    })

    it(`should end ${kind} in the snapshots and in the status`, () => {
      const world = newWorld()
      const id = world.start(kind, value)
      world.now = 60_000
      for (const snap of world.snaps({ id })) {
        expect(snap).to.include({ aborted: false, is_idle: true })
        expect(snap['end-time']).to.not.equal(ZERO)
      }
      expect(world.status({ id }).end_time).to.be.greaterThan(1.7e18)
      expect(world.running()).to.deep.equal([])
    })
  }

  it('should run a kind at the pace that is set for it', () => {
    const world = newWorld({ paces: new Map([['load-lom-cache', 100]]) })
    const id = world.start('load-lom-cache', { Bck: { name: 'b' } })
    const endsBy = (ms: number): readonly boolean[] => {
      world.now = ms
      return world.snaps({ id }).map((snap) => snap['end-time'] !== ZERO)
    }
    expect(endsBy(8_000)).to.deep.equal([false, false, false])
    expect(endsBy(13_000)).to.deep.equal([true, true, true])
  })

  it('should increase the counters until all objects are processed', () => {
    const world = new World()
    const id = world.copy()
    const counts = [0, 500, 1_000, 1_500, 20_000].map((at) => {
      world.now = at
      return total(world.snaps({ id }), 'loc-objs')
    })
    expect(counts).to.deep.equal([...counts].sort((a, b) => a - b))
    expect(counts[1]).to.be.greaterThan(counts[0] ?? 0)
    expect(counts.at(-1)).to.equal(3_000)
  })

  it('should count the bytes of the objects', () => {
    const world = new World()
    const id = world.copy()
    world.now = 20_000
    expect(total(world.snaps({ id }), 'loc-bytes')).to.equal(3_000 * 1_024)
  })

  it('should end on its targets at different times', () => {
    const world = new World()
    const id = world.start('lru')
    world.now = 60_000
    expect(new Set(world.snaps({ id }).map((snap) => snap['end-time']))).to.have.property('size', 3)
  })

  it('should end for the proxies only after it has ended on its last target', () => {
    const world = new World()
    const id = world.start('lru')
    for (world.now = 0; world.now < 10_000; world.now += 10) {
      if (world.status({ id }).end_time === 0) continue
      expect(world.snaps({ id }).every((snap) => snap['end-time'] !== ZERO)).to.equal(true)
      return
    }
    expect.fail('the status never ended')
  })

  it('should notify the proxies at slightly different times', () => {
    const world = new World()
    const id = world.start('lru')
    world.now = LONG_AFTER_MS
    const end = (proxy: number): string => /"end_time":(\d+)/.exec(world.statusReply({ id }, proxy).body)?.[1] ?? ''
    expect(end(0)).to.not.equal(end(1))
  })

  it('should end a warm-up within a second, although its status stays open for half a minute', () => {
    const world = new World()
    const id = world.start('load-lom-cache', { Bck: { name: 'b' } })
    world.now = 1_000
    expect(world.snaps({ id }).every((snap) => snap['end-time'] !== ZERO)).to.equal(true)
    expect(world.status({ id }).end_time).to.equal(0)
    world.now = 29_900
    expect(world.status({ id }).end_time).to.equal(0)
    world.now = 30_100
    expect(world.status({ id }).end_time).to.be.greaterThan(0)
  })

  it('should run a resilver only on the target of the request', () => {
    const world = new World()
    const target = world.targetIds[1] ?? ''
    const id = world.start('resilver', { DaemonID: target })
    world.now = 10
    expect(Object.keys(world.snapshots({ id }))).to.deep.equal([target])
    expect(world.status({ id }).end_time).to.equal(0)
  })

  it('should number rebalances in ascending order', () => {
    const world = new World()
    const first = world.start('rebalance')
    world.now = 60_000
    expect(first).to.equal('g1')
    expect(world.start('rebalance')).to.equal('g2')
  })

  it('should abort jobs that move data when a rebalance starts', () => {
    const world = new World()
    const id = world.copy()
    world.now = 500
    world.start('rebalance')
    world.now = 2_000
    expect(world.status({ id })).to.include({ aborted: true, err: 'reason: starting x-rebalance[g1]' })
  })

  it('should refuse a second rebalance while one runs', () => {
    const world = new World()
    world.start('rebalance')
    world.now = 100
    const reply = world.send('PUT', '/v1/cluster', { action: 'start', value: { Kind: 'rebalance' } })
    expect(reply.status).to.equal(409)
    expect(JSON.parse(reply.body)).to.include({
      tcode: 'ErrBusy',
      message: 'cluster membership "rebalance" is currently busy (rebalance[g1] is running), please try again',
    })
  })

  it('should refuse kinds that conflict with a running rebalance', () => {
    const world = new World()
    world.start('rebalance')
    world.now = 100
    const reply = world.send('PUT', '/v1/cluster', { action: 'start', value: { Kind: 'cleanup-store' } })
    expect(reply.status).to.equal(409)
    expect(JSON.parse(reply.body)).to.include({ tcode: 'ErrLimitedCoexistence' })
  })

  it('should run kinds that move no data during a rebalance', () => {
    const world = new World()
    world.start('rebalance')
    world.now = 100
    const id = world.start('lru')
    expect(world.running()).to.have.members(['rebalance[g1]', `lru[${id}]`])
  })

  it('should accept a blob download without an id, and run it on one target', () => {
    const world = new World()
    world.send('POST', '/v1/buckets/r?provider=aws', { action: 'create-bck' })
    const value = { Kind: 'blob-download', Bck: { name: 'r', provider: 'aws' } }
    const reply = world.send('PUT', '/v1/cluster', { action: 'start', name: 'big', value })
    expect(reply).to.include({ status: 200, body: '' })
    const by = world.snapshots({ kind: 'blob-download' })
    expect(
      Object.values(by)
        .map((snaps) => snaps.length)
        .sort(),
    ).to.deep.equal([0, 0, 1])
  })
})
