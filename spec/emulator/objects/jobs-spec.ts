import { expect } from 'chai'
import { readTar } from '../../../lib/emulator/store/tar.ts'
import { filesIn } from '../../../lib/emulator/store/archive.ts'
import { total, World } from '../world.ts'
import type { StoredObject } from '../../../lib/emulator/store/stored-object.ts'

const create = (w: World, name: string) => w.send('POST', `/v1/buckets/${name}?provider=ais`, { action: 'create-bck' })

const nameOf = (i: number): string => `o${String(i).padStart(3, '0')}`

/** A cluster with a bucket `s` of objects of 1, 2, 3, ... bytes, and an empty bucket `d`. */
const filled = (objects: number): World => {
  const w = new World()
  create(w, 's')
  create(w, 'd')
  for (let i = 0; i < objects; i++) w.follow('PUT', `/v1/objects/s/${nameOf(i)}?provider=ais`, 'x'.repeat(i + 1))
  return w
}

const namesIn = (w: World, bucket: string): readonly string[] => {
  const { body } = w.send('GET', `/v1/buckets/${bucket}?provider=ais`, { action: 'list', value: {} })
  const { entries } = JSON.parse(body) as { readonly entries: readonly { readonly name: string }[] | null }
  return (entries ?? []).map(({ name }) => name)
}

const read = (w: World, bucket: string, name: string): Uint8Array =>
  w.follow('GET', `/v1/objects/${bucket}/${name}?provider=ais`).bytes ?? new Uint8Array()

const copy = (w: World, value: object): string => {
  const to = `&bck_to=${encodeURIComponent('ais/@#/d/')}`
  const reply = w.send('POST', `/v1/buckets/s?provider=ais${to}`, { action: 'copy-bck', value })
  if (reply.status !== 200) throw new Error(reply.body)
  return reply.body
}

const start = (w: World, method: string, action: string, value: object): string => {
  const reply = w.send(method, '/v1/buckets/s?provider=ais', { action, value })
  if (reply.status !== 200) throw new Error(reply.body)
  return reply.body
}

describe('emulator, a copy of a bucket', () => {
  it('copies object by object, so that the counters are true at each time', () => {
    const w = filled(300)
    const id = copy(w, {})
    expect(namesIn(w, 'd')).to.have.length(0)
    w.now += 100
    const half = namesIn(w, 'd').length
    expect(half).to.be.within(50, 250)
    expect(total(w.snaps({ id }), 'loc-objs')).to.equal(half)
    w.now += 60_000
    expect(namesIn(w, 'd')).to.deep.equal(namesIn(w, 's'))
    expect(total(w.snaps({ id }), 'loc-objs')).to.equal(300)
    expect(total(w.snaps({ id }), 'loc-bytes')).to.equal((300 * 301) / 2)
    expect(read(w, 'd', 'o041')).to.have.length(42)
  })

  it('copies nothing more after an abort', () => {
    const w = filled(300)
    const id = copy(w, {})
    w.now += 100
    w.stop({ ID: id })
    const copied = namesIn(w, 'd').length
    w.now += 60_000
    expect(namesIn(w, 'd')).to.have.length(copied)
    expect(copied).to.be.within(50, 250)
    expect(w.status({ id })).to.include({ aborted: true, err: 'user abort' })
  })

  it('destroys the bucket that it has created if it is aborted', () => {
    const w = filled(300)
    w.send('DELETE', '/v1/buckets/d?provider=ais', { action: 'destroy-bck' })
    const id = copy(w, {})
    w.now += 100
    expect(namesIn(w, 'd').length).to.be.within(50, 250)
    w.stop({ ID: id })
    expect(w.send('HEAD', '/v1/buckets/d?provider=ais').status).to.equal(404)
  })

  it('chooses objects by prefix, and renames the copies', () => {
    const w = filled(12)
    w.follow('PUT', '/v1/objects/s/o00.old?provider=ais', 'x')
    const id = copy(w, { prefix: 'o00', prepend: 'new/', ext: { old: 'new' } })
    w.now += 60_000
    expect(namesIn(w, 'd')).to.deep.equal(['new/o00.new', ...Array.from({ length: 10 }, (_, i) => `new/${nameOf(i)}`)])
    expect(total(w.snaps({ id }), 'loc-objs')).to.equal(11)
  })

  it('only counts in a dry run', () => {
    const w = filled(10)
    const id = copy(w, { dry_run: true })
    w.now += 60_000
    expect(namesIn(w, 'd')).to.have.length(0)
    expect(total(w.snaps({ id }), 'loc-objs')).to.equal(10)
    expect(total(w.snaps({ id }), 'loc-bytes')).to.equal(55)
  })

  it('deletes what the source has lost, if it synchronizes', () => {
    const w = filled(3)
    w.follow('PUT', '/v1/objects/d/extra?provider=ais', 'x')
    copy(w, { synchronize: true })
    w.now += 60_000
    expect(namesIn(w, 'd')).to.deep.equal(namesIn(w, 's'))
  })
})

