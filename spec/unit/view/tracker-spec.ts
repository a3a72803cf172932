import { expect } from 'chai'
import { status, watching } from './helpers/watching.ts'

const HOUR_MS = 3_600_000
const lifeOf = (t: ReturnType<typeof watching>, id: string) => t.tracker.tracked.get(id)
const needs = (t: ReturnType<typeof watching>): readonly string[] =>
  t.tracker
    .needs(t.view(), { waitMs: 1000 }, t.nowMs())
    .map((need) => `${need.of} ${'id' in need ? (need.id ?? '') : ''}`)

describe('trackerOf', () => {
  it('starts with all runs that the view already knows', () => {
    const first = watching()
    first.shows({ t1: [{ id: 'a' }, { id: 'b', endMs: 5 }] })
    const second = watching({ from: { ...first.view(), changed: [] } })
    // This reply changes nothing.
    second.lists()
    expect([...second.tracker.tracked.keys()].sort()).to.deep.equal(['a', 'b'])
    expect(lifeOf(second, 'b')?.isPast).to.equal(true)
  })

  it('needs nothing about a run that was over in the first reply, and the status of a run that ended later', () => {
    const t = watching({ isListed: true, kinds: [] })
    t.lists(status('a'), status('b', { endTime: 5n }))
    expect(needs(t).filter((need) => need.endsWith(' b'))).to.deep.equal([])
    t.lists(status('a', { endTime: 6n }), status('b', { endTime: 5n }))
    expect(needs(t)).to.include('status a').and.not.include('status b')
  })

  it('does not treat missing replies as confirmation for a run that it does not query (law 3)', () => {
    const t = watching({ isListed: true, kinds: [{ kind: 'lru', scope: 'target', ic: true }] })
    const a = status('a', { endTime: 5n })
    t.lists(a)
    t.shows({ t1: { id: 'a', endMs: 5 } })
    t.later(HOUR_MS)
    expect(t.shows({ t1: { id: 'a', endMs: 5 } }).rows.get('a')?.state).to.equal('ended')
    // Another subscriber has queried the run.
    expect(t.reports({ ...a, err: 'no quota' }).rows.get('a')).to.include({ state: 'failed', error: 'no quota' })
  })

  it('does not confirm a full status merely because nobody has queried the targets (law 3)', () => {
    const t = watching({ isListed: true, kinds: [] })
    const a = status('a', { endTime: 5n })
    t.lists(a)
    t.reports(a)
    t.later(HOUR_MS)
    expect(t.reports(a).rows.get('a')?.state).to.equal('ended')
    expect(t.shows({ t1: { id: 'a', endMs: 5, more: { err: 'disk full' } } }).rows.get('a')?.state).to.equal('failed')
  })

  it('touches only the runs that have changed', () => {
    const t = watching({ isListed: true, kinds: [] })
    const [a, b] = [status('a'), status('b')]
    expect([...t.lists(a, b).touched]).to.deep.equal(['a', 'b'])
    expect([...t.lists(a, b).touched]).to.deep.equal([])
    expect([...t.lists(a, status('b', { endTime: 5n })).touched]).to.deep.equal(['b'])
  })

  it('never forgets a run that is not over', () => {
    const t = watching({ isListed: true, kinds: [] })
    t.lists(status('a'))
    for (let n = 0; n < 4; n++) {
      t.later(HOUR_MS)
      t.lists()
    }
    expect(t.tracker.tracked.has('a')).to.equal(true)
  })

  it('reports how a run ended before it drops the run, if the list that lacks the run makes the end certain', () => {
    const t = watching({ isListed: true, kinds: [{ kind: 'lru', scope: 'target', ic: true }] })
    t.lists(status('a'))
    expect(t.shows({ t1: { id: 'a', endMs: 5 } }).rows.get('a')?.state).to.equal('running')
    expect(t.lists().rows.get('a')?.state).to.equal('finished')
    expect(t.lists().rows.has('a')).to.equal(false)
  })

  it('drops a run that the cluster no longer lists, forgets it an hour after its end, and treats it as past if it returns', () => {
    const t = watching({ isListed: true, kinds: [] })
    const a = status('a', { endTime: 5n })
    t.lists(status('a'))
    t.lists(a)
    t.reports(a)
    expect(t.shows({ t1: { endMs: 1 } }).events).to.deep.equal(['finished a'])
    expect(t.lists(a).rows.has('a')).to.equal(true)
    expect(t.lists().rows.has('a')).to.equal(false)
    expect(
      t.lists(a).rows.get('a')?.state,
      'the row from a member of the Information Center that lags behind',
    ).to.equal('finished')
    t.lists()
    t.later(HOUR_MS / 2)
    t.lists()
    expect(t.tracker.tracked.has('a')).to.equal(true)
    t.later(HOUR_MS)
    t.lists()
    expect(t.tracker.tracked.has('a')).to.equal(false)
    expect(t.lists(a).events).to.deep.equal([])
  })

  it('keeps little of a run that the cluster no longer lists, and reports that it has forgotten the run', () => {
    const t = watching({ isListed: true, kinds: [] })
    const a = status('a', { endTime: 5n })
    t.lists(status('a'))
    t.lists(a)
    t.reports(a)
    t.shows({ t1: { id: 'a', endMs: 1 } })
    expect(lifeOf(t, 'a')?.run.parts.size).to.equal(1)
    t.lists()
    expect(lifeOf(t, 'a')?.run).to.deep.include({ parts: new Map(), full: undefined })
    t.shows({ t1: { id: 'a', endMs: 1 } })
    expect(lifeOf(t, 'a')?.run.parts.size, 'the number of parts after another stream has polled the run').to.equal(0)
    t.later(2 * HOUR_MS)
    expect([...t.lists().touched]).to.deep.equal(['a'])
  })

  it('does not look for each of a thousand runs that have ended when a reply is about another run', () => {
    const t = watching({ isListed: true, kinds: [] })
    t.lists(status('a'), ...Array.from({ length: 1_000 }, (_, n) => status(`b${n}`, { endTime: 5n })))
    let lookups = 0
    const table = t.view().list?.value
    expect(table?.size).to.equal(1_001)
    const has = table!.has.bind(table)
    Object.assign(table!, { has: (id: string) => (lookups++, has(id)) })
    for (let n = 0; n < 10; n++) t.reports(status('a'))
    expect(lookups).to.be.below(100)
    expect(t.lists(status('a')).rows.size).to.equal(1)
  })

  it('drops a run that no list has shown three minutes after its end, with the next reply about another run', () => {
    const t = watching({ isListed: true, kinds: [] })
    t.runs('a')
    t.runs()
    t.reports(status('a', { endTime: 5n }))
    expect(t.shows({ t1: { id: 'a', endMs: 1 } }).events).to.deep.equal(['finished a'])
    t.later(170_000)
    expect(t.reports(status('b')).rows.has('a')).to.equal(true)
    t.later(10_000)
    expect(t.reports(status('b')).rows.has('a')).to.equal(false)
  })

  it('lets the view drop only runs whose ends are certain', () => {
    const t = watching({ isListed: true, kinds: [] })
    t.lists(status('a'))
    expect(['a', 'b'].map(t.tracker.isUndecided)).to.deep.equal([true, false])
    t.lists(status('a', { endTime: 5n }))
    t.reports(status('a', { endTime: 5n }))
    t.shows({ t1: { id: 'a', endMs: 1 } })
    expect(t.tracker.isUndecided('a')).to.equal(false)
  })
})
