import { until } from '../helpers/until.ts'
import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { filter, firstValueFrom, lastValueFrom, map, take, timeout, toArray } from 'rxjs'
import type { Emulator, Fault } from '../../../lib/emulator/index.ts'
import {
  clusterMap,
  constant,
  createCluster,
  isLeft,
  isRight,
  start,
  wait,
  watchStatus,
  type JobError,
} from '../../../lib/index.ts'
import { sendRequest } from '../emulator/wire.ts'
import { accelerated, closeAll, emulated, impatient, leftOf, rightOf, SPEED, started } from './helpers/live.ts'
import { closeServers, serveHttp, serveRaw } from './helpers/servers.ts'
import { allFree, connections, forgetConnections, inUse } from './helpers/sockets.ts'

// Faults of the network, over real sockets. The ids N1 to N10 are rows of docs/faults.md.

const pem = (name: string): string =>
  readFileSync(new URL(`../../fixtures/tls/${name}.pem`, import.meta.url), { encoding: 'utf8' })

interface Row {
  readonly id: string
  readonly name: string
  readonly fault: Fault
  readonly tag: JobError['_tag']
  /** Codes of a TransportError. */
  readonly codes?: RegExp
}

const ROWS: readonly Row[] = [
  { id: 'N2', name: 'a reset before the headers', fault: { type: 'reset' }, tag: 'TransportError' },
  { id: 'N2', name: 'a reset after the headers', fault: { type: 'reset-headers' }, tag: 'TransportError' },
  { id: 'N2', name: 'a reset in the body', fault: { type: 'reset-body' }, tag: 'TransportError' },
  { id: 'N3', name: 'an end in a body with a length', fault: { type: 'truncate' }, tag: 'TransportError' },
  { id: 'N4', name: 'a body that stops halfway', fault: { type: 'stall-body' }, tag: 'RequestTimeout' },
  { id: 'N4', name: 'one byte each 50 ms', fault: { type: 'slow-loris', everyMs: 50 }, tag: 'RequestTimeout' },
  { id: 'N5', name: 'no reply at all', fault: { type: 'stall' }, tag: 'RequestTimeout' },
  { id: 'N9', name: 'bytes that are not HTTP', fault: { type: 'garbage' }, tag: 'TransportError', codes: /^HPE_/ },
  { id: 'N9', name: 'a header of 70 kB', fault: { type: 'giant-header' }, tag: 'TransportError', codes: /^HPE_/ },
]

