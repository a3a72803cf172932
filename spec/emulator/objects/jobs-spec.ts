import { expect } from 'chai'
import { readTar } from '../../../lib/emulator/store/tar.ts'
import { filesIn } from '../../../lib/emulator/store/archive.ts'
import { total, World } from '../world.ts'
import type { StoredObject } from '../../../lib/emulator/store/stored-object.ts'

// Jobs of the emulator that copy, delete or pack objects, with the contents of the objects.

const createBucket = (world: World, name: string) =>
  world.send('POST', `/v1/buckets/${name}?provider=ais`, { action: 'create-bck' })

const nameOf = (i: number): string => `o${String(i).padStart(3, '0')}`

/** A cluster with a bucket `s` of objects of 1, 2, 3, ... bytes, and an empty bucket `d`. */
const worldWith = (objects: number): World => {
  const world = new World()
  createBucket(world, 's')
  createBucket(world, 'd')
  for (let i = 0; i < objects; i++) world.follow('PUT', `/v1/objects/s/${nameOf(i)}?provider=ais`, 'x'.repeat(i + 1))
  return world
}

const namesIn = (world: World, bucket: string): readonly string[] => {
  const { body } = world.send('GET', `/v1/buckets/${bucket}?provider=ais`, { action: 'list', value: {} })
  const { entries } = JSON.parse(body) as { readonly entries: readonly { readonly name: string }[] | null }
  return (entries ?? []).map(({ name }) => name)
}

/** The content of an object. */
const contentOf = (world: World, bucket: string, name: string): Uint8Array =>
  world.follow('GET', `/v1/objects/${bucket}/${name}?provider=ais`).bytes ?? new Uint8Array()

/** Starts a copy of bucket s to bucket d; returns the id of its job. */
const startCopy = (world: World, value: object): string => {
  const to = `&bck_to=${encodeURIComponent('ais/@#/d/')}`
  const reply = world.send('POST', `/v1/buckets/s?provider=ais${to}`, { action: 'copy-bck', value })
  if (reply.status !== 200) throw new Error(reply.body)
  return reply.body
}

/** Starts a job of bucket s; returns its id. */
const startJob = (world: World, method: string, action: string, value: object): string => {
  const reply = world.send(method, '/v1/buckets/s?provider=ais', { action, value })
  if (reply.status !== 200) throw new Error(reply.body)
  return reply.body
}

describe('emulator, a copy of a bucket', () => {
  it('copies object by object, so that the counters are true at each time', () => {
    const world = worldWith(300)
    const id = startCopy(world, {})
    expect(namesIn(world, 'd')).to.have.length(0)
    world.now += 100
    const half = namesIn(world, 'd').length
    expect(half).to.be.within(50, 250)
    expect(total(world.snaps({ id }), 'loc-objs')).to.equal(half)
    world.now += 60_000
    expect(namesIn(world, 'd')).to.deep.equal(namesIn(world, 's'))
    expect(total(world.snaps({ id }), 'loc-objs')).to.equal(300)
    expect(total(world.snaps({ id }), 'loc-bytes')).to.equal((300 * 301) / 2)
    expect(contentOf(world, 'd', 'o041')).to.have.length(42)
  })

  it('copies nothing more after an abort', () => {
    const world = worldWith(300)
    const id = startCopy(world, {})
    world.now += 100
    world.stop({ ID: id })
    const copied = namesIn(world, 'd').length
    world.now += 60_000
    expect(namesIn(world, 'd')).to.have.length(copied)
    expect(copied).to.be.within(50, 250)
    expect(world.status({ id })).to.include({ aborted: true, err: 'user abort' })
  })

  it('destroys the bucket that it has created if it is aborted', () => {
    const world = worldWith(300)
    world.send('DELETE', '/v1/buckets/d?provider=ais', { action: 'destroy-bck' })
    const id = startCopy(world, {})
    world.now += 100
    expect(namesIn(world, 'd').length).to.be.within(50, 250)
    world.stop({ ID: id })
    expect(world.send('HEAD', '/v1/buckets/d?provider=ais').status).to.equal(404)
  })

  it('chooses objects by prefix, and renames the copies', () => {
    const world = worldWith(12)
    world.follow('PUT', '/v1/objects/s/o00.old?provider=ais', 'x')
    const id = startCopy(world, { prefix: 'o00', prepend: 'new/', ext: { old: 'new' } })
    world.now += 60_000
    expect(namesIn(world, 'd')).to.deep.equal([
      'new/o00.new',
      ...Array.from({ length: 10 }, (_, i) => `new/${nameOf(i)}`),
    ])
    expect(total(world.snaps({ id }), 'loc-objs')).to.equal(11)
  })

  it('only counts in a dry run', () => {
    const world = worldWith(10)
    const id = startCopy(world, { dry_run: true })
    world.now += 60_000
    expect(namesIn(world, 'd')).to.have.length(0)
    expect(total(world.snaps({ id }), 'loc-objs')).to.equal(10)
    expect(total(world.snaps({ id }), 'loc-bytes')).to.equal(55)
  })

  it('deletes what the source has lost, if it synchronizes', () => {
    const world = worldWith(3)
    world.follow('PUT', '/v1/objects/d/extra?provider=ais', 'x')
    startCopy(world, { synchronize: true })
    world.now += 60_000
    expect(namesIn(world, 'd')).to.deep.equal(namesIn(world, 's'))
  })
})

