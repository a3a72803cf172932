import { expect } from 'chai'
import { World } from '../world.ts'

// AIStore quotes the bucket of a request in its messages, sometimes as sent and sometimes with its provider.

const messageOf = (reply: { readonly body: string }): string =>
  (JSON.parse(reply.body) as { readonly message: string }).message

const sendStart = (world: World, value: object, name = '') =>
  world.send('PUT', '/v1/cluster', { action: 'start', name, value })

const withoutProvider = { name: 'b' }
const withProvider = { name: 'b', provider: 'ais' }

describe('emulator, a bucket in a request without a provider', () => {
  for (const name of ['', 'o0']) {
    it(`should not be found by a rebalance with the prefix "${name}"`, () => {
      const world = new World()
      const reply = sendStart(world, { Kind: 'rebalance', Bck: withoutProvider }, name)
      expect(reply.status).to.equal(404)
      expect(JSON.parse(reply.body)).to.include({
        tcode: 'ErrBckNotFound',
        message: 'bucket "b" does not exist',
        url_path: '/v1/cluster',
        caller: '',
        node: `p[${world.cluster.primary}]`,
      })
      expect(world.running()).to.deep.equal([])
      expect(sendStart(world, { Kind: 'rebalance', Bck: withProvider }, name)).to.include({ status: 200, body: 'g1' })
    })
  }

  it('should be quoted as sent by a rebalance that does not find it', () => {
    const reply = sendStart(new World(), { Kind: 'rebalance', Bck: { name: 'nope', provider: 'aws' } })
    expect(JSON.parse(reply.body)).to.include({ tcode: 'ErrBckNotFound', message: 'bucket "s3://nope" does not exist' })
  })

  it('should be found by every other kind', () => {
    for (const kind of ['lru', 'cleanup-store', 'load-lom-cache', 'rechunk']) {
      expect(sendStart(new World(), { Kind: kind, Bck: withoutProvider }).status).to.equal(200)
    }
  })

  for (const [bck, text] of [
    [withoutProvider, 'b'],
    [withProvider, 'ais://b'],
    [{ name: 'b', namespace: { uuid: '', name: 'ns' } }, '://#ns/b'],
  ] as const) {
    it(`should be quoted as ${text} in messages that quote the arguments`, () => {
      const world = new World()
      world.send('POST', '/v1/buckets/b?provider=ais&namespace=%23ns', { action: 'create-bck' })
      expect(messageOf(sendStart(world, { Kind: 'ec-encode', Bck: bck }))).to.match(/^initiating "xa-ec-encode\[\w+\]-/)
      expect(messageOf(sendStart(world, { Kind: 'ec-encode', Bck: bck }))).to.include(`]-${text}" must be done via`)
      expect(messageOf(sendStart(world, { Kind: 'put-copies', Bck: bck }))).to.include(`]-${text}" (is driven by`)
      expect(messageOf(sendStart(world, { Kind: 'blob-download', Bck: bck }))).to.include(`(have ${text})`)
    })
  }

  it('should be quoted with its provider in messages about the bucket that the server looked up', () => {
    const world = new World()
    expect(messageOf(sendStart(world, { Kind: 'prefetch-listrange', Bck: withoutProvider }))).to.include(
      '(have ais://b)',
    )
    expect(messageOf(sendStart(world, { Kind: 'rechunk', Bck: { name: 'nope' } }))).to.equal(
      'bucket "ais://nope" does not exist',
    )
    expect(messageOf(world.statusReply({ kind: 'lru', bck: { name: 'nope' } }))).to.equal(
      'bucket "ais://nope" does not exist',
    )
  })

  it('should be quoted as sent in messages that quote the query', () => {
    const world = new World()
    expect(messageOf(world.statusReply({ kind: 'lru', bck: withoutProvider }))).to.match(/, x-lru-b\] does not exist$/)
    expect(messageOf(world.snapshotsReply({ kind: 'lru', bck: { name: 'nope' } }))).to.equal('"x-lru-nope" not found')
    expect(messageOf(world.statusReply({ bck: withoutProvider }))).to.equal('invalid x--b')
  })

  for (const [value, text] of [
    [{ Bck: withoutProvider }, '[{<nil> b  }], buckets: ://b'],
    [{ Bck: withProvider }, '[{<nil> b ais }], buckets: ais://b'],
    [{ Buckets: [withoutProvider, withProvider] }, '[{<nil> b  } {<nil> b ais }], buckets: ://b,ais://b'],
  ] as const) {
    it(`should appear in the snapshots of an lru as ${text}`, () => {
      const world = new World()
      expect(world.snaps({ id: world.start('lru', value) })[0]?.ctlmsg).to.equal(text)
    })
  }

  it('should have its full name in the snapshots of other kinds', () => {
    const world = new World()
    const id = world.start('rechunk', { Bck: withoutProvider })
    const [snap] = world.snaps({ id })
    expect(snap).to.have.deep.property('bck', { name: 'b', provider: 'ais', namespace: { uuid: '', name: '' } })
  })
})

describe('emulator, error messages of the server', () => {
  it('should mention that the query selects only running jobs', () => {
    const reply = new World().statusReply({ kind: 'lru', show_active: true })
    expect(reply.status).to.equal(404)
    expect(messageOf(reply)).to.match(/: nl \[.*, x-lru-only-running\] does not exist$/)
  })

  it('should contain <nil> for the map if a resilver names an unknown node', () => {
    const world = new World()
    const reply = sendStart(world, { Kind: 'resilver', DaemonID: 'nope1234' })
    expect(reply.status).to.equal(400)
    expect(JSON.parse(reply.body)).to.include({
      tcode: 'errNodeNotFound',
      message: `p[${world.cluster.primary}]: cannot resilver node nope1234 not present in <nil>`,
      url_path: '/v1/cluster',
    })
  })
})
