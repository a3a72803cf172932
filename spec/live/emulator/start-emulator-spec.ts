import { expect } from 'chai'
import { lastValueFrom } from 'rxjs'
import { startEmulator, ManualClock } from '../../../lib/emulator/index.ts'
import { createCluster, summarizeBucket } from '../../../lib/index.ts'
import { sendRequest, codeOf } from './wire.ts'

// `startEmulator` opens a port for each node. `sendRequest` sends one request over a real socket; `ManualClock` is a
// clock that the spec moves.

describe('startEmulator', () => {
  it('should reply to a GET with a body', async () => {
    await using emulator = await startEmulator({}, new ManualClock())
    const reply = await sendRequest(`${emulator.endpoint}/v1/cluster?what=running_all`, { body: '{"kind":""}' })
    expect(reply).to.include({ status: 200, body: '[]\n' })
  })

  it('should refuse a query as POST with a method override', async () => {
    await using emulator = await startEmulator({}, new ManualClock())
    const headers = { 'x-http-method-override': 'GET' }
    const reply = await sendRequest(`${emulator.endpoint}/v1/cluster?what=running_all`, {
      method: 'POST',
      body: '{}',
      headers,
    })
    expect(reply.status).to.equal(400)
  })

  it('should give each proxy a port, which the map contains', async () => {
    await using emulator = await startEmulator({ proxies: 4 }, new ManualClock())
    const { body } = await sendRequest(`${emulator.endpoints[3] ?? ''}/v1/daemon?what=smap`)
    expect(new Set(emulator.endpoints)).to.have.property('size', 4)
    for (const endpoint of emulator.endpoints) expect(body).to.contain(`"direct_url":"${endpoint}"`)
  })

  it('should redirect a query by kind from the fourth proxy to an IC member', async () => {
    await using emulator = await startEmulator({ proxies: 4 }, new ManualClock())
    const reply = await sendRequest(`${emulator.endpoints[3] ?? ''}/v1/cluster?what=status`, { body: '{"kind":"lru"}' })
    expect(reply.status).to.equal(307)
    const { origin, pathname, search } = new URL(reply.headers.location ?? '')
    expect(emulator.endpoints.slice(0, 3)).to.include(origin)
    expect(`${pathname}${search}`).to.match(/^\/v1\/cluster\?what=status&pid=\w+&utm=\w+$/)
  })

  it('should delay the reply to a request for an unknown status by two seconds of the given clock', async () => {
    const clock = new ManualClock()
    await using emulator = await startEmulator({}, clock)
    const reply = sendRequest(`${emulator.endpoint}/v1/cluster?what=status`, { body: '{"id":"Abcdefghi"}' })
    while (clock.pending === 0) await new Promise(setImmediate)
    clock.advance(2_100)
    expect((await reply).status).to.equal(404)
  })

  it('should require its token', async () => {
    await using emulator = await startEmulator({ token: 'secret' }, new ManualClock())
    const query = { body: '{}' }
    const url = `${emulator.endpoint}/v1/cluster?what=running_all`
    expect((await sendRequest(url, query)).status).to.equal(401)
    expect((await sendRequest(url, { ...query, headers: { authorization: 'Bearer secret' } })).status).to.equal(200)
  })

  it('should shorten delays by its speed', async () => {
    await using emulator = await startEmulator({ speed: 1_000 })
    const began = performance.now()
    const reply = await sendRequest(`${emulator.endpoint}/v1/cluster?what=status`, { body: '{"id":"Abcdefghi"}' })
    expect(reply.status).to.equal(404)
    expect(performance.now() - began).to.be.lessThan(1_000)
  })

  it('should start mirroring when objects are put into a mirrored bucket', async () => {
    await using emulator = await startEmulator({}, new ManualClock())
    emulator.seedBucket('m', { objects: 10, mirrored: true })
    emulator.putObjects('m', { objects: 5 })
    const { body } = await sendRequest(`${emulator.endpoint}/v1/cluster?what=running_all`, { body: '{}' })
    expect(body).to.match(/^\["put-copies\[\w+\]"\]\n$/)
  })

  it('should record requests', async () => {
    await using emulator = await startEmulator({}, new ManualClock())
    await sendRequest(`${emulator.endpoint}/v1/health`)
    await sendRequest(`${emulator.endpoint}/v1/cluster?what=status_all`, { body: '{}' })
    expect(emulator.requests.count()).to.equal(2)
    expect(emulator.requests.list(({ what }) => what === 'status_all').map(({ body }) => body)).to.deep.equal(['{}'])
    emulator.requests.clear()
    expect(emulator.requests.count()).to.equal(0)
  })

  it('should close while a request is in flight, and accept a second close', async () => {
    const clock = new ManualClock()
    const emulator = await startEmulator({}, clock)
    const reply = codeOf(sendRequest(`${emulator.endpoint}/v1/cluster?what=status`, { body: '{"id":"Abcdefghi"}' }))
    while (clock.pending === 0) await new Promise(setImmediate)
    await emulator.close()
    await emulator.close()
    expect(await reply).to.equal('ECONNRESET')
    expect(clock.pending).to.equal(0)
  })

  it('should fail if the port is in use, and leave nothing open', async () => {
    await using emulator = await startEmulator({}, new ManualClock())
    const port = Number(new URL(emulator.endpoint).port)
    expect(await codeOf(startEmulator({ port }))).to.equal('EADDRINUSE')
  })

  for (const options of [
    { speed: 0 },
    { speed: NaN },
    { targets: -1 },
    { targets: 1_001 },
    { proxies: 0 },
    { proxies: 1e9 },
    { objectsPerSecond: 0 },
    { objectsPerSecond: Infinity },
    { fileMs: NaN },
    { promotedFiles: -1 },
    { promotedFiles: 0.5 },
    { memoryBytes: NaN },
    { memoryBytes: -1 },
    { seed: NaN },
    { seed: 0.5 },
    { paces: { polish: 1 } },
    { paces: { lru: 0 } },
  ]) {
    it(`should refuse ${JSON.stringify(options)}`, async () => {
      const failure: unknown = await startEmulator(options).catch((error: unknown) => error)
      expect(failure).to.be.instanceOf(RangeError)
    })
  }

  it('should refuse a number of objects or a size that is not whole, and change nothing', async () => {
    await using emulator = await startEmulator({ speed: 100 })
    emulator.seedBucket('data', { objects: 3 })
    for (const wrong of [-1, NaN, Infinity, 0.5]) {
      expect(() => emulator.seedBucket('data', { objects: wrong })).to.throw(RangeError)
      expect(() => emulator.seedBucket('data', { objectSize: wrong })).to.throw(RangeError)
      expect(() => emulator.putObjects('data', { objects: wrong })).to.throw(RangeError)
      expect(() => emulator.putObjects('data', { objects: 1, objectSize: wrong })).to.throw(RangeError)
    }
    const last = await lastValueFrom(summarizeBucket(createCluster(emulator.endpoint), { bucket: { name: 'data' } }))
    expect(last).to.have.nested.include({ 'right.objects': 3n, 'right.avgBytes': 1_024n })
  })
})
