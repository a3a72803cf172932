import { expect } from 'chai'
import { VirtualTimeScheduler } from 'rxjs'
import { fakeCluster, type Bend, type FakeJob, type Happening, type World } from '../fake-cluster.ts'
import type { Recorded } from '../recorded.ts'
import { ns } from './replies.ts'
import { dies, forgets, freezes, joins, leaves, maintains, proxyDies, thaws } from './happenings.ts'

// The fake cluster of spec/helpers, on which most specs of streams run.

const ID = 'theJob123'
const job = (more: Partial<FakeJob> = {}): FakeJob => ({ id: ID, kind: 'copy-bck', endMs: 4_000, ...more })

interface Reply {
  /** The body of the reply, or the code of the error. */
  readonly text: string
  readonly atMs: number
  readonly targets: readonly string[]
  readonly requests: readonly Recorded[]
}

/** The reply of a proxy to one request sent at `atMs`. */
function replyTo(script: Partial<World>, atMs: number, what: string, proxy: number = 0): Reply {
  // The time limit ends a request that hangs on a frozen target.
  const scheduler = new VirtualTimeScheduler(undefined, 100_000)
  const { urls, transport, targets, requests } = fakeCluster({ jobs: [job()], ...script }, scheduler)
  let text = 'nothing'
  let repliedMs = NaN
  scheduler.schedule(() => {
    const url = `${urls[proxy]!}/v1/cluster?what=${what}`
    const body = what === 'status_all' ? '{}' : JSON.stringify({ id: ID })
    transport({ method: 'GET', url, headers: {}, body, maxReplyBytes: 1e6 }).subscribe({
      next: (reply) => ([text, repliedMs] = [reply.body, scheduler.now()]),
      error: (error: unknown) => ([text, repliedMs] = [(error as { readonly code: string }).code, scheduler.now()]),
    })
  }, atMs)
  scheduler.flush()
  return { text, atMs: repliedMs, targets, requests }
}

const status = (script: Partial<World>, atMs: number): object =>
  JSON.parse(replyTo(script, atMs, 'status').text) as object

const shown = (script: Partial<World>, atMs: number): readonly object[] => {
  const { text, targets } = replyTo(script, atMs, 'qryxstats')
  const reply = JSON.parse(text) as Readonly<Record<string, readonly object[]>>
  return targets.map((target) => reply[target]?.[0] ?? {})
}

