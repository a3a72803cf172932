import { expect } from 'chai'
import { LONG_AFTER_MS, World, ZERO } from '../world.ts'

// What a stop does, and when the cluster shows it.

/** A world in which a copy was stopped after half a second. */
const withStoppedCopy = (value: (id: string) => object = (id) => ({ ID: id })): { world: World; id: string } => {
  const world = new World()
  const id = world.copy()
  world.now = 500
  expect(world.stop(value(id))).to.include({ status: 200, body: '' })
  return { world, id }
}

describe('emulated cluster, a stopped job', () => {
  it('should be aborted in the snapshots at once, without an end time', () => {
    const { world, id } = withStoppedCopy()
    for (const snap of world.snaps({ id })) {
      expect(snap).to.include({ aborted: true, is_idle: true, 'abort-err': 'user abort', 'end-time': ZERO })
    }
  })

  it('should still be running in the status immediately after the stop', () => {
    const { world, id } = withStoppedCopy()
    expect(world.status({ id })).to.include({ aborted: false, end_time: 0, err: '' })
  })

  it('should end about a second later in the snapshots and in the status', () => {
    const { world, id } = withStoppedCopy()
    world.now += 700
    expect(world.status({ id }).aborted).to.equal(false)
    world.now += 800
    expect(world.status({ id })).to.include({ aborted: true, err: 'user abort' })
    for (const snap of world.snaps({ id })) expect(snap['end-time']).to.not.equal(ZERO)
  })

  it('should not increase its counters', () => {
    const { world, id } = withStoppedCopy()
    const before = world.snaps({ id }).map(({ stats }) => stats)
    world.now += 10_000
    expect(world.snaps({ id }).map(({ stats }) => stats)).to.deep.equal(before)
  })

  it('should leave the list of running jobs at once', () => {
    const { world } = withStoppedCopy()
    expect(world.running()).to.deep.equal([])
  })

  it('should be selected by its id whatever the kind in the request', () => {
    const { world, id } = withStoppedCopy((known) => ({ ID: known, Kind: 'lru' }))
    expect(world.snaps({ id })[0]?.aborted).to.equal(true)
  })

  it('should be selected by the display name of its kind', () => {
    const { world, id } = withStoppedCopy(() => ({ Kind: 'copy-bucket' }))
    expect(world.snaps({ id })[0]?.aborted).to.equal(true)
  })

  it('should be selected by kind and destination, but not by its source', () => {
    const { world, id } = withStoppedCopy(() => ({ Kind: 'copy-bck', Bck: { name: 'b' } }))
    expect(world.snaps({ id })[0]?.aborted).to.equal(false)
    world.stop({ Kind: 'copy-bck', Bck: { name: 'c' } })
    expect(world.snaps({ id })[0]?.aborted).to.equal(true)
  })

  it('should not change if it had already ended', () => {
    const world = new World()
    const id = world.start('lru')
    world.now = LONG_AFTER_MS
    world.stop({ ID: id })
    world.now = LONG_AFTER_MS + 10_000
    expect(world.status({ id })).to.include({ aborted: false, err: '' })
  })

  it('should have its error in the list of statuses only with `frc`', () => {
    const { world, id } = withStoppedCopy()
    world.now += 2_000
    expect(world.statuses({ id })?.[0]).to.include({ aborted: true, err: '' })
    expect(world.statuses({ id }, '&frc=true')?.[0]).to.include({ aborted: true, err: 'user abort' })
  })
})

describe('emulated cluster, a request to stop a job', () => {
  for (const [name, value] of [
    ['an unknown id', { ID: 'Abcdefghi' }],
    ['a kind that is not running', { Kind: 'rechunk' }],
  ] as const) {
    it(`should get an empty 200 reply for ${name}`, () => {
      expect(new World().stop(value)).to.include({ status: 200, body: '' })
    })
  }

  const wholeBucket = { name: 'b', provider: 'ais' }
  for (const [value, message] of [
    [{}, "cannot stop xaction given 'xa-[]' - expecting a valid kind and/or UUID"],
    [{ Kind: 'nosuch' }, "cannot stop xaction given 'xa-[]' - expecting a valid kind and/or UUID"],
    [{ Bck: { name: 'b' } }, "cannot stop xaction given 'xa-[]-b' - expecting a valid kind and/or UUID"],
    [{ Bck: wholeBucket }, "cannot stop xaction given 'xa-[]-ais://b' - expecting a valid kind and/or UUID"],
    [{ ID: 'bad' }, 'invalid xaction (job) UUID "bad": xa-[bad]'],
    [{ ID: 'bad', Kind: 'lru-eviction', Bck: { name: 'b' } }, 'invalid xaction (job) UUID "bad": xa-lru[bad]-b'],
  ] as const) {
    it(`should be refused by a target if its value is ${JSON.stringify(value)}`, () => {
      const world = new World()
      const reply = world.stop(value)
      expect(reply.status).to.equal(400)
      const body = JSON.parse(reply.body) as { readonly node: string }
      expect(body).to.include({ message, url_path: '/v1/xactions', caller: `p[${world.cluster.primary}]`, status: 400 })
      expect(world.targetIds.map((id) => `t[${id}]`)).to.include(body.node)
    })
  }

  it('should not be refused if there are no targets', () => {
    expect(new World({ targets: 0 }).stop({ ID: 'bad' })).to.include({ status: 200, body: '' })
  })
})
