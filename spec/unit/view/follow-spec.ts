import { expect } from 'chai'
import type { Evidence } from '../../../lib/view/evidence.ts'
import { followEverything, followKind, followRun, forget, sweep } from '../../../lib/view/follow.ts'
import { reduce } from '../../../lib/view/reduce.ts'
import { EMPTY_VIEW, runOf, type View } from '../../../lib/view/view.ts'
import { listReply, runningReply, snapshotsReply, snapshotsOfKindReply, statusOf } from './helpers/facts.ts'

// The view keeps only the runs that some subscriber follows: by id, by kind, or everything.
//
// Of a reply such as `snapshotsReply({}, 0, 100)`, the numbers are when its request was sent and when it came, in milliseconds.

const idsOf = ({ runs }: View): readonly string[] => [...runs.values()].map(({ id }) => id).sort()
const LISTED = [
  listReply([statusOf({ endTime: 80n }, 'a'), statusOf({}, 'b')], 1, 2),
  runningReply([{ id: 'c', kind: 'lru' }], 3),
]
const viewOfAll = LISTED.reduce(reduce, EMPTY_VIEW)
const FOLLOWS_NOTHING = { everything: false, kinds: new Set<string>(), isNeeded: (): boolean => false }

describe('followRun', () => {
  it('starts a run with the report of the last lists on it, including its end', () => {
    expect(runOf(followRun(viewOfAll, 'a'), 'a')).to.deep.include({
      kind: 'copy-bck',
      row: { value: statusOf({ endTime: 80n }, 'a'), sentMs: 1, atMs: 2 },
      icEndSeenMs: 2,
    })
    expect(runOf(followRun(viewOfAll, 'b'), 'b')?.icEndSeenMs).to.equal(undefined)
    expect(runOf(followRun(viewOfAll, 'c'), 'c')).to.deep.include({ kind: 'lru' })
    expect(runOf(followRun(viewOfAll, 'd'), 'd')?.kind).to.equal(undefined)
  })

  it('returns the same view for a run that is already followed', () => {
    const view = reduce(followRun(viewOfAll, 'b'), snapshotsReply({ t1: {} }, 4, 4, 'b'))
    expect(followRun(view, 'b')).to.equal(view)
  })
})

describe('followKind', () => {
  it('makes the view keep the runs of the kind that a reply shows, and no others', () => {
    const reply = snapshotsOfKindReply('lru', { t1: { id: 'x', kind: 'lru' } }, 4)
    expect(idsOf(reduce(followKind(viewOfAll, 'lru'), reply))).to.deep.equal(['x'])
    expect(idsOf(reduce(followKind(viewOfAll, 'rechunk'), reply))).to.deep.equal([])
  })

  it('returns the same view for a kind that is already followed', () => {
    const view = followKind(viewOfAll, 'lru')
    expect(followKind(view, 'lru')).to.equal(view)
  })
})

describe('followEverything', () => {
  it('follows each run of the last lists', () => {
    const view = followEverything(viewOfAll)
    expect(idsOf(view)).to.deep.equal(['a', 'b', 'c'])
    expect([...view.changed].sort()).to.deep.equal(['a', 'b', 'c'])
    expect(followEverything(view)).to.equal(view)
  })
})

