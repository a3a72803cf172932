import { expect } from 'chai'
import { startEmulator } from '../../../../lib/emulator/index.ts'

// Objects that are put into the emulator and read again over real sockets.

const CREATE = { method: 'POST', body: '{"action":"create-bck"}' }

describe('emulator, objects over HTTP', () => {
  it('should be written and read by a client that follows redirects', async () => {
    await using emulator = await startEmulator({})
    const url = (path: string): string => `${emulator.endpoint}/v1/${path}?provider=ais`
    expect((await fetch(url('buckets/b'), CREATE)).status).to.equal(200)
    const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7) % 256)
    const put = await fetch(url('objects/b/dir/o'), { method: 'PUT', body: new Blob([bytes]) })
    expect(put.status).to.equal(200)
    const got = await fetch(url('objects/b/dir/o'))
    expect(Buffer.from(await got.arrayBuffer()).equals(Buffer.from(bytes))).to.equal(true)
    expect(got.headers.get('ais-checksum-value')).to.equal(put.headers.get('ais-checksum-value'))
  })

  it('should have the length of their content in the reply to a HEAD, which has no body', async () => {
    await using emulator = await startEmulator({})
    emulator.seedBucket('b', { objects: 1, objectSize: 12_345 })
    const head = await fetch(`${emulator.endpoint}/v1/objects/b/obj-00000?provider=ais`, { method: 'HEAD' })
    expect(head.status).to.equal(200)
    expect(head.headers.get('content-length')).to.equal('12345')
    expect(await head.text()).to.equal('')
    const range = { headers: { range: 'bytes=10-19' } }
    const part = await fetch(`${emulator.endpoint}/v1/objects/b/obj-00000?provider=ais`, range)
    expect(part.status).to.equal(206)
    expect(part.headers.get('content-length')).to.equal('10')
    expect(await part.text()).to.equal('obj-00000\n')
  })

  it('should be in the log of requests with the beginning of their content', async () => {
    await using emulator = await startEmulator({})
    emulator.seedBucket('b', {})
    const body = 'x'.repeat(100_000)
    await fetch(`${emulator.endpoint}/v1/objects/b/o?provider=ais`, { method: 'PUT', body })
    const logged = emulator.requests.list(({ method }) => method === 'PUT')
    // The request to the proxy, and the one to the target to which the proxy redirects it; the log keeps 16 kB of each.
    expect(logged.map((request) => request.body.length)).to.deep.equal([16_384, 16_384])
  })

  it('should be refused beyond the memory of the emulator', async () => {
    await using emulator = await startEmulator({ memoryBytes: 1_000 })
    emulator.seedBucket('b', {})
    const put = (size: number) =>
      fetch(`${emulator.endpoint}/v1/objects/b/o?provider=ais`, { method: 'PUT', body: 'x'.repeat(size) })
    expect((await put(1_000)).status).to.equal(200)
    expect((await put(1_001)).status).to.equal(507)
  })
})