describe('emulator, a delete of objects', () => {
  it('deletes those that are named, and reports a missing one on the target that would hold it', () => {
    const w = filled(10)
    const id = start(w, 'DELETE', 'delete-listrange', { objnames: ['o001', 'o002', 'nosuch'] })
    w.now += 10_000
    expect(namesIn(w, 's')).to.have.length(8)
    expect(w.status({ id })).to.include({ err: '', aborted: false })
    const snaps = w.snaps({ id })
    expect(total(snaps, 'loc-objs')).to.equal(2)
    expect(total(snaps, 'loc-bytes')).to.equal(5)
    const errors = snaps.map(({ err }) => err).filter((err) => err !== '')
    expect(errors).to.have.length(1)
    expect(errors[0]).to.match(/^t\[\w+\]: ais:\/\/s\/nosuch does not exist$/)
  })

  for (const [template, left] of [
    ['o{003..005}', 7],
    ['o{000..020..5}', 8],
    ['o00', 0],
    ['o00*', 0],
    ['p', 10],
    ['', 0],
  ] as const) {
    it(`passes over what is missing with the template '${template}'`, () => {
      const w = filled(10)
      const id = start(w, 'DELETE', 'delete-listrange', { template })
      w.now += 10_000
      expect(namesIn(w, 's')).to.have.length(left)
      expect(w.snaps({ id }).map(({ err }) => err)).to.deep.equal(['', '', ''])
    })
  }

  it('is over soon after a range of very many names of which few exist', () => {
    const w = filled(10)
    const id = start(w, 'DELETE', 'delete-listrange', { template: 'o{000..999999}' })
    w.now += 1_000
    expect(w.status({ id }).end_time).to.be.greaterThan(0)
    expect(namesIn(w, 's')).to.have.length(0)
  })

  it('is not a prefetch: neither that nor an evict is for a bucket that is not remote', () => {
    for (const [method, action] of [
      ['POST', 'prefetch-listrange'],
      ['DELETE', 'evict-listrange'],
    ] as const) {
      const reply = filled(1).send(method, '/v1/buckets/s?provider=ais', { action, value: { objnames: ['o000'] } })
      expect(reply.status).to.equal(400)
      expect(JSON.parse(reply.body)).to.include({ tcode: 'ErrNotRemoteBck' })
    }
  })
})

describe('emulator, a copy of objects', () => {
  it('copies the named objects to a bucket, with one job for both requests', () => {
    const w = filled(10)
    const value = { objnames: ['o001', 'nosuch'], tobck: { name: 'd', provider: 'ais' }, prepend: 'p-' }
    const id = start(w, 'POST', 'copy-listrange', value)
    w.now += 1_000
    expect(start(w, 'POST', 'copy-listrange', { ...value, objnames: ['o002'] })).to.equal(id)
    w.now += 1_000
    expect(namesIn(w, 'd')).to.deep.equal(['p-o001', 'p-o002'])
    expect(total(w.snaps({ id }), 'loc-objs')).to.equal(2)
    expect(w.snaps({ id }).filter(({ err }) => err.includes('nosuch'))).to.have.length(1)
  })
})

