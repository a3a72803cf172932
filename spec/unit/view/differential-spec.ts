import { expect } from 'chai'
import fc from 'fast-check'
import type { JobSnap } from '../../../lib/codec/job-snap.ts'
import { left, right } from '../../../lib/common/either.ts'
import type { Result } from '../../../lib/error.ts'
import type { WaitResult } from '../../../lib/model/wait-result.ts'
import type { Evidence, Query } from '../../../lib/view/evidence.ts'
import { followKind, followRun } from '../../../lib/view/follow.ts'
import { advance, begin, runsOf, type Goal, type Standing } from '../../../lib/view/goal.ts'
import { outcomeOf } from '../../../lib/view/outcome.ts'
import { reduce } from '../../../lib/view/reduce.ts'
import { EMPTY_VIEW, type View } from '../../../lib/view/view.ts'
import { verdictOf, type Expected } from './differential/reference.ts'
import { ID, anyPermanentError, recordOf, anyStory, type StoryGoal, type StoryReply } from './differential/stories.ts'
import { defined } from '../../../lib/common/defined.ts'
import { casesOf } from '../../fuzz/seed.ts'

// Compares the view and its selectors with rules that were written without knowledge of either.

const goalOf = ({ until, id, kind, target }: StoryGoal): Goal => ({
  until,
  kinds: [],
  sinceMs: 0,
  ...defined({ id }),
  selection: {
    ids: [],
    onlyRunning: false,
    ...defined({ kind, target }),
  },
})

/** The query that a reply of the story answers. */
const queryOf = ({ id, kind = '' }: StoryGoal, reply: StoryReply): Query => {
  if (reply.query === 'status') return { what: 'status', id: reply.run }
  return reply.query === 'map' ? { what: 'map' } : { what: 'snapshots', ...(id === undefined ? { kind } : { id }) }
}

/** What a wait knows after a reply. */
interface Known {
  readonly view: View
  readonly standing: Standing
  readonly outcome: Result<WaitResult> | undefined
}

/** What a wait knows before the first reply. */
const knownAtFirst = (storyGoal: StoryGoal): Known => ({
  view: storyGoal.id === undefined ? followKind(EMPTY_VIEW, storyGoal.kind ?? '') : followRun(EMPTY_VIEW, storyGoal.id),
  standing: begin(goalOf(storyGoal)),
  outcome: undefined,
})

/** A wait ends with its first outcome. */
function learn(storyGoal: StoryGoal, known: Known, reply: StoryReply): Known {
  if (known.outcome !== undefined) return known
  const { atMs, result } = reply
  const view = reduce(known.view, { query: queryOf(storyGoal, reply), sentMs: atMs, atMs, result } as Evidence)
  const goal = goalOf(storyGoal)
  const standing = advance(goal, known.standing, view)
  return { view, standing, outcome: outcomeOf(view, goal, standing, atMs) }
}

/** The outcome of the library in the form in which the reference states it. */
function expectedOf({ outcome }: Known): Expected | undefined {
  if (outcome === undefined) return undefined
  if (outcome._tag === 'Left') return { left: outcome.left._tag }
  const { error, ...rest } = outcome.right
  return { ...rest, hasError: error !== undefined }
}

/** What the wait knows after each reply. */
const knownAfterEach = (storyGoal: StoryGoal, replies: readonly StoryReply[]): readonly Known[] =>
  replies
    .reduce<Known[]>((known, reply) => [...known, learn(storyGoal, known.at(-1)!, reply)], [knownAtFirst(storyGoal)])
    .slice(1)

/** The same replies from targets with other names. */
const withTargetsRenamed = (replies: readonly StoryReply[], name: (target: string) => string): readonly StoryReply[] =>
  replies.map((reply) => {
    if (reply.result._tag === 'Left' || reply.query === 'status') return reply
    if (reply.query === 'snapshots')
      return {
        ...reply,
        result: right(
          recordOf(
            Object.entries(reply.result.right)
              .map(([target, snaps]) => [name(target), snaps])
              .reverse() as [string, readonly JobSnap[]][],
          ),
        ),
      }
    const { targets, ...map } = reply.result.right
    return {
      ...reply,
      result: right({ ...map, targets: recordOf(Object.entries(targets).map(([id, node]) => [name(id), node])) }),
    }
  })

function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return
  Object.freeze(value)
  Object.values(value).forEach(deepFreeze)
}

