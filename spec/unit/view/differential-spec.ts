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
import { ID, permanent, record, story, type Aim, type Reading } from './differential/stories.ts'
import { defined } from '../../../lib/common/defined.ts'

// Compares the view and its selectors with rules that were written without knowledge of either.

const goalOf = ({ until, id, kind, target }: Aim): Goal => ({
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

const queryOf = ({ id, kind = '' }: Aim, reading: Reading): Query =>
  reading.query === 'status'
    ? { what: 'status', id: reading.run }
    : reading.query === 'map'
      ? { what: 'map' }
      : { what: 'snapshots', ...(id === undefined ? { kind } : { id }) }

/** What a wait knows after a reply. */
interface Known {
  readonly view: View
  readonly standing: Standing
  readonly outcome: Result<WaitResult> | undefined
}

const atFirst = (aim: Aim): Known => ({
  view: aim.id === undefined ? followKind(EMPTY_VIEW, aim.kind ?? '') : followRun(EMPTY_VIEW, aim.id),
  standing: begin(goalOf(aim)),
  outcome: undefined,
})

/** A wait ends with its first outcome. */
function learn(aim: Aim, known: Known, reading: Reading): Known {
  if (known.outcome !== undefined) return known
  const { atMs, result } = reading
  const view = reduce(known.view, { query: queryOf(aim, reading), sentMs: atMs, atMs, result } as Evidence)
  const goal = goalOf(aim)
  const standing = advance(goal, known.standing, view)
  return { view, standing, outcome: outcomeOf(view, goal, standing, atMs) }
}

function expectedOf({ outcome }: Known): Expected | undefined {
  if (outcome === undefined) return undefined
  if (outcome._tag === 'Left') return { left: outcome.left._tag }
  const { error, ...rest } = outcome.right
  return { ...rest, hasError: error !== undefined }
}

const all = (aim: Aim, readings: readonly Reading[]): readonly Known[] =>
  readings.reduce<Known[]>((known, reading) => [...known, learn(aim, known.at(-1)!, reading)], [atFirst(aim)]).slice(1)

const renamed = (readings: readonly Reading[], name: (target: string) => string): readonly Reading[] =>
  readings.map((reading) => {
    if (reading.result._tag === 'Left' || reading.query === 'status') return reading
    if (reading.query === 'snapshots')
      return {
        ...reading,
        result: right(
          record(
            Object.entries(reading.result.right)
              .map(([target, snaps]) => [name(target), snaps])
              .reverse() as [string, readonly JobSnap[]][],
          ),
        ),
      }
    const { targets, ...map } = reading.result.right
    return {
      ...reading,
      result: right({ ...map, targets: record(Object.entries(targets).map(([id, node]) => [name(id), node])) }),
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
      fc.property(story, ({ aim, readings }) => {
        for (const [n, known] of all(aim, readings).entries()) {
          const expected = verdictOf(aim, readings.slice(0, n + 1))
          expect(expectedOf(known)).to.deep.equal(expected)
          if (expected !== undefined) return void count(expected.outcome ?? expected.left ?? '')
        }
        count('open')
      }),
      { numRuns: 2500 },
    )
    // The comparison proves something only if the stories reach each outcome.
    for (const one of ['finished', 'failed', 'aborted', 'idle', 'lost', 'NotFound', 'DecodeError', 'open'])
      expect(outcomes.get(one) ?? 0, one).to.be.above(2)
  }).timeout(30_000)

  it('is a success only if all parts ended well, or if the Information Center reports success and no target contradicts it', () => {
    fc.assert(
      fc.property(story, ({ aim, readings }) => {
        const { view, standing, outcome } = all(aim, readings).at(-1) ?? atFirst(aim)
        if (outcome?._tag !== 'Right' || !outcome.right.success) return
        const runs = runsOf(view, standing)
        const shown = runs
          .flatMap(({ parts }) => [...parts.values()])
          .filter(({ target }) => aim.target === undefined || aim.target === target)
        const statuses = runs.flatMap(({ full }) => full?.value ?? [])
        expect(statuses.filter(({ aborted, err }) => aborted || err !== '')).to.deep.equal([])
        expect(shown.filter(({ snap }) => snap.aborted || snap.abortErr !== '' || snap.err !== '')).to.deep.equal([])
        const open = shown.filter(({ snap }) => snap.endTime === undefined)
        if (outcome.right.outcome === 'idle')
          expect(open.every(({ snap, missing }) => snap.isIdle && missing === undefined)).to.equal(true)
        else if (!statuses.some(({ endTime }) => endTime !== undefined)) expect(open).to.deep.equal([])
        expect(shown.length + statuses.length).to.be.above(0)
      }),
      { numRuns: 2000 },
    )
  }).timeout(30_000)

  it('leaves its input unchanged', () => {
    fc.assert(
      fc.property(story, ({ aim, readings }) => {
        deepFreeze([aim, readings])
        let known = atFirst(aim)
        for (const reading of readings) {
          const before = structuredClone(known)
          const next = learn(aim, known, reading)
          expect(known).to.deep.equal(before)
          known = next
        }
      }),
      { numRuns: 500 },
    )
  }).timeout(30_000)

  it('does not depend on the order or the names of targets', () => {
    const other: Readonly<Record<string, string>> = { t1: '__proto__', t2: 'a/b', t3: 'T' }
    const name = (target: string): string => other[target] ?? target
    fc.assert(
      fc.property(story, ({ aim, readings }) => {
        const was = all(aim, readings).at(-1)?.outcome
        const aimed = aim.target === undefined ? aim : { ...aim, target: name(aim.target) }
        const is = all(aimed, renamed(readings, name)).at(-1)?.outcome
        const back =
          was?._tag !== 'Right' || was.right.lostTargets === undefined
            ? was
            : right({ ...was.right, lostTargets: was.right.lostTargets.map(name).sort() })
        expect(is).to.deep.equal(back)
      }),
      { numRuns: 1000 },
    )
  }).timeout(30_000)

  it('is any permanent error, from the targets or the Information Center, unless the end is known', () => {
    fc.assert(
      fc.property(story, permanent, fc.constantFrom('status', 'snapshots'), ({ aim, readings }, error, query) => {
        const known = all(aim, readings).at(-1) ?? atFirst(aim)
        const atMs = readings.at(-1)?.atMs ?? 0
        // By kind, a wait requests the status only of runs that it knows.
        if (query === 'status' && !known.standing.runs.includes(ID)) return
        const reading: Reading =
          query === 'status'
            ? { query, run: ID, atMs, result: left(error) }
            : { query: 'snapshots', atMs, result: left(error) }
        const { outcome } = learn(aim, known, reading)
        if (known.outcome === undefined && outcome?._tag === 'Right')
          expect(verdictOf(aim, [...readings, reading])).to.deep.equal(expectedOf({ ...known, outcome }))
        else expect(outcome).to.deep.equal(known.outcome ?? left(error))
      }),
      { numRuns: 500 },
    )
  })
})
