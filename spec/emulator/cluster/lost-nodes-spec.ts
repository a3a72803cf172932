import { expect } from 'chai'
import * as nodes from '../../../lib/emulator/cluster/nodes.ts'
import { AFTER_POLL_MS, BEFORE_POLL_MS, LONG_AFTER_MS, total, World, ZERO } from '../world.ts'

// What the emulator does when targets and proxies die, freeze or restart.

/** A world in which a copy runs on all targets; `victim` is the target that a spec will kill. */
const withCopy = (): { world: World; id: string; victim: string } => {
  const world = new World()
  const id = world.copy()
  world.now = 500
  return { world, id, victim: world.targetIds[2] ?? '' }
}

describe('emulated cluster, lost targets', () => {
  it('should fail every query to the targets until the map drops the dead one', () => {
    const { world, victim } = withCopy()
    nodes.killTarget(world.cluster, victim, world.now)
    world.now = 20_000
    for (const what of ['qryxstats', 'running_all']) {
      const reply = world.send('GET', `/v1/cluster?what=${what}`, {})
      expect(reply.status).to.equal(400)
      expect(JSON.parse(reply.body)).to.include({ tcode: 'ErrFailedTo' })
      expect(reply.body).to.match(new RegExp(`failed to call t\\[${victim}\\].*connect: connection refused`))
    }
  })

  it('should reply again after half a minute, without the dead target', () => {
    const { world, id, victim } = withCopy()
    nodes.killTarget(world.cluster, victim, world.now)
    world.now = 32_000
    expect(Object.keys(world.snapshots({ id }))).to.deep.equal(world.targetIds.slice(0, 2))
  })

  it('should soon abort a copy whose targets send objects to the dead target, and report the abort in the status', () => {
    const { world, id, victim } = withCopy()
    nodes.killTarget(world.cluster, victim, world.now)
    world.now = 1_500
    const { aborted, err } = world.status({ id })
    expect(aborted).to.equal(true)
    expect(err).to.match(/^tcb-\w+\[\w+=>\w+\] terminated \[write tcp4 .*broken pipe\]/)
  })

  it('should not abort a job that sends nothing before the map changes', () => {
    const world = new World()
    const id = world.start('lru')
    world.now = 500
    nodes.killTarget(world.cluster, world.targetIds[0] ?? '', world.now)
    world.now = 25_000
    expect(world.status({ id })).to.include({ aborted: false, end_time: 0 })
    world.now = 33_000
    expect(world.status({ id })).to.include({ aborted: true })
    expect(world.status({ id }).err).to.match(/via 'smap-changed': node \w+ not present in Smap v\d+$/)
  })

  it('should abort the job on the other targets when the map changes', () => {
    const world = new World({ objectsPerSecond: 10 })
    const id = world.start('lru')
    world.now = 500
    nodes.killTarget(world.cluster, world.targetIds[0] ?? '', world.now)
    world.now = 40_000
    expect(world.snaps({ id })).to.have.length(2)
    for (const snap of world.snaps({ id }))
      expect(snap).to.include({ aborted: true, 'abort-err': 'IC(notifications) abort' })
  })

  it('should refuse starts that need the dead target', () => {
    const { world, victim } = withCopy()
    nodes.killTarget(world.cluster, victim, world.now)
    const reply = world.send('PUT', '/v1/cluster', { action: 'start', value: { Kind: 'lru' } })
    expect(reply.status).to.equal(400)
    expect(reply.body).to.contain('ErrFailedTo')
  })

  it('should have no records after a restart', () => {
    const { world, id, victim } = withCopy()
    nodes.restartTarget(world.cluster, victim, world.now)
    world.now = 1_000
    expect(Object.keys(world.snapshots({ id }))).to.not.include(victim)
    expect(world.snapshots({ kind: 'copy-bck' })[victim]).to.deep.equal([])
  })

  it('should accept jobs after a restart, even if a prefetch without a bucket had locked them', () => {
    const world = new World()
    const start = (kind: string) => world.send('PUT', '/v1/cluster', { action: 'start', value: { Kind: kind } })
    expect(start('prefetch-listrange').status).to.equal(400)
    expect(start('lru')).to.include({ status: 400, delayMs: 5_000 })
    for (const id of world.targetIds) nodes.restartTarget(world.cluster, id, world.now)
    expect(start('lru').status).to.equal(200)
  })

  it('should end a job that a restarted target has forgotten, once the proxies poll the targets', () => {
    const world = new World({ objectsPerSecond: 10 })
    const id = world.start('rechunk', { Bck: { name: 'b' } })
    world.now = 500
    nodes.restartTarget(world.cluster, world.targetIds[0] ?? '', world.now)
    world.now = BEFORE_POLL_MS
    expect(world.status({ id }).end_time).to.equal(0)
    world.now = AFTER_POLL_MS
    expect(world.status({ id })).to.include({ aborted: true })
  })

  it('should reply with an empty object when no target is left, and still assign ids', () => {
    const world = new World()
    for (const id of world.targetIds) nodes.killTarget(world.cluster, id, world.now)
    world.now = 40_000
    expect(world.snapshotsReply({}).body).to.equal('{}\n')
    const id = world.start('lru')
    expect(world.statusReply({ id }).status).to.equal(404)
  })

  it('should refuse a rebalance of fewer than two targets', () => {
    const world = new World({ targets: 1 })
    const reply = world.send('PUT', '/v1/cluster', { action: 'start', value: { Kind: 'rebalance' } })
    expect(JSON.parse(reply.body)).to.include({ tcode: 'errNotEnoughTargets', status: 400 })
  })

  it('should throw a RangeError for an unknown id', () => {
    expect(() => nodes.killTarget(new World().cluster, 'nosuch', 0)).to.throw(RangeError, 'no such node: nosuch')
  })
})

