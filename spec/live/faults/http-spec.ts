import { expect } from 'chai'
import { firstValueFrom, forkJoin } from 'rxjs'
import type { Emulator, Fault } from '../../../lib/emulator/index.ts'
import { clusterMap, isRight, running, status, wait, type JobError } from '../../../lib/index.ts'
import { accelerated, closeAll, emulated, impatient, leftOf, rightOf, SPEED, started } from './helpers/live.ts'
import { closeServers, serveHttp, serveRaw } from './helpers/servers.ts'
import { allFree, forgetConnections } from './helpers/sockets.ts'

// Wrong HTTP replies, over real sockets. The ids H1 to H10 are rows of docs/faults.md.

/** The longest delay of a JavaScript timer. */
const LONGEST_MS = 2 ** 31 - 1

const RIGHTS = ['show-cluster', 'admin', 'list', 'read-write'] as const

interface Row {
  readonly id: string
  readonly name: string
  readonly fault: Fault
  readonly tag: JobError['_tag']
}

const TRANSIENT: readonly Row[] = [
  ...[408, 429, 500, 502, 503, 504].map((code): Row => ({
    id: 'H6',
    name: `status ${code}`,
    fault: { type: 'status', status: code },
    tag: 'HttpError',
  })),
  { id: 'H7', name: 'an HTML page with status 200', fault: { type: 'wrong-type' }, tag: 'DecodeError' },
  { id: 'H7', name: 'an empty body', fault: { type: 'body', body: '' }, tag: 'DecodeError' },
  { id: 'H7', name: 'null', fault: { type: 'body', body: 'null' }, tag: 'DecodeError' },
  { id: 'H7', name: 'an empty list', fault: { type: 'body', body: '[]' }, tag: 'DecodeError' },
  { id: 'H8', name: 'status 204', fault: { type: 'status', status: 204 }, tag: 'DecodeError' },
  { id: 'H8', name: 'status 206', fault: { type: 'status', status: 206 }, tag: 'DecodeError' },
  { id: 'H8', name: 'status 304', fault: { type: 'status', status: 304 }, tag: 'HttpError' },
]

