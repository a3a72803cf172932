import { expect } from 'chai'
import { lruStatus, watching } from './helpers/watching.ts'

// The tracker follows the runs of a stream about many jobs, such as `watchJobs` or `jobEvents`.

const HOUR_MS = 3_600_000
/** What the tracker holds of a run. */
const lifeOf = (watched: ReturnType<typeof watching>, id: string) => watched.tracker.tracked.get(id)
/** The needs of the tracker, as texts such as `status a`. */
const needsOf = (watched: ReturnType<typeof watching>): readonly string[] =>
  watched.tracker
    .needs(watched.view(), { waitMs: 1000 }, watched.nowMs())
    .map((need) => `${need.of} ${'id' in need ? (need.id ?? '') : ''}`)

describe('trackerOf', () => {
  it('starts with all runs that the view already knows', () => {
    const first = watching()
    first.feedSnapshots({ t1: [{ id: 'a' }, { id: 'b', endMs: 5 }] })
    const second = watching({ from: { ...first.view(), changed: [] } })
    // This reply changes nothing.
    second.feedList()
    expect([...second.tracker.tracked.keys()].sort()).to.deep.equal(['a', 'b'])
    expect(lifeOf(second, 'b')?.isPast).to.equal(true)
  })

  it('needs nothing about a run that was over in the first reply, and the status of a run that ended later', () => {
    const watched = watching({ isListed: true, kinds: [] })
    watched.feedList(lruStatus('a'), lruStatus('b', { endTime: 5n }))
    expect(needsOf(watched).filter((need) => need.endsWith(' b'))).to.deep.equal([])
    watched.feedList(lruStatus('a', { endTime: 6n }), lruStatus('b', { endTime: 5n }))
    expect(needsOf(watched)).to.include('status a').and.not.include('status b')
  })

  it('does not treat missing replies as confirmation for a run that it does not query (law 3)', () => {
    const watched = watching({ isListed: true, kinds: [{ kind: 'lru', scope: 'target', ic: true }] })
    const statusOfA = lruStatus('a', { endTime: 5n })
    watched.feedList(statusOfA)
    watched.feedSnapshots({ t1: { id: 'a', endMs: 5 } })
    watched.passTime(HOUR_MS)
    expect(watched.feedSnapshots({ t1: { id: 'a', endMs: 5 } }).rows.get('a')?.state).to.equal('ended')
    // Another subscriber has queried the run.
    expect(watched.feedStatus({ ...statusOfA, err: 'no quota' }).rows.get('a')).to.include({
      state: 'failed',
      error: 'no quota',
    })
  })

  it('does not confirm a full status merely because nobody has queried the targets (law 3)', () => {
    const watched = watching({ isListed: true, kinds: [] })
    const statusOfA = lruStatus('a', { endTime: 5n })
    watched.feedList(statusOfA)
    watched.feedStatus(statusOfA)
    watched.passTime(HOUR_MS)
    expect(watched.feedStatus(statusOfA).rows.get('a')?.state).to.equal('ended')
    expect(
      watched.feedSnapshots({ t1: { id: 'a', endMs: 5, more: { err: 'disk full' } } }).rows.get('a')?.state,
    ).to.equal('failed')
  })

  it('touches only the runs that have changed', () => {
    const watched = watching({ isListed: true, kinds: [] })
    const [statusOfA, statusOfB] = [lruStatus('a'), lruStatus('b')]
    expect([...watched.feedList(statusOfA, statusOfB).touched]).to.deep.equal(['a', 'b'])
    expect([...watched.feedList(statusOfA, statusOfB).touched]).to.deep.equal([])
    expect([...watched.feedList(statusOfA, lruStatus('b', { endTime: 5n })).touched]).to.deep.equal(['b'])
  })

  it('never forgets a run that is not over', () => {
    const watched = watching({ isListed: true, kinds: [] })
    watched.feedList(lruStatus('a'))
    for (let n = 0; n < 4; n++) {
      watched.passTime(HOUR_MS)
      watched.feedList()
    }
    expect(watched.tracker.tracked.has('a')).to.equal(true)
  })

  it('reports how a run ended before it drops the run, if the list that lacks the run makes the end certain', () => {
    const watched = watching({ isListed: true, kinds: [{ kind: 'lru', scope: 'target', ic: true }] })
    watched.feedList(lruStatus('a'))
    expect(watched.feedSnapshots({ t1: { id: 'a', endMs: 5 } }).rows.get('a')?.state).to.equal('running')
    expect(watched.feedList().rows.get('a')?.state).to.equal('finished')
    expect(watched.feedList().rows.has('a')).to.equal(false)
  })

  it('drops a run that the cluster no longer lists, forgets it an hour after its end, and treats it as past if it returns', () => {
    const watched = watching({ isListed: true, kinds: [] })
    const statusOfA = lruStatus('a', { endTime: 5n })
    watched.feedList(lruStatus('a'))
    watched.feedList(statusOfA)
    watched.feedStatus(statusOfA)
    expect(watched.feedSnapshots({ t1: { endMs: 1 } }).events).to.deep.equal(['finished a'])
    expect(watched.feedList(statusOfA).rows.has('a')).to.equal(true)
    expect(watched.feedList().rows.has('a')).to.equal(false)
    expect(
      watched.feedList(statusOfA).rows.get('a')?.state,
      'the row from a member of the Information Center that lags behind',
    ).to.equal('finished')
    watched.feedList()
    watched.passTime(HOUR_MS / 2)
    watched.feedList()
    expect(watched.tracker.tracked.has('a')).to.equal(true)
    watched.passTime(HOUR_MS)
    watched.feedList()
    expect(watched.tracker.tracked.has('a')).to.equal(false)
    expect(watched.feedList(statusOfA).events).to.deep.equal([])
  })

  it('drops the parts and the full status of a run that the cluster no longer lists, and reports the run as touched when it forgets it', () => {
    const watched = watching({ isListed: true, kinds: [] })
    const statusOfA = lruStatus('a', { endTime: 5n })
    watched.feedList(lruStatus('a'))
    watched.feedList(statusOfA)
    watched.feedStatus(statusOfA)
    watched.feedSnapshots({ t1: { id: 'a', endMs: 1 } })
    expect(lifeOf(watched, 'a')?.run.parts.size).to.equal(1)
    watched.feedList()
    expect(lifeOf(watched, 'a')?.run).to.deep.include({ parts: new Map(), full: undefined })
    watched.feedSnapshots({ t1: { id: 'a', endMs: 1 } })
    expect(
      lifeOf(watched, 'a')?.run.parts.size,
      'the number of parts after another stream has polled the run',
    ).to.equal(0)
    // A run is forgotten an hour after its end.
    watched.passTime(2 * HOUR_MS)
    expect([...watched.feedList().touched]).to.deep.equal(['a'])
  })

  it('does not look for each of a thousand runs that have ended when a reply is about another run', () => {
    const watched = watching({ isListed: true, kinds: [] })
    watched.feedList(lruStatus('a'), ...Array.from({ length: 1_000 }, (_, n) => lruStatus(`b${n}`, { endTime: 5n })))
    let lookups = 0
    const table = watched.view().list?.value
    expect(table?.size).to.equal(1_001)
    const has = table!.has.bind(table)
    Object.assign(table!, { has: (id: string) => (lookups++, has(id)) })
    const replies = 10
    for (let n = 0; n < replies; n++) watched.feedStatus(lruStatus('a'))
    // A lookup of each run would make 10,000.
    expect(lookups).to.be.below(10 * replies)
    expect(watched.feedList(lruStatus('a')).rows.size).to.equal(1)
  })

  it('drops a run that no list has shown three minutes after its end, with the next reply about another run', () => {
    const watched = watching({ isListed: true, kinds: [] })
    watched.feedRunning('a')
    watched.feedRunning()
    watched.feedStatus(lruStatus('a', { endTime: 5n }))
    expect(watched.feedSnapshots({ t1: { id: 'a', endMs: 1 } }).events).to.deep.equal(['finished a'])
    const keptMs = 180_000
    watched.passTime(keptMs - 10_000)
    expect(watched.feedStatus(lruStatus('b')).rows.has('a')).to.equal(true)
    watched.passTime(10_000)
    expect(watched.feedStatus(lruStatus('b')).rows.has('a')).to.equal(false)
  })

  it('lets the view drop only runs whose ends are certain', () => {
    const watched = watching({ isListed: true, kinds: [] })
    watched.feedList(lruStatus('a'))
    expect(['a', 'b'].map(watched.tracker.isUndecided)).to.deep.equal([true, false])
    watched.feedList(lruStatus('a', { endTime: 5n }))
    watched.feedStatus(lruStatus('a', { endTime: 5n }))
    watched.feedSnapshots({ t1: { id: 'a', endMs: 1 } })
    expect(watched.tracker.isUndecided('a')).to.equal(false)
  })
})