describe('emulator, an archive', () => {
  const archive = (w: World, archname: string, more: object = {}): string =>
    start(w, 'PUT', 'archive', {
      archname,
      objnames: ['o002', 'o000'],
      tobck: { name: 'd', provider: 'ais' },
      ...more,
    })

  const filesOf = (w: World, name: string): readonly (readonly [string, number])[] => {
    const content = read(w, 'd', name)
    const files = filesIn({ name, size: content.length, content } as StoredObject) ?? []
    return files.map((file) => [file.name, file.bytes.length])
  }

  for (const ending of ['.tar', '.tgz', '.tar.gz', '.zip']) {
    it(`ending in ${ending} has the contents of the objects`, () => {
      const w = filled(5)
      archive(w, `a${ending}`)
      expect(namesIn(w, 'd')).to.have.length(0)
      w.now += 1_000
      expect(filesOf(w, `a${ending}`)).to.deep.equal([
        ['o002', 3],
        ['o000', 1],
      ])
    })
  }

  it('names its entries as the request says, and is extended if the request says so', () => {
    const w = filled(5)
    w.follow('PUT', '/v1/objects/s/dir/f?provider=ais', 'f')
    archive(w, 'a.tar', { objnames: ['dir/f'], bnonly: true, isbn: true })
    w.now += 1_000
    const id = archive(w, 'a.tar', { objnames: ['o001'], aate: true })
    w.now += 1_000
    expect(total(w.snaps({ id }), 'loc-objs')).to.equal(2)
    expect(filesOf(w, 'a.tar')).to.deep.equal([
      ['s/f', 1],
      ['o001', 2],
    ])
  })

  it('has no more objects than there is memory for', () => {
    const w = new World({ memoryBytes: 4_096 })
    create(w, 'd')
    const value = { archname: 'a.tar', template: '', tobck: { name: 'd', provider: 'ais' } }
    const { body } = w.send('PUT', '/v1/buckets/b?provider=ais', { action: 'archive', value })
    w.now += 10_000
    expect(
      w
        .snaps({ id: body })
        .map(({ err }) => err)
        .join(),
    ).to.include('out of space')
    expect(total(w.snaps({ id: body }), 'loc-objs')).to.equal(0)
  })

  it('is refused without the name of one, and as .tar.lz4', () => {
    const tobck = { name: 's' }
    const refused = (archname: string) =>
      filled(1).send('PUT', '/v1/buckets/s?provider=ais', { action: 'archive', value: { archname, tobck } }).status
    expect([refused('a.txt'), refused('a.tar.lz4'), refused('')]).to.deep.equal([400, 400, 400])
  })

  for (const [what, value] of [
    ['that nothing matches', { objnames: [], template: 'nosuch-' }],
    ['whose objects are all missing', { objnames: ['nosuch'] }],
  ] as const)
    it(`fails ${what}, and is not written`, () => {
      const w = filled(5)
      const id = archive(w, 'a.tar', value)
      w.now += 1_000
      const errors = w.snaps({ id }).map(({ err }) => err)
      expect(errors.join()).to.match(/x-archive\[\w+\]-ais:\/\/s-dm-open-\w+ => : empty o\[d\/a\.tar\(-\)\]|more error/)
      expect(w.send('GET', '/v1/objects/d/a.tar?provider=ais').status).not.to.equal(200)
      expect(total(w.snaps({ id }), 'loc-objs')).to.equal(0)
    })

  it('is refused without a destination, as by AIStore 5.0', () => {
    const value = { archname: 'a.tar', template: '' }
    const { status, body } = filled(1).send('PUT', '/v1/buckets/s?provider=ais', { action: 'archive', value })
    expect(status).to.equal(400)
    expect(JSON.parse(body)).to.include({ message: 'bucket name is missing', url_path: '/v1/buckets/s' })
  })

  it('is listed with its files, which are read one by one or by their names', () => {
    const w = filled(5)
    archive(w, 'a.tar', { objnames: ['o001', 'o002', 'o003'] })
    w.now += 1_000
    const flags = String(2 ** 3)
    const { body } = w.send('GET', '/v1/buckets/d?provider=ais', { action: 'list', value: { flags } })
    const { entries } = JSON.parse(body) as { readonly entries: readonly object[] }
    expect(entries).to.have.length(4)
    expect(entries[0]).to.include({ name: 'a.tar', flags: 512 + 64 })
    expect(entries[1]).to.include({ name: 'a.tar/o001', size: '2', flags: 128 + 64 })
    const get = (query: string) => w.follow('GET', `/v1/objects/d/a.tar?provider=ais&${query}`)
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
    const w = filled(100)
    const copies = (name: string) => w.follow('HEAD', `/v1/objects/s/${name}?provider=ais`).headers['ais-mirror-copies']
    w.send('POST', '/v1/buckets/s?provider=ais', { action: 'make-n-copies', value: 2 })
    const at = () => Array.from({ length: 100 }, (_, i) => copies(nameOf(i))).filter((count) => count === '2').length
    w.now += 30
    expect(at()).to.be.within(10, 90)
    w.now += 1_000
    expect(at()).to.equal(100)
  })

  it('store large objects in chunks, and as wholes again', () => {
    const w = filled(100)
    const chunks = () =>
      w.follow('HEAD', '/v1/objects/s/o099?provider=ais&props=chunked').headers['ais-chunks-count'] ?? 'none'
    start(w, 'POST', 'rechunk', { 'objsize-limit': 50, 'chunk-size': 30 })
    w.now += 10_000
    expect(chunks()).to.equal('4')
    start(w, 'POST', 'rechunk', { 'objsize-limit': 0, 'chunk-size': 30 })
    w.now += 10_000
    expect(chunks()).to.equal('none')
  })

  it('move a bucket with its objects', () => {
    const w = filled(3)
    w.send('DELETE', '/v1/buckets/d?provider=ais', { action: 'destroy-bck' })
    const to = `&bck_to=${encodeURIComponent('ais/@#/d/')}`
    w.send('POST', `/v1/buckets/s?provider=ais${to}`, { action: 'move-bck' })
    w.now += 10_000
    expect(namesIn(w, 'd')).to.deep.equal(['o000', 'o001', 'o002'])
  })
})