describe('the outcome of a wait', () => {
  it('equals the verdict of the plain rules after each reply', () => {
    const outcomes = new Map<string, number>()
    const count = (name: string): unknown => outcomes.set(name, (outcomes.get(name) ?? 0) + 1)
    fc.assert(
      fc.property(anyStory, ({ goal: storyGoal, replies }) => {
        for (const [n, known] of knownAfterEach(storyGoal, replies).entries()) {
          const expected = verdictOf(storyGoal, replies.slice(0, n + 1))
          expect(expectedOf(known)).to.deep.equal(expected)
          if (expected !== undefined) return void count(expected.outcome ?? expected.left ?? '')
        }
        count('open')
      }),
      { numRuns: casesOf(1500) },
    )
    // The comparison proves something only if the stories reach each outcome.
    for (const one of ['finished', 'failed', 'aborted', 'idle', 'lost', 'NotFound', 'DecodeError', 'open'])
      expect(outcomes.get(one) ?? 0, one).to.be.at.least(casesOf(3))
  }).timeout(30_000)

  it('is a success only if all parts ended well, or if the Information Center reports success and no target contradicts it', () => {
    fc.assert(
      fc.property(anyStory, ({ goal: storyGoal, replies }) => {
        const { view, standing, outcome } = knownAfterEach(storyGoal, replies).at(-1) ?? knownAtFirst(storyGoal)
        if (outcome?._tag !== 'Right' || !outcome.right.success) return
        const runs = runsOf(view, standing)
        const shown = runs
          .flatMap(({ parts }) => [...parts.values()])
          .filter(({ target }) => storyGoal.target === undefined || storyGoal.target === target)
        // A status is about the whole job, not about one target.
        const statuses = storyGoal.target === undefined ? runs.flatMap(({ full }) => full?.value ?? []) : []
        expect(statuses.filter(({ aborted, err }) => aborted || err !== '')).to.deep.equal([])
        expect(shown.filter(({ snap }) => snap.aborted || snap.abortErr !== '' || snap.err !== '')).to.deep.equal([])
        const open = shown.filter(({ snap }) => snap.endTime === undefined)
        if (outcome.right.outcome === 'idle')
          expect(open.every(({ snap, missing }) => snap.isIdle && missing === undefined)).to.equal(true)
        else if (!statuses.some(({ endTime }) => endTime !== undefined)) expect(open).to.deep.equal([])
        expect(shown.length + statuses.length).to.be.above(0)
      }),
      { numRuns: casesOf(1000) },
    )
  }).timeout(30_000)

  it('leaves its input unchanged', () => {
    fc.assert(
      fc.property(anyStory, ({ goal: storyGoal, replies }) => {
        deepFreeze([storyGoal, replies])
        let known = knownAtFirst(storyGoal)
        for (const reply of replies) {
          const before = structuredClone(known)
          const next = learn(storyGoal, known, reply)
          expect(known).to.deep.equal(before)
          known = next
        }
      }),
      { numRuns: casesOf(500) },
    )
  }).timeout(30_000)

  it('does not depend on the order or the names of targets', () => {
    const other: Readonly<Record<string, string>> = { t1: '__proto__', t2: 'a/b', t3: 'T' }
    const name = (target: string): string => other[target] ?? target
    fc.assert(
      fc.property(anyStory, ({ goal: storyGoal, replies }) => {
        const outcome = knownAfterEach(storyGoal, replies).at(-1)?.outcome
        const aimed = storyGoal.target === undefined ? storyGoal : { ...storyGoal, target: name(storyGoal.target) }
        const actual = knownAfterEach(aimed, withTargetsRenamed(replies, name)).at(-1)?.outcome
        const expected =
          outcome?._tag !== 'Right' || outcome.right.lostTargets === undefined
            ? outcome
            : right({ ...outcome.right, lostTargets: outcome.right.lostTargets.map(name).sort() })
        expect(actual).to.deep.equal(expected)
      }),
      { numRuns: casesOf(1000) },
    )
  }).timeout(30_000)

  it('is any permanent error, from the targets or the Information Center, unless the end is known', () => {
    fc.assert(
      fc.property(
        anyStory,
        anyPermanentError,
        fc.constantFrom('status', 'snapshots'),
        ({ goal: storyGoal, replies }, error, query) => {
          const known = knownAfterEach(storyGoal, replies).at(-1) ?? knownAtFirst(storyGoal)
          const atMs = replies.at(-1)?.atMs ?? 0
          // By kind, a wait requests the status only of runs that it knows.
          if (query === 'status' && !known.standing.runs.includes(ID)) return
          const reply: StoryReply =
            query === 'status'
              ? { query, run: ID, atMs, result: left(error) }
              : { query: 'snapshots', atMs, result: left(error) }
          const { outcome } = learn(storyGoal, known, reply)
          if (known.outcome === undefined && outcome?._tag === 'Right')
            expect(verdictOf(storyGoal, [...replies, reply])).to.deep.equal(expectedOf({ ...known, outcome }))
          else expect(outcome).to.deep.equal(known.outcome ?? left(error))
        },
      ),
      { numRuns: casesOf(500) },
    )
  })
})
