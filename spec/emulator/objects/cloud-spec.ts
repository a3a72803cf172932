import { expect } from 'chai'
import { seedBucket } from '../../../lib/emulator/cluster/create.ts'
import { total, World } from '../world.ts'

// A bucket of a cloud holds all of its objects there, and some of them also in the cluster.

const BUCKET_PATH = '/v1/buckets/r?provider=gcp'
const objectPath = (name: string): string => `/v1/objects/r/${name}?provider=gcp`

/** A cluster with a bucket of a cloud. The cluster holds the named objects of the bucket. */
const worldWith = (...names: readonly string[]): World => {
  const world = new World()
  seedBucket(world.cluster, 'r', { provider: 'gcp' }, 0)
  for (const name of names) world.follow('PUT', objectPath(name), `content of ${name}`)
  return world
}

/** Starts a job of the bucket, and lets it work for ten seconds. */
const runJob = (world: World, method: string, action: string, value: object): string => {
  const reply = world.send(method, BUCKET_PATH, { action, value })
  if (reply.status !== 200) throw new Error(reply.body)
  world.now += 10_000
  return reply.body
}

const evict = (world: World, value: object): string => runJob(world, 'DELETE', 'evict-listrange', value)
const prefetch = (world: World, value: object): string => runJob(world, 'POST', 'prefetch-listrange', value)

/** For each object of the bucket: whether the cluster holds it. */
const isCachedByName = (world: World, value: object = { props: 'name,cached' }): Readonly<Record<string, boolean>> => {
  const { entries } = JSON.parse(world.send('GET', BUCKET_PATH, { action: 'list', value }).body) as {
    readonly entries: readonly { readonly name: string; readonly flags?: number }[] | null
  }
  return Object.fromEntries((entries ?? []).map(({ name, flags = 0 }) => [name, (flags & 64) !== 0]))
}

/** What a HEAD reports: `true` if the cluster holds the object, `false` if only the cloud does. */
const presenceOf = (world: World, name: string): string | undefined =>
  world.follow('HEAD', objectPath(name)).headers['ais-present']