describe('faults of HTTP', () => {
  let emulator: Emulator

  beforeEach(async () => {
    forgetConnections()
    emulator = await emulated({ speed: 20 })
  })
  afterEach(allFree)
  afterEach(closeAll)
  afterEach(closeServers)

  for (const { id, name, fault, tag } of TRANSIENT) {
    it(`${id}: ${name} is a ${tag} for a query, and a wait rides it out`, async () => {
      const cluster = impatient(emulator)
      emulator.faults.next(1, fault, { what: 'smap' })

      expect((await leftOf(clusterMap(cluster)))._tag).to.equal(tag)

      const job = await started(cluster)
      emulator.faults.next(2, fault, ({ method, what }) => method === 'GET' && what !== 'qryxstats')
      expect((await rightOf(wait(cluster, job, { timeoutMs: 30_000 }))).outcome).to.equal('finished')
      await allFree()
    })
  }

  it('H1: a job that no node knows is NotFound after ten seconds', async () => {
    const cluster = accelerated(await emulated({ speed: SPEED }))
    const fromMs = performance.now()

    const error = await leftOf(wait(cluster, { id: 'aB3dE5fG7', kind: 'lru' }))

    expect(error._tag).to.equal('NotFound')
    expect((performance.now() - fromMs) * SPEED).to.be.within(9_900, 25_000)
    await allFree()
  })

  it('H2: a job that the Information Center has forgotten has the outcome that the targets report', async () => {
    const fast = await emulated({ speed: SPEED })
    const cluster = accelerated(fast)
    const job = await started(cluster)
    fast.faults.forgetStatuses(0)
    fast.faults.forgetStatuses(1)

    expect((await rightOf(wait(cluster, job))).outcome).to.equal('finished')
    expect((await leftOf(status(cluster, job)))._tag).to.equal('NotFound')
    await allFree()
  })

  it('H3: 400 ErrFailedTo, while a target is dead, is transient: the wait ends with the outcome of the job', async () => {
    // The job takes ten seconds, so that it still runs when the target dies, even on a slow machine.
    const slow = await emulated({ speed: SPEED, objectsPerSecond: 1 })
    const cluster = accelerated(slow)
    const job = await started(cluster)
    await slow.faults.killTarget(slow.targetIds[0] ?? '')
    expect(await leftOf(running(cluster))).to.include({ _tag: 'HttpError', status: 400, code: 'ErrFailedTo' })

    const result = await rightOf(wait(cluster, job, { timeoutMs: 200_000 }))

    expect(result.outcome).to.be.oneOf(['aborted', 'failed', 'lost'])
    await allFree()
  })

  it('H4: a refused token is renewed once, and then the wait ends: its two queries are sent at most twice each', async () => {
    const strict = await emulated({ token: 'right' })
    let calls = 0
    const cluster = impatient(strict, { token: () => `wrong-${++calls}` })

    const error = await leftOf(wait(cluster, { id: 'aB3dE5fG7', kind: 'lru' }))

    expect(error).to.include({ _tag: 'Unauthorized', status: 401 })
    expect(calls).to.equal(2)
    expect(strict.requests.count()).to.be.at.most(4)
    await allFree()
  })

  it('H4: 403 ends a wait without a new token', async () => {
    const strict = await emulated({ tokens: { weak: { user: 'u', access: [] } } })
    let calls = 0
    const cluster = impatient(strict, { token: () => (calls++, 'weak') })

    expect(await leftOf(wait(cluster, { id: 'aB3dE5fG7', kind: 'lru' }))).to.include({ status: 403 })
    expect(calls).to.equal(1)
    await allFree()
  })

  it('H5: a token that expires during 20 waits is renewed once for all', async () => {
    const tokens: Record<string, { user: string; access: typeof RIGHTS }> = { old: { user: 'u', access: RIGHTS } }
    const strict = await emulated({ tokens, speed: 5 })
    const given: string[] = []
    const cluster = impatient(strict, {
      token: () => {
        given.push(given.length === 0 ? 'old' : 'new')
        return given.at(-1) ?? ''
      },
    })
    const jobs = [await started(cluster), await started(cluster, 'lru')]
    const all = firstValueFrom(forkJoin(Array.from({ length: 20 }, (_, i) => wait(cluster, jobs[i % 2] ?? {}))))
    // All waits have sent a request by now, and no job has ended.
    await new Promise((resolve) => setTimeout(resolve, 300))
    delete tokens['old']
    tokens['new'] = { user: 'u', access: RIGHTS }

    const results = await all

    expect(results.map((result) => isRight(result) && result.right.outcome)).to.deep.equal(
      Array.from({ length: 20 }, () => 'finished'),
    )
    expect(given).to.deep.equal(['old', 'new'])
    await allFree()
  })

  for (const [form, header, lowMs, highMs] of [
    ['seconds', '7', 7_000, 7_000],
    ['zero', '0', 0, 0],
    ['a date in the past', 'Wed, 21 Oct 2015 07:28:00 GMT', 0, 0],
    // Mocha loads all files long before it runs this spec, so the date is made when the spec runs.
    ['a date in two minutes', (): string => new Date(Date.now() + 120_000).toUTCString(), 60_000, 121_000],
    ['30 days', '2592000', 2_147_483_647, 2_147_483_647],
    ['400 digits', '9'.repeat(400), LONGEST_MS, LONGEST_MS],
    ['a negative number', '-1', undefined, undefined],
    ['a word', 'soon', undefined, undefined],
    ['nothing', '', undefined, undefined],
  ] as const) {
    it(`H6: Retry-After with ${form} is ${highMs === undefined ? 'ignored' : 'read'}, and never makes a wait miss its budget`, async () => {
      const cluster = impatient(emulator)
      emulator.faults.always({
        type: 'status',
        status: 503,
        retryAfter: typeof header === 'string' ? header : header(),
      })

      const error = await leftOf(clusterMap(cluster))

      expect(error).to.include({ _tag: 'HttpError', status: 503 })
      if (error._tag === 'HttpError') {
        if (highMs === undefined) expect(error.retryAfterMs).to.equal(undefined)
        else expect(error.retryAfterMs).to.be.within(lowMs, highMs)
      }
      const fromMs = performance.now()
      expect(await leftOf(wait(cluster, { id: 'aB3dE5fG7', kind: 'lru' }, { timeoutMs: 300 }))).to.include({
        _tag: 'WaitTimeout',
      })
      expect(performance.now() - fromMs).to.be.below(1_500)
      await allFree()
    })
  }

  it('H7: the correct JSON with another content type is read', async () => {
    emulator.faults.next(1, { type: 'content-type', value: 'image/png' })
    expect((await rightOf(clusterMap(impatient(emulator)))).version).to.be.above(0)
  })

  it('H7: a body that has not the encoding of its label is a transient Left', async () => {
    const cluster = impatient(emulator)
    for (const value of ['gzip', 'deflate', 'br']) {
      emulator.faults.next(1, { type: 'content-encoding', value }, { what: 'smap' })
      expect((await leftOf(clusterMap(cluster)))._tag, value).to.be.oneOf(['TransportError', 'DecodeError'])
    }
    expect((await rightOf(clusterMap(cluster))).version).to.be.above(0)
    await allFree()
  })

  it('H8: interim replies before the reply are skipped', async () => {
    const server = await serveRaw((socket) =>
      socket.end(
        'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nnull',
      ),
    )
    const cluster = impatient({ ...emulator, endpoint: `http://127.0.0.1:${server.port}` })

    expect(await rightOf(running(cluster))).to.deep.equal([])
  })

  for (const [what, location] of [
    ['in a loop', undefined],
    ['to a file', 'file:///etc/passwd'],
    ['to the metadata service of a cloud', 'http://169.254.169.254/latest/meta-data'],
    ['with credentials', 'http://user:pass@127.0.0.1:1/v1/daemon'],
  ] as const) {
    it(`H9: a redirect ${what} is refused`, async () => {
      const cluster = impatient(emulator)
      emulator.faults.always({ type: 'redirect', location }, { what: 'smap' })

      expect((await leftOf(clusterMap(cluster)))._tag).to.equal('RedirectRefused')
      expect(emulator.requests.count()).to.be.at.most(4)
      await allFree()
    })
  }

  it('H9, H10: a redirect to another port sends neither the request nor the token there', async () => {
    const foreign = await serveHttp((_, response) => response.end('{}'))
    const strict = await emulated({ token: 'secret' })
    const cluster = impatient(strict, { token: 'secret', discover: true })
    strict.faults.next(
      1,
      { type: 'redirect', location: `http://127.0.0.1:${foreign.port}/v1/cluster` },
      { what: 'running_all' },
    )

    expect((await leftOf(running(cluster)))._tag).to.equal('RedirectRefused')
    expect(foreign.received).to.deep.equal([])
    expect(foreign.sockets).to.have.length(0)
    await allFree()
  })

  it('H10: a redirect to a member of the cluster map is followed with the token', async () => {
    const strict = await emulated({ token: 'secret' })
    const cluster = impatient(strict, { token: 'secret', discover: true })
    const location = `${strict.endpoints[1] ?? ''}/v1/cluster?what=running_all`
    strict.faults.next(1, { type: 'redirect', location }, { what: 'running_all' })

    expect(await rightOf(running(cluster))).to.deep.equal([])
    await allFree()
  })
})
