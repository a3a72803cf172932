import { expect } from 'chai'
import { World } from '../world.ts'
import type { Answer } from '../../../lib/emulator/http/exchange.ts'

// Requests for single objects. A proxy redirects each to the target that holds the object; `follow` follows the
// redirect.

/** The path of an object. */
const objectPath = (name: string, query = ''): string => `/v1/objects/b/${name}?provider=ais${query}`
const putObject = (world: World, name: string, body: string | Uint8Array, query = ''): Answer =>
  world.follow('PUT', objectPath(name, query), body)
const textOf = ({ bytes }: Answer): string => Buffer.from(bytes ?? []).toString()
/** The content of an object as text. */
const contentOf = (world: World, name: string, query = ''): string =>
  textOf(world.follow('GET', objectPath(name, query)))
const errorOf = ({ body }: Answer): Readonly<Record<string, unknown>> => JSON.parse(body) as Record<string, unknown>

/** A world whose bucket b has no objects. */
const worldWithEmptyBucket = (): World => {
  const world = new World()
  world.send('DELETE', '/v1/buckets/b?provider=ais', { action: 'destroy-bck' })
  world.send('POST', '/v1/buckets/b?provider=ais', { action: 'create-bck' })
  return world
}

describe('emulator, redirects of object requests', () => {
  it('lead to one target for each object, with 301 for GET and 307 for other methods', () => {
    const world = new World()
    const toOf = (method: string): string | undefined =>
      world.send(method, objectPath('o')).headers['location']?.split('?')[0]
    expect(world.send('GET', objectPath('o')).status).to.equal(301)
    for (const method of ['PUT', 'HEAD', 'DELETE']) {
      expect(world.send(method, objectPath('o')).status).to.equal(307)
      expect(toOf(method)).to.equal(toOf('GET'))
    }
    const targets = Array.from({ length: 30 }, (_, i) =>
      world.send('GET', objectPath(`o${i}`)).headers['location']?.slice(0, 21),
    )
    expect(new Set(targets)).to.have.property('size', 3)
  })

  it('are not given for a bucket that does not exist', () => {
    const reply = new World().send('PUT', '/v1/objects/nosuch/x?provider=ais', 'x')
    expect(reply.status).to.equal(404)
    expect(errorOf(reply)).to.include({ tcode: 'ErrBckNotFound' })
  })
})

