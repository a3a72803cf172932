import { expect } from 'chai'
import fc from 'fast-check'
import { coalesce } from '../../../lib/view/coalesce.ts'
import { keyOf, type Query } from '../../../lib/view/evidence.ts'
import { followRun } from '../../../lib/view/follow.ts'
import { advance } from '../../../lib/view/goal.ts'
import type { Need } from '../../../lib/view/need.ts'
import { needsOf } from '../../../lib/view/needs.ts'
import { planOf } from '../../../lib/view/plan.ts'
import { reduce } from '../../../lib/view/reduce.ts'
import { EMPTY_VIEW } from '../../../lib/view/view.ts'
import { covers } from './helpers/covers.ts'
import { BUSY, failedRequest, listReply, decodedSnapshots, snapshotsOfKindReply, statusOf } from './helpers/facts.ts'
import { moments } from './helpers/moments.ts'
import { answerOf, IDS } from './helpers/scene.ts'
import { anyTape, tapeOf } from './helpers/tape.ts'
import { defined } from '../../../lib/common/defined.ts'
import { casesOf } from '../../fuzz/seed.ts'

// The needs of all subscribers that are due become the fewest queries that cover them.
//
// Of a reply such as `listReply([], 0, 100)`, the numbers are when its request was sent and when it came, in milliseconds.

// A tape holds random numbers, from which `moments` builds a view, its waits and the replies so far.

const never = (): boolean => false

/** The needs of all waits that are due now. */
function dueNeeds(waits: readonly { readonly needs: readonly Need[] }[], nowMs: number): readonly Need[] {
  const due: Need[] = []
  for (const { needs } of waits) planOf(needs, nowMs, due)
  return due
}

/** The queries that cover these needs; `followed` is the number of followed runs. */
const queriesFor = (
  due: readonly Need[],
  followed = 2,
  isUnusable: (query: Query) => boolean = never,
): readonly string[] => coalesce(EMPTY_VIEW, due, { followed, isUnusable }).map(keyOf)
const needOf = (of: Exclude<Need['of'], 'query'>, id?: string, kind?: string): Need => ({
  of,
  ...defined({ id, kind }),
  dueMs: 0,
})

