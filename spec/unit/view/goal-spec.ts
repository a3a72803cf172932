import { expect } from 'chai'
import fc from 'fast-check'
import type { KindInfo } from '../../../lib/model/kind.ts'
import type { Evidence } from '../../../lib/view/evidence.ts'
import { followRun } from '../../../lib/view/follow.ts'
import {
  advance,
  begin,
  infoOf,
  kindOf,
  partsOf,
  countsLaterRuns,
  untilOf,
  type Goal,
  type Standing,
} from '../../../lib/view/goal.ts'
import { EMPTY_VIEW, runOf } from '../../../lib/view/view.ts'
import { ID, goalOf, goalOfKind, live, shown, shownOfKind, snapOf, reported } from './helpers/facts.ts'
import { moments } from './helpers/moments.ts'
import { tape } from './helpers/tape.ts'

const LRU = goalOfKind('lru')
const RESTING = goalOfKind('put-copies')
const runsOf = (goal: Goal, log: readonly Evidence[]): readonly string[] => [...live(goal, log).standing.runs].sort()

/** A snapshot reply about a kind: the ids that each target shows; a star marks a run that has ended there. */
const kindReply = (kind: string, targets: Readonly<Record<string, readonly string[]>>, ms: number): Evidence =>
  shownOfKind(
    kind,
    Object.fromEntries(
      Object.entries(targets).map(([target, ids]) => [
        target,
        ids.map((id) => snapOf({ kind, ...(id.endsWith('*') ? { endTime: 50n } : {}) }, id.replace('*', ''))),
      ]),
    ),
    ms,
  )
const lru = (targets: Readonly<Record<string, readonly string[]>>, ms: number): Evidence =>
  kindReply('lru', targets, ms)

describe('advance', () => {
  describe('of a wait by id', () => {
    it('keeps the time of the first reply to a request that was sent after the wait began', () => {
      const goal = goalOf({ sinceMs: 100 })
      expect(live(goal, [shown({ t1: {} }, 99, 150)]).standing.firstReplyMs).to.equal(undefined)
      expect(live(goal, [shown({ t1: {} }, 100, 150), shown({ t1: {} }, 200)]).standing.firstReplyMs).to.equal(150)
      expect(runsOf(goal, [])).to.deep.equal([ID])
    })
  })

  describe('of a wait by kind (T7)', () => {
    it('selects the run that is shown running, and keeps it', () => {
      expect(runsOf(LRU, [])).to.deep.equal([])
      expect(runsOf(LRU, [lru({ t1: ['a'] }, 0)])).to.deep.equal(['a'])
      expect(runsOf(LRU, [lru({ t1: ['a'] }, 0), lru({ t1: ['a*', 'b'] }, 1)])).to.deep.equal(['a'])
    })

    it('selects no run that had ended before the first reply', () => {
      expect(runsOf(LRU, [lru({ t1: ['a*'], t2: ['a*'] }, 0)])).to.deep.equal([])
      expect(runsOf(LRU, [lru({ t1: ['a*'] }, 0), lru({ t1: ['a*', 'b'] }, 1)])).to.deep.equal(['b'])
    })

    it('selects a run that has ended on one target and is running on another', () => {
      expect(runsOf(LRU, [lru({ t1: ['a*'], t2: ['a'] }, 0)])).to.deep.equal(['a'])
      expect(runsOf(LRU, [lru({ t1: ['a*'] }, 0), lru({ t1: ['a*'], t2: ['a'] }, 1)])).to.deep.equal(['a'])
    })

    it('selects a run that started and ended between two replies of a target', () => {
      expect(runsOf(LRU, [lru({ t1: [] }, 0), lru({ t1: ['a*'] }, 1)])).to.deep.equal(['a'])
      // This target is new in the reply: the run may have ended long ago.
      expect(runsOf(LRU, [lru({ t1: [] }, 0), lru({ t1: [], t2: ['a*'] }, 1)])).to.deep.equal([])
    })

    it('uses only replies to requests that were sent after the wait began', () => {
      expect(runsOf({ ...LRU, sinceMs: 5 }, [lru({ t1: ['a'] }, 4)])).to.deep.equal([])
      // An earlier reply does not show what a target showed when the wait began.
      expect(runsOf({ ...LRU, sinceMs: 5 }, [lru({ t1: [] }, 4), lru({ t1: ['a*'] }, 5)])).to.deep.equal([])
      expect(runsOf({ ...LRU, sinceMs: 5 }, [lru({ t1: [] }, 4), lru({ t1: ['a'] }, 5)])).to.deep.equal(['a'])
    })

    it('selects every run of a kind with one run per target, and every run of a kind that must not run', () => {
      const both = [kindReply('put-copies', { t1: ['a'] }, 0), kindReply('put-copies', { t1: ['a'], t2: ['b'] }, 1)]
      expect(runsOf(RESTING, both)).to.deep.equal(['a', 'b'])
      expect(
        runsOf({ ...LRU, until: 'not-running' }, [lru({ t1: ['a'] }, 0), lru({ t1: ['a', 'b'] }, 1)]),
      ).to.deep.equal(['a', 'b'])
    })

    it('selects only what its selection includes', () => {
      const { selection } = LRU
      const goal = { ...LRU, selection: { ...selection, target: 't2' } }
      expect(runsOf(goal, [lru({ t1: ['a'], t2: ['b'] }, 0)])).to.deep.equal(['b'])
      expect(runsOf(LRU, [shownOfKind('lru', { t1: { kind: 'rebalance' } }, 0)])).to.deep.equal([])
    })
  })

  it('never forgets a run or the time of the first reply, and does not change if the view does not', () => {
    fc.assert(
      fc.property(tape, (bytes) => {
        const before = new Map<Goal, Standing>()
        for (const { view, waits } of moments(bytes))
          for (const { goal, standing } of waits) {
            const last = before.get(goal)
            for (const id of last?.runs ?? []) expect(standing.runs).to.include(id)
            if (last?.firstReplyMs !== undefined) expect(standing.firstReplyMs).to.equal(last.firstReplyMs)
            expect(advance(goal, standing, view)).to.equal(standing)
            before.set(goal, standing)
          }
      }),
      { numRuns: 100 },
    )
  })
})