describe('emulator, objects', () => {
  it('have the content, the checksum and the next version of each PUT', () => {
    const world = worldWithEmptyBucket()
    expect(putObject(world, 'hello.txt', 'hello').headers).to.include({ 'ais-version': '1' })
    const again = putObject(world, 'hello.txt', 'hello world')
    expect(again.headers).to.include({
      'ais-checksum-type': 'xxhash2',
      'ais-checksum-value': '45ab6734b21e6968',
      'ais-version': '2',
    })
    const reply = world.follow('GET', objectPath('hello.txt'))
    expect(reply.status).to.equal(200)
    expect(textOf(reply)).to.equal('hello world')
    expect(reply.headers).to.include({ 'content-type': 'application/octet-stream', 'ais-version': '2' })
  })

  it('have the checksum type of their bucket', () => {
    const world = worldWithEmptyBucket()
    world.send('PATCH', '/v1/buckets/b?provider=ais', { action: 'set-bprops', value: { checksum: { type: 'md5' } } })
    expect(putObject(world, 'o', 'hello').headers).to.include({
      'ais-checksum-type': 'md5',
      'ais-checksum-value': '5d41402abc4b2a76b9719d911017c592',
    })
  })

  it('keep binary contents', () => {
    const world = worldWithEmptyBucket()
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i)
    putObject(world, 'o', bytes)
    expect([...(world.follow('GET', objectPath('o')).bytes ?? [])]).to.deep.equal([...bytes])
  })

  it('have names with any characters', () => {
    const world = worldWithEmptyBucket()
    for (const name of ['%', '%25', 'a b/c', 'track?name=lofi&v=1', '你好', 'file_#@!$%^&*()_+.mp3']) {
      putObject(world, encodeURIComponent(name), name)
      expect(contentOf(world, encodeURIComponent(name))).to.equal(name)
    }
  })

  it('are shown by HEAD with their size and place', () => {
    const world = worldWithEmptyBucket()
    putObject(world, 'o', 'hello')
    const { status, headers, bytes } = world.follow('HEAD', objectPath('o'))
    expect(status).to.equal(200)
    expect(bytes).to.equal(undefined)
    expect(headers).to.include({
      'content-length': '5',
      'ais-name': 'o',
      'ais-bucket-name': 'b',
      'ais-bucket-provider': 'ais',
      'ais-present': 'true',
      'ais-mirror-copies': '1',
    })
    expect(headers['ais-location']).to.match(/^t\[\w+\]:mp\[/)
  })

  it('are shown by HEAD with only the selected properties', () => {
    const world = worldWithEmptyBucket()
    putObject(world, 'o', 'hello')
    const { headers } = world.follow('HEAD', objectPath('o', '&props=checksum,etag,last-modified'))
    expect(Object.keys(headers).sort()).to.deep.equal([
      'ais-checksum-type',
      'ais-checksum-value',
      'content-length',
      'etag',
      'last-modified',
    ])
    expect(world.follow('HEAD', objectPath('o', '&props=nosuch')).status).to.equal(400)
  })

  it('do not exist before the first PUT and after a DELETE', () => {
    const world = worldWithEmptyBucket()
    const missing = world.follow('GET', objectPath('o'))
    expect(missing.status).to.equal(404)
    expect(errorOf(missing)).to.include({ tcode: 'ErrNotFound', caller: '', url_path: '/v1/objects/b/o' })
    expect(errorOf(missing)['message']).to.match(/^t\[\w+\]: ais:\/\/b\/o does not exist$/)
    expect(world.follow('HEAD', objectPath('o')).headers['hdr-error']).to.include('does not exist')
    putObject(world, 'o', 'x')
    expect(world.follow('DELETE', objectPath('o')).status).to.equal(200)
    const twice = world.follow('DELETE', objectPath('o'))
    expect(twice.status).to.equal(404)
    expect(errorOf(twice)).to.include({ message: "ais://b/o doesn't exist" }).and.not.have.property('tcode')
  })

  it('are read in ranges', () => {
    const world = worldWithEmptyBucket()
    putObject(world, 'o', '0123456789')
    const range = (text: string): readonly [number, string | undefined, string] => {
      world.headers = { range: text }
      const reply = world.follow('GET', objectPath('o'))
      return [reply.status, reply.headers['content-range'], reply.status === 206 ? textOf(reply) : '']
    }
    expect(range('bytes=2-4')).to.deep.equal([206, 'bytes 2-4/10', '234'])
    expect(range('bytes=7-')).to.deep.equal([206, 'bytes 7-9/10', '789'])
    expect(range('bytes=-3')).to.deep.equal([206, 'bytes 7-9/10', '789'])
    expect(range('bytes=5-100')).to.deep.equal([206, 'bytes 5-9/10', '56789'])
    expect(range('bytes=10-12')).to.deep.equal([416, 'bytes */10', ''])
    expect(range('bytes=0-1,3-4')[0]).to.equal(416)
  })

  it('keep the custom properties that PATCH adds or replaces', () => {
    const world = worldWithEmptyBucket()
    putObject(world, 'o', 'x')
    const set = (value: object, query = ''): unknown =>
      world.follow('PATCH', objectPath('o', query), { action: '', value })
    const custom = (): string | undefined => world.follow('HEAD', objectPath('o')).headers['ais-custom-md']
    set({ a: '1' })
    set({ b: '2' })
    expect(custom()).to.equal('a=1, b=2')
    set({ c: '3' }, '&set-new-custom=true')
    expect(custom()).to.equal('c=3')
  })

  it('are renamed in their bucket', () => {
    const world = worldWithEmptyBucket()
    putObject(world, 'o', 'x')
    expect(world.follow('POST', objectPath('o'), { action: 'rename-obj', name: 'p' })).to.include({
      status: 200,
      body: '',
    })
    expect(contentOf(world, 'p')).to.equal('x')
    expect(world.follow('GET', objectPath('o')).status).to.equal(404)
  })

  it('are copied to another bucket, which must exist', () => {
    const world = worldWithEmptyBucket()
    putObject(world, 'o', 'x')
    const copy = (bucket: string): Answer =>
      putObject(world, 'o', '', `&object_to=${encodeURIComponent(`ais/@#/${bucket}/d/o2`)}`)
    expect(copy('c').status).to.equal(404)
    expect(errorOf(copy('c'))['message']).to.equal('bucket "ais://c" does not exist')
    world.send('POST', '/v1/buckets/c?provider=ais', { action: 'create-bck' })
    expect(copy('c').status).to.equal(200)
    expect(textOf(world.follow('GET', '/v1/objects/c/d/o2?provider=ais'))).to.equal('x')
  })

  it('show appended content only after the flush', () => {
    const world = worldWithEmptyBucket()
    putObject(world, 'o', 'a')
    let handle = ''
    for (const part of ['b', 'c']) {
      const reply = putObject(world, 'o', part, `&append_type=append&append_handle=${encodeURIComponent(handle)}`)
      handle = reply.headers['ais-append-handle'] ?? ''
    }
    expect(contentOf(world, 'o')).to.equal('a')
    const flushed = putObject(world, 'o', '', `&append_type=flush&append_handle=${encodeURIComponent(handle)}`)
    expect(flushed.headers).to.not.have.property('ais-append-handle')
    expect(contentOf(world, 'o')).to.equal('abc')
  })

  it('are uploaded in parts, in the order of the part numbers', () => {
    const world = worldWithEmptyBucket()
    const id = world.follow('POST', objectPath('o'), { action: 'mpt-upload' }).body
    putObject(world, 'o', 'second', `&uploadId=${id}&partNumber=2`)
    putObject(world, 'o', 'first ', `&uploadId=${id}&partNumber=1`)
    expect(world.follow('GET', objectPath('o')).status).to.equal(404)
    const complete = (...numbers: readonly number[]): number =>
      world.follow('POST', objectPath('o', `&uploadId=${id}`), {
        action: 'mpt-complete',
        value: numbers.map((number) => ({ 'part-number': number })),
      }).status
    expect(putObject(world, 'o', '', `&uploadId=${id}&partNumber=3`).body).to.include('invalid size (0)')
    expect(complete(1)).to.equal(501)
    expect(complete(2, 1)).to.equal(200)
    expect(contentOf(world, 'o')).to.equal('first second')
    expect(world.follow('HEAD', objectPath('o', '&props=chunked')).headers).to.include({
      'ais-chunks-count': '2',
      'ais-chunks-max-chunk-size': '6',
    })
    expect(world.follow('DELETE', objectPath('o', `&uploadId=${id}`), { action: 'mpt-abort' }).status).to.equal(404)
  })

  it('can be archives, to which a PUT adds a file', () => {
    const world = worldWithEmptyBucket()
    putObject(world, 'a.tar', 'one', '&archpath=1.txt')
    putObject(world, 'a.tar', 'two', '&archpath=2.txt')
    expect([contentOf(world, 'a.tar', '&archpath=1.txt'), contentOf(world, 'a.tar', '&archpath=2.txt')]).to.deep.equal([
      'one',
      'two',
    ])
  })

  it('are refused when there is no more memory for them', () => {
    const world = new World({ memoryBytes: 10 })
    expect(putObject(world, 'o', '0123456789').status).to.equal(200)
    const reply = putObject(world, 'p', 'x')
    expect(reply.status).to.equal(507)
    expect(errorOf(reply)).to.include({ tcode: 'ErrCapExceeded' })
    expect(putObject(world, 'o', '9876543210').status).to.equal(200)
    world.follow('DELETE', objectPath('o'))
    expect(putObject(world, 'p', 'x').status).to.equal(200)
  })

  it('have a content of their size if they were seeded', () => {
    const world = new World()
    expect(contentOf(world, 'obj-00007'))
      .to.have.length(1_024)
      .and.match(/^(obj-00007\n)+/)
    expect(world.follow('GET', objectPath('obj-03000')).status).to.equal(404)
  })

  it('can be read from each target', () => {
    const world = worldWithEmptyBucket()
    putObject(world, 'o', 'hello')
    for (const node of world.targetIds) expect(textOf(world.atNode(node, 'GET', objectPath('o')))).to.equal('hello')
  })
})
