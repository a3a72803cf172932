import { expect } from 'chai'
import { findBucket, seedBucket } from '../../../lib/emulator/cluster/create.ts'
import { bucketName } from '../../../lib/emulator/cluster/bucket.ts'
import { total, World } from '../world.ts'

const copyObjects = (world: World, to = 'c') =>
  world.send('POST', '/v1/buckets/b?provider=ais', {
    action: 'copy-listrange',
    value: { template: 'obj-{00000..00299}', tobck: { name: to, provider: 'ais' } },
  })

describe('emulated cluster, copies of objects', () => {
  it('should have an id with a prefix, and share one job per pair of buckets', () => {
    const world = new World()
    const first = copyObjects(world).body
    expect(first).to.match(/^tco-\w{9,10}$/)
    expect(copyObjects(world).body).to.equal(first)
    expect(copyObjects(world, 'd').body).to.not.equal(first)
    world.now = 5_000
    expect(total(world.snaps({ id: first }), 'loc-objs')).to.equal(600)
    expect(findBucket(world.cluster, bucketName('c'))?.objects).to.equal(300)
  })

  it('should report how many requests share a job', () => {
    const world = new World()
    const id = copyObjects(world).body
    copyObjects(world)
    expect(world.snaps({ id })[0]?.ctlmsg).to.match(/^cp ais:\/\/b=>ais:\/\/c; t\[\w+\]: job:\[ xid:tco-\w+ txns:2\/2 /)
  })

  it('should be refused once if targets disagree on the shared id', () => {
    const world = new World()
    world.cluster.idDisagreements.push('conflict')
    const reply = copyObjects(world)
    expect(reply.status).to.equal(409)
    expect(JSON.parse(reply.body)).to.include({ tcode: 'ErrBusy' })
    expect(reply.body).to.match(/xid mismatch: tco-\w+ vs tco-\w+ \(from t\[\w+\]\)/)
    expect(copyObjects(world).status).to.equal(200)
  })

  it('should return a list of ids if each target has its own', () => {
    const world = new World()
    world.cluster.idDisagreements.push('list')
    const ids = copyObjects(world).body
    expect(ids.split(',')).to.have.length(3)
    world.now = 10_000
    for (const id of ids.split(',')) expect(Object.keys(world.snapshots({ id }))).to.have.length(1)
    // To a query with a list, each target replies with the first id that it knows.
    expect(world.snaps({ id: ids })).to.have.length(3)
    world.stop({ ID: ids })
    world.now = 12_000
    expect(world.snaps({ id: ids }).every((snap) => snap.aborted)).to.equal(true)
  })

  it('should be refused while a rebalance runs', () => {
    const world = new World()
    world.start('rebalance')
    expect(copyObjects(world).status).to.equal(409)
  })
})

describe('emulated cluster, an erasure-coded bucket', () => {
  const encode = (world: World, value: unknown = '{"data_slices":1,"parity_slices":1,"enabled":true}') =>
    world.send('POST', '/v1/buckets/b?provider=ais', { action: 'ec-encode', value })

  it('should accept a JSON string as value, and refuse an object', () => {
    expect(encode(new World(), { data_slices: 1, parity_slices: 1 }).status).to.equal(400)
    expect(encode(new World(), 'nonsense').status).to.equal(400)
    expect(encode(new World()).status).to.equal(200)
  })

  it('should require more targets than slices', () => {
    expect(encode(new World({ targets: 2 })).status).to.equal(400)
  })

  it('should run three more kinds under a separate id on each target', () => {
    const world = new World()
    encode(world)
    for (const kind of ['ec-put', 'ec-get', 'ec-resp']) {
      const snaps = world.snaps({ kind })
      expect(new Set(snaps.map(({ id }) => id))).to.have.property('size', 3)
      expect(Object.keys(world.snapshots({ id: snaps[0]?.id }))).to.have.length(1)
    }
  })

  it('should encode and count new objects, and then idle', () => {
    const world = new World()
    encode(world)
    world.now = 10_000
    expect(total(world.snaps({ kind: 'ec-put' }), 'loc-objs')).to.equal(3_000)
    world.put(300, 'b')
    world.now = 11_000
    expect(total(world.snaps({ kind: 'ec-put' }), 'loc-objs')).to.equal(3_300)
    world.now = 20_000
    expect(world.snaps({ kind: 'ec-put' }).every((snap) => snap.is_idle)).to.equal(true)
  })

  it('should start encoding once when its properties turn encoding on', () => {
    const world = new World()
    const set = (value: object) => world.send('PATCH', '/v1/buckets/b?provider=ais', { action: 'set-bprops', value })
    expect(world.running()).to.deep.equal([])
    expect(set({ ec: { enabled: true, data_slices: 1, parity_slices: 1 } }).body).to.match(/^\w{9,10}$/)
    expect(set({ ec: { enabled: true, data_slices: 1, parity_slices: 1 } }).body).to.equal('')
    const props = world.send('HEAD', '/v1/buckets/b?provider=ais').headers['ais-bucket-props'] ?? '{}'
    expect((JSON.parse(props) as { ec: object }).ec).to.include({ enabled: true, data_slices: 1 })
  })

  it('should start mirroring when its properties turn mirroring on', () => {
    const world = new World()
    const value = { mirror: { enabled: true, copies: 2 } }
    const { body } = world.send('PATCH', '/v1/buckets/b?provider=ais', { action: 'set-bprops', value })
    expect(world.snaps({ id: body })[0]?.kind).to.equal('make-n-copies')
    world.put(1, 'b')
    expect(world.running({ kind: 'put-copies' })).to.have.length(1)
  })
})

describe('emulated cluster, jobs of a whole bucket', () => {
  it('should kill all targets if an inventory is of a bucket that is not remote', () => {
    const world = new World()
    const reply = world.send('POST', '/v1/buckets/b?provider=ais', { action: 'create-inventory', value: {} })
    expect(reply.status).to.equal(400)
    expect(world.cluster.targets.every(({ state }) => state === 'dead')).to.equal(true)
  })

  it('should create an inventory of a remote bucket under an id with a prefix', () => {
    const world = new World()
    seedBucket(world.cluster, 'r', { objects: 9, provider: 'aws' }, 0)
    const { body } = world.send('POST', '/v1/buckets/r?provider=aws', { action: 'create-inventory', value: {} })
    expect(body).to.match(/^inv-/)
    world.now = 2_000
    expect(world.status({ id: body }).end_time).to.be.greaterThan(0)
  })

  it('should evict a remote bucket without returning an id, and drop its metadata unless requested otherwise', () => {
    const world = new World()
    const evict = (query: string) =>
      world.send('DELETE', `/v1/buckets/r?provider=aws${query}`, { action: 'evict-remote-bck', value: null })
    const props = () => world.send('HEAD', '/v1/buckets/r?provider=aws').headers['ais-bucket-props']
    const lru = { action: 'set-bprops', value: { lru: { enabled: true } } }
    seedBucket(world.cluster, 'r', { objects: 9, provider: 'aws' }, 0)
    const before = props()
    world.send('PATCH', '/v1/buckets/r?provider=aws', lru)
    expect(evict('&keep_bck_md=true')).to.include({ status: 200, body: '' })
    expect(world.snaps({ kind: 'evict-remote-bck' })[0]?.id).to.match(/^kpmd-/)
    expect(props()).to.not.equal(before)
    evict('')
    expect(props()).to.equal(before)
  })

  it('should not evict a bucket that is not remote', () => {
    const reply = new World().send('DELETE', '/v1/buckets/b?provider=ais', { action: 'evict-remote-bck', value: null })
    expect(reply.status).to.equal(400)
  })

  it('should rename a bucket once', () => {
    const world = new World()
    const move = () =>
      world.send('POST', '/v1/buckets/b?provider=ais&bck_to=ais%2F%40%23%2Fz%2F', { action: 'move-bck' })
    const id = move().body
    expect(move().status).to.equal(404)
    expect(world.snaps({ id })[0]?.ctlmsg).to.equal('mv ais://b=>ais://z')
    expect(findBucket(world.cluster, bucketName('z'))?.objects).to.equal(3_000)
  })
})
