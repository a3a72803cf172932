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
import {
  ID,
  goalOf,
  goalOfKind,
  waitAfter,
  snapshotsReply,
  snapshotsOfKindReply,
  snapOf,
  statusReply,
} from './helpers/facts.ts'
import { moments } from './helpers/moments.ts'
import { anyTape } from './helpers/tape.ts'
import { casesOf } from '../../fuzz/seed.ts'

// What a wait waits for, and which runs it has selected. A run is one execution of a job; a wait by kind selects its
// runs itself.
//
// Of a reply such as `statusReply({}, 0, 100)`, the numbers are when its request was sent and when it came, in milliseconds.

const LRU_GOAL = goalOfKind('lru')
const IDLING_GOAL = goalOfKind('put-copies')
/** The runs that the wait has selected after this evidence. */
const runsOf = (goal: Goal, log: readonly Evidence[]): readonly string[] =>
  [...waitAfter(goal, log).standing.runs].sort()

/** A snapshot reply about a kind: the ids that each target shows; a star marks a run that has ended there. */
const kindReply = (kind: string, targets: Readonly<Record<string, readonly string[]>>, ms: number): Evidence =>
  snapshotsOfKindReply(
    kind,
    Object.fromEntries(
      Object.entries(targets).map(([target, ids]) => [
        target,
        ids.map((id) => snapOf({ kind, ...(id.endsWith('*') ? { endTime: 50n } : {}) }, id.replace('*', ''))),
      ]),
    ),
    ms,
  )
const lruReply = (targets: Readonly<Record<string, readonly string[]>>, ms: number): Evidence =>
  kindReply('lru', targets, ms)