describe('coalesce', () => {
  it('covers each need that is due, whatever needs other interests have (law 5)', () => {
    fc.assert(
      fc.property(anyTape, (bytes) => {
        for (const { view, waits, nowMs } of moments(bytes)) {
          const due: Need[] = []
          const sizes: number[] = []
          for (const { needs } of waits) {
            planOf(needs, nowMs, due)
            sizes.push(due.length)
          }
          // Adds one interest at a time: a need that was covered stays covered by a single query.
          for (const [index, size] of sizes.entries()) {
            const some = due.slice(0, size)
            const queries = coalesce(view, some, { followed: index + 1, isUnusable: never })
            for (const need of some)
              if (!queries.some((query) => covers(query, need, view)))
                throw new Error(`${JSON.stringify(need)} is not covered by ${queries.map(keyOf).join(', ')}`)
          }
        }
      }),
      { numRuns: casesOf(200) },
    )
  })

  it('covers each need although the replies about many runs are unusable (law 5)', () => {
    fc.assert(
      fc.property(anyTape, fc.subarray(['statuses', 'snapshots  copy-bck', 'snapshots  lru']), (bytes, keys) => {
        const isUnusable = (query: Query): boolean => keys.includes(keyOf(query))
        for (const { view, waits, nowMs } of moments(bytes)) {
          const due = dueNeeds(waits, nowMs)
          const queries = coalesce(view, due, { followed: waits.length, isUnusable })
          for (const need of due) expect(queries.some((query) => covers(query, need, view))).to.equal(true)
          const sent = new Set(queries.map(keyOf))
          // A need for exactly this list still sends the request.
          if (!due.some(({ of, ...rest }) => of === 'snapshots' && !('id' in rest)))
            for (const key of keys) expect(sent.has(key), key).to.equal(false)
        }
      }),
      { numRuns: casesOf(50) },
    )
  })

  it('sends requests whose replies settle the needs: if the replies do not change, nothing stays due after eight rounds', () => {
    fc.assert(
      fc.property(anyTape, anyTape, (bytes, answers) => {
        for (const { view: first, waits, nowMs } of moments(bytes)) {
          let view = first
          let standings = waits.map(({ standing }) => standing)
          let lastQueries: readonly string[] = []
          for (let round = 0; round < 9; round++) {
            const sentMs = nowMs + round * 2
            standings = waits.map(({ goal }, n) => advance(goal, standings[n]!, view))
            const needs = waits.map(({ goal, pace }, n) => ({
              needs: needsOf(view, goal, standings[n]!, pace, sentMs),
            }))
            const due = dueNeeds(needs, nowMs)
            const queries = coalesce(view, due, { followed: waits.length, isUnusable: never })
            lastQueries = queries.map(keyOf)
            const times = { sentMs, atMs: sentMs + 1 }
            view = queries.map((query) => answerOf(tapeOf(answers), query, IDS, 0, times)).reduce(reduce, view)
          }
          expect(lastQueries).to.deep.equal([])
        }
      }),
      { numRuns: casesOf(100) },
    )
  })

  it('sends no query twice', () => {
    fc.assert(
      fc.property(anyTape, (bytes) => {
        for (const { view, waits, nowMs } of moments(bytes)) {
          const due = dueNeeds(waits, nowMs)
          const keys = coalesce(view, due, { followed: waits.length, isUnusable: never }).map(keyOf)
          expect(new Set(keys).size).to.equal(keys.length)
        }
      }),
      { numRuns: casesOf(50) },
    )
  })

  it('sends nothing if nothing is due', () => {
    expect(queriesFor([])).to.deep.equal([])
    expect(queriesFor([needOf('wake')])).to.deep.equal([])
  })

  it('requests a single status if one run is followed, and the list if several are followed', () => {
    expect(queriesFor([needOf('ic', 'a')], 1)).to.deep.equal(['status a'])
    expect(queriesFor([needOf('ic', 'a')], 2)).to.deep.equal(['statuses'])
    expect(queriesFor([needOf('ic', 'a'), needOf('ic', 'b')])).to.deep.equal(['statuses'])
  })

  it('requests each status alone if the list is unusable', () => {
    expect(queriesFor([needOf('ic', 'a'), needOf('ic', 'b')], 2, ({ what }) => what === 'statuses')).to.deep.equal([
      'status a',
      'status b',
    ])
  })

  it('does not use a row of a list as a full status', () => {
    expect(queriesFor([needOf('status', 'a'), needOf('ic', 'a'), needOf('ic', 'b')])).to.deep.equal([
      'statuses',
      'status a',
    ])
  })

  it('polls the snapshots of a kind once for several of its runs, and the snapshots of a single run by its id', () => {
    expect(queriesFor([needOf('snapshots', 'a', 'lru'), needOf('snapshots', 'b', 'lru')])).to.deep.equal([
      'snapshots  lru',
    ])
    expect(queriesFor([needOf('snapshots', 'a', 'lru'), needOf('snapshots', 'b', 'rebalance')])).to.deep.equal([
      'snapshots a ',
      'snapshots b ',
    ])
  })

  it('polls the snapshots of each run if the kind has more than twice as many, or if its replies are unusable', () => {
    const due = [needOf('snapshots', 'a', 'lru'), needOf('snapshots', 'b', 'lru')]
    const viewOf = (runs: number): typeof EMPTY_VIEW =>
      reduce(
        EMPTY_VIEW,
        listReply(
          Array.from({ length: runs }, (_, n) => statusOf({ kind: 'lru' }, `run${n}`)),
          0,
        ),
      )
    const queriesWith = (runs: number): readonly string[] =>
      coalesce(viewOf(runs), due, { followed: 2, isUnusable: never }).map(keyOf)
    expect(queriesWith(4)).to.deep.equal(['snapshots  lru'])
    expect(queriesWith(5)).to.deep.equal(['snapshots a ', 'snapshots b '])
    expect(queriesFor(due, 2, ({ what }) => what === 'snapshots')).to.deep.equal(['snapshots a ', 'snapshots b '])
  })

  it('polls the snapshots of each run if the last reply about the kind had more than twice as many', () => {
    const snaps = Array.from(
      { length: 9 },
      (_, n) => decodedSnapshots({ t1: { id: `run${n}`, kind: 'lru' } })['t1']![0]!,
    )
    const view = reduce(EMPTY_VIEW, {
      query: { what: 'snapshots', kind: 'lru' },
      sentMs: 0,
      atMs: 0,
      result: { _tag: 'Right', right: decodedSnapshots({ t1: snaps }) },
    })
    const due = [needOf('snapshots', 'a', 'lru'), needOf('snapshots', 'b', 'lru')]
    expect(coalesce(view, due, { followed: 2, isUnusable: never }).map(keyOf)).to.deep.equal([
      'snapshots a ',
      'snapshots b ',
    ])
  })

  it('polls the snapshots of a run by id if two interests presume different kinds of it', () => {
    const due = [needOf('snapshots', 'a', 'lru'), needOf('snapshots', 'b', 'lru'), needOf('snapshots', 'a')]
    expect(queriesFor(due)).to.deep.equal(['snapshots a ', 'snapshots b '])
  })

  it('polls the snapshots of a run by id after a reply about its presumed kind lacks the run, or after such a request failed', () => {
    const due = [needOf('snapshots', 'a', 'lru'), needOf('snapshots', 'b', 'lru')]
    const first: Query = { what: 'snapshots', kind: 'lru' }
    expect(queriesFor(due)).to.deep.equal([keyOf(first)])
    for (const reply of [snapshotsOfKindReply('lru', {}, 0), failedRequest(first, BUSY, 0)]) {
      const view = ['a', 'b'].reduce(followRun, reduce(EMPTY_VIEW, reply))
      expect(coalesce(view, due, { followed: 2, isUnusable: never }).map(keyOf)).to.deep.equal([
        'snapshots a ',
        'snapshots b ',
      ])
    }
  })

  it('polls the kind that the cluster reports for a run, whatever kind was presumed', () => {
    const view = [
      listReply([statusOf({ kind: 'lru' }, 'a'), statusOf({ kind: 'lru' }, 'b')], 0),
      snapshotsOfKindReply('lru', {}, 1),
    ].reduce(reduce, ['a', 'b'].reduce(followRun, EMPTY_VIEW))
    const due = [needOf('snapshots', 'a', 'rebalance'), needOf('snapshots', 'b')]
    expect(coalesce(view, due, { followed: 2, isUnusable: never }).map(keyOf)).to.deep.equal(['snapshots  lru'])
  })

  it('omits the polls that a poll of the kind, or of all jobs, covers', () => {
    expect(queriesFor([needOf('snapshots', undefined, 'lru'), needOf('snapshots', 'a', 'lru')])).to.deep.equal([
      'snapshots  lru',
    ])
    expect(queriesFor([needOf('snapshots'), needOf('snapshots', 'a', 'lru')])).to.deep.equal(['snapshots  '])
  })

  it('learns the kinds of four unknown runs from one list, and polls three unknown runs one by one', () => {
    const three = ['a', 'b', 'c'].map((id) => needOf('any', id))
    expect(queriesFor(three)).to.deep.equal(['snapshots a ', 'snapshots b ', 'snapshots c '])
    expect(queriesFor([...three, needOf('any', 'd')])).to.deep.equal(['statuses'])
  })

  it('requests the running jobs, the cluster map and custom queries as they are', () => {
    const query: Query = { what: 'newest', selection: { ids: [], kind: 'lru', onlyRunning: false } }
    expect(
      queriesFor([needOf('running', 'a'), needOf('running', 'b'), needOf('map'), { of: 'query', query, dueMs: 0 }]),
    ).to.deep.equal([keyOf(query), 'running', 'map'])
  })
})