describe('the fake cluster', () => {
  it('records each request and its outcome', () => {
    const { requests } = replyTo({}, 1_000, 'qryxstats', 1)
    const recorded = { what: 'snapshots', id: ID, kind: undefined, atMs: 1_000, host: 'p2', state: 'answered' }
    expect(requests).to.have.lengthOf(1)
    expect(requests[0]).to.deep.include(recorded)
  })

  it('replies after its latency', () => expect(replyTo({ latencyMs: 300 }, 1_000, 'smap').atMs).to.equal(1_300))

  it('loses the requests of a silent time', () => {
    expect(replyTo({ silent: [[900, 1_100]] }, 1_000, 'smap').text).to.equal('nothing')
    expect(replyTo({ silent: [[900, 1_000]] }, 1_000, 'smap').text).not.to.equal('nothing')
  })

  it('ends a job on all targets, and in the IC', () => {
    expect(shown({}, 3_999)[2]).to.deep.include({ 'end-time': '0001-01-01T00:00:00Z' })
    expect(shown({}, 4_000)[2]).to.deep.include({ 'end-time': '2026-11-23T09:45:58.572988356Z' })
    expect(status({}, 4_100)).to.deep.include({ aborted: false, err: '' })
    expect(replyTo({}, 4_100, 'status').text).to.include(`"end_time":${ns(4_000) + 1_000n}`)
  })

  it('has an error that only one target shows', () => {
    const script = { jobs: [job({ errors: { 1: 'disk full' }, ic: { err: '' } })] }
    expect(shown(script, 4_000).map((snap) => (snap as { err: string }).err)).to.deep.equal(['', 'disk full', ''])
    expect(status(script, 4_100)).to.deep.include({ err: '' })
  })

  it('has an error that only the status of the IC shows, not its list', () => {
    const script = { jobs: [job({ ic: { err: 'disk full' } })] }
    expect(status(script, 4_100)).to.deep.include({ err: 'disk full' })
    expect(replyTo(script, 4_100, 'status_all').text)
      .to.include('"err":""')
      .and.not.include('disk full')
    expect(shown(script, 4_100)[1]).to.deep.include({ err: '' })
  })

  it('has an IC that learns of the end late, or never', () => {
    const late = { jobs: [job({ ic: { learnsMs: 24_000 } })] }
    expect(status(late, 23_999)).to.deep.include({ end_time: 0 })
    expect(replyTo(late, 24_000, 'status').text).to.include(`"end_time":${ns(24_000)}`)
    expect(status({ jobs: [job({ ic: { learnsMs: Infinity } })] }, 90_000)).to.deep.include({ end_time: 0 })
  })

  it('has a text for the abort of each target', () => {
    const script = { jobs: [job({ abort: { atMs: 1_000, texts: ['a', 'b', 'c'] } })] }
    expect(shown(script, 1_000).map((snap) => (snap as { 'abort-err': string })['abort-err'])).to.deep.equal([
      'a',
      'b',
      'c',
    ])
  })

  it('has counters of the script', () => {
    const script = { jobs: [job({ counters: (target, ms) => ({ out: 0, in: target * ms }) })] }
    expect(shown(script, 1_000)[2])
      .to.have.property('stats')
      .that.deep.includes({ 'in-objs': '2000', 'in-bytes': '2048000' })
  })

  it('lets a target leave, die, and go into maintenance', () => {
    const [t0, , t2] = replyTo({}, 0, 'smap').targets
    const map = (happening: Happening): string => replyTo({ events: [[500, happening]] }, 1_000, 'smap').text
    const script = { events: [[500, leaves(2)] as const] }
    expect(shown(script, 1_000)[2]).to.deep.equal({})
    expect(map(leaves(2)))
      .to.include(t0)
      .and.not.include(t2)
    expect(replyTo({ events: [[500, dies(2)]] }, 1_000, 'qryxstats').text).to.include('ErrFailedTo')
    expect(shown({ events: [[500, maintains(2)]] }, 1_000)[2]).to.deep.equal({})
    expect(map(maintains(2))).to.include(t2)
  })

  it('replies to a request that hangs on a frozen target when the target continues', () => {
    const freeze = [500, freezes(1)] as const
    expect(replyTo({ events: [freeze] }, 1_000, 'qryxstats').text).to.equal('nothing')
    const { atMs, text } = replyTo({ events: [freeze, [9_000, thaws(1)]] }, 1_000, 'qryxstats')
    expect(atMs).to.equal(9_000)
    expect(text).to.include(ID)
  })

  it('lets one IC member forget its jobs, and a proxy die', () => {
    const forgetful = { events: [[500, forgets(0)] as const] }
    expect(replyTo(forgetful, 1_000, 'status_all', 0).text).to.equal('null')
    expect(replyTo(forgetful, 1_000, 'status_all', 1).text).to.include(ID)
    expect(replyTo({ events: [[500, proxyDies(0)]] }, 1_000, 'smap', 0).text).to.equal('ECONNREFUSED')
    expect(replyTo({ events: [[500, proxyDies(0)]] }, 1_000, 'smap', 1).text).to.include('"direct_url":"http://p2"')
  })

  it('has an IC that learns of a job late, forgets it, and contradicts the targets', () => {
    const known = { jobs: [job({ ic: { fromMs: 1_000, untilMs: 3_000 } })] }
    expect(replyTo(known, 999, 'status_all').text).to.equal('null')
    expect(replyTo(known, 1_000, 'status_all').text).to.include(ID)
    expect(replyTo(known, 3_000, 'status_all').text).to.equal('null')
    const script = { jobs: [job({ ic: { reports: (ms) => (ms < 500 ? {} : { aborted: true, err: 'user abort' }) } })] }
    expect(status(script, 499)).to.deep.include({ aborted: false, err: '' })
    expect(status(script, 500)).to.deep.include({ aborted: true, err: 'user abort', end_time: 0 })
  })

  it('has targets that hide a job, report it in another state, idle, and forget it', () => {
    const hidden = { jobs: [job({ hides: (target) => target > 0 })] }
    expect(shown(hidden, 1_000).map((snap) => 'id' in snap)).to.deep.equal([true, false, false])
    const other = { jobs: [job({ shows: (_, ms) => ({ endMs: ms, err: 'disk full' }) })] }
    expect(shown(other, 1_000)[1]).to.deep.include({ err: 'disk full', 'end-time': '2026-11-23T09:45:55.572988356Z' })
    const idle = { jobs: [{ id: ID, kind: 'put-copies', idleMs: 2_000 }] }
    expect(shown(idle, 1_999)[0]).to.deep.include({ is_idle: false })
    expect(shown(idle, 90_000)[0]).to.deep.include({ is_idle: true, 'end-time': '0001-01-01T00:00:00Z' })
    const gone = { jobs: [job({ goneMs: 6_000 })] }
    expect(replyTo(gone, 5_999, 'qryxstats').text).to.include('start-time')
    expect(replyTo(gone, 6_000, 'qryxstats').text).to.include('not found')
  })

  it('replaces a reply, depending on when its request was sent', () => {
    const bend: Bend = (ms, { id }, reply) => (ms < 1_000 ? { status: 500, body: `${id} at ${ms}` } : reply)
    expect(replyTo({ snapshots: bend, latencyMs: 300 }, 900, 'qryxstats')).to.deep.include({
      text: `${ID} at 900`,
      atMs: 1_200,
    })
    expect(replyTo({ snapshots: bend, latencyMs: 300 }, 1_000, 'qryxstats')).to.have.property('atMs', 1_300)
    expect(replyTo({ snapshots: bend }, 1_000, 'qryxstats').text).to.include('start-time')
  })

  it('fails after its latency, too', () => {
    const dead = replyTo({ events: [[500, proxyDies(0)]], latencyMs: 300 }, 1_000, 'smap', 0)
    expect(dead).to.deep.include({ text: 'ECONNREFUSED', atMs: 1_300 })
  })

  it('lets a target rejoin', () => {
    const events = [[500, leaves(2)] as const, [700, joins(2)] as const]
    expect(shown({ events }, 600)[2]).to.deep.equal({})
    expect(shown({ events }, 700)[2]).to.have.property('id', ID)
  })
})