describe('emulator, a delete of objects', () => {
  it('deletes the named objects, and reports a missing object on the target that would hold it', () => {
    const world = worldWith(10)
    const id = startJob(world, 'DELETE', 'delete-listrange', { objnames: ['o001', 'o002', 'nosuch'] })
    world.now += 10_000
    expect(namesIn(world, 's')).to.have.length(8)
    expect(world.status({ id })).to.include({ err: '', aborted: false })
    const snaps = world.snaps({ id })
    expect(total(snaps, 'loc-objs')).to.equal(2)
    expect(total(snaps, 'loc-bytes')).to.equal(5)
    const errors = snaps.map(({ err }) => err).filter((err) => err !== '')
    expect(errors).to.have.length(1)
    expect(errors[0]).to.match(/^t\[\w+\]: ais:\/\/s\/nosuch does not exist$/)
  })

  for (const [template, remaining] of [
    ['o{003..005}', 7],
    ['o{000..020..5}', 8],
    ['o00', 0],
    ['o00*', 0],
    ['p', 10],
    ['', 0],
  ] as const) {
    it(`skips missing objects with the template '${template}'`, () => {
      const world = worldWith(10)
      const id = startJob(world, 'DELETE', 'delete-listrange', { template })
      world.now += 10_000
      expect(namesIn(world, 's')).to.have.length(remaining)
      expect(world.snaps({ id }).map(({ err }) => err)).to.deep.equal(['', '', ''])
    })
  }

  it('ends soon if few of the very many names in a range exist', () => {
    const world = worldWith(10)
    const id = startJob(world, 'DELETE', 'delete-listrange', { template: 'o{000..999999}' })
    world.now += 1_000
    expect(world.status({ id }).end_time).to.be.greaterThan(0)
    expect(namesIn(world, 's')).to.have.length(0)
  })

  it('does not need a remote bucket, unlike a prefetch or an evict', () => {
    for (const [method, action] of [
      ['POST', 'prefetch-listrange'],
      ['DELETE', 'evict-listrange'],
    ] as const) {
      const reply = worldWith(1).send(method, '/v1/buckets/s?provider=ais', { action, value: { objnames: ['o000'] } })
      expect(reply.status).to.equal(400)
      expect(JSON.parse(reply.body)).to.include({ tcode: 'ErrNotRemoteBck' })
    }
  })
})

describe('emulator, a copy of objects', () => {
  it('copies the named objects to a bucket, with one job for both requests', () => {
    const world = worldWith(10)
    const value = { objnames: ['o001', 'nosuch'], tobck: { name: 'd', provider: 'ais' }, prepend: 'p-' }
    const id = startJob(world, 'POST', 'copy-listrange', value)
    world.now += 1_000
    expect(startJob(world, 'POST', 'copy-listrange', { ...value, objnames: ['o002'] })).to.equal(id)
    world.now += 1_000
    expect(namesIn(world, 'd')).to.deep.equal(['p-o001', 'p-o002'])
    expect(total(world.snaps({ id }), 'loc-objs')).to.equal(2)
    expect(world.snaps({ id }).filter(({ err }) => err.includes('nosuch'))).to.have.length(1)
  })
})

