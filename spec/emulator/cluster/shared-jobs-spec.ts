import { expect } from 'chai'
import { findBucket, seedBucket } from '../../../lib/emulator/cluster/create.ts'
import { bucketName } from '../../../lib/emulator/cluster/bucket.ts'
import { total, World } from '../world.ts'

const copyObjects = (w: World, to = 'c') =>
  w.send('POST', '/v1/buckets/b?provider=ais', {
    action: 'copy-listrange',
    value: { template: 'obj-{00000..00299}', tobck: { name: to, provider: 'ais' } },
  })

describe('emulated cluster, copies of objects', () => {
  it('should have an id with a prefix, and share one job per pair of buckets', () => {
    const w = new World()
    const first = copyObjects(w).body
    expect(first).to.match(/^tco-\w{9,10}$/)
    expect(copyObjects(w).body).to.equal(first)
    expect(copyObjects(w, 'd').body).to.not.equal(first)
    w.now = 5_000
    expect(total(w.snaps({ id: first }), 'loc-objs')).to.equal(600)
    expect(findBucket(w.cluster, bucketName('c'))?.objects).to.equal(300)
  })

  it('should report how many requests share a job', () => {
    const w = new World()
    const id = copyObjects(w).body
    copyObjects(w)
    expect(w.snaps({ id })[0]?.ctlmsg).to.match(/^cp ais:\/\/b=>ais:\/\/c; t\[\w+\]: job:\[ xid:tco-\w+ txns:2\/2 /)
  })

  it('should be refused once if targets disagree on the shared id', () => {
    const w = new World()
    w.cluster.idDisagreements.push('conflict')
    const reply = copyObjects(w)
    expect(reply.status).to.equal(409)
    expect(JSON.parse(reply.body)).to.include({ tcode: 'ErrBusy' })
    expect(reply.body).to.match(/xid mismatch: tco-\w+ vs tco-\w+ \(from t\[\w+\]\)/)
    expect(copyObjects(w).status).to.equal(200)
  })

  it('should return a list of ids if each target has its own', () => {
    const w = new World()
    w.cluster.idDisagreements.push('list')
    const ids = copyObjects(w).body
    expect(ids.split(',')).to.have.length(3)
    w.now = 10_000
    for (const id of ids.split(',')) expect(Object.keys(w.snapshots({ id }))).to.have.length(1)
    // To a query with a list, each target replies with the first id that it knows.
    expect(w.snaps({ id: ids })).to.have.length(3)
    w.stop({ ID: ids })
    w.now = 12_000
    expect(w.snaps({ id: ids }).every((snap) => snap.aborted)).to.equal(true)
  })

  it('should be refused while a rebalance runs', () => {
    const w = new World()
    w.start('rebalance')
    expect(copyObjects(w).status).to.equal(409)
  })
})

describe('emulated cluster, an erasure-coded bucket', () => {
  const encode = (w: World, value: unknown = '{"data_slices":1,"parity_slices":1,"enabled":true}') =>
    w.send('POST', '/v1/buckets/b?provider=ais', { action: 'ec-encode', value })

  it('should accept a JSON string as value, and refuse an object', () => {
    expect(encode(new World(), { data_slices: 1, parity_slices: 1 }).status).to.equal(400)
    expect(encode(new World(), 'nonsense').status).to.equal(400)
    expect(encode(new World()).status).to.equal(200)
  })

  it('should require more targets than slices', () => {
    expect(encode(new World({ targets: 2 })).status).to.equal(400)
  })

  it('should run three more kinds under a separate id on each target', () => {
    const w = new World()
    encode(w)
    for (const kind of ['ec-put', 'ec-get', 'ec-resp']) {
      const snaps = w.snaps({ kind })
      expect(new Set(snaps.map(({ id }) => id))).to.have.property('size', 3)
      expect(Object.keys(w.snapshots({ id: snaps[0]?.id }))).to.have.length(1)
    }
  })

  it('should encode and count new objects, and then idle', () => {
    const w = new World()
    encode(w)
    w.now = 10_000
    expect(total(w.snaps({ kind: 'ec-put' }), 'loc-objs')).to.equal(3_000)
    w.put(300, 'b')
    w.now = 11_000
    expect(total(w.snaps({ kind: 'ec-put' }), 'loc-objs')).to.equal(3_300)
    w.now = 20_000
    expect(w.snaps({ kind: 'ec-put' }).every((snap) => snap.is_idle)).to.equal(true)
  })

  it('should start encoding once when its properties turn encoding on', () => {
    const w = new World()
    const set = (value: object) => w.send('PATCH', '/v1/buckets/b?provider=ais', { action: 'set-bprops', value })
    expect(w.running()).to.deep.equal([])
    expect(set({ ec: { enabled: true, data_slices: 1, parity_slices: 1 } }).body).to.match(/^\w{9,10}$/)
    expect(set({ ec: { enabled: true, data_slices: 1, parity_slices: 1 } }).body).to.equal('')
    const props = w.send('HEAD', '/v1/buckets/b?provider=ais').headers['ais-bucket-props'] ?? '{}'
    expect((JSON.parse(props) as { ec: object }).ec).to.include({ enabled: true, data_slices: 1 })
  })

  it('should start mirroring when its properties turn mirroring on', () => {
    const w = new World()
    const value = { mirror: { enabled: true, copies: 2 } }
    const { body } = w.send('PATCH', '/v1/buckets/b?provider=ais', { action: 'set-bprops', value })
    expect(w.snaps({ id: body })[0]?.kind).to.equal('make-n-copies')
    w.put(1, 'b')
    expect(w.running({ kind: 'put-copies' })).to.have.length(1)
  })
})

describe('emulated cluster, jobs of a whole bucket', () => {
  it('should kill all targets if an inventory is of a bucket that is not remote', () => {
    const w = new World()
    const reply = w.send('POST', '/v1/buckets/b?provider=ais', { action: 'create-inventory', value: {} })
    expect(reply.status).to.equal(400)
    expect(w.cluster.targets.every(({ state }) => state === 'dead')).to.equal(true)
  })

  it('should create an inventory of a remote bucket under an id with a prefix', () => {
    const w = new World()
    seedBucket(w.cluster, 'r', { objects: 9, provider: 'aws' }, 0)
    const { body } = w.send('POST', '/v1/buckets/r?provider=aws', { action: 'create-inventory', value: {} })
    expect(body).to.match(/^inv-/)
    w.now = 2_000
    expect(w.status({ id: body }).end_time).to.be.greaterThan(0)
  })

  it('should evict a remote bucket without returning an id, and drop its metadata unless requested otherwise', () => {
    const w = new World()
    const evict = (query: string) =>
      w.send('DELETE', `/v1/buckets/r?provider=aws${query}`, { action: 'evict-remote-bck', value: null })
    const props = () => w.send('HEAD', '/v1/buckets/r?provider=aws').headers['ais-bucket-props']
    const lru = { action: 'set-bprops', value: { lru: { enabled: true } } }
    seedBucket(w.cluster, 'r', { objects: 9, provider: 'aws' }, 0)
    const before = props()
    w.send('PATCH', '/v1/buckets/r?provider=aws', lru)
    expect(evict('&keep_bck_md=true')).to.include({ status: 200, body: '' })
    expect(w.snaps({ kind: 'evict-remote-bck' })[0]?.id).to.match(/^kpmd-/)
    expect(props()).to.not.equal(before)
    evict('')
    expect(props()).to.equal(before)
  })

  it('should not evict a bucket that is not remote', () => {
    const reply = new World().send('DELETE', '/v1/buckets/b?provider=ais', { action: 'evict-remote-bck', value: null })
    expect(reply.status).to.equal(400)
  })

  it('should rename a bucket once', () => {
    const w = new World()
    const move = () => w.send('POST', '/v1/buckets/b?provider=ais&bck_to=ais%2F%40%23%2Fz%2F', { action: 'move-bck' })
    const id = move().body
    expect(move().status).to.equal(404)
    expect(w.snaps({ id })[0]?.ctlmsg).to.equal('mv ais://b=>ais://z')
    expect(findBucket(w.cluster, bucketName('z'))?.objects).to.equal(3_000)
  })
})
