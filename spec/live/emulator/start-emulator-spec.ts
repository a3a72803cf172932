import { expect } from 'chai'
import { startEmulator, ManualClock } from '../../../lib/emulator/index.ts'
import { ask, codeOf } from './wire.ts'

describe('startEmulator', () => {
  it('should answer a question that comes as a GET with a body', async () => {
    await using emulator = await startEmulator({}, new ManualClock())
    const reply = await ask(`${emulator.endpoint}/v1/cluster?what=running_all`, { body: '{"kind":""}' })
    expect(reply).to.include({ status: 200, body: '[]\n' })
  })

  it('should refuse the same question as a POST that says it is a GET', async () => {
    await using emulator = await startEmulator({}, new ManualClock())
    const headers = { 'x-http-method-override': 'GET' }
    const reply = await ask(`${emulator.endpoint}/v1/cluster?what=running_all`, { method: 'POST', body: '{}', headers })
    expect(reply.status).to.equal(400)
  })

  it('should give each proxy a port, which the map names', async () => {
    await using emulator = await startEmulator({ proxies: 4 }, new ManualClock())
    const { body } = await ask(`${emulator.endpoints[3] ?? ''}/v1/daemon?what=smap`)
    expect(new Set(emulator.endpoints)).to.have.property('size', 4)
    for (const endpoint of emulator.endpoints) expect(body).to.contain(`"direct_url":"${endpoint}"`)
  })

  it('should send a question by kind from the fourth proxy to a member, with a body of HTML', async () => {
    await using emulator = await startEmulator({ proxies: 4 }, new ManualClock())
    const reply = await ask(`${emulator.endpoints[3] ?? ''}/v1/cluster?what=status`, { body: '{"kind":"lru"}' })
    expect(reply.status).to.equal(307)
    const { origin, pathname, search } = new URL(reply.headers.location ?? '')
    expect(emulator.endpoints.slice(0, 3)).to.include(origin)
    expect(`${pathname}${search}`).to.match(/^\/v1\/cluster\?what=status&pid=\w+&utm=\w+$/)
  })

  it('should hold back an unknown status for two seconds of its clock', async () => {
    const clock = new ManualClock()
    await using emulator = await startEmulator({}, clock)
    const reply = ask(`${emulator.endpoint}/v1/cluster?what=status`, { body: '{"id":"Abcdefghi"}' })
    while (clock.pending === 0) await new Promise(setImmediate)
    clock.advance(2_100)
    expect((await reply).status).to.equal(404)
  })

  it('should ask for its token', async () => {
    await using emulator = await startEmulator({ token: 'secret' }, new ManualClock())
    const question = { body: '{}' }
    const url = `${emulator.endpoint}/v1/cluster?what=running_all`
    expect((await ask(url, question)).status).to.equal(401)
    expect((await ask(url, { ...question, headers: { authorization: 'Bearer secret' } })).status).to.equal(200)
  })

  it('should be quicker by its speed', async () => {
    await using emulator = await startEmulator({ speed: 1_000 })
    const began = performance.now()
    const reply = await ask(`${emulator.endpoint}/v1/cluster?what=status`, { body: '{"id":"Abcdefghi"}' })
    expect(reply.status).to.equal(404)
    expect(performance.now() - began).to.be.lessThan(1_000)
  })

  it('should wake the mirror of a bucket that is put into', async () => {
    await using emulator = await startEmulator({}, new ManualClock())
    emulator.seedBucket('m', { objects: 10, mirrored: true })
    emulator.putObjects('m', { objects: 5 })
    const { body } = await ask(`${emulator.endpoint}/v1/cluster?what=running_all`, { body: '{}' })
    expect(body).to.match(/^\["put-copies\[\w+\]"\]\n$/)
  })

  it('should count what was asked', async () => {
    await using emulator = await startEmulator({}, new ManualClock())
    await ask(`${emulator.endpoint}/v1/health`)
    await ask(`${emulator.endpoint}/v1/cluster?what=status_all`, { body: '{}' })
    expect(emulator.requests.count()).to.equal(2)
    expect(emulator.requests.list(({ what }) => what === 'status_all').map(({ body }) => body)).to.deep.equal(['{}'])
    emulator.requests.clear()
    expect(emulator.requests.count()).to.equal(0)
  })

  it('should close while somebody waits, and once more', async () => {
    const clock = new ManualClock()
    const emulator = await startEmulator({}, clock)
    const reply = codeOf(ask(`${emulator.endpoint}/v1/cluster?what=status`, { body: '{"id":"Abcdefghi"}' }))
    while (clock.pending === 0) await new Promise(setImmediate)
    await emulator.close()
    await emulator.close()
    expect(await reply).to.equal('ECONNRESET')
    expect(clock.pending).to.equal(0)
  })

  it('should fail where the port is taken, and leave nothing open', async () => {
    await using emulator = await startEmulator({}, new ManualClock())
    const port = Number(new URL(emulator.endpoint).port)
    expect(await codeOf(startEmulator({ port }))).to.equal('EADDRINUSE')
  })

  for (const options of [{ speed: 0 }, { speed: NaN }, { targets: -1 }, { proxies: 0 }, { objectsPerSecond: 0 }]) {
    it(`should refuse ${JSON.stringify(options)}`, async () => {
      const failure: unknown = await startEmulator(options).catch((error: unknown) => error)
      expect(failure).to.be.instanceOf(RangeError)
    })
  }
})