describe('emulator, a bucket of a cloud', () => {
  it('holds an object after its PUT both in the cluster and in the cloud', () => {
    const world = worldWith('a', 'b')
    expect(isCachedByName(world)).to.deep.equal({ a: true, b: true })
    expect(world.follow('HEAD', objectPath('a')).headers).to.not.have.property('ais-version')
  })

  it('keeps an evicted object in the cloud', () => {
    const world = worldWith('a', 'b')
    const id = evict(world, { objnames: ['a'] })
    expect(total(world.snaps({ id }), 'loc-objs')).to.equal(1)
    expect(isCachedByName(world)).to.deep.equal({ a: false, b: true })
    expect(isCachedByName(world, { flags: '1' })).to.deep.equal({ b: true })
    expect(isCachedByName(world, { flags: String(2 ** 9) })).to.deep.equal({ a: false })
    expect([presenceOf(world, 'a'), presenceOf(world, 'b')]).to.deep.equal(['false', 'true'])
  })

  it('brings an evicted object back when it is read', () => {
    const world = worldWith('a')
    evict(world, { objnames: ['a'] })
    expect(Buffer.from(world.follow('GET', objectPath('a')).bytes ?? []).toString()).to.equal('content of a')
    expect(presenceOf(world, 'a')).to.equal('true')
  })

  it('brings a prefetched object back into the cluster, and counts only objects that were brought back', () => {
    const world = worldWith('a', 'b', 'c')
    evict(world, { objnames: ['a', 'b'] })
    const id = prefetch(world, { objnames: ['b', 'c', 'nosuch'] })
    expect(isCachedByName(world)).to.deep.equal({ a: false, b: true, c: true })
    expect(total(world.snaps({ id }), 'loc-objs')).to.equal(1)
    expect(total(world.snaps({ id }), 'loc-bytes')).to.equal('content of b'.length)
    expect(world.snaps({ id }).filter(({ err }) => err.includes('gs://r/nosuch does not exist'))).to.have.length(1)
  })

  it('starts a blob download for each large object of a prefetch', () => {
    const world = worldWith('a', 'large object')
    evict(world, { template: '' })
    prefetch(world, { template: '', 'blob-threshold': 20 })
    const blobs = world.snaps({ kind: 'blob-download' })
    expect(blobs.map(({ ctlmsg = '' }) => ctlmsg.split(' parent:')[0])).to.deep.equal(['gs://r/large object'])
    expect(isCachedByName(world)).to.deep.equal({ a: true, 'large object': true })
  })

  it('holds an object in the cluster after its blob download has ended, and not before', () => {
    const world = worldWith('a')
    evict(world, { objnames: ['a'] })
    const reply = world.follow('POST', '/v1/objects/r?provider=gcp', { action: 'blob-download', name: 'a', value: {} })
    expect(reply.status).to.equal(200)
    expect(presenceOf(world, 'a')).to.equal('false')
    world.now += 10_000
    expect(presenceOf(world, 'a')).to.equal('true')
    expect(total(world.snaps({ id: reply.body }), 'loc-objs')).to.equal(1)
    const missing = world.follow('POST', '/v1/objects/r?provider=gcp', {
      action: 'blob-download',
      name: 'x',
      value: {},
    })
    expect(missing.status).to.equal(404)
    expect(JSON.parse(missing.body)).to.include({ tcode: 'ErrNotFound' })
  })

  it('is evicted as a whole at once, and keeps its properties with keep_bck_md', () => {
    const world = worldWith('a', 'b')
    expect(world.send('DELETE', `${BUCKET_PATH}&keep_bck_md=true`, { action: 'evict-remote-bck' })).to.include({
      status: 200,
      body: '',
    })
    expect(isCachedByName(world)).to.deep.equal({ a: false, b: false })
    expect(world.snaps({ kind: 'evict-remote-bck' })[0]?.id).to.match(/^kpmd-/)
  })

  it('deletes an object in the cloud, too', () => {
    const world = worldWith('a', 'b', 'c')
    evict(world, { objnames: ['a'] })
    runJob(world, 'DELETE', 'delete-listrange', { objnames: ['a'] })
    world.follow('DELETE', objectPath('b'))
    expect(isCachedByName(world)).to.deep.equal({ c: true })
  })

  it('refuses to rename an object', () => {
    const world = worldWith('a')
    expect(world.follow('POST', objectPath('a'), { action: 'rename-obj', name: 'b' }).status).to.equal(501)
  })

  it('has two counts in its summary: of the objects in the cluster, and of the objects in the cloud', () => {
    const world = worldWith('a', 'b', 'c')
    evict(world, { objnames: ['a'] })
    const value = { uuid: '', cached: false, present: true }
    const id = world.send('GET', BUCKET_PATH, { action: 'summary-bck', value }).body
    world.now += 1_000
    const [summary] = JSON.parse(
      world.send('GET', BUCKET_PATH, { action: 'summary-bck', value: { ...value, uuid: id } }).body,
    ) as [object]
    expect(summary).to.deep.include({ ObjCount: { obj_count_present: '2', obj_count_remote: '3' } })
  })

  it('holds seeded objects only in the cloud', () => {
    const world = new World()
    seedBucket(world.cluster, 'r', { objects: 3, provider: 'gcp' }, 0)
    expect(Object.values(isCachedByName(world))).to.deep.equal([false, false, false])
    const id = prefetch(world, { template: 'obj-{00000..00001}' })
    expect(Object.values(isCachedByName(world))).to.deep.equal([true, true, false])
    expect(total(world.snaps({ id }), 'loc-objs')).to.equal(2)
  })

  it('is copied with the objects that the cluster holds, and with presence=0 as a whole', () => {
    const world = worldWith('a', 'b')
    evict(world, { objnames: ['a'] })
    const copy = (query: string, name: string, value: object = {}): string => {
      const to = encodeURIComponent(`ais/@#/${name}/`)
      return world.send('POST', `${BUCKET_PATH}&bck_to=${to}${query}`, { action: 'copy-bck', value }).body
    }
    const copied = (name: string): number => {
      const reply = world.send('GET', `/v1/buckets/${name}?provider=ais`, { action: 'list', value: {} })
      return (JSON.parse(reply.body) as { readonly entries: readonly object[] | null }).entries?.length ?? 0
    }
    copy('', 'held')
    world.now += 60_000
    expect(copied('held')).to.equal(1)
    expect(copy('&presence=0', 'all')).to.match(/^tco-/)
    world.now += 60_000
    expect(copied('all')).to.equal(2)
    const nothing = copy(`&presence=0`, 'none', { prefix: 'nosuch' })
    expect(nothing).to.match(/^(?!tco-)[\w-]{9,10}$/)
    expect(world.snapshotsReply({ id: nothing }).status).to.equal(404)
    expect(world.cluster.buckets.has('ais://none')).to.equal(false)
  })

  it('is not created by a copy into it, unlike a bucket of the cluster', () => {
    const world = new World()
    seedBucket(world.cluster, 'b', { objects: 3 }, 0)
    const to = encodeURIComponent('gcp/@#/nosuch/')
    const copy = world.send('POST', `/v1/buckets/b?provider=ais&bck_to=${to}`, { action: 'copy-bck', value: {} })
    const value = { template: '', tobck: { name: 'nosuch', provider: 'gcp' } }
    const some = world.send('POST', '/v1/buckets/b?provider=ais', { action: 'copy-listrange', value })
    expect(copy.status).to.equal(404)
    expect(some.status).to.equal(404)
  })
})
