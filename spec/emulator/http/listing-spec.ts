import { expect } from 'chai'
import { bucketName } from '../../../lib/emulator/cluster/bucket.ts'
import { findBucket } from '../../../lib/emulator/cluster/create.ts'
import { msgpack } from '../../../lib/emulator/http/msgpack.ts'
import { World } from '../world.ts'

// Listings as MessagePack, and summaries.

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** The names in a packed page. */
const namesIn = (bytes: Uint8Array | undefined): readonly string[] =>
  Buffer.from(bytes ?? [])
    .toString('latin1')
    .match(/obj-\d{5}(?=.s)/gs) ?? []

/** Requests a page of a listing as MessagePack. */
const packedPage = (world: World, value: object) => {
  world.headers = { accept: 'application/msgpack' }
  return world.send('GET', '/v1/buckets/b?provider=ais', { action: 'list', value })
}

describe('emulator, packed listings', () => {
  it('should be valid MessagePack', () => {
    expect(
      hex(
        msgpack(
          new Map<string, string | number>([
            ['n', 'ab'],
            ['s', 1_024],
          ]),
        ),
      ),
    ).to.equal('82a16ea26162a173cd0400')
    expect(hex(msgpack([0, 127, 128, 65_536]))).to.equal('94007fcc80ce00010000')
    expect(hex(msgpack(2 ** 40))).to.equal('cf0000010000000000')
    expect(hex(msgpack('x'.repeat(40))).slice(0, 4)).to.equal('d928')
    expect(hex(msgpack(Array.from({ length: 16 }, () => 0))).slice(0, 6)).to.equal('dc0010')
  })

  it('should contain each name of a bucket once over all pages', () => {
    const world = new World()
    const names: string[] = []
    for (let after = ''; ; after = names.at(-1) ?? '') {
      const { status, headers, bytes } = packedPage(world, { pagesize: 1_000, uuid: '', continuation_token: after })
      expect(status).to.equal(200)
      expect(headers['content-type']).to.equal('application/msgpack')
      const found = namesIn(bytes)
      if (found.length === 0) break
      names.push(...found)
    }
    expect(names).to.have.length(3_000)
    expect(new Set(names)).to.have.property('size', 3_000)
    expect([...names].sort()).to.deep.equal(names)
  })

  it('should contain only names with the prefix', () => {
    expect(namesIn(packedPage(new World(), { prefix: 'obj-0012' }).bytes)).to.have.length(10)
  })

  it('should share one job for all pages, which idles 6 s after the last page and ends 20 s after the first', () => {
    const world = new World()
    packedPage(world, { pagesize: 100, uuid: '' })
    const id = world.snaps({ kind: 'list' })[0]?.id ?? ''
    packedPage(world, { pagesize: 100, uuid: id, continuation_token: 'obj-00099' })
    expect(world.snaps({ kind: 'list' })).to.have.length(3)
    world.now = 7_000
    for (const snap of world.snaps({ id })) {
      expect(snap.is_idle).to.equal(true)
      expect(snap.ctlmsg).to.match(/^t\[\w+\]: job:\[reqs:2 pages:2 entries:\d+ /)
    }
    expect(world.running()).to.deep.equal([`list[${id}]`])
    world.now = 20_100
    expect(world.running()).to.deep.equal([])
  })
})

describe('emulator, summaries', () => {
  const requestSummary = (world: World, uuid: string, path = '/v1/buckets/b?provider=ais') =>
    world.send('GET', path, { action: 'summary-bck', value: { uuid, cached: true, present: true } })

  it('should reply 202 at first, then 206 with a part, then 200', () => {
    const world = new World()
    const first = requestSummary(world, '')
    expect(first.status).to.equal(202)
    world.now = 8
    const partial = requestSummary(world, first.body)
    world.now = 1_000
    const done = requestSummary(world, first.body)
    expect(partial.status).to.equal(206)
    expect(done.status).to.equal(200)
    const [summary] = JSON.parse(done.body) as readonly { name: string; ObjCount: { obj_count_present: string } }[]
    expect(summary?.ObjCount.obj_count_present).to.equal(String(findBucket(world.cluster, bucketName('b'))?.objects))
  })

  it('should cover all buckets if the request names none', () => {
    const world = new World()
    world.copy()
    const { body } = requestSummary(world, '', '/v1/buckets')
    world.now = 60_000
    const all = JSON.parse(requestSummary(world, body, '/v1/buckets').body) as readonly { readonly name: string }[]
    expect(all.map(({ name }) => name).sort()).to.deep.equal(['b', 'c'])
  })

  it('should reply 404 to an unknown id', () => expect(requestSummary(new World(), 'Abcdefghi').status).to.equal(404))
})
