import { Agent, get } from 'node:http'
import { expect } from 'chai'
import { startEmulator } from '../../../../lib/emulator/start-emulator.ts'
import { ManualClock } from '../../../../lib/emulator/http/clock.ts'
import type { Emulator } from '../../../../lib/emulator/emulator.ts'
import type { Fault } from '../../../../lib/emulator/faults/fault.ts'
import { sendRequest, codeOf, type Reply } from '../wire.ts'

// The faults that users inject into the emulator, over real HTTP.

describe('emulator faults', () => {
  let emulator: Emulator
  let clock: ManualClock

  beforeEach(async () => {
    clock = new ManualClock()
    emulator = await startEmulator({ seed: 1 }, clock)
    emulator.seedBucket('b', { objects: 3_000 })
  })

  afterEach(() => emulator.close())

  const queryRunning = (proxy = 0): Promise<Reply> =>
    sendRequest(`${emulator.endpoints[proxy] ?? ''}/v1/cluster?what=running_all`, { body: '{}' })
  const startLru = (): Promise<Reply> =>
    sendRequest(`${emulator.endpoint}/v1/cluster`, { method: 'PUT', body: '{"action":"start","value":{"Kind":"lru"}}' })

  it('should reset a connection before a reply', async () => {
    emulator.faults.next(1, { type: 'reset' })
    expect(await codeOf(queryRunning())).to.equal('ECONNRESET')
    expect((await queryRunning()).status).to.equal(200)
  })

  it('should carry out the request before it resets the connection', async () => {
    emulator.faults.next(1, { type: 'reset' }, { method: 'PUT' })
    expect(await codeOf(startLru())).to.equal('ECONNRESET')
    expect((await queryRunning()).body).to.contain('lru[')
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
    expect((await queryRunning()).status).to.equal(200)
    leaving.abort()
    expect(await stalled).to.equal('ABORT_ERR')
  })

  it('should reply with an HTML page', async () => {
    emulator.faults.next(1, { type: 'wrong-type' })
    const reply = await queryRunning()
    expect(reply.status).to.equal(200)
    expect(reply.headers['content-type']).to.equal('text/html; charset=utf-8')
    expect(reply.body).to.match(/^<!doctype html>/)
  })

  it('should reply with any status, an empty body and `retry-after`', async () => {
    emulator.faults.next(1, { type: 'status', status: 503, retryAfterSeconds: 7 })
    const reply = await queryRunning()
    expect(reply).to.include({ status: 503, body: '' })
    expect(reply.headers['retry-after']).to.equal('7')
  })

  it('should not pass a request with a status fault to the cluster', async () => {
    emulator.faults.next(1, { type: 'status', status: 502 })
    await startLru()
    expect((await queryRunning()).body).to.equal('[]\n')
  })

  it('should delay a reply by the clock of the cluster', async () => {
    emulator.faults.next(1, { type: 'slow', delayMs: 4_000 })
    const slow = queryRunning()
    while (clock.pending === 0) await new Promise(setImmediate)
    clock.advance(3_999)
    expect(clock.pending).to.equal(1)
    clock.advance(1)
    expect((await slow).status).to.equal(200)
  })

  const queryMap = (): Promise<Reply> => sendRequest(`${emulator.endpoint}/v1/daemon?what=smap`)

  it('resets the connection after the headers, or at any byte of the body', async () => {
    for (const fault of [
      { type: 'reset-headers' },
      { type: 'reset-body', at: 1 },
      { type: 'truncate', at: 1 },
      { type: 'truncate', at: 0 },
    ] as const) {
      emulator.faults.next(1, fault)
      expect(await codeOf(queryMap()), fault.type).to.equal('ECONNRESET')
    }
    expect((await queryMap()).status).to.equal(200)
  })

  it('stops in the middle of a body and keeps the connection open', async () => {
    emulator.faults.next(1, { type: 'stall-body' })
    const leaving = new AbortController()
    const stalled = codeOf(sendRequest(`${emulator.endpoint}/v1/daemon?what=smap`, { signal: leaving.signal }))
    expect((await queryRunning()).status).to.equal(200)
    leaving.abort()
    expect(await stalled).to.be.oneOf(['ABORT_ERR', 'ECONNRESET'])
  })

  it('sends a reply one byte at a time by the clock of the cluster', async () => {
    emulator.faults.next(1, { type: 'slow-loris', everyMs: 10 })
    const slow = queryRunning()
    let bytes = 0
    for (let done = false; !done; clock.advance(10), bytes++) {
      done = await Promise.race([slow.then(() => true), new Promise<false>((resolve) => setImmediate(resolve, false))])
    }
    expect((await slow).body).to.equal('[]\n')
    expect(bytes).to.be.above(50)
  })

  it('sends bytes that are not HTTP, and headers that are too long for Node', async () => {
    emulator.faults.next(1, { type: 'garbage' })
    expect(await codeOf(queryRunning())).to.match(/^HPE_/)
    emulator.faults.next(1, { type: 'giant-header' })
    expect(await codeOf(queryRunning())).to.equal('HPE_HEADER_OVERFLOW')
  })

  it('labels the correct reply with a wrong type, a wrong encoding or a byte order mark', async () => {
    emulator.faults.next(1, { type: 'content-type', value: 'image/png' })
    expect((await queryRunning()).headers['content-type']).to.equal('image/png')
    emulator.faults.next(1, { type: 'content-encoding', value: 'br' })
    expect((await queryRunning()).headers['content-encoding']).to.equal('br')
    emulator.faults.next(1, { type: 'bom' })
    expect((await queryRunning()).body).to.equal('\uFEFF[]\n')
  })

  it('replies with a redirect, by default to the request itself', async () => {
    emulator.faults.next(1, { type: 'redirect' })
    const loop = await queryRunning()
    expect(loop.status).to.equal(307)
    expect(loop.headers.location).to.equal('/v1/cluster?what=running_all')
    emulator.faults.next(1, { type: 'redirect', status: 302, location: 'http://other.invalid/' })
    const away = await queryRunning()
    expect(away.status).to.equal(302)
    expect(away.headers.location).to.equal('http://other.invalid/')
  })

  it('replies with a hostile body', async () => {
    emulator.faults.next(1, { type: 'body', body: 'null' })
    expect((await queryRunning()).body).to.equal('null')
    emulator.faults.next(1, { type: 'giant', bytes: 1_000_000 })
    expect((await queryRunning()).body)
      .to.match(/^"x+"$/)
      .and.have.length(1_000_000)
    emulator.faults.next(1, { type: 'deep', depth: 3 })
    expect((await queryRunning()).body).to.equal('[[[]]]')
    emulator.faults.next(1, { type: 'invalid-utf8' })
    expect((await queryRunning()).body).to.contain('\uFFFD')
    emulator.faults.next(1, { type: 'gzip-bomb', bytes: 1_000_000 })
    const bomb = await queryRunning()
    expect(bomb.headers['content-encoding']).to.equal('gzip')
    expect(bomb.body.length).to.be.below(5_000)
  })

  it('replies with any text in `retry-after`, and with an HTML page of any status', async () => {
    emulator.faults.next(1, { type: 'status', status: 429, retryAfter: 'Wed, 21 Oct 2015 07:28:00 GMT' })
    expect((await queryRunning()).headers['retry-after']).to.equal('Wed, 21 Oct 2015 07:28:00 GMT')
    emulator.faults.next(1, { type: 'wrong-type', status: 502 })
    expect((await queryRunning()).status).to.equal(502)
  })

  it('closes a kept connection after the correct reply', async () => {
    const agent = new Agent({ keepAlive: true })
    const once = (): Promise<boolean> =>
      new Promise((resolve, reject) => {
        const outgoing = get(`${emulator.endpoint}/v1/health`, { agent }, (incoming) => incoming.resume())
        outgoing.on('error', reject).on('close', () => resolve(outgoing.reusedSocket))
      })
    await once()
    expect(await once()).to.equal(true)
    emulator.faults.next(1, { type: 'close-idle' })
    await once()
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(await once()).to.equal(false)
    agent.destroy()
  })

  it('moves the primary while all proxies are up', async () => {
    const primary = async (): Promise<string> => {
      const { body } = await queryMap()
      return (JSON.parse(body) as { proxy_si: { daemon_id: string } }).proxy_si.daemon_id
    }
    const before = await primary()
    emulator.faults.movePrimary(1)
    expect(await primary()).to.not.equal(before)
  })

  it('makes the members of the Information Center disagree', async () => {
    const statusAt = (proxy: number, id: string): Promise<Reply> =>
      sendRequest(`${emulator.endpoints[proxy] ?? ''}/v1/cluster?what=status`, { body: JSON.stringify({ id }) })
    emulator.faults.delayReports(0, 60_000)
    const { body: id } = await startLru()
    clock.advance(30_000)
    expect((await statusAt(0, id)).body).to.contain('"end_time":0')
    expect((await statusAt(1, id)).body).to.not.contain('"end_time":0')
    emulator.faults.forgetStatuses(1)
    const forgotten = statusAt(1, id)
    while (clock.pending === 0) await new Promise(setImmediate)
    clock.advance(3_000)
    expect((await forgotten).status).to.equal(404)
    expect((await statusAt(0, id)).status).to.equal(200)
  })

  it('should refuse connections, and accept them again on the same port', async () => {
    await emulator.faults.refuse(0)
    expect(await codeOf(queryRunning())).to.equal('ECONNREFUSED')
    expect((await queryRunning(1)).status).to.equal(200)
    await emulator.faults.accept(0)
    expect((await queryRunning()).status).to.equal(200)
  })

  it('should be injected until they are cleared', async () => {
    emulator.faults.always({ type: 'status', status: 500 })
    expect([(await queryRunning()).status, (await queryRunning()).status]).to.deep.equal([500, 500])
    emulator.faults.clear()
    expect((await queryRunning()).status).to.equal(200)
  })

  it('should be injected only into requests that match', async () => {
    const fault: Fault = { type: 'status', status: 500 }
    emulator.faults.next(9, fault, { what: 'status', method: undefined })
    emulator.faults.next(9, fault, ({ body }) => body.includes('rechunk'))
    expect((await queryRunning()).status).to.equal(200)
    const status = await sendRequest(`${emulator.endpoint}/v1/cluster?what=status`, { body: '{}' })
    const rechunk = await sendRequest(`${emulator.endpoint}/v1/cluster?what=running_all`, {
      body: '{"kind":"rechunk"}',
    })
    expect(status.status).to.equal(500)
    expect(rechunk.status).to.equal(500)
  })

  it('should be injected in the order of the calls', async () => {
    emulator.faults.next(1, { type: 'status', status: 500 })
    emulator.faults.next(1, { type: 'status', status: 501 })
    expect([(await queryRunning()).status, (await queryRunning()).status]).to.deep.equal([500, 501])
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
    expect((await queryRunning()).status).to.equal(400)
    clock.advance(32_000)
    expect((await queryRunning()).status).to.equal(200)
    await emulator.faults.restartTarget(victim)
    expect((await sendRequest(`${url}/v1/health`)).status).to.equal(200)
  })

  it('should kill a proxy and restart it', async () => {
    await emulator.faults.killProxy(0)
    expect(await codeOf(queryRunning())).to.equal('ECONNREFUSED')
    clock.advance(11_000)
    const body = '{"action":"start","value":{"Kind":"lru"}}'
    expect((await sendRequest(`${emulator.endpoints[1] ?? ''}/v1/cluster`, { method: 'PUT', body })).status).to.equal(
      200,
    )
    await emulator.faults.restartProxy(0)
    expect((await queryRunning()).body).to.contain('lru[')
  })

  it('should freeze and thaw a target, and lose notifications', async () => {
    const [victim = ''] = emulator.targetIds
    emulator.faults.freezeTarget(victim)
    const frozen = queryRunning()
    while (clock.pending === 0) await new Promise(setImmediate)
    emulator.faults.thawTarget(victim)
    expect((await queryRunning()).status).to.equal(200)
    clock.advance(300_000)
    expect((await frozen).status).to.equal(400)
    emulator.faults.loseNotifications()
    const { body: id } = await startLru()
    clock.advance(20_000)
    expect(
      (await sendRequest(`${emulator.endpoint}/v1/cluster?what=status`, { body: `{"id":"${id}"}` })).body,
    ).to.contain('"end_time":0')
  })

  it('should let jobs of a kind fail or be aborted until they are cleared', async () => {
    const statusOf = async (): Promise<string> => {
      const { body: id } = await startLru()
      clock.advance(120_000)
      return (await sendRequest(`${emulator.endpoint}/v1/cluster?what=status`, { body: `{"id":"${id}"}` })).body
    }
    emulator.faults.failJobs('lru-eviction', 'bad disk')
    expect(await statusOf())
      .to.contain('"err":"bad disk"')
      .and.to.contain('"aborted":false')
    emulator.faults.abortJobs('lru')
    expect(await statusOf()).to.contain('"aborted":true')
    emulator.faults.clear()
    expect(await statusOf())
      .to.contain('"err":""')
      .and.to.contain('"aborted":false')
  })

  it('should throw a RangeError for an unknown proxy or kind', () => {
    expect(() => emulator.faults.refuse(5)).to.throw(RangeError, 'no such proxy: 5')
    expect(() => emulator.faults.failJobs('polish')).to.throw(RangeError, 'no such kind of job: polish')
  })
})