describe('emulator, an archive', () => {
  const startArchive = (world: World, archname: string, more: object = {}): string =>
    startJob(world, 'PUT', 'archive', {
      archname,
      objnames: ['o002', 'o000'],
      tobck: { name: 'd', provider: 'ais' },
      ...more,
    })

  const filesOf = (world: World, name: string): readonly (readonly [string, number])[] => {
    const content = contentOf(world, 'd', name)
    const files = filesIn({ name, size: content.length, content } as StoredObject) ?? []
    return files.map((file) => [file.name, file.bytes.length])
  }

  for (const ending of ['.tar', '.tgz', '.tar.gz', '.zip']) {
    it(`ending in ${ending} has the contents of the objects`, () => {
      const world = worldWith(5)
      startArchive(world, `a${ending}`)
      expect(namesIn(world, 'd')).to.have.length(0)
      world.now += 1_000
      expect(filesOf(world, `a${ending}`)).to.deep.equal([
        ['o002', 3],
        ['o000', 1],
      ])
    })
  }

  // On the wire: `bnonly`, base names only; `isbn`, with the name of the source bucket; `aate`, append to an archive that exists.
  it('names its entries as the request says, and is extended if the request says so', () => {
    const world = worldWith(5)
    world.follow('PUT', '/v1/objects/s/dir/f?provider=ais', 'f')
    startArchive(world, 'a.tar', { objnames: ['dir/f'], bnonly: true, isbn: true })
    world.now += 1_000
    const id = startArchive(world, 'a.tar', { objnames: ['o001'], aate: true })
    world.now += 1_000
    expect(total(world.snaps({ id }), 'loc-objs')).to.equal(2)
    expect(filesOf(world, 'a.tar')).to.deep.equal([
      ['s/f', 1],
      ['o001', 2],
    ])
  })

  it('has no more objects than there is memory for', () => {
    const world = new World({ memoryBytes: 4_096 })
    createBucket(world, 'd')
    const value = { archname: 'a.tar', template: '', tobck: { name: 'd', provider: 'ais' } }
    const { body } = world.send('PUT', '/v1/buckets/b?provider=ais', { action: 'archive', value })
    world.now += 10_000
    expect(
      world
        .snaps({ id: body })
        .map(({ err }) => err)
        .join(),
    ).to.include('out of space')
    expect(total(world.snaps({ id: body }), 'loc-objs')).to.equal(0)
  })

  it('is refused if its name does not end like that of an archive, and if its name ends in .tar.lz4', () => {
    const tobck = { name: 's' }
    const refused = (archname: string) =>
      worldWith(1).send('PUT', '/v1/buckets/s?provider=ais', { action: 'archive', value: { archname, tobck } }).status
    expect([refused('a.txt'), refused('a.tar.lz4'), refused('')]).to.deep.equal([400, 400, 400])
  })

  for (const [what, value] of [
    ['if no object matches', { objnames: [], template: 'nosuch-' }],
    ['if all its objects are missing', { objnames: ['nosuch'] }],
  ] as const)
    it(`fails ${what}, and is not written`, () => {
      const world = worldWith(5)
      const id = startArchive(world, 'a.tar', value)
      world.now += 1_000
      const errors = world.snaps({ id }).map(({ err }) => err)
      expect(errors.join()).to.match(/x-archive\[\w+\]-ais:\/\/s-dm-open-\w+ => : empty o\[d\/a\.tar\(-\)\]|more error/)
      expect(world.send('GET', '/v1/objects/d/a.tar?provider=ais').status).not.to.equal(200)
      expect(total(world.snaps({ id }), 'loc-objs')).to.equal(0)
    })

  it('is refused without a destination, as by AIStore 5.0', () => {
    const value = { archname: 'a.tar', template: '' }
    const { status, body } = worldWith(1).send('PUT', '/v1/buckets/s?provider=ais', { action: 'archive', value })
    expect(status).to.equal(400)
    expect(JSON.parse(body)).to.include({ message: 'bucket name is missing', url_path: '/v1/buckets/s' })
  })

  it('is listed with its files, which are read one by one or by their names', () => {
    const world = worldWith(5)
    startArchive(world, 'a.tar', { objnames: ['o001', 'o002', 'o003'] })
    world.now += 1_000
    const flags = String(2 ** 3)
    const { body } = world.send('GET', '/v1/buckets/d?provider=ais', { action: 'list', value: { flags } })
    const { entries } = JSON.parse(body) as { readonly entries: readonly object[] }
    expect(entries).to.have.length(4)
    expect(entries[0]).to.include({ name: 'a.tar', flags: 512 + 64 })
    expect(entries[1]).to.include({ name: 'a.tar/o001', size: '2', flags: 128 + 64 })
    const get = (query: string) => world.follow('GET', `/v1/objects/d/a.tar?provider=ais&${query}`)
    expect(get('archpath=o002').bytes).to.have.length(3)
    expect(get('archpath=nosuch').status).to.equal(404)
    const matched = (mode: string, text: string): readonly string[] =>
      readTar(get(`archregx=${text}&archmode=${mode}`).bytes ?? new Uint8Array()).map(({ name }) => name)
    expect(matched('prefix', 'o00')).to.deep.equal(['o001', 'o002', 'o003'])
    expect(matched('suffix', '2')).to.deep.equal(['o002'])
    expect(matched('wdskey', 'o003')).to.deep.equal(['o003'])
    expect(matched('', 'o00[13]')).to.deep.equal(['o001', 'o003'])
  })
})