describe('partsOf', () => {
  it('returns the selected parts of the selected run', () => {
    const { view } = live(goalOf(), [shown({ t1: {}, t2: {} }, 0)])
    const run = runOf(view, ID)!
    const targets = (goal: Goal): readonly string[] => partsOf(goal, run).map(({ target }) => target)
    expect(targets(goalOf())).to.deep.equal(['t1', 't2'])
    const { selection } = goalOf()
    expect(targets(goalOf({ selection: { ...selection, target: 't2' } }))).to.deep.equal(['t2'])
    expect(targets(goalOf({ kind: 'lru' }))).to.deep.equal([])
  })
})

describe('kindOf and infoOf', () => {
  it('return the given kind, or the kind that the run has shown', () => {
    const kind = (goal: Goal, log: readonly Evidence[]): string | undefined => {
      const { view, standing } = live(goal, log)
      return kindOf(view, goal, standing)
    }
    expect(kind(goalOf({ kind: 'lru' }), [])).to.equal('lru')
    expect(kind(goalOf(), [])).to.equal(undefined)
    expect(kind(goalOf(), [reported({}, 0)])).to.equal('copy-bck')
  })

  it('prefer the kinds of the user to the built-in ones', () => {
    const own: KindInfo = { kind: 'copy-bck', scope: 'target' }
    const goal = goalOf({ kind: 'copy-bck' })
    expect(infoOf(EMPTY_VIEW, { ...goal, kinds: [own] }, begin(goal))).to.equal(own)
    expect(infoOf(followRun(EMPTY_VIEW, ID), goalOf(), begin(goalOf()))).to.equal(undefined)
  })
})

describe('untilOf and countsLaterRuns', () => {
  const idles: KindInfo = { kind: 'put-copies', scope: 'bucket', idles: true }
  const ends: KindInfo = { kind: 'lru', scope: 'bucket' }

  it('wait for idleness if the kind idles, or if the goal is idleness', () => {
    const until = (of: Goal['until'], info?: KindInfo): string => untilOf(goalOf({ until: of }), info)
    expect([until('kind', idles), until('kind', ends), until('kind')]).to.deep.equal(['idle', 'end', 'end'])
    expect([until('idle', ends), until('end', idles), until('single', idles)]).to.deep.equal(['idle', 'end', 'end'])
  })

  it('accept later runs only for a wait by kind', () => {
    expect(countsLaterRuns(RESTING, idles)).to.equal(true)
    expect(countsLaterRuns(LRU, ends)).to.equal(false)
    expect(countsLaterRuns({ ...LRU, until: 'not-running' }, ends)).to.equal(true)
    expect(countsLaterRuns(goalOf({ until: 'not-running' }), idles)).to.equal(false)
  })
})
