import { expect } from 'chai'
import { total, World } from '../world.ts'

const objects = (w: World, name: string): number | undefined => w.cluster.buckets.get(`ais://${name}`)?.objects

describe('emulator, buckets', () => {
  it('should be made once', () => {
    const w = new World()
    const make = () => w.ask('POST', '/v1/buckets/new?provider=ais', { action: 'create-bck' })
    expect(make()).to.include({ status: 200, body: '' })
    const again = make()
    expect(again.status).to.equal(409)
    expect(JSON.parse(again.body)).to.include({
      tcode: 'ErrBckAlreadyExists',
      message: 'bucket "ais://new" already exists',
    })
  })

  it('should be listed', () => {
    const reply = new World().ask('GET', '/v1/buckets?provider=ais', { action: 'list' })
    expect(JSON.parse(reply.body)).to.deep.equal([{ name: 'b', provider: 'ais', namespace: { uuid: '', name: '' } }])
  })

  it('should be destroyed', () => {
    const w = new World()
    expect(w.ask('DELETE', '/v1/buckets/b?provider=ais', { action: 'destroy-bck' }).status).to.equal(200)
    expect(w.ask('HEAD', '/v1/buckets/b?provider=ais').status).to.equal(404)
  })

  it('should count an object that is put', () => {
    const w = new World()
    expect(w.ask('PUT', '/v1/objects/b/dir/o?provider=ais', 'hello').status).to.equal(200)
    expect(objects(w, 'b')).to.equal(3_001)
  })

  it('should be made by a copy where it is missing', () => {
    const w = new World()
    w.copy('b', 'c')
    expect(objects(w, 'c')).to.equal(3_000)
  })

  it('should lose what is deleted', () => {
    const w = new World()
    const reply = w.ask('DELETE', '/v1/buckets/b?provider=ais', {
      action: 'delete-listrange',
      value: { template: 'o-{0..999}' },
    })
    w.now = 30_000
    expect(total(w.snaps({ id: reply.body }), 'loc-objs')).to.equal(1_000)
    expect(objects(w, 'b')).to.equal(2_000)
  })

  it('should mirror what is put after copies were made', () => {
    const w = new World()
    const reply = w.ask('POST', '/v1/buckets/b?provider=ais', { action: 'make-n-copies', value: 2 })
    expect(w.snaps({ id: reply.body })[0]).to.include({ kind: 'make-n-copies' })
    w.put(10, 'b')
    expect(w.running({ kind: 'put-copies' })).to.have.length(1)
  })

  it('should be found by a status of the jobs that were asked of them', () => {
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
      expect(new World().ask(method, '/v1/buckets/b?provider=ais', { action }).status).to.equal(400)
    })
  }
})
