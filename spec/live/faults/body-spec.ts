import { until } from '../helpers/until.ts'
import { expect } from 'chai'
import type { Emulator, Fault } from '../../../lib/emulator/index.ts'
import { clusterMap, details, explain, running, wait, type JobError } from '../../../lib/index.ts'
import { closeAll, emulated, impatient, leftOf, rightOf, started } from './helpers/live.ts'
import { allFree, connections, forgetConnections } from './helpers/sockets.ts'

// Hostile bodies, over real sockets. The ids D1 to D5, J7 and J13 are rows of docs/faults.md.

const ID = 'aB3dE5fG7'

/** With it, a snapshot has the 620 bytes of a real one. */
const CTLMSG = 'x'.repeat(320)

/** The snapshots of many jobs on many targets, of about that size. */
const snapshotsOf = (bytes: number): string => {
  const snap = (n: number): string =>
    `{"id":"j${String(n).padStart(8, '0')}","kind":"lru","start-time":"2026-11-27T05:00:00Z","end-time":"2026-11-27T05:01:00Z",` +
    `"bck":{"name":"","provider":"","namespace":{"uuid":"","name":""}},"ctlmsg":"${CTLMSG}","glob.id":"0","stats":{"loc-objs":"${n}",` +
    `"loc-bytes":"0","out-objs":"0","out-bytes":"0","in-objs":"0","in-bytes":"0"},"aborted":false,"is_idle":false}`
  const one = `"t${'0'.repeat(8)}":[${snap(0)}],`.length
  const perTarget = Math.floor(bytes / 30 / one)
  const targets = Array.from({ length: 30 }, (_, t) => {
    const snaps = Array.from({ length: perTarget }, (_, i) => snap(i)).join(',')
    return `"t${String(t).padStart(8, '0')}":[${snaps}]`
  })
  return `{${targets.join(',')}}`
}

/** The longest time for which the event loop did not turn during the work, in milliseconds. */
async function longestBlock(work: Promise<unknown>): Promise<number> {
  let longest = 0
  let last = performance.now()
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last)
    last = performance.now()
  }, 1)
  await work
  clearInterval(timer)
  return Math.max(longest, performance.now() - last)
}

describe('hostile bodies', () => {
  let emulator: Emulator

  beforeEach(async () => {
    forgetConnections()
    emulator = await emulated({ speed: 20 })
  })
  afterEach(allFree)
  afterEach(closeAll)

  for (const [id, what, fault, tag] of [
    ['D1', 'JSON of 100,000 levels', { type: 'deep' }, 'DecodeError'],
    ['D1', 'JSON of a million levels', { type: 'deep', depth: 1_000_000 }, 'DecodeError'],
    ['D3', 'an object that is no map, with bytes that are not UTF-8', { type: 'invalid-utf8' }, 'DecodeError'],
    ['D3', 'JSON with text after it', { type: 'body', body: '[]x' }, 'DecodeError'],
    ['D5, S8', 'a gzip bomb of 100 MiB', { type: 'gzip-bomb' }, 'ReplyTooLarge'],
    ['S8', 'an endless reply', { type: 'giant', bytes: Infinity }, 'ReplyTooLarge'],
    ['S8', 'a redirect without an end', { type: 'redirect' }, 'RedirectRefused'],
  ] satisfies readonly (readonly [id: string, what: string, fault: Fault, tag: JobError['_tag']])[]) {
    it(`${id}: ${what} is a ${tag} within a second of CPU time, and its connection is free`, async () => {
      const cluster = impatient(emulator, { maxReplyBytes: 4 * 2 ** 20, requestTimeoutMs: 10_000 })
      emulator.faults.always(fault, { what: 'smap' })
      // The emulator makes the hostile body in this process, so a first request pays for that.
      await leftOf(clusterMap(cluster))
      const before = process.cpuUsage()

      expect((await leftOf(clusterMap(cluster)))._tag).to.equal(tag)

      const { user } = process.cpuUsage(before)
      expect(user / 1_000).to.be.below(tag === 'ReplyTooLarge' ? 2_000 : 1_000)
      await allFree()
    })
  }

  it('D3: a byte order mark is skipped, and a wait with one in each reply finishes', async () => {
    emulator.faults.always({ type: 'bom' }, { method: 'GET' })
    const cluster = impatient(emulator)

    expect(await rightOf(running(cluster))).to.deep.equal([])
    expect((await rightOf(wait(cluster, await started(cluster)))).outcome).to.equal('finished')
    await allFree()
  })

  it('D2: a target named __proto__ keeps its snapshots and changes no prototype', async () => {
    const body = `{"__proto__":[{"id":"${ID}","kind":"lru"}],"constructor":[{"id":"${ID}","kind":"lru"}]}`
    emulator.faults.next(1, { type: 'body', body }, { what: 'qryxstats' })

    const snapshots = await rightOf(details(impatient(emulator), { id: ID, kind: 'lru' }))

    expect(Object.keys(snapshots)).to.have.members(['__proto__', 'constructor'])
    expect(({} as Record<string, unknown>)['id']).to.equal(undefined)
  })

  it('J7: snapshots of other jobs are not an answer about this job', async () => {
    const body = `{"t1":[{"id":"zZ9yY8xX7","kind":"lru"}]}`
    emulator.faults.next(1, { type: 'body', body }, { what: 'qryxstats' })

    const snapshots = await rightOf(details(impatient(emulator), { id: ID, kind: 'lru' }))

    expect(Object.values(snapshots).flat()).to.deep.equal([])
  })

  it('J13: a reply of 10 MB blocks the event loop for at most 250 ms, and one above the cap is not read', async () => {
    const body = snapshotsOf(10_000_000)
    expect(body.length).to.be.within(9_000_000, 12_000_000)
    emulator.faults.always({ type: 'body', body }, { what: 'qryxstats' })
    const cluster = impatient(emulator, { requestTimeoutMs: 20_000 })

    // The best of five, because other processes can delay a run.
    const blocks: number[] = []
    for (let i = 0; i < 5; i++) blocks.push(await longestBlock(rightOf(details(cluster, { kind: 'lru' }))))
    expect(Math.min(...blocks)).to.be.below(250)

    forgetConnections()
    const small = impatient(emulator, { maxReplyBytes: 2 ** 20 })
    const error = await leftOf(details(small, { kind: 'lru' }))
    expect(error._tag).to.equal('ReplyTooLarge')
    expect(explain(error)).to.match(/maxReplyBytes/)
    await until(() => connections().every(({ destroyed }) => destroyed))
  })
})
