import { expect } from 'chai'
import { startEmulator } from '../../../../lib/emulator/start-emulator.ts'
import { ManualClock } from '../../../../lib/emulator/http/clock.ts'
import type { Emulator } from '../../../../lib/emulator/emulator.ts'
import type { Fault } from '../../../../lib/emulator/faults/fault.ts'
import { sendRequest, codeOf, type Reply } from '../wire.ts'

describe('emulator faults', () => {
  let emulator: Emulator
  let clock: ManualClock

  beforeEach(async () => {
    clock = new ManualClock()
    emulator = await startEmulator({ seed: 1 }, clock)
    emulator.seedBucket('b', { objects: 3_000 })
  })

  afterEach(() => emulator.close())

  const running = (proxy = 0): Promise<Reply> =>
    sendRequest(`${emulator.endpoints[proxy] ?? ''}/v1/cluster?what=running_all`, { body: '{}' })
  const start = (): Promise<Reply> =>
    sendRequest(`${emulator.endpoint}/v1/cluster`, { method: 'PUT', body: '{"action":"start","value":{"Kind":"lru"}}' })

  it('should reset a connection before a reply', async () => {
    emulator.faults.next(1, { type: 'reset' })
    expect(await codeOf(running())).to.equal('ECONNRESET')
    expect((await running()).status).to.equal(200)
  })

  it('should carry out the request before it resets the connection', async () => {
    emulator.faults.next(1, { type: 'reset' }, { method: 'PUT' })
    expect(await codeOf(start())).to.equal('ECONNRESET')
    expect((await running()).body).to.contain('lru[')
  })

  for (const type of ['reset-body', 'truncate'] as const) {
    it(`should break off in the middle of a body at ${type}`, async () => {
      emulator.faults.next(1, { type }, { what: 'smap' })
      expect(await codeOf(sendRequest(`${emulator.endpoint}/v1/daemon?what=smap`))).to.equal('ECONNRESET')
      expect((await sendRequest(`${emulator.endpoint}/v1/daemon?what=smap`)).status).to.equal(200)
    })
  }

  it('should never reply to a stalled request, but to the next one', async () => {
    emulator.faults.next(1, { type: 'stall' })
    const leaving = new AbortController()
    const stalled = codeOf(sendRequest(`${emulator.endpoint}/v1/health`, { signal: leaving.signal }))
    expect((await running()).status).to.equal(200)
    leaving.abort()
    expect(await stalled).to.equal('ABORT_ERR')
  })

  it('should reply with an HTML page', async () => {
    emulator.faults.next(1, { type: 'wrong-type' })
    const reply = await running()
    expect(reply.status).to.equal(200)
    expect(reply.headers['content-type']).to.equal('text/html; charset=utf-8')
    expect(reply.body).to.match(/^<!doctype html>/)
  })

  it('should reply with any status, an empty body and `retry-after`', async () => {
    emulator.faults.next(1, { type: 'status', status: 503, retryAfterSeconds: 7 })
    const reply = await running()
    expect(reply).to.include({ status: 503, body: '' })
    expect(reply.headers['retry-after']).to.equal('7')
  })

  it('should not pass a request with a status fault to the cluster', async () => {
    emulator.faults.next(1, { type: 'status', status: 502 })
    await start()
    expect((await running()).body).to.equal('[]\n')
  })

  it('should delay a reply by the clock of the cluster', async () => {
    emulator.faults.next(1, { type: 'slow', delayMs: 4_000 })
    const slow = running()
    while (clock.pending === 0) await new Promise(setImmediate)
    clock.advance(3_999)
    expect(clock.pending).to.equal(1)
    clock.advance(1)
    expect((await slow).status).to.equal(200)
  })

  it('should refuse connections, and accept them again on the same port', async () => {
    await emulator.faults.refuse(0)
    expect(await codeOf(running())).to.equal('ECONNREFUSED')
    expect((await running(1)).status).to.equal(200)
    await emulator.faults.accept(0)
    expect((await running()).status).to.equal(200)
  })

  it('should be injected until they are cleared', async () => {
    emulator.faults.always({ type: 'status', status: 500 })
    expect([(await running()).status, (await running()).status]).to.deep.equal([500, 500])
    emulator.faults.clear()
    expect((await running()).status).to.equal(200)
  })

  it('should be injected only into requests that match', async () => {
    const fault: Fault = { type: 'status', status: 500 }
    emulator.faults.next(9, fault, { what: 'status', method: undefined })
    emulator.faults.next(9, fault, ({ body }) => body.includes('rechunk'))
    expect((await running()).status).to.equal(200)
    const status = await sendRequest(`${emulator.endpoint}/v1/cluster?what=status`, { body: '{}' })
    const rechunk = await sendRequest(`${emulator.endpoint}/v1/cluster?what=running_all`, {
      body: '{"kind":"rechunk"}',
    })
    expect([status.status, rechunk.status]).to.deep.equal([500, 500])
  })

  it('should be injected in the order of the calls', async () => {
    emulator.faults.next(1, { type: 'status', status: 500 })
    emulator.faults.next(1, { type: 'status', status: 501 })
    expect([(await running()).status, (await running()).status]).to.deep.equal([500, 501])
  })

  it('should kill a target, which closes its port and later leaves the map, and restart it', async () => {
    const [victim = ''] = emulator.targetIds
    const map = JSON.parse((await sendRequest(`${emulator.endpoint}/v1/daemon?what=smap`)).body) as {
      tmap: Record<string, { public_net: { direct_url: string } }>
    }
    const url = map.tmap[victim]?.public_net.direct_url ?? ''
    expect((await sendRequest(`${url}/v1/cluster?what=status`, { body: '{}' })).status).to.equal(400)
    await emulator.faults.killTarget(victim)
    expect(await codeOf(sendRequest(`${url}/v1/health`))).to.equal('ECONNREFUSED')
    expect((await running()).status).to.equal(400)
    clock.advance(32_000)
    expect((await running()).status).to.equal(200)
    await emulator.faults.restartTarget(victim)
    expect((await sendRequest(`${url}/v1/health`)).status).to.equal(200)
  })

  it('should kill a proxy and restart it', async () => {
    await emulator.faults.killProxy(0)
    expect(await codeOf(running())).to.equal('ECONNREFUSED')
    clock.advance(11_000)
    const body = '{"action":"start","value":{"Kind":"lru"}}'
    expect((await sendRequest(`${emulator.endpoints[1] ?? ''}/v1/cluster`, { method: 'PUT', body })).status).to.equal(
      200,
    )
    await emulator.faults.restartProxy(0)
    expect((await running()).body).to.contain('lru[')
  })

  it('should freeze and thaw a target, and lose notifications', async () => {
    const [victim = ''] = emulator.targetIds
    emulator.faults.freezeTarget(victim)
    const frozen = running()
    while (clock.pending === 0) await new Promise(setImmediate)
    emulator.faults.thawTarget(victim)
    expect((await running()).status).to.equal(200)
    clock.advance(300_000)
    expect((await frozen).status).to.equal(400)
    emulator.faults.loseNotifications()
    const { body: id } = await start()
    clock.advance(20_000)
    expect(
      (await sendRequest(`${emulator.endpoint}/v1/cluster?what=status`, { body: `{"id":"${id}"}` })).body,
    ).to.contain('"end_time":0')
  })

  it('should throw a RangeError for an unknown proxy', () => {
    expect(() => emulator.faults.refuse(5)).to.throw(RangeError, 'no such proxy: 5')
  })
})