describe('forget', () => {
  const all = followKind(followEverything(viewOfAll), 'lru')

  it('drops the runs that no interest follows any more', () => {
    expect(idsOf(forget(all, FOLLOWS_NOTHING, ['a', 'b', 'c', 'd']))).to.deep.equal([])
    expect(idsOf(forget(all, { ...FOLLOWS_NOTHING, isNeeded: (id) => id === 'a' }, ['a', 'b', 'c']))).to.deep.equal([
      'a',
    ])
  })

  it('keeps the runs of a followed kind, and all runs while everything is followed', () => {
    const kinds = new Set(['lru'])
    const view = forget(all, { ...FOLLOWS_NOTHING, kinds }, ['a', 'b', 'c'])
    expect(idsOf(view)).to.deep.equal(['c'])
    expect(view.kinds).to.equal(all.kinds)
    expect(idsOf(forget(all, { ...FOLLOWS_NOTHING, everything: true }, ['a', 'b', 'c']))).to.deep.equal(['a', 'b', 'c'])
  })

  it('drops the kinds that no interest follows any more, and stops following everything', () => {
    expect([...forget(all, FOLLOWS_NOTHING, []).kinds]).to.deep.equal([])
    expect(forget(all, FOLLOWS_NOTHING, []).everything).to.equal(false)
  })

  it('keeps later evidence about a forgotten run out of the view', () => {
    const view = forget(all, FOLLOWS_NOTHING, ['a', 'b', 'c'])
    expect(idsOf(reduce(view, snapshotsReply({ t1: {} }, 9, 9, 'a')))).to.deep.equal([])
  })

  it('drops the runs that only a stream about everything, or about a kind, followed, although no caller names them', () => {
    expect(idsOf(forget(all, FOLLOWS_NOTHING, []))).to.deep.equal([])
    expect(
      idsOf(forget(all, { ...FOLLOWS_NOTHING, kinds: new Set(['lru']), isNeeded: (id) => id === 'a' }, [])),
    ).to.deep.equal(['a', 'c'])
    const ofKind = followKind(followRun(followRun(viewOfAll, 'b'), 'c'), 'lru')
    expect(idsOf(forget(ofKind, { ...FOLLOWS_NOTHING, isNeeded: (id) => id === 'b' }, []))).to.deep.equal(['b'])
  })
})

describe('sweep', () => {
  const TWO_HOURS_MS = 7_200_000
  const TEN_MINUTES_MS = 600_000
  /** All three runs are over; the latest lists lack them. */
  const viewWithEnded = [
    snapshotsReply({ t1: { endTime: 80n } }, 4, 5, 'b'),
    listReply([], 6),
    runningReply([], 7),
  ].reduce(reduce, followEverything(viewOfAll))
  const all = (): typeof FOLLOWS_NOTHING => ({ ...FOLLOWS_NOTHING, everything: true })

  it('drops runs that ended ten minutes ago and are no longer listed, so that an endless stream does not grow', () => {
    expect(idsOf(viewWithEnded)).to.deep.equal(['a', 'b', 'c'])
    expect(sweep(viewWithEnded, all, 4 + TEN_MINUTES_MS)).to.not.equal(viewWithEnded)
    expect(idsOf(sweep(viewWithEnded, all, 4 + TEN_MINUTES_MS))).to.deep.equal(['b', 'c'])
    // The age of a run that never ended is unknown.
    expect(idsOf(sweep(viewWithEnded, all, 60 + TEN_MINUTES_MS))).to.deep.equal(['c'])
  })

  it('keeps a run for two hours if its id had an earlier run, so that the earlier run does not count as a new one', () => {
    const run = (startTime: bigint): Evidence =>
      snapshotsReply({ t1: { id: 'b', startTime, endTime: startTime + 5n } }, 8, 9, 'b')
    const again = [run(80n), run(90n)].reduce(reduce, viewWithEnded)
    expect(idsOf(sweep(again, all, 9 + TEN_MINUTES_MS))).to.deep.equal(['b', 'c'])
    expect(idsOf(sweep(again, all, 9 + TWO_HOURS_MS))).to.deep.equal(['c'])
  })

  it('keeps listed runs, and runs that are followed by id or by kind', () => {
    const atMs = 60 + TWO_HOURS_MS
    expect(
      idsOf(sweep(reduce(viewWithEnded, listReply([statusOf({ endTime: 80n }, 'a')], 8)), all, atMs)),
    ).to.deep.equal(['a', 'c'])
    expect(idsOf(sweep(viewWithEnded, () => ({ ...all(), isNeeded: (id) => id === 'b' }), atMs))).to.deep.equal([
      'b',
      'c',
    ])
    expect(idsOf(sweep(viewWithEnded, () => ({ ...all(), kinds: new Set(['copy-bck']) }), atMs))).to.deep.equal([
      'a',
      'b',
      'c',
    ])
  })

  it('runs once a minute, and only while everything is followed', () => {
    const swept = sweep(viewWithEnded, all, 1e9)
    expect(sweep(swept, all, 1e9 + 59_999)).to.equal(swept)
    const one = followRun(EMPTY_VIEW, 'a')
    expect(sweep(one, all, 1e9)).to.equal(one)
  })
})
