import { expect } from 'chai'
import { World, ZERO } from '../world.ts'

// How a bucket is created, changed, copied, renamed and destroyed.

const BUCKET_PATH = '/v1/buckets/b?provider=ais'

const createBucket = (world: World, name: string, value?: object) =>
  world.send('POST', `/v1/buckets/${name}?provider=ais`, { action: 'create-bck', ...(value ? { value } : {}) })

/** The properties of a bucket, from the header of the reply to a HEAD. */
const propsOf = (world: World, name: string): Readonly<Record<string, unknown>> =>
  JSON.parse(world.send('HEAD', `/v1/buckets/${name}?provider=ais`).headers['ais-bucket-props'] ?? '{}') as Record<
    string,
    unknown
  >

const errorOf = (body: string): object => JSON.parse(body) as object

describe('emulator, the life of a bucket', () => {
  it('is created with the properties of the request, and with defaults for the others', () => {
    const world = new World()
    createBucket(world, 'p', {
      mirror: { enabled: true, copies: 2 },
      checksum: { type: 'md5' },
      versioning: { enabled: false },
    })
    const props = propsOf(world, 'p')
    expect(props['mirror']).to.include({ enabled: true, copies: 2 })
    expect(props['checksum']).to.include({ type: 'md5', validate_cold_get: false })
    expect(props['versioning']).to.include({ enabled: false })
    expect(Object.keys(props)).to.deep.equal(Object.keys(propsOf(world, 'b')))
  })

  it('is not created with an invalid name; the error shows the decoded name', () => {
    const reply = createBucket(new World(), 'bad%20name')
    expect(reply.status).to.equal(400)
    expect(errorOf(reply.body)).to.include({ url_path: '/v1/buckets/bad name' })
    expect(reply.body).to.include('may only contain letters')
  })

  it('keeps its properties until they are set or reset', () => {
    const world = new World()
    world.send('PATCH', BUCKET_PATH, { action: 'set-bprops', value: { lru: { enabled: true } } })
    expect(propsOf(world, 'b')['lru']).to.include({ enabled: true, batch_size: 32_768 })
    expect(world.send('PATCH', BUCKET_PATH, { action: 'reset-bprops' })).to.include({ status: 200, body: '' })
    expect(propsOf(world, 'b')['lru']).to.include({ enabled: false })
  })

  it('refuses an unknown property, and quotes the request', () => {
    const reply = new World().send('PATCH', BUCKET_PATH, { action: 'set-bprops', value: { nosuch: 1 } })
    expect(reply.status).to.equal(400)
    expect(reply.body).to.include(
      'invalid set-bucket-props request (msg=actm[set-bprops]): cmn.BpropsToSet.ReadObject: found unknown field: nosuch',
    )
  })

  it('gets no more copies of its objects than there are mountpaths', () => {
    const world = new World()
    const mirror = (value: unknown) => world.send('POST', BUCKET_PATH, { action: 'make-n-copies', value })
    for (const [copies, text] of [
      [5, 'number of copies (5) exceeds the number of mountpaths (4)'],
      [17, 'invalid num copies 17, must be in [1, 16] range'],
      [0, 'invalid num copies 0, must be in [1, 16] range'],
    ] as const) {
      const reply = mirror(copies)
      expect(reply.status).to.equal(400)
      const { message, node, url_path: path } = errorOf(reply.body) as Readonly<Record<string, string>>
      expect(message).to.equal(`${node ?? ''}: ${text}`)
      expect(path).to.equal('/v1/txn/b/begin')
    }
    expect(mirror(1.5).body).to.include('failed to parse 1.5 as a number of copies')
    expect(mirror(4).status).to.equal(200)
  })

  it('keeps its slices once it is encoded, and looks for missing ones for two minutes', () => {
    const world = new World()
    const encode = (data: number, name?: string) =>
      world.send('POST', BUCKET_PATH, {
        action: 'ec-encode',
        ...(name === undefined ? {} : { name }),
        value: JSON.stringify({ enabled: true, data_slices: data, parity_slices: 1 }),
      })
    /** How long the job takes from now on, to half a second; at most five minutes. */
    const durationOf = (id: string): number => {
      const fromMs = world.now
      while (world.now < fromMs + 300_000 && world.snaps({ id })[0]?.['end-time'] === ZERO) world.now += 500
      return world.now - fromMs
    }
    expect(durationOf(encode(1).body)).to.be.below(10_000)
    const other = encode(2)
    expect(other.status).to.equal(400)
    expect(other.body).to.include('EC is already enabled on the bucket ais://b')
    const { body: id } = encode(1, 'recover')
    expect(world.snaps({ id })[0]).to.include({ ctlmsg: 'recover' })
    expect(durationOf(id)).to.be.within(100_000, 140_000)
  })

  it('aborts the jobs that work on it when it is destroyed', () => {
    const world = new World()
    const id = world.copy('b', 'c')
    world.now = 100
    world.send('DELETE', '/v1/buckets/c?provider=ais', { action: 'destroy-bck' })
    world.now = 200
    expect(world.status({ id })).to.include({ aborted: true })
    expect(world.snaps({ id })[0]?.['abort-err']).to.match(/^\[post-bmd\] receive BMD v\d+: remove bucket$/)
  })
})

