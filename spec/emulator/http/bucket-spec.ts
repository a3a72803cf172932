import { expect } from 'chai'
import { total, World } from '../world.ts'

const objects = (w: World, name: string): number | undefined => w.cluster.buckets.get(`ais://${name}`)?.objects

describe('emulator, buckets', () => {
  it('should be created only once', () => {
    const w = new World()
    const make = () => w.send('POST', '/v1/buckets/new?provider=ais', { action: 'create-bck' })
    expect(make()).to.include({ status: 200, body: '' })
    const again = make()
    expect(again.status).to.equal(409)
    expect(JSON.parse(again.body)).to.include({
      tcode: 'ErrBucketAlreadyExists',
      message: 'bucket "ais://new" already exists',
    })
  })

  it('should be listed', () => {
    const reply = new World().send('GET', '/v1/buckets?provider=ais', { action: 'list' })
    expect(JSON.parse(reply.body)).to.deep.equal([{ name: 'b', provider: 'ais', namespace: { uuid: '', name: '' } }])
  })

  it('should be destroyed', () => {
    const w = new World()
    expect(w.send('DELETE', '/v1/buckets/b?provider=ais', { action: 'destroy-bck' }).status).to.equal(200)
    expect(w.send('HEAD', '/v1/buckets/b?provider=ais').status).to.equal(404)
  })

  it('should count a new object', () => {
    const w = new World()
    expect(w.follow('PUT', '/v1/objects/b/dir/o?provider=ais', 'hello').status).to.equal(200)
    expect(objects(w, 'b')).to.equal(3_001)
  })

  it('should be created by a copy if it does not exist', () => {
    const w = new World()
    w.copy('b', 'c')
    expect(objects(w, 'c')).to.equal(3_000)
  })

  it('should not count deleted objects', () => {
    const w = new World()
    const reply = w.send('DELETE', '/v1/buckets/b?provider=ais', {
      action: 'delete-listrange',
      value: { template: 'obj-{00000..00999}' },
    })
    w.now = 30_000
    expect(total(w.snaps({ id: reply.body }), 'loc-objs')).to.equal(1_000)
    expect(objects(w, 'b')).to.equal(2_000)
  })

  it('should mirror new objects after make-n-copies', () => {
    const w = new World()
    const reply = w.send('POST', '/v1/buckets/b?provider=ais', { action: 'make-n-copies', value: 2 })
    expect(w.snaps({ id: reply.body })[0]).to.include({ kind: 'make-n-copies' })
    w.put(10, 'b')
    expect(w.running({ kind: 'put-copies' })).to.have.length(1)
  })

  it('should be a filter of `status` for jobs of bucket requests, but not for those of a generic start', () => {
    const w = new World()
    const id = w.copy('b', 'c')
    expect(w.status({ kind: 'copy-bck', bck: { name: 'c' } })).to.include({ uuid: id })
    w.start('cleanup-store', { Bck: { name: 'b' } })
    expect(w.statusReply({ kind: 'cleanup-store', bck: { name: 'b' } }).status).to.equal(404)
  })

  for (const [method, action] of [
    ['POST', 'nosuch'],
    ['GET', 'copy-bck'],
  ] as const) {
    it(`should refuse ${method} ${action}`, () => {
      expect(new World().send(method, '/v1/buckets/b?provider=ais', { action }).status).to.equal(400)
    })
  }
})