describe('faults of the network', () => {
  let emulator: Emulator

  beforeEach(async () => {
    forgetConnections()
    emulator = await emulated()
  })
  afterEach(allFree)
  afterEach(closeAll)
  afterEach(closeServers)

  for (const { id, name, fault, tag, codes = /./ } of ROWS) {
    it(`${id}: ${name} is a transient ${tag}, and its connection is closed`, async () => {
      const cluster = impatient(emulator)
      emulator.faults.next(1, fault, { what: 'smap' })

      const error = await leftOf(clusterMap(cluster))

      expect(error._tag).to.equal(tag)
      if (error._tag === 'TransportError') {
        expect(error.permanent).to.equal(false)
        expect(error.code).to.match(codes)
      }
      await until(() => connections()[0]?.destroyed === true)
      expect((await rightOf(clusterMap(cluster))).version).to.be.above(0)
      await allFree()
    })

    it(`${id}: a wait goes on after ${name}`, async () => {
      const fast = await emulated({ speed: 20 })
      const cluster = impatient(fast)
      const job = await started(cluster)
      fast.faults.next(2, fault, { method: 'GET' })

      const result = await rightOf(wait(cluster, job, { timeoutMs: 30_000 }))

      expect(result.outcome).to.equal('finished')
      await allFree()
      expect(connections().filter(({ destroyed }) => destroyed).length).to.be.at.least(2)
    })
  }

  for (const [gapMs, pollMs] of [
    [100, 200],
    [5_000, 1_000],
  ] as const) {
    it(`N1: watchStatus emits a status at its next poll after ${gapMs} ms of refused connections`, async () => {
      const cluster = impatient(emulator, { cadence: constant(pollMs) })
      const job = await started(cluster)
      await emulator.faults.refuse(0)
      forgetConnections()
      const first = firstValueFrom(watchStatus(cluster, job).pipe(filter(isRight), timeout(10_000)))
      await new Promise((resolve) => setTimeout(resolve, gapMs))
      await emulator.faults.accept(0)
      const backMs = performance.now()

      await first

      expect(performance.now() - backMs).to.be.below(pollMs * 1.2 + 50)
      // A poll at once, then one after each pause.
      expect(connections().length).to.be.within(1, (gapMs / pollMs + 2) * 1.3)
    })
  }

  it('N1: watchStatus emits a status at its next poll after a minute of refused connections', async () => {
    const fast = await emulated({ speed: SPEED })
    const pollMs = 10_000
    const cluster = accelerated(fast, { cadence: constant(pollMs) })
    const job = await started(cluster)
    for (const proxy of [0, 1]) await fast.faults.refuse(proxy)
    forgetConnections()
    const first = firstValueFrom(watchStatus(cluster, job).pipe(filter(isRight), timeout(10_000)))
    await new Promise((resolve) => setTimeout(resolve, 60_000 / SPEED))
    for (const proxy of [0, 1]) await fast.faults.accept(proxy)
    const backMs = performance.now()

    await first

    expect((performance.now() - backMs) * SPEED).to.be.below(pollMs * 1.2 + 50 * SPEED)
    // Each poll sends a request to both proxies.
    expect(connections().length).to.be.within(2, (60_000 / pollMs + 2) * 2 * 1.3)
  })

  for (const type of ['reset-body', 'truncate'] as const) {
    it(`N2, N3: a reply is never read from a body that is cut at any byte (${type})`, async () => {
      const cluster = impatient(emulator)
      const { body } = await sendRequest(`${emulator.endpoint}/v1/daemon?what=smap`)
      const length = Buffer.byteLength(body)
      expect(length).to.be.above(2_000)
      forgetConnections()

      // Each request of a batch gets one of its faults, in any order.
      for (let from = 0; from < length; from += 32) {
        const places = Array.from({ length: Math.min(32, length - from) }, (_, i) => from + i)
        for (const at of places) emulator.faults.next(1, { type, at })
        const results = await Promise.all(places.map(() => firstValueFrom(clusterMap(cluster))))
        expect(results.filter(isRight), `cut at ${from} to ${from + 31}`).to.deep.equal([])
      }
      await until(() => connections().every(({ destroyed }) => destroyed))
    }).timeout(60_000)
  }

  it('N3: a body without a length that is cut is a DecodeError, since no part of a JSON object is JSON', async () => {
    const server = await serveRaw((socket) =>
      socket.end('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{"uuid":"x","sma'),
    )
    const cluster = createCluster(`http://127.0.0.1:${server.port}`, { discover: false })

    expect((await leftOf(clusterMap(cluster)))._tag).to.equal('DecodeError')
    await until(() => server.open() === 0)
  })

  it('N5: a wait that times out leaves no connection in use', async () => {
    const cluster = impatient(emulator)
    const job = await started(cluster)
    emulator.faults.always({ type: 'stall' })

    const error = await leftOf(wait(cluster, job, { timeoutMs: 800 }))

    expect(error._tag).to.equal('WaitTimeout')
    await allFree()
  })

  it('N5: a second endpoint answers after 5 s if the first one never replies, and no connection stays open', async () => {
    const silent = await serveRaw(() => undefined)
    const cluster = createCluster([`http://127.0.0.1:${silent.port}`, ...emulator.endpoints])
    const beganMs = performance.now()

    const map = await rightOf(clusterMap(cluster))

    expect(Object.keys(map.proxies)).not.to.deep.equal([])
    expect(performance.now() - beganMs).to.be.within(4_900, 15_000)
    expect(silent.received).to.have.lengthOf(1)
    await until(() => silent.open() === 0)
  }).timeout(30_000)

  it('N6: 200 polls over connections that the server closes meanwhile see no error', async () => {
    const cluster = impatient(emulator)
    emulator.faults.always({ type: 'close-idle', afterMs: 5 })

    const lefts: JobError[] = []
    for (let i = 0; i < 200; i++) {
      const result = await firstValueFrom(clusterMap(cluster))
      if (isLeft(result)) lefts.push(result.left)
      await new Promise((resolve) => setTimeout(resolve, i % 10))
    }

    expect(lefts).to.deep.equal([])
    await until(() => connections().every(({ destroyed }) => destroyed))
  })

  it('N7: a host that does not exist is a TransportError of the resolver', async () => {
    const cluster = createCluster('http://aistore-rx.invalid', { discover: false })

    const error = await leftOf(clusterMap(cluster))

    expect(error).to.include({ _tag: 'TransportError' })
    expect(error).to.have.property('code').that.is.oneOf(['ENOTFOUND', 'EAI_AGAIN'])
    expect(inUse()).to.deep.equal([])
  })

  for (const [what, name, trusted] of [
    ['signed by an unknown authority', 'self-signed', false],
    ['of another host', 'other-name', true],
    ['expired', 'expired', true],
  ] as const) {
    it(`N8: a wait ends at its first poll if the certificate is ${what}`, async () => {
      const server = await serveHttp((_, response) => response.end('{}'), { key: pem('key'), cert: pem(name) })
      const cluster = createCluster(`https://127.0.0.1:${server.port}`, {
        discover: false,
        ...(trusted ? { tls: { ca: pem(name) } } : {}),
      })

      const error = await leftOf(wait(cluster, { id: 'aB3dE5fG7', kind: 'lru' }))

      expect(error).to.include({ _tag: 'TransportError', permanent: true })
      expect(server.received).to.deep.equal([])
      await until(() => server.open() === 0)
    })
  }

  it('N8: a server without TLS ends an https wait at its first poll', async () => {
    const server = await serveHttp((_, response) => response.end('{}'))
    const cluster = createCluster(`https://127.0.0.1:${server.port}`, { discover: false })

    const error = await leftOf(wait(cluster, { id: 'aB3dE5fG7', kind: 'lru' }))

    expect(error).to.include({ _tag: 'TransportError', permanent: true })
    await until(() => server.open() === 0)
  })

  it('N10: reading of an endless reply stops at maxReplyBytes, and the connection is closed', async () => {
    const cluster = impatient(emulator, { maxReplyBytes: 2 ** 20 })
    emulator.faults.always({ type: 'giant', bytes: Infinity }, { method: 'GET' })
    const before = process.memoryUsage().rss

    const error = await leftOf(clusterMap(cluster))

    expect(error).to.include({ _tag: 'ReplyTooLarge', limitBytes: 2 ** 20 })
    await until(() => connections().every(({ destroyed }) => destroyed))
    expect(process.memoryUsage().rss - before).to.be.below(3 * 2 ** 20 + 20e6)
  })

  it('N2: a start whose connection breaks is a Left and is not sent again', async () => {
    const cluster = impatient(emulator)
    emulator.faults.next(1, { type: 'reset' }, { method: 'PUT' })

    const results = await lastValueFrom(start(cluster, { kind: 'lru' }).pipe(take(5), map(isLeft), toArray()))

    expect(results).to.deep.equal([true])
    expect(emulator.requests.count(({ method }) => method === 'PUT')).to.equal(1)
    await allFree()
  })
})
