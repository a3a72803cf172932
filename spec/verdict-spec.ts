import { expect } from 'chai'
import fc from 'fast-check'
import type { JobSnap } from '../lib/codec/job-snap.ts'
import { left, right } from '../lib/either.ts'
import { fold } from '../lib/verdict.ts'
import { begin, type Aim, type Memory, type Reading } from '../lib/verdict/memory.ts'
import { verdictOf, type Expected } from './verdict/reference.ts'
import { ID, permanent, record, story } from './verdict/stories.ts'

// ── what is held against the reference ───────────────────────────────────────────────────────────────────────────

function told({ outcome }: Memory): Expected | undefined {
  if (outcome === undefined) return undefined
  if (outcome._tag === 'Left') return { left: outcome.left._tag }
  const { error, ...rest } = outcome.right
  return { ...rest, hasError: error !== undefined }
}

const runs = (aim: Aim, readings: readonly Reading[]): readonly Memory[] =>
  readings.reduce<Memory[]>((all, reading) => [...all, fold(all.at(-1)!, reading)], [begin(aim)]).slice(1)

const renamed = (readings: readonly Reading[], name: (target: string) => string): readonly Reading[] =>
  readings.map((reading) => {
    if (reading.result._tag === 'Left' || reading.question === 'status') return reading
    if (reading.question === 'snapshots')
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

describe('fold', () => {
  it('says what the plain rules say, reading by reading', () => {
    const outcomes = new Map<string, number>()
    fc.assert(
      fc.property(story, ({ aim, readings }) => {
        const memories = runs(aim, readings)
        for (const [n, memory] of memories.entries()) {
          const expected = verdictOf(aim, readings.slice(0, n + 1))
          expect(told(memory)).to.deep.equal(expected)
          if (expected === undefined) continue
          const name = expected.outcome ?? expected.left ?? ''
          outcomes.set(name, (outcomes.get(name) ?? 0) + 1)
          return
        }
        outcomes.set('open', (outcomes.get('open') ?? 0) + 1)
      }),
      { numRuns: 2500 },
    )
    // Each of them is reached, or the comparison would prove nothing.
    for (const one of ['finished', 'failed', 'aborted', 'idle', 'lost', 'NotFound', 'DecodeError', 'open'])
      expect(outcomes.get(one) ?? 0, one).to.be.above(2)
  }).timeout(30_000)

  it('never says success unless all that was seen has ended well, or the IC said so and no target denied it', () => {
    fc.assert(
      fc.property(story, ({ aim, readings }) => {
        const memory = runs(aim, readings).at(-1) ?? begin(aim)
        const { outcome, parts, words } = memory
        if (outcome?._tag !== 'Right' || !outcome.right.success) return
        const shown = [...parts.values()]
        const said = [...words.values()].flatMap(({ status: word }) => word ?? [])
        expect(said.filter(({ aborted, err }) => aborted || err !== '')).to.deep.equal([])
        expect(shown.filter(({ snap }) => snap.aborted || snap.abortErr !== '' || snap.err !== '')).to.deep.equal([])
        const open = shown.filter(({ snap }) => snap.endTime === undefined)
        if (outcome.right.outcome === 'idle')
          expect(open.every(({ snap, missing }) => snap.isIdle && missing === undefined)).to.equal(true)
        else if (!said.some(({ endTime }) => endTime !== undefined)) expect(open).to.deep.equal([])
        expect(shown.length + said.length).to.be.above(0)
      }),
      { numRuns: 2000 },
    )
  }).timeout(30_000)

  it('stays with what it has said, and changes nothing that it was given', () => {
    fc.assert(
      fc.property(story, ({ aim, readings }) => {
        deepFreeze([aim, readings])
        let memory = begin(aim)
        for (const reading of readings) {
          const before = structuredClone(memory)
          const next = fold(memory, reading)
          expect(memory).to.deep.equal(before)
          if (memory.outcome !== undefined) expect(next).to.equal(memory)
          memory = next
        }
      }),
      { numRuns: 500 },
    )
  }).timeout(30_000)

  it('minds neither the order of targets nor their names', () => {
    const other: Readonly<Record<string, string>> = { t1: '__proto__', t2: 'a/b', t3: 'T' }
    const name = (target: string): string => other[target] ?? target
    fc.assert(
      fc.property(story, ({ aim, readings }) => {
        const was = runs(aim, readings).at(-1)?.outcome
        const aimed = aim.target === undefined ? aim : { ...aim, target: name(aim.target) }
        const is = runs(aimed, renamed(readings, name)).at(-1)?.outcome
        const back =
          was?._tag !== 'Right' || was.right.lostTargets === undefined
            ? was
            : right({ ...was.right, lostTargets: was.right.lostTargets.map(name).sort() })
        expect(is).to.deep.equal(back)
      }),
      { numRuns: 1000 },
    )
  }).timeout(30_000)

  it('gives up on what time cannot heal, whoever said it', () => {
    fc.assert(
      fc.property(story, permanent, fc.constantFrom('status', 'snapshots'), ({ aim, readings }, error, question) => {
        const memory = runs(aim, readings).at(-1) ?? begin(aim)
        const atMs = readings.at(-1)?.atMs ?? 0
        const next = fold(
          memory,
          question === 'status'
            ? { question, run: ID, atMs, result: left(error) }
            : { question: 'snapshots', atMs, result: left(error) },
        )
        expect(next.outcome).to.deep.equal(memory.outcome ?? left(error))
      }),
      { numRuns: 200 },
    )
  })
})