describe('emulator, jobs that keep the contents', () => {
  it('mirror object by object', () => {
    const world = worldWith(100)
    const copies = (name: string) =>
      world.follow('HEAD', `/v1/objects/s/${name}?provider=ais`).headers['ais-mirror-copies']
    world.send('POST', '/v1/buckets/s?provider=ais', { action: 'make-n-copies', value: 2 })
    const at = () => Array.from({ length: 100 }, (_, i) => copies(nameOf(i))).filter((count) => count === '2').length
    world.now += 30
    expect(at()).to.be.within(10, 90)
    world.now += 1_000
    expect(at()).to.equal(100)
  })

  it('store large objects in chunks, and as wholes again', () => {
    const world = worldWith(100)
    const chunks = () =>
      world.follow('HEAD', '/v1/objects/s/o099?provider=ais&props=chunked').headers['ais-chunks-count'] ?? 'none'
    startJob(world, 'POST', 'rechunk', { 'objsize-limit': 50, 'chunk-size': 30 })
    world.now += 10_000
    expect(chunks()).to.equal('4')
    startJob(world, 'POST', 'rechunk', { 'objsize-limit': 0, 'chunk-size': 30 })
    world.now += 10_000
    expect(chunks()).to.equal('none')
  })

  it('move a bucket with its objects', () => {
    const world = worldWith(3)
    world.send('DELETE', '/v1/buckets/d?provider=ais', { action: 'destroy-bck' })
    const to = `&bck_to=${encodeURIComponent('ais/@#/d/')}`
    world.send('POST', `/v1/buckets/s?provider=ais${to}`, { action: 'move-bck' })
    world.now += 10_000
    expect(namesIn(world, 'd')).to.deep.equal(['o000', 'o001', 'o002'])
  })
})

describe('emulator, a batch of objects', () => {
  const requestBatch = (world: World, body: object) =>
    world.follow('GET', '/v1/ml/moss/s?provider=ais', { mime: '.tar', ...body })

  it('is an archive of their contents, in the order of the request', () => {
    const world = worldWith(5)
    const reply = requestBatch(world, { in: [{ objname: 'o003' }, { objname: 'o001' }], strm: true })
    expect(reply.headers['content-type']).to.equal('application/x-tar')
    const files = readTar(reply.bytes ?? new Uint8Array())
    expect(files.map(({ name, bytes }) => [name, bytes.length])).to.deep.equal([
      ['s/o003', 4],
      ['s/o001', 2],
    ])
    world.now += 1_000
    expect(total(world.snaps({ kind: 'get-batch' }), 'loc-bytes')).to.equal(6)
  })

  it('has a folder for missing objects if the request continues after errors', () => {
    const world = worldWith(1)
    const wanted = [{ objname: 'o000' }, { objname: 'nosuch' }]
    expect(requestBatch(world, { in: wanted, strm: true }).status).to.equal(404)
    const { bytes } = requestBatch(world, { in: wanted, coer: true, strm: true })
    expect(readTar(bytes ?? new Uint8Array()).map(({ name }) => name)).to.deep.equal(['s/o000', '__404__/s/nosuch'])
  })

  it('has parts of objects, and repeats the marks of the request', () => {
    const world = worldWith(1)
    world.follow('PUT', '/v1/objects/s/digits?provider=ais', '0123456789')
    const wanted = [{ objname: 'digits', start: 2, length: 3, opaque: 'bWFyaw==' }]
    const text = Buffer.from(requestBatch(world, { in: wanted }).bytes ?? []).toString('latin1')
    expect(text).to.include('"opaque":"bWFyaw==","size":3}')
    const streamed = readTar(requestBatch(world, { in: wanted, strm: true }).bytes ?? new Uint8Array())
    expect(Buffer.from(streamed[0]?.bytes ?? []).toString()).to.equal('234')
  })

  it('comes with a table of contents, if it is not streamed', () => {
    const world = worldWith(2)
    const reply = requestBatch(world, { in: [{ objname: 'o001' }] })
    expect(reply.headers['content-type']).to.match(/^multipart\/mixed; boundary=/)
    const text = Buffer.from(reply.bytes ?? []).toString('latin1')
    expect(text).to.include('"out":[{"objname":"o001","bucket":"s","provider":"ais","size":2}]')
    expect(text).to.include('Content-Disposition: form-data; name="archive"; filename="get-batch[gbt-')
  })
})
