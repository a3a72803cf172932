import { expect } from 'chai'
import { status, watching } from './helpers/watching.ts'

const HOUR_MS = 3_600_000
const lifeOf = (t: ReturnType<typeof watching>, id: string) => t.census.tracked.get(id)
const needs = (t: ReturnType<typeof watching>): readonly string[] =>
  t.census
    .needs(t.view(), { waitMs: 1000 }, t.nowMs())
    .map((need) => `${need.of} ${'id' in need ? (need.id ?? '') : ''}`)

describe('trackerOf', () => {
  it('begins with all runs that others have learnt of by now', () => {
    const first = watching()
    first.shows({ t1: [{ id: 'a' }, { id: 'b', endMs: 5 }] })
    const second = watching({ from: { ...first.view(), changed: [] } })
    // A reply that changes nothing.
    second.lists()
    expect([...second.census.tracked.keys()].sort()).to.deep.equal(['a', 'b'])
    expect(lifeOf(second, 'b')?.past).to.equal(true)
  })

  it('asks for nothing of a run that was over at the first look, and for the end of one that was not', () => {
    const t = watching({ isListed: true, kinds: [] })
    t.lists(status('a'), status('b', { endTime: 5n }))
    expect(needs(t).filter((need) => need.endsWith(' b'))).to.deep.equal([])
    t.lists(status('a', { endTime: 6n }), status('b', { endTime: 5n }))
    expect(needs(t)).to.include('status a').and.not.include('status b')
  })

  it('never takes silence for an answer about a run that it does not ask about (law 3)', () => {
    const t = watching({ isListed: true, kinds: [{ kind: 'lru', scope: 'target', ic: true }] })
    const a = status('a', { endTime: 5n })
    t.lists(a)
    t.shows({ t1: { id: 'a', endMs: 5 } })
    t.later(HOUR_MS)
    expect(t.shows({ t1: { id: 'a', endMs: 5 } }).rows.get('a')?.state).to.equal('ended')
    // Others have asked.
    expect(t.says({ ...a, err: 'no quota' }).rows.get('a')).to.include({ state: 'failed', error: 'no quota' })
  })

  it('takes no full status for confirmed because nobody has asked the targets (law 3)', () => {
    const t = watching({ isListed: true, kinds: [] })
    const a = status('a', { endTime: 5n })
    t.lists(a)
    t.says(a)
    t.later(HOUR_MS)
    expect(t.says(a).rows.get('a')?.state).to.equal('ended')
    expect(t.shows({ t1: { id: 'a', endMs: 5, more: { err: 'disk full' } } }).rows.get('a')?.state).to.equal('failed')
  })

  it('touches the runs that have changed, and no others', () => {
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
    expect(t.census.tracked.has('a')).to.equal(true)
  })

  it('shows how a run ended before it lets it go, where the list that lacks it makes the end certain', () => {
    const t = watching({ isListed: true, kinds: [{ kind: 'lru', scope: 'target', ic: true }] })
    t.lists(status('a'))
    expect(t.shows({ t1: { id: 'a', endMs: 5 } }).rows.get('a')?.state).to.equal('running')
    expect(t.lists().rows.get('a')?.state).to.equal('finished')
    expect(t.lists().rows.has('a')).to.equal(false)
  })

  it('lets a run go that the cluster tells of no more, forgets it an hour after its end, and takes it for past if it comes back', () => {
    const t = watching({ isListed: true, kinds: [] })
    const a = status('a', { endTime: 5n })
    t.lists(status('a'))
    t.lists(a)
    t.says(a)
    expect(t.shows({ t1: { endMs: 1 } }).events).to.deep.equal(['finished a'])
    expect(t.lists(a).rows.has('a')).to.equal(true)
    expect(t.lists().rows.has('a')).to.equal(false)
    expect(t.lists(a).rows.get('a')?.state, 'one member of the Information Center lags').to.equal('finished')
    t.lists()
    t.later(HOUR_MS / 2)
    t.lists()
    expect(t.census.tracked.has('a')).to.equal(true)
    t.later(HOUR_MS)
    t.lists()
    expect(t.census.tracked.has('a')).to.equal(false)
    expect(t.lists(a).events).to.deep.equal([])
  })
})
