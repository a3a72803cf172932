import { expect } from 'chai'
import { LONG_AFTER_MS, total, World } from '../world.ts'

// Buckets of the emulator, and the jobs that requests to a bucket start.

/** The number of objects in a bucket of the cluster. */
const objectCount = (world: World, name: string): number | undefined =>
  world.cluster.buckets.get(`ais://${name}`)?.objects

describe('emulator, buckets', () => {
  it('should be created only once', () => {
    const world = new World()
    const make = () => world.send('POST', '/v1/buckets/new?provider=ais', { action: 'create-bck' })
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
    const world = new World()
    expect(world.send('DELETE', '/v1/buckets/b?provider=ais', { action: 'destroy-bck' }).status).to.equal(200)
    expect(world.send('HEAD', '/v1/buckets/b?provider=ais').status).to.equal(404)
  })

  it('should count a new object', () => {
    const world = new World()
    expect(world.follow('PUT', '/v1/objects/b/dir/o?provider=ais', 'hello').status).to.equal(200)
    expect(objectCount(world, 'b')).to.equal(3_001)
  })

  it('should be created by a copy if it does not exist', () => {
    const world = new World()
    world.copy('b', 'c')
    expect(objectCount(world, 'c')).to.equal(3_000)
  })

  it('should not count deleted objects', () => {
    const world = new World()
    const reply = world.send('DELETE', '/v1/buckets/b?provider=ais', {
      action: 'delete-listrange',
      value: { template: 'obj-{00000..00999}' },
    })
    world.now = LONG_AFTER_MS
    expect(total(world.snaps({ id: reply.body }), 'loc-objs')).to.equal(1_000)
    expect(objectCount(world, 'b')).to.equal(2_000)
  })

  it('should mirror new objects after make-n-copies', () => {
    const world = new World()
    const reply = world.send('POST', '/v1/buckets/b?provider=ais', { action: 'make-n-copies', value: 2 })
    expect(world.snaps({ id: reply.body })[0]).to.include({ kind: 'make-n-copies' })
    world.put(10, 'b')
    expect(world.running({ kind: 'put-copies' })).to.have.length(1)
  })

  it('should select the status of a job that a request to the bucket has started, but not of one from a generic start', () => {
    const world = new World()
    const id = world.copy('b', 'c')
    expect(world.status({ kind: 'copy-bck', bck: { name: 'c' } })).to.include({ uuid: id })
    world.start('cleanup-store', { Bck: { name: 'b' } })
    expect(world.statusReply({ kind: 'cleanup-store', bck: { name: 'b' } }).status).to.equal(404)
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