describe('emulator, a batch of objects', () => {
  const batch = (w: World, body: object) => w.follow('GET', '/v1/ml/moss/s?provider=ais', { mime: '.tar', ...body })

  it('is an archive of their contents, in the order of the request', () => {
    const w = filled(5)
    const reply = batch(w, { in: [{ objname: 'o003' }, { objname: 'o001' }], strm: true })
    expect(reply.headers['content-type']).to.equal('application/x-tar')
    const files = readTar(reply.bytes ?? new Uint8Array())
    expect(files.map(({ name, bytes }) => [name, bytes.length])).to.deep.equal([
      ['s/o003', 4],
      ['s/o001', 2],
    ])
    w.now += 1_000
    expect(total(w.snaps({ kind: 'get-batch' }), 'loc-bytes')).to.equal(6)
  })

  it('has a folder for missing objects if the request continues after errors', () => {
    const w = filled(1)
    const wanted = [{ objname: 'o000' }, { objname: 'nosuch' }]
    expect(batch(w, { in: wanted, strm: true }).status).to.equal(404)
    const { bytes } = batch(w, { in: wanted, coer: true, strm: true })
    expect(readTar(bytes ?? new Uint8Array()).map(({ name }) => name)).to.deep.equal(['s/o000', '__404__/s/nosuch'])
  })

  it('has parts of objects, and repeats the marks of the request', () => {
    const w = filled(1)
    w.follow('PUT', '/v1/objects/s/digits?provider=ais', '0123456789')
    const wanted = [{ objname: 'digits', start: 2, length: 3, opaque: 'bWFyaw==' }]
    const text = Buffer.from(batch(w, { in: wanted }).bytes ?? []).toString('latin1')
    expect(text).to.include('"opaque":"bWFyaw==","size":3}')
    const streamed = readTar(batch(w, { in: wanted, strm: true }).bytes ?? new Uint8Array())
    expect(Buffer.from(streamed[0]?.bytes ?? []).toString()).to.equal('234')
  })

  it('comes with a table of contents, if it is not streamed', () => {
    const w = filled(2)
    const reply = batch(w, { in: [{ objname: 'o001' }] })
    expect(reply.headers['content-type']).to.match(/^multipart\/mixed; boundary=/)
    const text = Buffer.from(reply.bytes ?? []).toString('latin1')
    expect(text).to.include('"out":[{"objname":"o001","bucket":"s","provider":"ais","size":2}]')
    expect(text).to.include('Content-Disposition: form-data; name="archive"; filename="get-batch[gbt-')
  })
})