describe('emulator, lists of buckets', () => {
  it('are sorted by name', () => {
    const world = new World()
    createBucket(world, 'a')
    const listed = JSON.parse(world.send('GET', '/v1/buckets/?provider=ais', { action: 'list' }).body) as {
      name: string
    }[]
    expect(listed.map(({ name }) => name)).to.deep.equal(['a', 'b'])
  })

  it('are refused if the request has a value, because a value requests objects', () => {
    const reply = new World().send('GET', '/v1/buckets', { action: 'list', value: {} })
    expect(reply.status).to.equal(400)
    expect(reply.body).to.include('is not a bucket')
  })
})

describe('emulator, two buckets', () => {
  const destination = (dst: string): string => `&bck_to=${encodeURIComponent(`ais/@#/${dst}/`)}`
  const sendTwoBuckets = (world: World, action: string, dst: string) =>
    world.send('POST', `${BUCKET_PATH}${destination(dst)}`, { action, value: {} })

  it('must differ in a copy', () => {
    const reply = sendTwoBuckets(new World(), 'copy-bck', 'b')
    expect(reply.status).to.equal(400)
    expect(reply.body).to.include('cannot copy-bck bucket \\"ais://b\\" onto itself')
  })

  it('must both be named', () => {
    const reply = new World().send('POST', BUCKET_PATH, { action: 'copy-bck', value: {} })
    expect(reply.status).to.equal(400)
    expect(reply.body).to.include('missing \\"bck_to\\" query parameter')
  })

  it('are copied by one job at a time', () => {
    const world = new World()
    const id = world.copy('b', 'c')
    const second = sendTwoBuckets(world, 'copy-bck', 'c')
    expect(second.status).to.equal(400)
    expect(errorOf(second.body)).to.include({ tcode: 'ErrXactUsePrev', url_path: '/v1/txn/b/begin' })
    expect(second.body).to.include(`copy-bck[${id}]`)
    world.now = 60_000
    expect(sendTwoBuckets(world, 'copy-bck', 'c').status).to.equal(200)
  })

  it('are copied even while another job copies chosen objects', () => {
    const world = new World()
    world.send('POST', BUCKET_PATH, {
      action: 'copy-listrange',
      value: { template: '', tobck: { name: 'c', provider: 'ais' } },
    })
    expect(sendTwoBuckets(world, 'copy-bck', 'c').status).to.equal(200)
  })

  it('are not renamed while a job uses one of them', () => {
    const world = new World()
    world.copy('b', 'c')
    const busy = sendTwoBuckets(world, 'move-bck', 'd')
    expect(busy.status).to.equal(409)
    expect(errorOf(busy.body)).to.include({ tcode: 'ErrLimitedCoexistence', url_path: '/v1/txn/b/begin' })
    world.now = 60_000
    expect(sendTwoBuckets(world, 'move-bck', 'd').status).to.equal(200)
    expect(propsOf(world, 'd')).to.have.property('provider', 'ais')
    expect(world.send('HEAD', BUCKET_PATH).status).to.equal(404)
  })

  it('are not merged by a rename', () => {
    const world = new World()
    createBucket(world, 'c')
    const reply = sendTwoBuckets(world, 'move-bck', 'c')
    expect(reply.status).to.equal(400)
    expect(errorOf(reply.body)).to.include({ tcode: 'ErrBucketAlreadyExists' })
  })
})