describe('emulated cluster, a frozen target', () => {
  it('should delay a status for twenty seconds, and snapshots for five minutes', () => {
    const { world, id, victim } = withCopy()
    nodes.freezeTarget(world.cluster, victim, world.now)
    expect(world.statusReply({ id }).delayMs).to.equal(20_000)
    expect(world.snapshotsReply({ id })).to.include({ status: 400, delayMs: 300_000 })
  })

  it('should fail starts after five seconds', () => {
    const { world, victim } = withCopy()
    nodes.freezeTarget(world.cluster, victim, world.now)
    expect(world.send('PUT', '/v1/cluster', { action: 'start', value: { Kind: 'lru' } })).to.include({
      status: 400,
      delayMs: 5_000,
    })
  })

  it('should continue where it stopped, with its records', () => {
    const { world, id, victim } = withCopy()
    const before = world.snapshots({ id })[victim]?.[0]?.stats['loc-objs']
    nodes.freezeTarget(world.cluster, victim, world.now)
    world.now += 60_000
    nodes.thawTarget(world.cluster, victim, world.now)
    const [snap] = world.snapshots({ id })[victim] ?? []
    expect(snap).to.include({ 'end-time': ZERO, aborted: false })
    expect(snap?.stats['loc-objs']).to.equal(before)
    world.now += 20_000
    expect(total(world.snaps({ id }), 'loc-objs')).to.equal(3_000)
    expect(world.status({ id }).end_time).to.be.greaterThan(0)
  })
})

describe('emulated cluster, lost notifications and proxies', () => {
  it('should keep a status open until the proxies poll when notifications are lost', () => {
    const world = new World()
    nodes.loseNotifications(world.cluster, 1)
    const lost = world.start('lru')
    world.now = 10_000
    const notified = world.start('lru')
    world.now = 25_000
    expect(world.status({ id: lost }).end_time).to.equal(0)
    expect(world.status({ id: notified }).end_time).to.be.greaterThan(0)
    world.now = 30_100
    expect(world.status({ id: lost }).end_time).to.be.greaterThan(0)
  })

  it('should reply 502 to starts through another proxy while the primary is dead', () => {
    const world = new World()
    nodes.killProxy(world.cluster, world.cluster.primary, 0)
    const reply = world.send('PUT', '/v1/cluster', { action: 'start', value: { Kind: 'lru' } }, 1)
    expect(reply).to.include({ status: 502, body: '' })
  })

  it('should elect another primary, which knows the statuses', () => {
    const world = new World()
    const id = world.start('lru')
    nodes.killProxy(world.cluster, world.cluster.primary, 0)
    world.now = 11_000
    expect(
      world.send('PUT', '/v1/cluster', { action: 'start', value: { Kind: 'rechunk', Bck: { name: 'b' } } }, 1).status,
    ).to.equal(200)
    expect(world.status({ id }, 1).end_time).to.be.greaterThan(0)
  })

  it('should reply 503 without a body while the only proxy restarts, and lose all statuses', () => {
    const world = new World({ proxies: 1 })
    const id = world.start('lru')
    nodes.killProxy(world.cluster, world.cluster.primary, 0)
    nodes.restartProxy(world.cluster, world.cluster.primary, 2_000)
    world.now = 3_000
    for (const what of ['status', 'status_all', 'qryxstats']) {
      expect(world.send('GET', `/v1/cluster?what=${what}`, { id })).to.include({ status: 503, body: '' })
    }
    expect(world.running()).to.deep.equal([])
    const start = world.send('PUT', '/v1/cluster', { action: 'start', value: { Kind: 'lru' } })
    expect(JSON.parse(start.body)).to.include({ status: 503 })
    world.now = LONG_AFTER_MS
    expect(world.statusReply({ id }).status).to.equal(404)
    expect(world.snaps({ id })).to.have.length(3)
  })

  it('should not restore a status that the other IC members have lost themselves (seed 3005541)', () => {
    const world = new World({ proxies: 2 })
    const id = world.start('lru')
    const [first, second] = world.cluster.proxies.map((proxy) => proxy.id) as [string, string]
    nodes.killProxy(world.cluster, first, 0)
    nodes.killProxy(world.cluster, second, 0)
    nodes.restartProxy(world.cluster, second, 1_000)
    nodes.restartProxy(world.cluster, first, 2_000)
    world.now = 40_000
    expect(world.statusReply({ id }, 0).status).to.equal(404)
    expect(world.statusReply({ id }, 1).status).to.equal(404)
  })
})