describe('advance', () => {
  describe('of a wait by id', () => {
    it('keeps the time of the first reply to a request that was sent after the wait began', () => {
      const goal = goalOf({ sinceMs: 100 })
      expect(waitAfter(goal, [snapshotsReply({ t1: {} }, 99, 150)]).standing.firstReplyMs).to.equal(undefined)
      expect(
        waitAfter(goal, [snapshotsReply({ t1: {} }, 100, 150), snapshotsReply({ t1: {} }, 200)]).standing.firstReplyMs,
      ).to.equal(150)
      expect(runsOf(goal, [])).to.deep.equal([ID])
    })
  })

  describe('of a wait by kind (T7)', () => {
    it('selects the run that is shown running, and keeps it', () => {
      expect(runsOf(LRU_GOAL, [])).to.deep.equal([])
      expect(runsOf(LRU_GOAL, [lruReply({ t1: ['a'] }, 0)])).to.deep.equal(['a'])
      expect(runsOf(LRU_GOAL, [lruReply({ t1: ['a'] }, 0), lruReply({ t1: ['a*', 'b'] }, 1)])).to.deep.equal(['a'])
    })

    it('selects no run that had ended before the first reply', () => {
      expect(runsOf(LRU_GOAL, [lruReply({ t1: ['a*'], t2: ['a*'] }, 0)])).to.deep.equal([])
      expect(runsOf(LRU_GOAL, [lruReply({ t1: ['a*'] }, 0), lruReply({ t1: ['a*', 'b'] }, 1)])).to.deep.equal(['b'])
    })

    it('selects a run that has ended on one target and is running on another', () => {
      expect(runsOf(LRU_GOAL, [lruReply({ t1: ['a*'], t2: ['a'] }, 0)])).to.deep.equal(['a'])
      expect(runsOf(LRU_GOAL, [lruReply({ t1: ['a*'] }, 0), lruReply({ t1: ['a*'], t2: ['a'] }, 1)])).to.deep.equal([
        'a',
      ])
    })

    it('selects a run that started and ended between two replies of a target', () => {
      expect(runsOf(LRU_GOAL, [lruReply({ t1: [] }, 0), lruReply({ t1: ['a*'] }, 1)])).to.deep.equal(['a'])
      // This target is new in the reply: the run may have ended long ago.
      expect(runsOf(LRU_GOAL, [lruReply({ t1: [] }, 0), lruReply({ t1: [], t2: ['a*'] }, 1)])).to.deep.equal([])
    })

    it('uses only replies to requests that were sent after the wait began', () => {
      expect(runsOf({ ...LRU_GOAL, sinceMs: 5 }, [lruReply({ t1: ['a'] }, 4)])).to.deep.equal([])
      // An earlier reply does not show what a target showed when the wait began.
      expect(runsOf({ ...LRU_GOAL, sinceMs: 5 }, [lruReply({ t1: [] }, 4), lruReply({ t1: ['a*'] }, 5)])).to.deep.equal(
        [],
      )
      expect(runsOf({ ...LRU_GOAL, sinceMs: 5 }, [lruReply({ t1: [] }, 4), lruReply({ t1: ['a'] }, 5)])).to.deep.equal([
        'a',
      ])
    })

    it('selects every run of a kind with one run per target, and every run of a kind that must not run', () => {
      const both = [kindReply('put-copies', { t1: ['a'] }, 0), kindReply('put-copies', { t1: ['a'], t2: ['b'] }, 1)]
      expect(runsOf(IDLING_GOAL, both)).to.deep.equal(['a', 'b'])
      expect(
        runsOf({ ...LRU_GOAL, until: 'not-running' }, [lruReply({ t1: ['a'] }, 0), lruReply({ t1: ['a', 'b'] }, 1)]),
      ).to.deep.equal(['a', 'b'])
    })

    it('selects only what its selection includes', () => {
      const { selection } = LRU_GOAL
      const goal = { ...LRU_GOAL, selection: { ...selection, target: 't2' } }
      expect(runsOf(goal, [lruReply({ t1: ['a'], t2: ['b'] }, 0)])).to.deep.equal(['b'])
      expect(runsOf(LRU_GOAL, [snapshotsOfKindReply('lru', { t1: { kind: 'rebalance' } }, 0)])).to.deep.equal([])
    })
  })

  it('never forgets a run or the time of the first reply, and does not change if the view does not', () => {
    fc.assert(
      fc.property(anyTape, (bytes) => {
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
      { numRuns: casesOf(100) },
    )
  })
})

describe('partsOf', () => {
  it('returns the selected parts of the selected run', () => {
    const { view } = waitAfter(goalOf(), [snapshotsReply({ t1: {}, t2: {} }, 0)])
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
      const { view, standing } = waitAfter(goal, log)
      return kindOf(view, goal, standing)
    }
    expect(kind(goalOf({ kind: 'lru' }), [])).to.equal('lru')
    expect(kind(goalOf(), [])).to.equal(undefined)
    expect(kind(goalOf(), [statusReply({}, 0)])).to.equal('copy-bck')
  })

  it('prefer the kinds of the user to the built-in ones', () => {
    const own: KindInfo = { kind: 'copy-bck', scope: 'target' }
    const goal = goalOf({ kind: 'copy-bck' })
    expect(infoOf(EMPTY_VIEW, { ...goal, kinds: [own] }, begin(goal))).to.equal(own)
    expect(infoOf(followRun(EMPTY_VIEW, ID), goalOf(), begin(goalOf()))).to.equal(undefined)
  })
})

describe('untilOf and countsLaterRuns', () => {
  const idlingKind: KindInfo = { kind: 'put-copies', scope: 'bucket', idles: true }
  const endingKind: KindInfo = { kind: 'lru', scope: 'bucket' }

  it('wait for idleness if the kind idles, or if the goal is idleness', () => {
    const until = (of: Goal['until'], info?: KindInfo): string => untilOf(goalOf({ until: of }), info)
    expect([until('kind', idlingKind), until('kind', endingKind), until('kind')]).to.deep.equal(['idle', 'end', 'end'])
    expect([until('idle', endingKind), until('end', idlingKind), until('single', idlingKind)]).to.deep.equal([
      'idle',
      'end',
      'end',
    ])
  })

  it('accept later runs only for a wait by kind', () => {
    expect(countsLaterRuns(IDLING_GOAL, idlingKind)).to.equal(true)
    expect(countsLaterRuns(LRU_GOAL, endingKind)).to.equal(false)
    expect(countsLaterRuns({ ...LRU_GOAL, until: 'not-running' }, endingKind)).to.equal(true)
    expect(countsLaterRuns(goalOf({ until: 'not-running' }), idlingKind)).to.equal(false)
  })
})
