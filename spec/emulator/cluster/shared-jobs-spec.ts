import { expect } from 'chai'
import { findBucket, seedBucket } from '../../../lib/emulator/cluster/create.ts'
import { bucketName } from '../../../lib/emulator/cluster/bucket.ts'
import { total, World } from '../world.ts'

const copyObjects = (w: World, to = 'c') =>
  w.ask('POST', '/v1/buckets/b?provider=ais', {
    action: 'copy-listrange',
    value: { template: 'o-{000..299}', tobck: { name: to, provider: 'ais' } },
  })

describe('emulated cluster, copies of objects', () => {
  it('should have an id of their own form, and share one job for each pair of buckets', () => {
    const w = new World()
    const first = copyObjects(w).body
    expect(first).to.match(/^tco-\w{9,10}$/)
    expect(copyObjects(w).body).to.equal(first)
    expect(copyObjects(w, 'd').body).to.not.equal(first)
    w.now = 5_000
    expect(total(w.snaps({ id: first }), 'loc-objs')).to.equal(600)
    expect(findBucket(w.cluster, bucketName('c'))?.objects).to.equal(600)
  })

  it('should say how many requests a job has served', () => {
    const w = new World()
    const id = copyObjects(w).body
    copyObjects(w)
    expect(w.snaps({ id })[0]?.ctlmsg).to.match(/^cp ais:\/\/b=>ais:\/\/c; t\[\w+\]: job:\[ xid:tco-\w+ txns:2\/2 /)
  })

  it('should be refused while targets disagree on the shared id, once', () => {
    const w = new World()
    w.cluster.idDisagreements.push('conflict')
    const reply = copyObjects(w)
    expect(reply.status).to.equal(409)
    expect(JSON.parse(reply.body)).to.include({ tcode: 'ErrBusy' })
    expect(reply.body).to.match(/xid mismatch: tco-\w+ vs tco-\w+ \(from t\[\w+\]\)/)
    expect(copyObjects(w).status).to.equal(200)
  })

  it('should be answered with a list of ids where each target has one', () => {
    const w = new World()
    w.cluster.idDisagreements.push('list')
    const ids = copyObjects(w).body
    expect(ids.split(',')).to.have.length(3)
    w.now = 10_000
    for (const id of ids.split(',')) expect(Object.keys(w.snapshots({ id }))).to.have.length(1)
    // Of a list the server answers with the first that a target has.
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
    w.ask('POST', '/v1/buckets/b?provider=ais', { action: 'ec-encode', value })

  it('should take a text, and refuse an object', () => {
    expect(encode(new World(), { data_slices: 1, parity_slices: 1 }).status).to.equal(400)
    expect(encode(new World(), 'nonsense').status).to.equal(400)
    expect(encode(new World()).status).to.equal(200)
  })

  it('should need more targets than it has slices', () => {
    expect(encode(new World({ targets: 2 })).status).to.equal(400)
  })

  it('should run three more kinds, on every target under another id', () => {
    const w = new World()
    encode(w)
    for (const kind of ['ec-put', 'ec-get', 'ec-resp']) {
      const snaps = w.snaps({ kind })
      expect(new Set(snaps.map(({ id }) => id))).to.have.property('size', 3)
      expect(Object.keys(w.snapshots({ id: snaps[0]?.id }))).to.have.length(1)
    }
  })

  it('should count what is put into it, and be idle after that', () => {
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

  it('should be coded by its properties too, once', () => {
    const w = new World()
    const set = (value: object) => w.ask('PATCH', '/v1/buckets/b?provider=ais', { action: 'set-bprops', value })
    expect(w.running()).to.deep.equal([])
    expect(set({ ec: { enabled: true, data_slices: 1, parity_slices: 1 } }).body).to.match(/^\w{9,10}$/)
    expect(set({ ec: { enabled: true, data_slices: 1, parity_slices: 1 } }).body).to.equal('')
    const props = w.ask('HEAD', '/v1/buckets/b?provider=ais').headers['ais-bucket-props'] ?? '{}'
    expect((JSON.parse(props) as { ec: object }).ec).to.include({ enabled: true, data_slices: 1 })
  })

  it('should be mirrored by its properties', () => {
    const w = new World()
    const value = { mirror: { enabled: true, copies: 2 } }
    const { body } = w.ask('PATCH', '/v1/buckets/b?provider=ais', { action: 'set-bprops', value })
    expect(w.snaps({ id: body })[0]?.kind).to.equal('make-n-copies')
    w.put(1, 'b')
    expect(w.running({ kind: 'put-copies' })).to.have.length(1)
  })
})

describe('emulated cluster, jobs of a whole bucket', () => {
  it('should kill every target that is to list a bucket which is not remote', () => {
    const w = new World()
    const reply = w.ask('POST', '/v1/buckets/b?provider=ais', { action: 'create-inventory', value: {} })
    expect(reply.status).to.equal(400)
    expect(w.cluster.targets.every(({ state }) => state === 'dead')).to.equal(true)
  })

  it('should list a remote one under a marked id', () => {
    const w = new World()
    seedBucket(w.cluster, 'r', { objects: 9, provider: 'aws' }, 0)
    const { body } = w.ask('POST', '/v1/buckets/r?provider=aws', { action: 'create-inventory', value: {} })
    expect(body).to.match(/^inv-/)
    w.now = 2_000
    expect(w.status({ id: body }).end_time).to.be.greaterThan(0)
  })

  it('should evict a remote bucket without an id, its name too unless that is kept', () => {
    const w = new World()
    const evict = (query: string) =>
      w.ask('DELETE', `/v1/buckets/r?provider=aws${query}`, { action: 'evict-remote-bck', value: null })
    const there = () => w.ask('HEAD', '/v1/buckets/r?provider=aws').status
    seedBucket(w.cluster, 'r', { objects: 9, provider: 'aws' }, 0)
    expect(evict('&keep_bck_md=true')).to.include({ status: 200, body: '' })
    expect(w.snaps({ kind: 'evict-remote-bck' })[0]?.id).to.match(/^kpmd-/)
    expect(there()).to.equal(200)
    evict('')
    expect(there()).to.equal(404)
  })

  it('should not evict a bucket that is not remote', () => {
    const reply = new World().ask('DELETE', '/v1/buckets/b?provider=ais', { action: 'evict-remote-bck', value: null })
    expect(reply.status).to.equal(400)
  })

  it('should rename a bucket once', () => {
    const w = new World()
    const move = () => w.ask('POST', '/v1/buckets/b?provider=ais&bck_to=ais%2F%40%23%2Fz%2F', { action: 'move-bck' })
    const id = move().body
    expect(move().status).to.equal(404)
    expect(w.snaps({ id })[0]?.ctlmsg).to.equal('mv ais://b=>ais://z')
    expect(findBucket(w.cluster, bucketName('z'))?.objects).to.equal(3_000)
  })
})
