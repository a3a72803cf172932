import { expect } from 'chai'
import { World } from '../world.ts'

// Listings of the objects in a bucket, as JSON.

interface Entry {
  readonly name: string
  readonly size?: string
  readonly checksum?: string
  readonly atime?: string
  readonly flags?: number
}

interface Page {
  readonly continuation_token: string
  readonly entries: readonly Entry[] | null
}

const NAMES = ['a', 'dir/x', 'dir/y', 'dir2/z', 'e']

/** A world with a bucket that holds these objects. */
const worldWith = (names: readonly string[] = NAMES): World => {
  const world = new World()
  world.send('POST', '/v1/buckets/l?provider=ais', { action: 'create-bck' })
  for (const name of names) world.follow('PUT', `/v1/objects/l/${name}?provider=ais`, name)
  return world
}

/** A page of the listing of the bucket. */
const pageOf = (world: World, value: object): Page =>
  JSON.parse(world.send('GET', '/v1/buckets/l?provider=ais', { action: 'list', value }).body) as Page

const namesIn = ({ entries }: Page): readonly string[] => (entries ?? []).map(({ name }) => name)

describe('emulator, listings', () => {
  it('are JSON for clients that do not accept MessagePack, with sizes as text', () => {
    const reply = worldWith().send('GET', '/v1/buckets/l?provider=ais', { action: 'list', value: {} })
    expect(reply.headers['content-type']).to.equal('application/json; charset=utf-8')
    const page = JSON.parse(reply.body) as Page
    expect(page.entries?.[1]).to.deep.equal({ name: 'dir/x', size: '5', flags: 64 })
    expect(page.continuation_token).to.equal('')
  })

  it('have null entries if nothing matches', () => {
    expect(pageOf(worldWith(), { prefix: 'zzz' }).entries).to.equal(null)
  })

  it('have checksums and times if the listing selects only cached objects', () => {
    const entry = pageOf(worldWith(), { flags: '1' }).entries?.[0]
    expect(entry)
      .to.have.property('checksum')
      .that.matches(/^[0-9a-f]{16}$/)
    expect(entry).to.have.property('atime', '01 Jan 26 00:00 UTC')
  })

  it('have only the selected properties', () => {
    expect(pageOf(worldWith(), { props: 'name' }).entries?.[0]).to.deep.equal({ name: 'a', flags: 64 })
    expect(pageOf(worldWith(), { flags: '16' }).entries?.[0]).to.deep.equal({ name: 'a', flags: 64 })
    expect(pageOf(worldWith(), { props: 'name,version,copies' }).entries?.[0]).to.include({ version: '1', copies: 1 })
  })

  it('continue after the last name of a full page, and end with an empty page if the last page is full', () => {
    const world = worldWith()
    const first = pageOf(world, { pagesize: 3 })
    expect([namesIn(first), first.continuation_token]).to.deep.equal([NAMES.slice(0, 3), 'dir/y'])
    const second = pageOf(world, { pagesize: 2, continuation_token: 'dir/y' })
    expect([namesIn(second), second.continuation_token]).to.deep.equal([NAMES.slice(3), 'e'])
    const third = pageOf(world, { pagesize: 2, continuation_token: 'e' })
    expect([third.entries, third.continuation_token]).to.deep.equal([null, ''])
  })

  it('begin after `start_after`', () => {
    expect(namesIn(pageOf(worldWith(), { start_after: 'dir/x' }))).to.deep.equal(['dir/y', 'dir2/z', 'e'])
  })

  it('show directories instead of their objects if they are not recursive', () => {
    const world = worldWith()
    expect(namesIn(pageOf(world, { flags: String(2 ** 11) }))).to.deep.equal(['a', 'dir/', 'dir2/', 'e'])
    expect(pageOf(world, { flags: String(2 ** 11) }).entries?.[1]?.flags).to.equal(256)
    expect(namesIn(pageOf(world, { flags: String(2 ** 11), prefix: 'dir/' }))).to.deep.equal(['dir/x', 'dir/y'])
    const page = pageOf(world, { flags: String(2 ** 11), pagesize: 2 })
    expect(
      namesIn(pageOf(world, { flags: String(2 ** 11), continuation_token: page.continuation_token })),
    ).to.deep.equal(['dir2/', 'e'])
  })

  it('are refused for a bucket that does not exist, and for a prefix that leaves it', () => {
    const world = worldWith()
    const refused = (path: string, value: object) => world.send('GET', path, { action: 'list', value }).status
    expect(refused('/v1/buckets/nosuch?provider=ais', {})).to.equal(404)
    expect(refused('/v1/buckets/l?provider=ais', { prefix: '../x' })).to.equal(400)
    expect(refused('/v1/buckets/l?provider=ais', { flags: String(2 ** 9) })).to.equal(400)
  })
})

describe('emulator, sizes of a bucket', () => {
  const summary = (world: World, prefix: string): object => {
    const listWith = (uuid: string) =>
      world.send('GET', '/v1/buckets/l?provider=ais', {
        action: 'summary-bck',
        value: { uuid, prefix: uuid ? '' : prefix },
      })
    const id = listWith('').body
    world.now += 1_000
    return (JSON.parse(listWith(id).body) as readonly object[])[0] ?? {}
  }

  it('are exact in a summary, for all objects or those with a prefix', () => {
    const world = worldWith()
    expect(summary(world, '')).to.deep.include({
      ObjCount: { obj_count_present: '5', obj_count_remote: '0' },
      ObjSize: { obj_min_size: 1, obj_avg_size: 3, obj_max_size: 6 },
    })
    expect(summary(world, 'dir/')).to.deep.include({ ObjCount: { obj_count_present: '2', obj_count_remote: '0' } })
  })

  it('are in a header of the reply to a HEAD that requests them, after the job has ended', () => {
    const world = worldWith()
    const first = world.send('HEAD', '/v1/buckets/l/dir/?provider=ais&bsumm_remote=True&presence=0')
    expect(first.status).to.equal(202)
    expect(first.headers).to.have.property('ais-bucket-props')
    world.now += 1_000
    const id = first.headers['ais-xaction-id'] ?? ''
    const done = world.send('HEAD', `/v1/buckets/l?provider=ais&bsumm_remote=True&presence=0&uuid=${id}`)
    expect(done.status).to.equal(200)
    const text = JSON.parse(done.headers['ais-bucket-summ'] ?? '{}') as { readonly TotalSize: object }
    expect(text).to.deep.include({ name: 'l', ObjCount: { obj_count_present: '2', obj_count_remote: '0' } })
    expect(text.TotalSize).to.include({ size_all_present_objs: '10' })
  })
})
